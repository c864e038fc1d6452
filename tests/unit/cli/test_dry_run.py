"""A dry run does everything but write; the guards speak all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowops.cli.outcome import reason
from flowops.journal import Journal
from tests.support.projects import STAGING, SandboxProject, run

DONE = "[dry run] Nothing was written.\n"


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


def files(project: SandboxProject) -> dict[str, bytes]:
    """Return everything in the project, but what Git keeps."""
    return {
        path.relative_to(project.root).as_posix(): path.read_bytes()
        for path in sorted(project.root.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


def test_a_dry_run_promotes_nothing(example: SandboxProject) -> None:
    before = files(example)
    result = example.run("promote", "staging", "--dry-run", "--yes")
    assert (result.code, result.err) == (0, DONE)
    assert "Plan: 2 to create" in result.out
    assert (example.sandbox.writes(), files(example)) == ([], before)


def test_nobody_has_to_agree_to_a_dry_run(example: SandboxProject) -> None:
    result = example.run("promote", "staging", "-n")
    assert (result.code, result.err) == (0, DONE)
    assert example.sandbox.writes() == []


def test_guards_refuse_a_dry_run_too(example: SandboxProject) -> None:
    path = example.root / STAGING
    path.write_text("protected: true\n" + path.read_text("utf-8"), "utf-8")
    result = example.run("promote", "staging", "--dry-run")
    assert (result.code, reason()) == (3, "refused:not-reviewed")
    assert DONE not in result.err
    digest = example.json("plan", "staging")["digest"]
    words = ("promote", "staging", "--dry-run", "--expect-digest", digest)
    assert example.run(*words).err == DONE
    path.write_text(path.read_text("utf-8") + "# more\n", "utf-8")
    result = run(*words, "--project", str(example.root))
    assert (result.code, reason()) == (3, "refused:dirty-tree")
    assert example.sandbox.writes() == []


def test_a_plan_with_errors_fails_a_dry_run(example: SandboxProject) -> None:
    queue = ("flows", "Main IVR", "references", "queue", "Sales")
    example.edit_environment("Sales EMAE", *queue)
    assert example.run("promote", "staging", "--dry-run").code == 1


def test_a_way_back_can_be_looked_at_first(example: SandboxProject) -> None:
    assert example.run("promote", "staging", "--yes").code == 0
    before = files(example), len(example.sandbox.writes())
    words = ("rollback", "staging", "--allow", "deletes")
    result = example.run(*words, "--dry-run")
    assert (result.code, result.err) == (0, DONE)
    assert (files(example), len(example.sandbox.writes())) == before
    digest = result.out.rpartition("Digest: ")[2].strip()
    assert example.run(*words, "--expect-digest", digest).code == 0


def test_a_dry_run_leaves_a_run_that_was_cut_off(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Journal.step

    def dying(self: Journal, *arguments: object) -> None:
        original(self, *arguments)  # type: ignore[arg-type]
        raise Killed

    monkeypatch.setattr(Journal, "step", dying)
    with pytest.raises(Killed):
        example.run("promote", "staging", "--yes")
    monkeypatch.undo()
    before = files(example), len(example.sandbox.writes())
    result = example.run("promote", "staging", "--dry-run", "--yes")
    assert result.code == 0, result.err
    assert "was cut off; a promote would undo it first.\n" in result.err
    assert (files(example), len(example.sandbox.writes())) == before


@pytest.mark.parametrize("command", ["promote", "rollback"])
def test_what_writes_makes_reports_too(
    example: SandboxProject, tmp_path: Path, command: str
) -> None:
    if command == "rollback":
        assert example.run("promote", "staging", "--yes").code == 0
    kinds = ("text", "json", "markdown", "annotations", "html")
    reports = [w for k in kinds for w in ("--report", f"{k}={tmp_path / k}")]
    words = (command, "staging", "--yes", "--allow", "deletes", *reports)
    result = example.run(*words)
    assert result.code == 0, result.err
    assert (tmp_path / "text").read_text("utf-8") == result.out
    assert all((tmp_path / kind).is_file() for kind in kinds)


@pytest.mark.parametrize("command", ["promote", "rollback"])
def test_a_wrong_report_is_said_before_anything_is_written(
    example: SandboxProject, command: str
) -> None:
    result = example.run(command, "staging", "--yes", "--report", "yaml=x")
    assert (result.code, result.out) == (64, "")
    assert example.sandbox.calls == []
