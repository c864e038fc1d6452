"""Reports from the command line: to stdout in one format, to files in others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.projects import SandboxProject, copy_example, run
from tests.support.repositories import new_repository

QUEUE = ("flows", "Main IVR", "references", "queue", "Sales")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_example(tmp_path / "project")


def check(project: Path, *words: str) -> str:
    result = run("check", *words, "--project", str(project))
    assert result.code == 0, result.err
    return result.out


def test_one_check_makes_many_reports(project: Path, tmp_path: Path) -> None:
    names = ("text", "json", "markdown", "sarif", "junit", "annotations")
    words = [w for n in names for w in ("--report", f"{n}={tmp_path / n}")]

    out = check(project, *words)

    for name in names:
        written = (tmp_path / name).read_text("utf-8")
        assert written == check(project, "--format", name)
    assert out == (tmp_path / "text").read_text("utf-8")


@pytest.mark.parametrize("word", ["", "json", "json=", "=x", "yaml=x", "JSON=x"])
def test_a_report_needs_a_format_and_a_path(project: Path, word: str) -> None:
    result = run("check", "--report", word, "--project", str(project))

    assert result.code == 64
    assert result.out == ""
    assert "FORMAT=PATH" in result.err


def test_nothing_is_written_when_one_report_cannot_be(
    project: Path, tmp_path: Path
) -> None:
    words = ("--report", f"json={tmp_path / 'a'}", "--report", f"html={tmp_path / 'b'}")

    result = run("check", *words, "--project", str(project))

    assert result.code == 64
    assert "a check cannot be written as html" in result.err
    assert result.out == ""
    assert not (tmp_path / "a").exists()


def test_data_is_never_coloured(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (project / "flows" / "bad.json").write_text("{", "utf-8")
    monkeypatch.setenv("FORCE_COLOR", "1")
    file = tmp_path / "report"

    for name in ("json", "markdown", "sarif", "junit", "annotations"):
        words = ("check", "--format", name, "--report", f"text={file}")
        result = run(*words, "--project", str(project))
        assert "\x1b" not in result.out
        assert "\x1b" not in file.read_text("utf-8")
    coloured = run("check", "--project", str(project)).out
    assert "\x1b[1;31m" in coloured


def test_sarif_leaves_the_judgement_to_what_reads_it(project: Path) -> None:
    (project / "flows" / "bad.json").write_text("{", "utf-8")

    assert run("check", "--project", str(project)).code == 1
    document = json.loads(check(project, "--format", "sarif"))
    assert document["runs"][0]["results"][0]["level"] == "error"


def test_a_plan_with_errors_fails_in_every_format(example: SandboxProject) -> None:
    example.edit_environment("Sales EMAE", *QUEUE)

    for name in ("text", "json", "markdown", "sarif", "junit", "annotations", "html"):
        assert example.run("plan", "staging", "--format", name).code == 1


def test_a_promote_shows_its_plan_in_any_format(example: SandboxProject) -> None:
    result = example.run("promote", "staging", "--yes", "--format", "markdown")

    assert result.code == 0, result.err
    assert result.out.startswith("### FlowOps plan for <code>staging</code>")


def test_a_command_without_reports_has_two_formats(project: Path) -> None:
    result = run("explain", "--list", "--format", "sarif", "--project", str(project))

    assert result.code == 64


@pytest.mark.parametrize("form", ["sarif", "annotations"])
@pytest.mark.parametrize("command", [("check",), ("plan", "staging", "--base", "HEAD")])
def test_places_are_those_of_the_repository(
    tmp_path: Path, form: str, command: tuple[str, ...]
) -> None:
    """A project may be a folder of its repository; who reads these knows the root."""
    root = copy_example(tmp_path / "repository/call flows")
    new_repository(tmp_path / "repository").commit()
    (root / "flows/connect/main-ivr.json").write_text("{")
    result = run(*command, "--format", form, "--project", str(root))
    place = "call%20flows" if form == "sarif" else "call flows"
    assert f"{place}/flows/connect/main-ivr.json" in result.out
    text = run(*command, "--project", str(root)).out
    assert "\nflows/connect/main-ivr.json:1:2: error:" in f"\n{text}"
