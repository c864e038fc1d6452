"""A plan against a Git ref looks references up in the snapshot of the environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.projects import SandboxProject
from tests.support.repositories import new_repository

PLACE = "environments/staging.inventory.json"
PLAN = ("plan", "staging", "--base", "HEAD")


@pytest.fixture
def project(example: SandboxProject) -> SandboxProject:
    """The example with a snapshot of its instance, all committed."""
    assert example.run("inventory", "staging").code == 0
    new_repository(example.root)
    example.commit()
    example.sandbox.calls.clear()
    return example


def snapshot(project: SandboxProject) -> Path:
    return project.root / PLACE


def say(project: SandboxProject, text: str) -> None:
    path = project.root / "flows/connect/main-ivr.json"
    path.write_text(path.read_text().replace("We are closed.", text))


def test_names_are_found_without_asking_the_target(project: SandboxProject) -> None:
    say(project, "We open at nine.")
    document = project.json(*PLAN)
    assert project.sandbox.calls == []
    (flow,) = (c for c in document["changes"] if c["system"] == "connect")
    assert flow["actions"] == ["update"]
    assert {r["state"] for r in flow["references"]} == {"resolved"}
    assert not any(f["rule"].startswith("inventory/") for f in document["findings"])


def test_what_is_not_there_fails_the_build(project: SandboxProject) -> None:
    project.edit_environment("Sales EMAE", "flows", "Main IVR", *PATH_OF_QUEUE)
    result = project.run(*PLAN)
    assert result.code == 1
    assert "reference/unresolved" in result.out
    assert "Sales EMEA" in result.out
    assert project.sandbox.calls == []


PATH_OF_QUEUE = ("references", "queue", "Sales")


def test_only_what_differs_is_a_change(project: SandboxProject) -> None:
    assert "No changes." in project.run(*PLAN).out


def test_another_snapshot_alone_is_no_change(project: SandboxProject) -> None:
    """Both renders are bound to the same: a name that has a new ARN changed there."""
    path = snapshot(project)
    path.write_text(path.read_text().replace("/queue/", "/queue/0"))
    assert "No changes." in project.run(*PLAN).out


def test_a_plan_without_a_snapshot_says_so(project: SandboxProject) -> None:
    snapshot(project).unlink()
    result = project.run(*PLAN)
    assert result.code == 0
    assert "references are not looked up" in result.out
    assert "write one with flowops inventory" in result.out


@pytest.mark.parametrize(
    ("taken", "warned"),
    [("2020-01-01T00:00:00Z", True), ("2020-01-01T00:00:00", True), (None, False)],
)
def test_an_old_snapshot_is_a_warning(
    project: SandboxProject, taken: str | None, warned: bool
) -> None:
    document = json.loads(snapshot(project).read_text())
    document["taken"] = taken or document["taken"]
    snapshot(project).write_text(json.dumps(document))
    result = project.run(*PLAN)
    assert result.code == 0
    assert ("inventory/stale" in result.out) is warned


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"taken": "yesterday", "systems": {}}',
        '{"taken": "2026-01-01T00:00:00Z", "systems": []}',
        '{"taken": "2026-01-01T00:00:00Z", "systems": {"connect": {}}}',
        '{"taken": "2026-01-01T00:00:00Z", "systems": {"connect": null}}',
    ],
)
def test_a_damaged_snapshot_is_refused_with_its_place(
    project: SandboxProject, text: str
) -> None:
    snapshot(project).write_text(text)
    result = project.run(*PLAN)
    assert result.code == 1
    assert result.err.startswith(f"{PLACE}:1:1: error: ")


def test_a_live_plan_does_not_read_it(project: SandboxProject) -> None:
    snapshot(project).write_text("{}")
    assert project.run("plan", "staging").code == 0


def test_a_plan_without_a_target_says_what_is_not_known(
    example: SandboxProject,
) -> None:
    path = example.root / "environments/bare.yaml"
    path.write_text("extends: base\n")
    result = example.run("plan", "bare")
    assert "bare names no target for connect: nothing is compared" in result.out
    assert "bare names no target for event_processing" in result.out
    assert "names no target" not in example.run("plan", "staging").out
