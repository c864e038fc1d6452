"""What a promote leaves behind: a record to compare with, and to go back to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowops.documents.files import locked
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject, run

MARKER = "hunter2-0451-marker"


def write_flow(project: SandboxProject, name: str, text: str, **extra: Any) -> None:
    parameters = {"Text": text, **extra}
    actions = [
        action("say", "MessageParticipant", parameters, "end"),
        action("end", "DisconnectParticipant"),
    ]
    path = project.root / "flows" / "connect" / f"{name}.json"
    path.write_text(json.dumps(contact_flow(actions, name=name)), "utf-8")


def promote(project: SandboxProject, *words: str) -> None:
    result = project.run("promote", "staging", "--yes", *words)
    assert result.code == 0, result.out + result.err


def records(project: SandboxProject) -> list[dict[str, Any]]:
    folder = project.root / ".flowops" / "records" / "staging"
    return [json.loads(p.read_text("utf-8")) for p in sorted(folder.glob("*.json"))]


def by_hand(
    project: SandboxProject, name: str, old: str, new: str, to: str = ""
) -> None:
    """Edit a flow as somebody does in the console."""
    content = project.live(name)["Content"]
    assert old in content
    project.client.update_contact_flow_content(
        InstanceId=project.sandbox.instance_id,
        ContactFlowId=f"{project.flow_id(name)}{to}",
        Content=content.replace(old, new),
    )


def test_a_record_says_who_what_and_where(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "ada")
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    monkeypatch.setenv("GITHUB_RUN_ID", "7")
    digest = example.json("plan", "staging")["digest"]
    promote(example)
    (record,) = records(example)
    assert record["format_version"] == "1.0"
    assert record["digest"] == digest
    assert record["about"]["who"] == "ada"
    assert record["about"]["run_url"] == "https://github.example/a/b/actions/runs/7"
    assert len(record["about"]["commit"]) == 40
    assert record["targets"]["connect"] == example.sandbox.instance_arn
    flows = {flow["name"]: flow for flow in record["flows"]}
    assert set(flows) == {"Main IVR", "Large orders"}
    assert flows["Main IVR"]["before"] is None
    assert flows["Main IVR"]["after_digest"].startswith("sha256:")


def test_records_are_only_added(example: SandboxProject) -> None:
    write_flow(example, "A", "one")
    promote(example)
    first = records(example)
    write_flow(example, "A", "two")
    promote(example)
    assert records(example)[:1] == first
    assert len(records(example)) == 2
    promote(example)
    assert len(records(example)) == 2, "nothing was written, so nothing is recorded"


def test_a_record_holds_no_secret(example: SandboxProject) -> None:
    write_flow(example, "A", "one", apiKey=MARKER)
    promote(example)
    write_flow(example, "A", "two", apiKey=MARKER)
    promote(example)
    for path in (example.root / ".flowops").rglob("*"):
        if path.is_file():
            assert MARKER.encode() not in path.read_bytes(), path
    assert MARKER in example.live("A")["Content"]


def test_the_journal_opens_secrets_but_does_not_stay(example: SandboxProject) -> None:
    write_flow(example, "A", "one", apiKey=MARKER)
    promote(example)
    assert not list((example.root / ".flowops" / "journal").glob("*"))


def test_recorded_is_a_before_without_a_target(example: SandboxProject) -> None:
    write_flow(example, "A", "one")
    promote(example)
    write_flow(example, "A", "two")
    live = example.json("plan", "staging")
    example.edit_environment("http://127.0.0.1:9", "targets", "connect", "url")
    recorded = example.json("plan", "staging", "--recorded")
    assert [c["actions"] for c in recorded["changes"]] == [
        c["actions"] for c in live["changes"]
    ]
    assert recorded["digest"] == live["digest"]
    assert "the record of run" in recorded["compared_with"]["connect"]


def test_recorded_without_a_record(example: SandboxProject) -> None:
    result = example.run("plan", "staging", "--recorded")
    assert result.code == 1
    assert "there is no record of a promote to staging" in result.err


def test_two_befores_are_a_usage_error(example: SandboxProject) -> None:
    result = example.run("plan", "staging", "--recorded", "--base", "HEAD")
    assert result.code == 64


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format_version": "9"}'])
def test_a_damaged_record_is_one_line(example: SandboxProject, text: str) -> None:
    promote(example)
    (path,) = (example.root / ".flowops/records/staging").glob("*.json")
    path.write_text(text, "utf-8")
    for words in (["plan", "staging", "--recorded"], ["rollback", "staging", "--yes"]):
        result = example.run(*words)
        assert result.code == 1
        assert ".flowops/records/staging/" in result.err
        assert "Traceback" not in result.err


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "/evil.txt", "a/b", "..", ".", "", "a\\b", "a\0b"],
)
def test_a_record_cannot_name_a_place(example: SandboxProject, name: str) -> None:
    promote(example)
    (path,) = (example.root / ".flowops/records/staging").glob("*.json")
    record = json.loads(path.read_text("utf-8"))
    for flow in record["flows"]:
        flow["after"]["files"] = {name: "evil", **flow["after"]["files"]}
    path.write_text(json.dumps(record), "utf-8")
    result = example.run("rollback", "staging", "--to", record["run"], "--yes")
    assert result.code == 1
    assert "this is not a record that FlowOps 1.0 wrote" in result.err


def test_a_state_without_files_is_none(example: SandboxProject) -> None:
    promote(example)
    (path,) = (example.root / ".flowops/records/staging").glob("*.json")
    record = json.loads(path.read_text("utf-8"))
    record["flows"][0]["after"]["files"] = {}
    path.write_text(json.dumps(record), "utf-8")
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 1
    assert "this is not a record that FlowOps 1.0 wrote" in result.err


def test_one_run_at_a_time_writes_to_an_environment(example: SandboxProject) -> None:
    write_flow(example, "A", "one")
    promote(example)
    before = example.live("A")["Content"]
    write_flow(example, "A", "two")
    with locked(example.root / "environments" / "staging.yaml") as is_free:
        assert is_free
        for command in ("promote", "rollback"):
            result = example.run(command, "staging", "--yes")
            assert result.code == 3
            assert "run-at-work: another promote or rollback" in result.err
        assert example.run("promote", "staging", "--dry-run").code == 0
        assert "will be updated" in example.run("plan", "staging").out
    assert example.live("A")["Content"] == before
    promote(example)
    assert example.live("A")["Content"] != before


def test_a_folder_in_the_place_of_a_record_is_one_line(
    example: SandboxProject,
) -> None:
    promote(example)
    (example.root / ".flowops/records/staging/z.json").mkdir()
    for words in (["plan", "staging", "--recorded"], ["drift", "staging"]):
        result = example.run(*words)
        assert result.code == 1
        assert "z.json:1:1: error: cannot read the record: is a directory" in result.err


def test_rollback_puts_the_last_run_back(example: SandboxProject) -> None:
    write_flow(example, "A", "one")
    promote(example)
    before = example.live("A")["Content"]
    stream = example.root / "deploy/staging/Large orders/flow.sql"
    sql = stream.read_bytes()
    write_flow(example, "A", "two")
    path = example.root / "flows/event_processing/large-orders.json"
    path.write_text(path.read_text("utf-8").replace("> 1000", "> 2000"), "utf-8")
    promote(example)
    assert stream.read_bytes() != sql
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 0, result.err
    assert example.live("A")["Content"] == before
    assert stream.read_bytes() == sql
    assert len(records(example)) == 3
    assert records(example)[-1]["flows"][0]["action"] == "update"


def test_rollback_to_a_run(example: SandboxProject) -> None:
    contents = []
    for text in ("one", "two", "three"):
        write_flow(example, "A", text)
        promote(example)
        contents.append(example.live("A")["Content"])
    first = records(example)[0]["run"]
    assert example.run("rollback", "staging", "--to", first, "--yes").code == 0
    assert example.live("A")["Content"] == contents[0]
    result = example.run("rollback", "staging", "--to", first, "--yes")
    assert "Nothing to do." in result.err


def test_rollback_needs_an_approval(example: SandboxProject) -> None:
    write_flow(example, "A", "one")
    promote(example)
    write_flow(example, "A", "two")
    promote(example)
    writes = len(example.sandbox.writes())
    result = example.run("rollback", "staging")
    assert result.code == 3
    assert "not-approved" in result.err
    assert len(example.sandbox.writes()) == writes
    words = ["rollback", "staging", "--expect-digest"]
    digest = json.loads(example.run(*words, "x", "--format", "json").out)["digest"]
    assert example.run(*words, digest).code == 0


def test_rollback_deletes_only_when_allowed(example: SandboxProject) -> None:
    promote(example)
    write_flow(example, "A", "new")
    promote(example)
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 3
    assert "refused: deletes: would be deleted: connect/contact-flow/A" in result.err
    words = ["rollback", "staging", "--yes", "--allow", "deletes"]
    assert example.run(*words).code == 0
    summaries = example.client.list_contact_flows(
        InstanceId=example.sandbox.instance_id
    )
    assert "A" not in {s["Name"] for s in summaries["ContactFlowSummaryList"]}


def test_rollback_takes_secrets_from_the_commit_that_was_promoted(
    example: SandboxProject,
) -> None:
    for text in ("one", "two"):
        write_flow(example, "A", text, apiKey=f"{MARKER}-{text}")
        promote(example)
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 0, result.out + result.err
    assert f"{MARKER}-one" in example.live("A")["Content"]
    assert MARKER not in result.out + result.err
    # What is live now was rendered from the first commit, not from the last.
    write_flow(example, "A", "three", apiKey=f"{MARKER}-three")
    promote(example)
    assert example.run("rollback", "staging", "--yes").code == 0
    assert f"{MARKER}-one" in example.live("A")["Content"]


def test_rollback_never_takes_a_secret_that_only_looks_alike(
    example: SandboxProject,
) -> None:
    write_flow(example, "A", "one", apiKey=f"{MARKER}-old")
    promote(example)
    write_flow(example, "A", "one", apiKey=f"{MARKER}-new")
    promote(example)
    write_flow(example, "A", "two", apiKey=f"{MARKER}-new")
    promote(example)
    first = records(example)[0]["run"]
    assert example.run("rollback", "staging", "--to", first, "--yes").code == 0
    assert f"{MARKER}-old" in example.live("A")["Content"]


def test_rollback_refuses_a_secret_of_a_commit_that_is_not_here(
    example: SandboxProject,
) -> None:
    for text in ("one", "two"):
        write_flow(example, "A", text, apiKey=MARKER)
        promote(example)
    path = min((example.root / ".flowops/records/staging").glob("*.json"))
    record = json.loads(path.read_text("utf-8"))
    for flow in record["flows"]:
        flow["commit"] = "0" * 40
    path.write_text(json.dumps(record), "utf-8")
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 1
    assert f"A has a redacted value, and there is no commit '{'0' * 40}'" in result.out
    assert "check out with fetch-depth: 0" in result.out
    assert "two" in example.live("A")["Content"]


def test_rollback_refuses_a_secret_that_somebody_typed(
    example: SandboxProject,
) -> None:
    write_flow(example, "A", "one", apiKey=MARKER)
    promote(example)
    by_hand(example, "A", '"one"', '"edited"')
    write_flow(example, "A", "two", apiKey=MARKER)
    promote(example)
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 1
    assert "no commit is known that it was rendered from" in result.out
    assert "two" in example.live("A")["Content"]


def test_rollback_refuses_a_commit_that_renders_something_else(
    example: SandboxProject,
) -> None:
    for text in ("one", "two"):
        write_flow(example, "A", text, apiKey=MARKER)
        promote(example)
    first, second = (
        next(f for f in record["flows"] if f["name"] == "A")
        for record in records(example)
    )
    path = min((example.root / ".flowops/records/staging").glob("*.json"))
    text = path.read_text("utf-8")
    path.write_text(text.replace(first["commit"], second["commit"]), "utf-8")
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 1
    assert f"commit {second['commit'][:7]} no longer renders it" in result.out
    assert "two" in example.live("A")["Content"]


def test_undoing_brings_an_edit_back_and_going_to_a_run_does_not(
    example: SandboxProject,
) -> None:
    write_flow(example, "A", "one")
    promote(example)
    promoted = example.live("A")["Content"]
    by_hand(example, "A", "one", "by hand")
    edited = example.live("A")["Content"]
    write_flow(example, "A", "two")
    promote(example)
    first = records(example)[0]["run"]
    assert example.run("rollback", "staging", "--yes").code == 0
    assert example.live("A")["Content"] == edited
    assert example.run("rollback", "staging", "--to", first, "--yes").code == 0
    assert example.live("A")["Content"] == promoted


@pytest.mark.parametrize("to", ["nonsense", "2026"])
def test_rollback_to_nowhere(example: SandboxProject, to: str) -> None:
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 1
    assert "there is no record of a promote" in result.err
    promote(example)
    result = example.run("rollback", "staging", "--to", to, "--yes")
    assert result.code == 1
    assert f"there is no record of a run '{to}'" in result.err


def standings(project: SandboxProject) -> dict[str, list[str]]:
    document = project.json("drift", "staging")
    return {f["address"].split("/")[-1]: f["standings"] for f in document["flows"]}


def test_no_drift(example: SandboxProject) -> None:
    promote(example)
    assert standings(example) == {
        "Main IVR": ["in sync"],
        "Large orders": ["in sync"],
    }
    result = example.run("drift", "staging", "--detailed-exitcode")
    assert result.code == 0
    assert "No drift." in result.out


def test_drift_is_told_three_ways(example: SandboxProject) -> None:
    for name in "ABCDEF":
        write_flow(example, name, f"one {name}")
    promote(example)
    write_flow(example, "A", "two A")
    by_hand(example, "B", "one", "by hand")
    write_flow(example, "C", "two C")
    by_hand(example, "C", "one", "by hand")
    by_hand(example, "D", "one", "unpublished", to=":$SAVED")
    example.client.delete_contact_flow(
        InstanceId=example.sandbox.instance_id, ContactFlowId=example.flow_id("E")
    )
    (example.root / "flows/connect/F.json").unlink()
    assert standings(example) == {
        "A": ["not promoted yet"],
        "B": ["changed on the target"],
        "C": ["changed on the target", "not promoted yet"],
        "D": ["has unpublished edits"],
        "E": ["missing on the target"],
        "F": ["no longer managed"],
        "Main IVR": ["in sync"],
        "Large orders": ["in sync"],
    }
    result = example.run("drift", "staging", "--detailed-exitcode")
    assert result.code == 2
    assert "4 flows drifted." in result.out
    assert example.run("drift", "staging").code == 0
    assert example.run("drift", "staging", "A", "--detailed-exitcode").code == 0


def test_drift_of_a_folder(example: SandboxProject) -> None:
    promote(example)
    path = example.root / "deploy/staging/Large orders/config.yaml"
    path.write_text(path.read_text("utf-8").replace("latest", "earliest"), "utf-8")
    assert standings(example)["Large orders"] == ["changed on the target"]
    flow = example.root / "flows/event_processing/large-orders.json"
    flow.write_text(flow.read_text("utf-8").replace("> 1000", "> 2000"), "utf-8")
    assert standings(example)["Large orders"] == [
        "changed on the target",
        "not promoted yet",
    ]


def test_drift_needs_a_target(tmp_path: Path, example: SandboxProject) -> None:
    (example.root / "environments/none.yaml").write_text("", "utf-8")
    result = run("drift", "none", "--project", str(example.root))
    assert result.code == 1
    assert "has no target\n    name one under `targets`" in result.err
