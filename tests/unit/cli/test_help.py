"""Help shows an example of each command, and a shell completes what a project has."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from flowops.cli.app import COMMANDS, app
from flowops.cli.completing import environments, flows
from flowops.cli.parameters import COMPLETES, Command, Group, plain_completion
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


WORDS = [
    "flowops ",
    "flowops p",
    "flowops --",
    "flowops plan ",
    "flowops plan st",
    "flowops plan staging Ma",
    "flowops plan --",
    "flowops plan --format ",
    "flowops plan --format=j",
    "flowops plan --format nonsense st",
    "flowops plan --project ",
    "flowops promote staging --plan x --allow ",
    "flowops nonsense ",
]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
@pytest.mark.parametrize("words", WORDS)
def test_a_shell_is_given_what_typer_gives(
    words: str,
    shell: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    copy_example(tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv(COMPLETES, f"complete_{shell}")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", words)
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    monkeypatch.setenv("_TYPER_COMPLETE_WORD_TO_COMPLETE", words.rpartition(" ")[2])
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))

    with plain_completion():
        ours = completed(capsys)
    monkeypatch.setattr(Group, "get_params", TyperGroup.get_params)
    monkeypatch.setattr(Command, "get_params", TyperCommand.get_params)

    assert ours == completed(capsys)


def completed(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        app([], prog_name="flowops", standalone_mode=False)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        (["plan", "--help"], {}),
        (["--help"], {}),
        ([], {"COMP_WORDS": "flowops plan --", "COMP_CWORD": "2"}),
        ([], {"COMP_WORDS": "flowops plan st", "COMP_CWORD": "2"}),
        ([], {"_TYPER_COMPLETE_ARGS": "flowops plan --"}),
    ],
)
def test_help_and_completion_load_nothing_that_they_do_not_use(
    words: list[str], variables: dict[str, str], tmp_path: Path
) -> None:
    copy_example(tmp_path / "project")
    shell = "bash" if "COMP_WORDS" in variables else "zsh"
    completes = {COMPLETES: f"complete_{shell}"} if variables else {}
    program = (
        "import atexit, sys\n"
        "slow = ('pydantic', 'rich', 'flowops.systems')\n"
        "loaded = lambda: [name for name in slow if sys.modules.get(name)]\n"
        "atexit.register(lambda: print(loaded(), file=sys.stderr))\n"
        "from flowops.__main__ import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=tmp_path / "project",
        env={"PATH": os.environ["PATH"], **completes, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout
    assert done.stderr.splitlines() == ["[]"]


SEEN: list[object] = []


def see(value: str | None) -> str | None:
    SEEN.append(value)
    return value


def names(
    given: Annotated[list[str] | None, typer.Argument()] = None,
    several: Annotated[list[int] | None, typer.Option()] = None,
    one: Annotated[Path | None, typer.Option()] = None,
    checked: Annotated[str | None, typer.Option(callback=see)] = None,
) -> None:
    SEEN.append((given, several, one, checked))


def test_what_is_absent_has_the_value_it_has_with_typer() -> None:
    found: list[list[object]] = []
    for group, command in ((Group, Command), (TyperGroup, TyperCommand)):
        program = typer.Typer(cls=group)
        program.command(cls=command)(names)
        program.callback()(lambda: None)
        SEEN.clear()
        program(["names"], standalone_mode=False)
        words = ["names", "a", "--several", "1", "--one", "b"]
        program(words, standalone_mode=False)
        found.append([*SEEN])

    assert found[0] == found[1]
    assert found[0] == [
        None,
        (None, None, None, None),
        None,
        (["a"], [1], Path("b"), None),
    ]
