"""Flows that are archived: told where they are referred to, active where promoted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject
from tests.support.views import template, view, write

KINDS = ("flow", "module")


def say(project: SandboxProject, name: str, text: str) -> None:
    last = "EndFlowModuleExecution" if name == "module" else "DisconnectParticipant"
    actions = [
        action("say", "MessageParticipant", {"Text": text}, "end"),
        action("end", last),
    ]
    write(project, contact_flow(actions, name=name), name)


def described(project: SandboxProject, name: str) -> Any:
    word, operation = "ContactFlow", "contact_flow"
    if name == "module":
        word, operation = "ContactFlowModule", "contact_flow_module"
    given = {"InstanceId": project.sandbox.instance_id}
    listed = getattr(project.client, f"search_{operation}s")(**given)[f"{word}s"]
    return next(item for item in listed if item["Name"] == name)


def archive(project: SandboxProject, name: str) -> None:
    given = {"InstanceId": project.sandbox.instance_id}
    found = described(project, name)["Id"]
    if name == "module":
        project.client.update_contact_flow_module_metadata(
            **given, ContactFlowModuleId=found, State="ARCHIVED"
        )
    else:
        project.client.update_contact_flow_metadata(
            **given, ContactFlowId=found, ContactFlowState="ARCHIVED"
        )


@pytest.mark.parametrize("text", ["one", "two"])
@pytest.mark.parametrize("name", KINDS)
def test_what_is_promoted_is_active_again(
    example: SandboxProject, name: str, text: str
) -> None:
    say(example, name, "one")
    assert example.run("promote", "staging", name, "--yes").code == 0
    archive(example, name)
    say(example, name, text)
    plan = example.run("plan", "staging", name).out
    assert "archived" in plan
    assert "active" in plan
    assert example.run("promote", "staging", name, "--yes").code == 0
    assert described(example, name)["State"] == "ACTIVE"
    assert text in described(example, name)["Content"]
    assert "No changes." in example.run("plan", "staging", name).out


@pytest.mark.parametrize("name", KINDS)
def test_a_promote_that_fails_archives_it_again(
    example: SandboxProject, name: str
) -> None:
    say(example, name, "one")
    assert example.run("promote", "staging", name, "--yes").code == 0
    archive(example, name)
    say(example, name, "two")
    write(example, view(template("one")) | {"Name": "view"}, "view")
    example.sandbox.fail("UpdateViewContent", "AccessDeniedException", times=9)
    assert example.run("promote", "staging", name, "view", "--yes").code != 0
    assert described(example, name)["State"] == "ARCHIVED"
    assert "one" in described(example, name)["Content"]


def test_a_draft_leaves_it_archived(example: SandboxProject) -> None:
    say(example, "flow", "one")
    assert example.run("promote", "staging", "flow", "--yes").code == 0
    archive(example, "flow")
    say(example, "flow", "two")
    example.edit_environment("saved", "flows", "flow", "status")
    assert example.run("promote", "staging", "flow", "--yes").code == 0
    assert described(example, "flow")["State"] == "ARCHIVED"


def test_a_reference_to_what_is_archived_is_told_unless_it_is_promoted_too(
    example: SandboxProject,
) -> None:
    say(example, "flow", "one")
    assert example.run("promote", "staging", "flow", "--yes").code == 0
    archive(example, "flow")
    errors = {"Errors": [{"ErrorType": "NoMatchingError", "NextAction": "end"}]}
    actions = [
        action("go", "TransferToFlow", {"ContactFlowId": "flow"}, "end"),
        action("end", "DisconnectParticipant"),
    ]
    actions[0]["Transitions"] |= errors
    write(example, contact_flow(actions, name="Caller"), "Caller")
    found = example.json("plan", "staging", "Caller")["findings"]
    assert [(f["rule"], f["severity"]) for f in found] == [
        ("connect/archived-reference", "warning")
    ]
    assert found[0]["path"] == "flows/connect/Caller.json"
    together = example.json("plan", "staging", "Caller", "flow")["findings"]
    assert together == []
