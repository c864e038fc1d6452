from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.sources import ROOT

SCRIPT = ROOT / "tools/action.sh"
# Stands in for the Python that FlowOps is installed in: shows each word it is given.
RECORDER = f"""#!{sys.executable}
import sys
print(sys.argv[1:])
sys.exit(2)
"""


@dataclass(frozen=True)
class Run:
    """What one run of the script left behind."""

    code: int
    words: str
    errors: str
    outputs: str


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    python = tmp_path / "venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(RECORDER)
    python.chmod(0o755)
    return tmp_path / "venv"


def run(
    venv: Path,
    command: str,
    environment: str = "",
    project: str = ".",
    arguments: str = "",
) -> Run:
    outputs = venv / "outputs"
    outputs.touch()
    done = subprocess.run(
        ["/bin/bash", SCRIPT],
        env={
            "PATH": "/usr/bin:/bin",
            "VENV": str(venv),
            "GITHUB_OUTPUT": str(outputs),
            "INPUT_COMMAND": command,
            "INPUT_ENVIRONMENT": environment,
            "INPUT_PROJECT": project,
            "INPUT_ARGUMENTS": arguments,
        },
        cwd=venv,
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr, outputs.read_text())


def words(*expected: str) -> str:
    return f"{['-I', '-m', 'flowops', *expected]}\n"


def test_check_needs_no_environment(venv: Path) -> None:
    assert run(venv, "check").words == words("check", "--project", ".")


@pytest.mark.parametrize("command", ["plan", "render", "promote"])
def test_the_other_commands_name_one(venv: Path, command: str) -> None:
    done = run(venv, command, "production", "my flows")

    assert done.words == words(command, "production", "--project", "my flows")


def test_arguments_stay_one_word_a_line(venv: Path) -> None:
    done = run(venv, "check", arguments="--strict\n\n a  b\n$(id) `id` * ; \"'\n")

    expected = words(
        "check", "--project", ".", "--strict", " a  b", "$(id) `id` * ; \"'"
    )
    assert done.words == expected


def test_the_exit_code_is_kept(venv: Path) -> None:
    done = run(venv, "check")

    assert (done.code, done.outputs) == (2, "exit-code=2\n")


@pytest.mark.parametrize(
    ("command", "environment", "message"),
    [
        ("pull", "production", "must be check, plan, render or promote"),
        ("", "", "must be check, plan, render or promote"),
        ("check; id", "", "must be check, plan, render or promote"),
        ("plan", "", "needs the input 'environment'"),
        ("promote", "--yes", "must not start with a dash"),
    ],
)
def test_a_wrong_input_is_refused_before_anything_runs(
    venv: Path, command: str, environment: str, message: str
) -> None:
    done = run(venv, command, environment)

    assert (done.code, done.words, done.outputs) == (64, "", "exit-code=64\n")
    assert message in done.errors
