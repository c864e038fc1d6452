"""References to versions and aliases: looked up where the API lists them."""

from __future__ import annotations

from html import unescape

import pytest

from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject, held_by_staging
from tests.support.views import write

CALLER = "Identify caller"


def module(project: SandboxProject) -> dict[str, str]:
    """Return id and ARN of a module of the instance that has one version."""
    given = {"InstanceId": project.sandbox.instance_id}
    found = project.client.list_contact_flow_modules(**given)
    summary = found["ContactFlowModulesSummaryList"][0]
    given |= {"ContactFlowModuleId": summary["Id"]}
    project.client.create_contact_flow_module_version(**given)
    project.client.create_contact_flow_module_alias(
        **given, ContactFlowModuleVersion=1, AliasName="prod"
    )
    return {"id": summary["Id"], "arn": summary["Arn"]}


def invoke(project: SandboxProject, value: str, kind: str = "InvokeFlowModule") -> None:
    key = "FlowModuleId" if kind == "InvokeFlowModule" else "LambdaFunctionARN"
    errors = {"Errors": [{"ErrorType": "NoMatchingError", "NextAction": "end"}]}
    actions = [
        action("call", kind, {key: value}, "end"),
        action("end", "DisconnectParticipant"),
    ]
    actions[0]["Transitions"] |= errors
    write(project, contact_flow(actions, name="Caller"), "Caller")


def findings(project: SandboxProject) -> list[tuple[str, str, str]]:
    found = project.json("plan", "staging", "Caller")["findings"]
    return [(f["rule"], f["severity"], f["message"]) for f in found]


@pytest.mark.parametrize("form", ["id", "arn"])
@pytest.mark.parametrize("qualifier", ["1", "prod", "$LATEST"])
def test_a_version_or_an_alias_that_is_there_is_taken_and_shown_by_name(
    example: SandboxProject, form: str, qualifier: str
) -> None:
    invoke(example, f"{module(example)[form]}:{qualifier}")
    assert findings(example) == []
    for output in ("text", "markdown", "json", "html"):
        shown = example.run("plan", "staging", "Caller", "--format", output).out
        assert f"{CALLER}:{qualifier}" in unescape(shown)
    (change,) = example.json("plan", "staging", "Caller")["changes"]
    assert change["references"][0]["name"] == f"{CALLER}:{qualifier}"
    assert example.run("promote", "staging", "Caller", "--yes").code == 0


@pytest.mark.parametrize("qualifier", ["3", "test"])
def test_one_that_is_not_there_is_an_error_at_its_place(
    example: SandboxProject, qualifier: str
) -> None:
    invoke(example, f"{module(example)['arn']}:{qualifier}")
    (found,) = findings(example)
    assert found[:2] == ("connect/unknown-qualifier", "error")
    assert f"has no version or alias {qualifier!r} there: it has 1, prod" in found[2]
    assert example.run("promote", "staging", "Caller", "--yes").code == 1


def test_each_list_is_asked_once_for_what_is_qualified(example: SandboxProject) -> None:
    invoke(example, f"{module(example)['arn']}:1")
    before = len(example.sandbox.calls)
    assert findings(example) == []
    names = [call.operation for call in example.sandbox.calls][before:]
    assert names.count("ListContactFlowModuleVersions") == 1
    assert names.count("ListContactFlowModuleAliases") == 1
    assert "ListContactFlowVersions" not in names


def test_without_permission_it_cannot_be_checked(example: SandboxProject) -> None:
    invoke(example, f"{module(example)['arn']}:3")
    example.sandbox.fail("ListContactFlowModuleVersions", "AccessDeniedException")
    (found,) = findings(example)
    assert found[:2] == ("connect/qualifier-unchecked", "warning")
    assert "cannot be checked" in found[2]


def test_that_of_a_function_cannot_be_checked(example: SandboxProject) -> None:
    given = {"InstanceId": example.sandbox.instance_id}
    arn = example.client.list_lambda_functions(**given)["LambdaFunctions"][0]
    invoke(example, f"{arn}:PROD", "InvokeLambdaFunction")
    (found,) = findings(example)
    assert found[:2] == ("connect/qualifier-unchecked", "warning")
    assert "PROD" in found[2]
    assert str(held_by_staging()["lambda_functions"]) == "['lookup-customer']"


def test_a_snapshot_keeps_what_was_learnt(example: SandboxProject) -> None:
    invoke(example, f"{module(example)['arn']}:1")
    assert example.run("inventory", "staging").code == 0
    path = example.root / "environments" / "staging.inventory.json"
    assert '"qualifiers": [' in path.read_text("utf-8")
    example.commit()
    plan = example.json("plan", "staging", "Caller", "--base", "HEAD")
    assert [f["rule"] for f in plan["findings"]] == []
