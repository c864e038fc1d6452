"""Where nothing changes nothing is done or recorded; hints name what a command has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.projects import SandboxProject

QUEUE = ("flows", "Main IVR", "references", "queue", "Sales")


def records(project: SandboxProject) -> list[Path]:
    return sorted((project.root / ".flowops" / "records").rglob("*.json"))


def promote(project: SandboxProject) -> None:
    result = project.run("promote", "staging", "--yes")
    assert result.code == 0, result.err


def test_a_reviewed_plan_that_changes_nothing_leaves_no_record(
    example: SandboxProject,
) -> None:
    promote(example)
    before = records(example)
    plan = example.root.parent / "plan.json"
    result = example.run("plan", "staging", "--save", str(plan))
    assert "No changes." in result.out
    for words in ([], ["--yes"], ["--dry-run"]):
        result = example.run("promote", "staging", "--plan", str(plan), *words)
        assert result.code == 0
        assert result.err.splitlines()[-1] == "Nothing to do."
        assert records(example) == before


def test_a_reviewed_plan_that_is_another_one_is_refused_all_the_same(
    example: SandboxProject,
) -> None:
    plan = example.root.parent / "plan.json"
    assert example.run("plan", "staging", "--save", str(plan)).code == 0
    promote(example)
    result = example.run("promote", "staging", "--plan", str(plan))
    assert result.code == 3
    assert "Nothing to do." not in result.err


def test_a_way_back_that_changes_nothing_says_so(example: SandboxProject) -> None:
    promote(example)
    run = records(example)[-1].stem
    result = example.run("rollback", "staging", "--to", run, "--yes")
    assert (result.code, result.err.splitlines()[-1]) == (0, "Nothing to do.")


@pytest.mark.parametrize("protected", [False, True])
def test_a_rollback_is_told_only_of_options_it_has(
    example: SandboxProject, *, protected: bool
) -> None:
    if protected:
        example.edit_environment("true", "protected")
        path = example.root / "environments" / "staging.yaml"
        path.write_text(path.read_text("utf-8").replace("'true'", "true"), "utf-8")
    example.commit()
    guard = "not-reviewed" if protected else "not-approved"
    saved = example.root.parent / "plan.json"
    for queue in ("Sales EMEA", "Sales APAC"):
        example.edit_environment(queue, *QUEUE)
        example.commit()
        assert example.run("plan", "staging", "--save", str(saved)).code == 0
        result = example.run("promote", "staging", "--plan", str(saved))
        assert result.code == 0, result.err
    words = ["--yes"] if protected else []

    result = example.run("rollback", "staging", *words)
    assert result.code == 3
    assert f"refused: {guard}" in result.err
    assert "--expect-digest" in result.err
    assert "--plan" not in result.err

    example.edit_environment("Sales EMEA", *QUEUE)
    result = example.run("promote", "staging", *words)
    assert f"refused: {guard}" in result.err
    assert "--plan" in result.err
