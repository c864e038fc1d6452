"""A flow that is right and not recorded is recorded by the next promote, and no more.

The promote that wrote it was killed, and its journal went with the machine it ran on.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowops.cli import writing
from flowops.journal import Journal
from tests.support.projects import SandboxProject
from tests.unit.test_recovery import (
    JOURNAL,
    Killed,
    dying_at,
    prepare,
    state,
    write_flow,
)

STREAM = "flows/event_processing/large-orders.json"


def records(project: SandboxProject) -> list[Path]:
    return sorted((project.root / ".flowops/records/staging").glob("*.json"))


def recorded(path: Path) -> dict[str, Any]:
    flows = json.loads(path.read_text("utf-8"))["flows"]
    return {flow["name"]: flow for flow in flows}


def killed(
    project: SandboxProject, monkeypatch: pytest.MonkeyPatch, step: int | None
) -> None:
    """Promote until a step, or until the record is to be written; lose the journal."""

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if step is None:
            patch.setattr(writing, "write_record", dies)
        else:
            patch.setattr(Journal, "step", dying_at(step))
        with pytest.raises(Killed):
            project.run("promote", "staging", "--yes")
    (project.root / JOURNAL).unlink(missing_ok=True)


def test_a_promote_killed_before_its_record_is_recorded_by_the_next(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(example)
    killed(example, monkeypatch, None)
    [first] = records(example)
    live = state(example)
    assert "Main IVR" not in example.run("plan", "staging").out
    assert "2 to update" in example.run("plan", "staging", "--recorded").out
    count = len(example.sandbox.writes())
    result = example.run("promote", "staging", "--yes")
    assert result.code == 0, result.err
    said = [line for line in result.err.splitlines() if "recorded" in line]
    assert said[:3] == [
        "recorded anew: connect/contact-flow/A",
        "recorded anew: connect/contact-flow/B",
        "recorded anew: event_processing/flow/Large orders",
    ]
    assert result.err.splitlines()[-1] == "Nothing to do."
    assert len(example.sandbox.writes()) == count
    assert state(example) == live
    [_, anew] = records(example)
    flows, before = recorded(anew), recorded(first)
    assert {flow["action"] for flow in flows.values()} == {"recorded"}
    for name in ("A", "Large orders"):
        assert flows[name]["before"] == before[name]["after"]
        assert flows[name]["before_digest"] == before[name]["after_digest"]
    assert flows["B"]["before"]["files"] == flows["B"]["after"]["files"]
    assert all(flow["commit"] for flow in flows.values())
    is_settled(example)


def is_settled(project: SandboxProject) -> None:
    """Whatever compares with the record finds nothing, and nothing is recorded."""
    count = len(records(project))
    assert "No changes." in project.run("plan", "staging").out
    assert "record/missing" not in project.run("plan", "staging").out
    assert "No changes." in project.run("plan", "staging", "--recorded").out
    assert "No drift." in project.run("drift", "staging").out
    result = project.run("promote", "staging", "--yes")
    assert "recorded" not in result.err
    assert len(records(project)) == count


@pytest.mark.parametrize("step", [2, 4, 6])
def test_killed_at_any_step_the_next_record_has_all_of_it(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    prepare(example)
    killed(example, monkeypatch, step)
    result = example.run("promote", "staging", "--yes")
    assert result.code == 0, result.err
    is_settled(example)


def test_a_plan_says_what_the_next_promote_would_record(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(example)
    killed(example, monkeypatch, None)
    plan = example.json("plan", "staging", "A")
    [finding] = plan["findings"]
    assert finding["rule"] == "record/missing"
    assert finding["message"].startswith("connect/contact-flow/A is as the project has")
    dry = example.run("promote", "staging", "A", "--dry-run")
    assert dry.code == 0
    assert len(records(example)) == 1
    result = example.run("promote", "staging", "A", "--yes")
    assert "recorded anew: connect/contact-flow/A" in result.err
    digest = json.loads(records(example)[-1].read_text("utf-8"))["digest"]
    assert digest == plan["digest"]


def test_the_way_back_from_it_leads_to_what_was_recorded_before(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(example)
    killed(example, monkeypatch, None)
    assert example.run("promote", "staging", "--yes").code == 0
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 0, result.err
    assert '"Text": "one"' in json.dumps(example.content("A"))
    assert '"Text": "new"' in json.dumps(example.content("B"))


def test_without_any_record_the_next_promote_writes_one(
    example: SandboxProject,
) -> None:
    write_flow(example, "A", "one", "A")
    assert example.run("promote", "staging", "A", "--yes").code == 0
    for path in records(example):
        path.unlink()
    assert "record/missing" not in example.run("plan", "staging", "A").out
    result = example.run("promote", "staging", "A", "--yes")
    assert "recorded anew: connect/contact-flow/A" in result.err
    assert "No changes." in example.run("plan", "staging", "A", "--recorded").out


def test_what_somebody_else_made_alike_is_not_recorded(
    example: SandboxProject,
) -> None:
    write_flow(example, "A", "one", "A")
    assert example.run("promote", "staging", "A", "--yes").code == 0
    for path in records(example):
        path.unlink()
    tags = ["flowops:project"]
    example.client.untag_resource(resourceArn=example.live("A")["Arn"], tagKeys=tags)
    result = example.run("promote", "staging", "A", "--yes")
    assert (result.code, records(example)) == (0, [])


def test_a_damaged_record_is_in_nobodys_way(example: SandboxProject) -> None:
    write_flow(example, "A", "one", "A")
    assert example.run("promote", "staging", "A", "--yes").code == 0
    [path] = records(example)
    path.write_text("{", "utf-8")
    assert example.run("plan", "staging", "A").code == 0
    result = example.run("promote", "staging", "A", "--yes")
    assert result.code == 0, result.err
    assert "nothing is recorded anew: " in result.err
    assert records(example) == [path]
