"""A promote writes what was planned, publishes last, and puts back what it can."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.contact_flows import INSTANCE as OLD
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject

ID = "71569bb2-0000-4000-8000-00000000000"


def write_flow(
    project: SandboxProject, name: str, *refers_to: str, **extra: Any
) -> None:
    """Write a flow that transfers to others, by ARNs of another instance."""
    actions: list[dict[str, Any]] = []
    shown: dict[str, Any] = {}
    for number, other in enumerate(refers_to):
        identifier = f"to {other}"
        parameters = {"ContactFlowId": f"{OLD}/contact-flow/{ID}{number}"}
        actions.append(action(identifier, "TransferToFlow", parameters, "end"))
        shown[identifier] = {"ContactFlow": {"text": other}}
    actions.append(action("end", "DisconnectParticipant"))
    document = contact_flow(actions, shown, **({"name": name} | extra))
    path = project.root / "flows" / "connect" / f"{name}.json"
    path.write_text(json.dumps(document), "utf-8")


def operations(project: SandboxProject) -> list[str]:
    return [call.operation for call in project.sandbox.writes()]


def test_flows_that_refer_to_each_other(example: SandboxProject) -> None:
    write_flow(example, "A", "B")
    write_flow(example, "B", "A", "C")
    write_flow(example, "C")
    result = example.run("promote", "staging", "A", "B", "C", "--yes")
    assert result.code == 0, result.err
    for name, others in {"A": ["B"], "B": ["A", "C"]}.items():
        assert example.live(name)["Status"] == "PUBLISHED"
        found = [
            a["Parameters"]["ContactFlowId"]
            for a in example.content(name)["Actions"]
            if a["Type"] == "TransferToFlow"
        ]
        assert found == [example.live(other)["Arn"] for other in others]
    assert example.run("plan", "staging", "A", "B", "C").out.count("No changes.") == 1


def test_everything_is_created_saved_before_anything_is_published(
    example: SandboxProject,
) -> None:
    write_flow(example, "A", "B")
    write_flow(example, "B", "A")
    assert example.run("promote", "staging", "A", "B", "--yes").code == 0
    calls = example.sandbox.writes()
    assert [c.operation for c in calls] == [
        "CreateContactFlow",
        "CreateContactFlow",
        *["UpdateContactFlowContent", "CreateContactFlowVersion", "TagResource"] * 2,
    ]
    assert {c.arguments.get("Status") for c in calls[:2]} == {"SAVED"}


def test_a_stub_is_never_published(example: SandboxProject) -> None:
    write_flow(example, "A", "B")
    write_flow(example, "B", "A")
    example.sandbox.fail("UpdateContactFlowContent", "AccessDeniedException")
    result = example.run("promote", "staging", "A", "B", "--yes")
    assert result.code == 1
    assert "AccessDeniedException" in result.err
    assert "restored: connect/contact-flow/A" in result.err
    names = example.client.list_contact_flows(InstanceId=example.sandbox.instance_id)
    found = {s["Name"] for s in names["ContactFlowSummaryList"]}
    assert not found & {"A", "B"}


def test_what_cannot_be_put_back_is_said(example: SandboxProject) -> None:
    write_flow(example, "A")
    write_flow(example, "B")
    assert example.run("promote", "staging", "A", "B", "--yes").code == 0
    for name in "AB":
        path = example.root / "flows" / "connect" / f"{name}.json"
        path.write_text(path.read_text("utf-8").replace("end", "last"), "utf-8")
    example.sandbox.fail("UpdateContactFlowContent", "AccessDeniedException", 99, 1)
    result = example.run("promote", "staging", "A", "B", "--yes")
    assert result.code == 1
    assert "not restored: connect/contact-flow/A" in result.err


@pytest.mark.parametrize("step", [0, 1])
def test_a_failure_on_the_way_is_undone(example: SandboxProject, step: int) -> None:
    write_flow(example, "A")
    write_flow(example, "B")
    assert example.run("promote", "staging", "A", "B", "--yes").code == 0
    before = {name: example.live(name)["Content"] for name in "AB"}
    for name in "AB":
        path = example.root / "flows" / "connect" / f"{name}.json"
        path.write_text(path.read_text("utf-8").replace("end", "last"), "utf-8")
    example.sandbox.fail("UpdateContactFlowContent", "AccessDeniedException", 1, step)
    result = example.run("promote", "staging", "A", "B", "--yes")
    assert result.code == 1
    assert {name: example.live(name)["Content"] for name in "AB"} == before
    assert example.run("promote", "staging", "A", "B", "--yes").code == 0
    assert {name: example.live(name)["Content"] for name in "AB"} != before


def test_throttling_is_waited_out(example: SandboxProject) -> None:
    example.sandbox.fail("CreateContactFlow", "ThrottlingException", 2)
    result = example.run("promote", "staging", "Main IVR", "--yes")
    assert result.code == 0, result.err


def test_a_saved_flow_stays_a_draft(example: SandboxProject) -> None:
    example.edit_environment("saved", "flows", "Main IVR", "status")
    assert example.run("promote", "staging", "Main IVR", "--yes").code == 0
    assert operations(example) == ["CreateContactFlow"]
    assert example.live("Main IVR")["Status"] == "SAVED"
    assert "No changes." in example.run("plan", "staging", "Main IVR").out


def test_a_draft_over_a_published_flow_leaves_it_live(example: SandboxProject) -> None:
    write_flow(example, "A")
    assert example.run("promote", "staging", "A", "--yes").code == 0
    live = example.live("A")["Content"]
    staging = example.root / "environments" / "staging.yaml"
    text = staging.read_text("utf-8").replace(
        "  Main IVR:", "  A: {status: saved}\n  Main IVR:"
    )
    staging.write_text(text, "utf-8")
    path = example.root / "flows" / "connect" / "A.json"
    path.write_text(path.read_text("utf-8").replace("end", "last"), "utf-8")
    assert example.run("promote", "staging", "A", "--yes").code == 0
    assert example.live("A")["Content"] == live
    assert example.live("A", ":$SAVED")["Content"] != live
    assert "No changes." in example.run("plan", "staging", "A").out


def test_an_unfinished_flow_is_refused_by_the_instance_and_undone(
    example: SandboxProject,
) -> None:
    write_flow(example, "A")
    path = example.root / "flows" / "connect" / "A.json"
    text = path.read_text("utf-8").replace("DisconnectParticipant", "Teleport")
    path.write_text(text, "utf-8")
    result = example.run("promote", "staging", "A", "--yes")
    assert result.code == 1
    assert "InvalidContactFlowException" in result.err
    assert operations(example)[-1] == "DeleteContactFlow"


def test_modules_are_promoted_before_the_flows_that_use_them(
    example: SandboxProject,
) -> None:
    module = contact_flow([action("a", "EndFlowModuleExecution")], name="Identify")
    module["Settings"] = {"InputParameters": [], "Transitions": []}
    folder = example.root / "flows" / "connect"
    (folder / "module.json").write_text(json.dumps(module), "utf-8")
    user = contact_flow(
        [
            action("m", "InvokeFlowModule", {"FlowModuleId": f"{ID}1:$LATEST"}, "e"),
            action("e", "DisconnectParticipant"),
        ],
        {"m": {"contactFlowModuleName": "Identify"}},
        name="User",
    )
    (folder / "user.json").write_text(json.dumps(user), "utf-8")
    result = example.run("promote", "staging", "Identify", "User", "--yes")
    assert result.code == 0, result.err
    assert operations(example)[0] == "CreateContactFlowModule"
    (used,) = [
        a["Parameters"]["FlowModuleId"]
        for a in example.content("User")["Actions"]
        if a["Type"] == "InvokeFlowModule"
    ]
    assert used.endswith(":$LATEST")
    assert not used.startswith(ID)
    assert "No changes." in example.run("plan", "staging", "Identify", "User").out


def test_description_follows_the_file(example: SandboxProject) -> None:
    write_flow(example, "A", description="one")
    assert example.run("promote", "staging", "A", "--yes").code == 0
    assert example.live("A")["Description"] == "one"
    write_flow(example, "A", description="two")
    assert example.run("promote", "staging", "A", "--yes").code == 0
    assert example.live("A")["Description"] == "two"
    assert "No changes." in example.run("plan", "staging", "A").out


def test_another_instance_is_refused(example: SandboxProject) -> None:
    other = example.sandbox.instance_arn.replace("444455556666", "999955556666")
    example.edit_environment(other, "targets", "connect", "instance")
    for command in (["plan", "staging"], ["promote", "staging", "--yes"]):
        result = example.run(*command)
        assert result.code == 3
        assert "wrong-target" in result.err
    assert operations(example) == []


def test_an_interrupted_promote_is_undone(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flowops.systems.connect.target import ConnectInstance

    write_flow(example, "A")
    write_flow(example, "B")
    original, published = ConnectInstance.publish, iter(range(9))

    def interrupted(self: ConnectInstance, *arguments: Any) -> None:
        if next(published):
            raise KeyboardInterrupt
        original(self, *arguments)

    monkeypatch.setattr(ConnectInstance, "publish", interrupted)
    result = example.run("promote", "staging", "A", "B", "--yes")
    assert result.code == 130
    assert "restored: connect/contact-flow/A" in result.err
    assert operations(example)[-2:] == ["DeleteContactFlow", "DeleteContactFlow"]
    assert not (example.root / ".flowops/journal/staging.jsonl").exists()
