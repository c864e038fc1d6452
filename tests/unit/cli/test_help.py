"""Help shows an example of each command, and a shell completes what a project has."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from flowops.cli.app import COMMANDS
from flowops.cli.completing import environments, flows
from tests.support.projects import copy_example, run

EXAMPLES = [example for _, example in COMMANDS]
# The others run until they are stopped, or for long.
SHORT = [e for e in EXAMPLES if not e.startswith(("demo", "sandbox"))]


@pytest.mark.parametrize("example", EXAMPLES)
def test_help_of_each_command_shows_an_example(
    example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(example.split(maxsplit=1)[0], "--help")
    assert result.code == 0
    shown = " ".join((result.out + capsys.readouterr().out).split())
    assert f"Example: flowops {example}" in shown


@pytest.mark.parametrize("example", SHORT)
def test_each_example_is_a_command_line_that_is_understood(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_example(tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    assert run(*shlex.split(example)).code != 64


def test_names_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_example(tmp_path / "project")
    (tmp_path / "project/flows/broken.json").write_text("{")
    monkeypatch.chdir(tmp_path / "project")
    assert environments("") == ["base", "production", "staging"]
    assert environments("st") == ["staging"]
    assert flows("Ma") == ["Main IVR"]
    assert flows("nothing") == []


def test_without_a_project_nothing_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert environments("") == flows("") == []


def test_a_shell_is_given_names(tmp_path: Path) -> None:
    copy_example(tmp_path / "project")
    done = subprocess.run(
        [sys.executable, "-m", "flowops"],
        cwd=tmp_path / "project",
        env={
            "PATH": os.environ["PATH"],
            "_FLOWOPS_COMPLETE": "complete_bash",
            "COMP_WORDS": "flowops plan st",
            "COMP_CWORD": "2",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["staging"]
    assert done.stderr == ""
