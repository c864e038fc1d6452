"""A version is kept before and after each write, and none is ever needed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowops.systems.connect.api import ConnectApi
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject
from tests.support.views import write

NAME = "A"


def flow(text: str) -> dict[str, Any]:
    actions = [
        action("say", "MessageParticipant", {"Text": text}, "end"),
        action("end", "DisconnectParticipant"),
    ]
    return contact_flow(actions, name=NAME)


def promote(project: SandboxProject, text: str) -> str:
    """Promote the flow with this text, and return what was said."""
    write(project, flow(text), "a")
    result = project.run("promote", "staging", NAME, "--yes")
    assert result.code == 0, result.err
    return result.err


def versions(project: SandboxProject) -> dict[int, tuple[str, str]]:
    """Return what each version is called, and the text in it."""
    given = {"InstanceId": project.sandbox.instance_id}
    listed = project.client.list_contact_flow_versions(
        ContactFlowId=project.flow_id(NAME), **given
    )["ContactFlowVersionSummaryList"]
    return {
        item["Version"]: (
            item["VersionDescription"],
            project.content(NAME, f":{item['Version']}")["Actions"][0]["Parameters"][
                "Text"
            ],
        )
        for item in listed
    }


def records(project: SandboxProject) -> list[dict[str, Any]]:
    folder = project.root / ".flowops" / "records" / "staging"
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.iterdir())]


def test_versions_are_named_after_the_run(example: SandboxProject) -> None:
    assert "published: connect/contact-flow/A  version 1\n" in promote(example, "one")
    assert "version 2, before it version 1\n" in promote(example, "two")
    runs = [record["run"] for record in records(example)]
    assert versions(example) == {1: (runs[0], "one"), 2: (runs[1], "two")}


def test_what_nobody_kept_is_kept_before_it_goes(example: SandboxProject) -> None:
    promote(example, "one")
    live = example.content(NAME)
    live["Actions"][0]["Parameters"]["Text"] = "by hand"
    example.client.update_contact_flow_content(
        InstanceId=example.sandbox.instance_id,
        ContactFlowId=example.flow_id(NAME),
        Content=json.dumps(live),
    )
    assert "version 3, before it version 2" in promote(example, "two")
    found = versions(example)
    run = records(example)[-1]["run"]
    assert found[2] == (f"before {run}", "by hand")
    assert found[3] == (run, "two")


def test_a_record_and_a_rollback_name_the_version(example: SandboxProject) -> None:
    promote(example, "one")
    promote(example, "two")
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 0, result.err
    assert "version 3, as version 1 was, before it version 2" in result.err
    kept = [
        [
            (f["before"] or {}).get("attributes", {}).get("version"),
            f["after"]["attributes"]["version"],
        ]
        for record in records(example)
        for f in record["flows"]
    ]
    assert kept == [[None, "1"], ["1", "2"], ["2", "3"]]
    assert versions(example)[3][1] == "one"


@pytest.mark.parametrize(
    "error",
    [
        "AccessDeniedException",
        "LimitExceededException",
        "InvalidRequestException",
        "InternalServiceException",
        "NotImplementedException",
        "UnknownOperationException",
    ],
)
def test_a_promote_goes_on_without_a_version(
    example: SandboxProject, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    example.sandbox.fail("CreateContactFlowVersion", error, 99)
    said = promote(example, "one")
    assert "warning: no version was kept: Amazon Connect refused" in said
    assert error in said
    said = promote(example, "two")
    assert said.count("warning: no version was kept") == 1
    assert versions(example) == {}
    assert example.content(NAME)["Actions"][0]["Parameters"]["Text"] == "two"
    assert "No changes." in example.run("plan", "staging", NAME).out
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 0, result.err


def test_where_versions_are_not_permitted_nobody_asks_twice(
    example: SandboxProject,
) -> None:
    example.sandbox.fail("CreateContactFlowVersion", "AccessDeniedException", 99)
    for name in "ABC":
        write(example, flow("one") | {"Metadata": {"name": name}}, name)
        example.edit_environment("CONTACT_FLOW", "flows", name, "type")
    result = example.run("promote", "staging", "A", "B", "C", "--yes")
    assert result.code == 0, result.err
    calls = [call.operation for call in example.sandbox.calls]
    assert calls.count("CreateContactFlowVersion") == 1
    assert result.err.count("warning") == 1


def test_a_boto3_that_knows_no_versions_is_no_hindrance(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = ConnectApi._client

    class Older:
        def __init__(self, client: Any) -> None:
            self._client = client

        def __getattr__(self, name: str) -> Any:
            if name in ("create_contact_flow_version", "search_views"):
                raise AttributeError(name)
            return getattr(self._client, name)

    def client(self: ConnectApi, *arguments: Any) -> Any:
        return Older(original(self, *arguments))

    monkeypatch.setattr(ConnectApi, "_client", client)
    said = promote(example, "one")
    words = "the boto3 installed here does not know create_contact_flow_version"
    assert f"warning: no version was kept: {words}" in said
    assert example.run("plan", "staging").code == 0


def test_nothing_is_kept_where_nobody_wants_it(example: SandboxProject) -> None:
    example.edit_environment("false", "targets", "connect", "snapshots")
    said = promote(example, "one") + promote(example, "two")
    assert "version" not in said
    assert versions(example) == {}


def test_a_draft_is_no_version(example: SandboxProject) -> None:
    staging = example.root / "environments" / "staging.yaml"
    text = staging.read_text("utf-8")
    staging.write_text(text.replace("flows:\n", "flows:\n  A: {status: saved}\n", 1))
    assert "version" not in promote(example, "one")
    calls = [call.operation for call in example.sandbox.calls]
    assert "CreateContactFlowVersion" not in calls


def test_a_setting_is_yes_or_no(example: SandboxProject) -> None:
    example.edit_environment("sometimes", "targets", "connect", "snapshots")
    result = example.run("plan", "staging")
    assert result.code == 1
    assert "`snapshots` of the target must be true or false" in result.err
