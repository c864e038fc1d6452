"""A promote that is cut off anywhere is undone by the next, which then goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowops.journal import Journal
from tests.support.contact_flows import INSTANCE as OLD
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject, run

ID = "71569bb2-0000-4000-8000-00000000000"
JOURNAL = ".flowops/journal/staging.jsonl"


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


def write_flow(project: SandboxProject, name: str, text: str, other: str) -> None:
    actions = [
        action("say", "MessageParticipant", {"Text": text}, "to"),
        action(
            "to",
            "TransferToFlow",
            {"ContactFlowId": f"{OLD}/contact-flow/{ID}1"},
            "end",
        ),
        action("end", "DisconnectParticipant"),
    ]
    document = contact_flow(
        actions, {"to": {"ContactFlow": {"text": other}}}, name=name
    )
    path = project.root / "flows" / "connect" / f"{name}.json"
    path.write_text(json.dumps(document), "utf-8")


def prepare(project: SandboxProject) -> None:
    """One flow and one stream are promoted; all change, and a new flow comes."""
    write_flow(project, "A", "one", "A")
    assert project.run("promote", "staging", "--yes").code == 0
    write_flow(project, "A", "two", "B")
    write_flow(project, "B", "new", "A")
    stream = project.root / "flows" / "event_processing" / "large-orders.json"
    text = stream.read_text("utf-8").replace("> 1000", "> 2000")
    stream.write_text(text, "utf-8")


def state(project: SandboxProject) -> dict[str, Any]:
    """Return what matters on both targets: names, contents by name, files."""
    flows: dict[str, Any] = {}
    listed = project.client.list_contact_flows(InstanceId=project.sandbox.instance_id)
    names = {s["Id"]: s["Name"] for s in listed["ContactFlowSummaryList"]}
    for name in sorted(names.values()):
        found = project.live(name)
        content = found["Content"]
        for identifier, other in names.items():
            content = content.replace(identifier, f"<{other}>")
        flows[name] = (found["Status"], content)
    deploy = project.root / "deploy"
    files = {
        p.relative_to(deploy).as_posix(): p.read_bytes()
        for p in sorted(deploy.rglob("*"))
        if p.is_file() and p.name != "flowops.json"
    }
    return {"flows": flows, "files": files}


def dying_at(step: int) -> Callable[..., None]:
    """Return a ``Journal.step`` that dies when it is called for the n-th time."""
    original = Journal.step
    calls: Iterator[int] = iter(range(10_000))

    def patched(self: Journal, *arguments: Any) -> None:
        original(self, *arguments)
        if next(calls) == step:
            raise Killed

    return patched


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("step", range(7))
def test_killed_at_each_step(
    example: SandboxProject,
    undisturbed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    prepare(example)
    example.commit()
    before = state(example)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "step", dying_at(step))
        with pytest.raises(Killed):
            example.run("promote", "staging", "--yes")
    assert (example.root / JOURNAL).exists()
    assert (example.root / JOURNAL).stat().st_mode & 0o777 == 0o600
    result = example.run("promote", "staging", "--yes")
    assert result.code == 0, result.err
    assert "was cut off; it is undone first" in result.err
    assert not (example.root / JOURNAL).exists()
    after = state(example)
    assert after != before
    assert undisturbed.setdefault("state", after) == after
    assert "No changes." in example.run("plan", "staging").out


def test_undisturbed_run_ends_in_the_same_state(
    example: SandboxProject, undisturbed: dict[str, Any]
) -> None:
    prepare(example)
    assert example.run("promote", "staging", "--yes").code == 0
    assert undisturbed.setdefault("state", state(example)) == state(example)


def test_seven_is_all_the_steps_there_are(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(example)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "step", dying_at(7))
        assert example.run("promote", "staging", "--yes").code == 0


def test_the_undoing_itself_can_be_cut_off(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(example)
    example.commit()
    before = state(example)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "step", dying_at(6))
        with pytest.raises(Killed):
            example.run("promote", "staging", "--yes")
    example.sandbox.fail("UpdateContactFlowContent", "AccessDeniedException")
    assert example.run("promote", "staging", "--yes").code == 1
    assert (example.root / JOURNAL).exists()
    for path in (example.root / "flows").rglob("[AB].json"):
        path.unlink()
    git_checkout_stream(example)
    result = example.run("promote", "staging", "--yes")
    assert result.code == 0, result.err
    assert state(example)["flows"] == before["flows"]


def git_checkout_stream(project: SandboxProject) -> None:
    stream = project.root / "flows" / "event_processing" / "large-orders.json"
    text = stream.read_text("utf-8").replace("> 2000", "> 1000")
    stream.write_text(text, "utf-8")


def kill_once(example: SandboxProject, monkeypatch: pytest.MonkeyPatch) -> Path:
    prepare(example)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "step", dying_at(6))
        with pytest.raises(Killed):
            example.run("promote", "staging", "--yes")
    return example.root / JOURNAL


def test_nothing_is_undone_without_approval(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_once(example, monkeypatch)
    writes = len(example.sandbox.writes())
    result = example.run("promote", "staging")
    assert result.code == 3
    assert "not-approved" in result.err
    assert len(example.sandbox.writes()) == writes


def test_a_torn_last_line_does_no_harm(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = kill_once(example, monkeypatch)
    journal.write_bytes(journal.read_bytes() + b'{"entry": "st')
    assert example.run("promote", "staging", "--yes").code == 0


@pytest.mark.parametrize("damage", [b"nonsense\n", b'{"entry": "begin"}\n', b"{}\n"])
def test_a_damaged_journal_is_refused(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    journal = kill_once(example, monkeypatch)
    journal.write_bytes(damage)
    writes = len(example.sandbox.writes())
    result = example.run("promote", "staging", "--yes")
    assert result.code == 3
    assert "journal-unreadable" in result.err
    assert len(example.sandbox.writes()) == writes


def test_a_run_on_another_target_is_refused(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = kill_once(example, monkeypatch)
    text = journal.read_text("utf-8").replace("444455556666", "999955556666")
    journal.write_text(text, "utf-8")
    result = example.run("promote", "staging", "--yes")
    assert result.code == 3
    assert "wrong-target" in result.err


def test_the_journal_is_not_committed(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_once(example, monkeypatch)
    assert (example.root / ".flowops" / ".gitignore").read_text() == "/journal/\n"


def test_an_empty_journal_is_no_run(example: SandboxProject) -> None:
    journal = example.root / JOURNAL
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"")
    assert example.run("promote", "staging", "--yes").code == 0


def test_a_run_that_cannot_be_recorded_is_undone(example: SandboxProject) -> None:
    prepare(example)
    before = state(example)
    records = example.root / ".flowops" / "records"
    records.rename(records.with_name("kept"))
    records.write_text("a file where the folder has to be", "utf-8")
    result = example.run("promote", "staging", "--yes")
    assert result.code == 1
    assert "error: the promote stopped: cannot write " in result.err
    assert "restored: connect/contact-flow/A" in result.err
    assert state(example) == before
    assert not (example.root / JOURNAL).exists()
    records.unlink()
    records.with_name("kept").rename(records)
    assert example.run("promote", "staging", "--yes").code == 0


def test_a_run_killed_after_its_record_is_whole(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(example)

    def dies(_: Journal) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "end", dies)
        with pytest.raises(Killed):
            example.run("promote", "staging", "--yes")
    after, writes = state(example), len(example.sandbox.writes())
    result = example.run("promote", "staging", "--yes")
    assert (result.code, result.err) == (0, "Nothing to do.\n")
    assert state(example) == after
    assert len(example.sandbox.writes()) == writes
    assert not (example.root / JOURNAL).exists()


def test_a_plan_says_that_a_run_was_cut_off(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_once(example, monkeypatch)
    for command in ("plan", "drift"):
        result = example.run(command, "staging")
        assert result.code == 0
        assert "warning: a promote or rollback of staging was cut off" in result.out
        assert JOURNAL in result.out
        found = example.json(command, "staging")["findings"]
        rules = [f["rule"] for f in found if f["severity"] != "info"]
        assert rules == ["run/cut-off"]
        assert "record/missing" not in result.out
    assert "run/cut-off" not in example.run("plan", "staging", "--recorded").out
    assert example.run("promote", "staging", "--yes").code == 0
    assert "run/cut-off" not in example.run("plan", "staging").out


def test_a_refusal_after_an_undoing_does_not_say_that_nothing_was_written(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_once(example, monkeypatch)
    write_flow(example, "A", "three", "B")
    result = run("promote", "staging", "--yes", "--project", str(example.root))
    assert result.code == 3
    assert "refused: dirty-tree: " in result.err
    assert re.search(r"\nNothing was written but what undid run 2.*\.\n", result.err)
