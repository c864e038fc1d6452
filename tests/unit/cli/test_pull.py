"""What a target holds comes into the project: as an inventory, and as flows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flowops.inventory import read_inventory
from flowops.schema import schema_text
from flowops.systems.connect.inventory import INVENTORY_KINDS
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject

FILE = "environments/staging.inventory.json"


def written(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def test_an_inventory_holds_every_kind_and_fits_the_schema(
    example: SandboxProject,
) -> None:
    result = example.run("inventory", "staging")
    assert (result.code, result.out, result.err) == (0, f"{FILE}\n", "")
    document = written(example.root / FILE)
    Draft202012Validator(json.loads(schema_text("inventory"))).validate(document)
    assert document["systems"].keys() == {"connect", "event_processing"}
    found = read_inventory(document["systems"]["connect"])
    assert found.kinds == INVENTORY_KINDS
    assert found.region == example.sandbox.region
    (prompt,) = found.named("prompt", "welcome.wav")
    assert prompt.arn.startswith(example.sandbox.instance_arn)
    assert [r.name for r in found.of_kind("queue")] == [
        "BasicQueue",
        "Sales APAC",
        "Sales EMEA",
    ]


def test_an_inventory_is_the_same_but_for_its_time(example: SandboxProject) -> None:
    out = example.root / "other.json"
    assert example.run("inventory", "staging").code == 0
    document = example.json("inventory", "staging", "--out", str(out))
    assert document == {"files": [str(out)]}
    first, second = written(example.root / FILE), written(out)
    assert first.pop("taken") <= second.pop("taken")
    assert json.dumps(first) == json.dumps(second)


def test_an_inventory_does_not_disturb_the_project(example: SandboxProject) -> None:
    before = example.run("plan", "staging")
    assert example.run("inventory", "staging").code == 0
    assert example.run("check").code == 0
    assert example.run("plan", "staging") == before


def test_an_environment_without_a_target_has_no_inventory(
    example: SandboxProject,
) -> None:
    result = example.run("inventory", "base")
    assert result.code == 1
    assert "base has no target\n    name one under `targets`" in result.err
    assert not (example.root / "environments/base.inventory.json").exists()


def test_no_inventory_is_taken_of_another_instance(example: SandboxProject) -> None:
    other = example.sandbox.instance_arn.replace("444455556666", "111122223333")
    example.edit_environment(other, "targets", "connect", "instance")
    result = example.run("inventory", "staging")
    assert result.code == 3
    assert "wrong-target" in result.err
    assert not (example.root / FILE).exists()


IVR = "flows/connect/main-ivr.json"
STARTERS = ["flows/connect/Default customer queue.json"]
MODULE = "flows/connect/Identify caller.json"


def files(project: SandboxProject) -> dict[str, bytes]:
    paths = (project.root / "flows" / "connect").rglob("*.json")
    return {p.relative_to(project.root).as_posix(): p.read_bytes() for p in paths}


def without_overlays(project: SandboxProject) -> None:
    for path in (project.root / "environments").glob("*.yaml"):
        text = path.read_text("utf-8").partition("\nflows:")[0]
        path.write_text(text + "\n", "utf-8")


@pytest.fixture
def promoted(example: SandboxProject) -> SandboxProject:
    """The example after the first promote of its call flow."""
    result = example.run("promote", "staging", "Main IVR", "--yes")
    assert result.code == 0, result.err
    return example


def put(project: SandboxProject, flow: dict[str, Any], **more: Any) -> str:
    """Create a flow past the project."""
    answer = project.client.create_contact_flow(
        InstanceId=project.sandbox.instance_id,
        Name=flow["Metadata"].pop("name"),
        Type="CONTACT_FLOW",
        Content=json.dumps(flow),
        **more,
    )
    return str(answer["ContactFlowId"])


def queue_arn(project: SandboxProject) -> str:
    listed = project.client.list_queues(InstanceId=project.sandbox.instance_id)
    arn = next(
        q["Arn"] for q in listed["QueueSummaryList"] if q["Name"] == "BasicQueue"
    )
    return str(arn)


def to_queue(project: SandboxProject, name: str, **shown: Any) -> dict[str, Any]:
    actions = [
        action("q", "UpdateContactTargetQueue", {"QueueId": queue_arn(project)}, "end"),
        action("end", "DisconnectParticipant"),
    ]
    return contact_flow(actions, {"q": shown} if shown else None, name=name)


def test_an_instance_comes_into_an_empty_project_and_changes_nothing(
    promoted: SandboxProject,
) -> None:
    (promoted.root / IVR).unlink()
    without_overlays(promoted)
    result = promoted.run("pull", "staging")
    assert result.code == 0, result.err
    main = "flows/connect/Main IVR.json"
    assert result.out.splitlines() == [*STARTERS, main, MODULE]
    assert files(promoted).keys() == {*STARTERS, main, MODULE}
    plan = promoted.run("plan", "staging", "connect/*")
    assert (plan.code, "No changes." in plan.out) == (0, True), plan.out
    flow = written(promoted.root / main)
    live = promoted.live("Main IVR")
    assert flow["Actions"] == json.loads(live["Content"])["Actions"]
    assert flow["Metadata"]["name"] == "Main IVR"
    assert flow["Metadata"]["status"] == "published"


def test_a_second_pull_writes_nothing(promoted: SandboxProject) -> None:
    assert promoted.run("pull", "staging").code == 0
    before = files(promoted)
    again = promoted.run("pull", "staging")
    assert (again.code, again.out, again.err) == (0, "", "As they were: 3\n")
    assert files(promoted) == before


def test_a_file_that_says_the_same_in_its_environment_stays(
    promoted: SandboxProject,
) -> None:
    """It was drawn elsewhere: other ARNs, and another queue by an overlay."""
    before = files(promoted)
    result = promoted.run("pull", "staging", "Main IVR")
    assert (result.code, result.out) == (0, "")
    assert files(promoted) == before


def test_what_was_changed_on_the_instance_is_written_to_its_own_file(
    promoted: SandboxProject,
) -> None:
    content = promoted.live("Main IVR")["Content"]
    assert "We are closed." in content
    promoted.client.update_contact_flow_content(
        InstanceId=promoted.sandbox.instance_id,
        ContactFlowId=promoted.flow_id("Main IVR"),
        Content=content.replace("We are closed.", "We open at nine."),
    )
    without_overlays(promoted)
    result = promoted.run("pull", "staging", "Main IVR", "--out", "elsewhere")
    assert (result.code, result.out) == (0, f"{IVR}\n"), result.err
    text = (promoted.root / IVR).read_text("utf-8")
    assert "We open at nine." in text
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"
    assert "No changes." in promoted.run("plan", "staging", "Main IVR").out
    assert files(promoted).keys() == {IVR}


def test_a_module_keeps_its_settings_and_a_description_its_words(
    example: SandboxProject,
) -> None:
    settings: dict[str, Any] = {"InputParameters": []}
    end = action("end", "EndFlowModuleExecution")
    example.client.create_contact_flow_module(
        InstanceId=example.sandbox.instance_id,
        Name="Ask / answer",
        Description="Asks.",
        Content=json.dumps(contact_flow([end])),
        Settings=json.dumps(settings),
    )
    result = example.run("pull", "staging", "connect/flow-module/Ask*")
    assert (result.code, result.out) == (0, "flows/connect/Ask %2F answer.json\n")
    flow = written(example.root / result.out.strip())
    assert flow["Settings"] == settings
    assert flow["Metadata"]["name"] == "Ask / answer"
    assert flow["Metadata"]["description"] == "Asks."
    assert "No changes." in example.run("plan", "staging", "Ask / answer").out


def test_what_a_flow_does_not_name_is_named(example: SandboxProject) -> None:
    put(example, to_queue(example, "Bare"))
    put(
        example,
        to_queue(example, "Named", parameters={"QueueId": {"displayName": "Q"}}),
    )
    assert example.run("pull", "staging", "Bare", "Named").code == 0
    names = [
        written(example.root / f"flows/connect/{name}.json")["Metadata"][
            "ActionMetadata"
        ]["q"]["parameters"]["QueueId"]["displayName"]
        for name in ("Bare", "Named")
    ]
    assert names == ["BasicQueue", "Q"]
    (change,) = example.json("plan", "staging", "Bare")["changes"]
    assert change["actions"] == ["layout"]  # the name is all that is new
    assert example.run("promote", "staging", "Bare", "--yes").code == 0
    assert "No changes." in example.run("plan", "staging", "Bare").out


@pytest.mark.parametrize(
    "taken", ["flows/connect/Bare.json", "flows/connect/bare.json"]
)
def test_another_flow_is_not_written_over(example: SandboxProject, taken: str) -> None:
    flow = contact_flow([action("end", "DisconnectParticipant")], name="Another")
    (example.root / taken).write_text(json.dumps(flow), "utf-8")
    put(example, to_queue(example, "Bare"))
    before = files(example)
    result = example.run("pull", "staging")
    assert (result.code, result.out) == (1, "")
    assert "where connect/contact-flow/Another lies" in result.err
    assert files(example) == before


def test_a_file_that_is_no_flow_is_not_written_over(example: SandboxProject) -> None:
    (example.root / "flows/connect/Identify caller.json").write_text("[]", "utf-8")
    before = files(example)
    result = example.run("pull", "staging", "Identify caller")
    assert result.code == 1
    assert "where another file lies" in result.err
    assert files(example) == before


def test_a_flow_and_a_module_of_one_name_need_two_folders(
    example: SandboxProject,
) -> None:
    put(example, to_queue(example, "Identify caller"))
    before = files(example)
    result = example.run("pull", "staging", "Identify caller")
    assert result.code == 1
    assert "pull flow by flow into another folder with --out" in result.err
    assert files(example) == before
    for kind in ("contact-flow", "flow-module"):
        out = str(example.root / "flows" / kind)
        word = f"connect/{kind}/Identify caller"
        result = example.run("pull", "staging", word, "--out", out)
        assert (result.code, result.out) == (0, f"flows/{kind}/Identify caller.json\n")


def test_drafts_archives_and_secrets_are_told(example: SandboxProject) -> None:
    put(example, to_queue(example, "Draft"), Status="SAVED")
    old = put(example, to_queue(example, "Old"))
    example.client.update_contact_flow_metadata(
        InstanceId=example.sandbox.instance_id,
        ContactFlowId=old,
        ContactFlowState="ARCHIVED",
    )
    secret = {"Attributes": {"api_token": "hunter2"}}
    actions = [
        action("set", "UpdateContactAttributes", secret, "end"),
        action("end", "DisconnectParticipant"),
    ]
    put(example, contact_flow(actions, name="Token"))
    result = example.run("pull", "staging", "Draft", "Old", "Token")
    assert result.out.splitlines() == [
        "flows/connect/Draft.json",
        "flows/connect/Token.json",
    ]
    assert "left out connect/contact-flow/Old: it is archived" in result.err
    assert "connect/contact-flow/Draft is a draft" in result.err
    assert "connect/contact-flow/Token holds what looks like a secret" in result.err
    assert "hunter2" not in result.err + result.out
    draft = written(example.root / "flows/connect/Draft.json")
    assert draft["Metadata"]["status"] == "saved"


def test_a_name_that_is_not_there_is_a_wrong_command_line(
    example: SandboxProject,
) -> None:
    result = example.run("pull", "staging", "Nobody")
    assert result.code == 64
    assert "no flow on the instance is called 'Nobody'" in result.err
    assert "'Default customer queue'" in result.err
