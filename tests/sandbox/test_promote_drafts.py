"""``status: saved`` against an instance: what is live stays, the draft is written."""

from __future__ import annotations

import pytest

from tests.support.contact_flows import action, contact_flow
from tests.support.projects import STAGING, SandboxProject
from tests.support.views import template, view, write

TYPES = {"flow": "DisconnectParticipant", "module": "EndFlowModuleExecution"}


def document(name: str, text: str = "one") -> dict[str, object]:
    if name == "view":
        return view(template(text)) | {"Name": name}
    actions = [
        action("say", "MessageParticipant", {"Text": text}, "end"),
        action("end", TYPES[name]),
    ]
    settings: dict[str, object] = {"Settings": {}} if name == "module" else {}
    return contact_flow(actions, name=name) | settings


def say(project: SandboxProject, *names: str, text: str = "one") -> None:
    for name in names:
        write(project, document(name, text), name)


def keep_as_draft(project: SandboxProject, *names: str) -> None:
    for name in names:
        project.edit_environment("saved", "flows", name, "status")


@pytest.mark.parametrize("name", ["flow", "module", "view"])
def test_what_is_live_with_this_content_is_what_saved_wants(
    example: SandboxProject, name: str
) -> None:
    say(example, name)
    assert example.run("promote", "staging", name, "--yes").code == 0
    keep_as_draft(example, name)
    plan = example.run("plan", "staging", name)
    assert "No changes." in plan.out
    promoted = example.run("promote", "staging", name, "--yes")
    assert (promoted.code, promoted.err.count("error")) == (0, 0)


@pytest.mark.parametrize("name", ["flow", "module"])
def test_a_draft_is_written_beside_what_is_live_and_put_back(
    example: SandboxProject, name: str
) -> None:
    say(example, name)
    assert example.run("promote", "staging", name, "--yes").code == 0
    keep_as_draft(example, name)
    say(example, name, text="two")
    assert example.run("promote", "staging", name, "--yes").code == 0
    assert texts(example, name) == ["one", "two"]
    assert "No changes." in example.run("plan", "staging", name).out
    say(example, name, text="three")
    write(example, document("view", "one"), "view")
    example.sandbox.fail("UpdateViewContent", "AccessDeniedException", times=9)
    assert example.run("promote", "staging", name, "view", "--yes").code != 0
    assert texts(example, name) == ["one", "two"]


def texts(project: SandboxProject, name: str) -> list[str]:
    """Return what a flow or a module says when it is live, and as a draft."""
    found = []
    for suffix in ("", ":$SAVED"):
        word = "ContactFlow" if name == "flow" else "ContactFlowModule"
        operation = "contact_flow" if name == "flow" else "contact_flow_module"
        given = {"InstanceId": project.sandbox.instance_id}
        listed = getattr(project.client, f"search_{operation}s")(**given)[f"{word}s"]
        identifier = next(item["Id"] for item in listed if item["Name"] == name)
        describe = getattr(project.client, f"describe_{operation}")
        answer = describe(**given, **{f"{word}Id": f"{identifier}{suffix}"})
        content = answer[word]["Content"]
        found += [text for text in ("one", "two", "three") if text in content]
    return found


def test_a_new_module_cannot_be_a_draft_and_nothing_is_written(
    example: SandboxProject,
) -> None:
    say(example, "flow", "module")
    keep_as_draft(example, "module")
    promoted = example.run("promote", "staging", "flow", "module", "--yes")
    assert promoted.code == 1
    assert "a new module cannot be a draft" in promoted.out + promoted.err
    names = example.client.list_contact_flows(InstanceId=example.sandbox.instance_id)
    assert "flow" not in [f["Name"] for f in names["ContactFlowSummaryList"]]
    found = example.json("plan", "staging", "module")["findings"]
    draft = next(f for f in found if f["rule"] == "connect/module-draft")
    assert draft["path"] == STAGING
    assert "take `status: saved` away" in draft["hint"]
