"""The inputs of the action: the options of the command line, each under its name.

They are read from the commands themselves, so that ``action.yml`` and its table in the
documentation are written by a program and cannot fall behind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from flowops.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS = ("check", "plan", "render", "promote", "rollback", "drift", "inventory")
# What the action itself sets, and what makes no sense in a job.
_LEFT_OUT = frozenset(
    ("format", "save", "report", "quiet", "no-progress", "color", "help")
)
_TRUE, _FALSE = ("true",), ("false", "")
_ARGUMENTS = ("word", "words")
COMMENTS = ("always", "changes", "never")


@dataclass(frozen=True, slots=True)
class Input:
    """One input: its name, what it is, and which commands take it.

    ``sort`` is ``word`` (an argument), ``words`` (arguments, one a line), ``flag``,
    ``value``, or ``values`` (one a line). ``option`` is how the command line spells
    it.
    """

    name: str
    help: str
    sort: str
    option: str = ""
    commands: tuple[str, ...] = ()


@cache
def command_inputs() -> tuple[Input, ...]:
    """Return the inputs that are arguments and options of commands, in their order."""
    found: dict[str, Input] = {}
    for command in COMMANDS:
        for one in _of_command(command):
            known = found.get(one.name, one)
            found[one.name] = replace(known, commands=(*known.commands, command))
    return tuple(sorted(found.values(), key=_place))


def _place(one: Input) -> int:
    """Put arguments first, in the order the command line wants them."""
    return _ARGUMENTS.index(one.sort) if one.sort in _ARGUMENTS else len(_ARGUMENTS)


def _of_command(command: str) -> list[Input]:
    """Read the parameters of a command as Typer understands them."""
    from typer.main import get_command

    from flowops.cli.app import app

    group = cast("Any", get_command(app))
    parameters = group.commands[command].params
    found = [_input(parameter) for parameter in parameters]
    return [one for one in found if one.name not in _LEFT_OUT]


def _input(parameter: object) -> Input:
    """Turn one parameter of Typer's Click into an input."""
    of = parameter.__dict__
    many = bool(of.get("multiple")) or of.get("nargs") == -1
    name = str(of["name"]).replace("_", "-")
    longest = max(of["opts"], key=len)
    if not longest.startswith("--"):
        return Input(name, of.get("help") or "", "words" if many else "word")
    sort = "flag" if of.get("is_flag") else "values" if many else "value"
    shown = longest.removeprefix("--")
    return Input(shown, of.get("help") or "", sort, longest)


def command_line(given: Mapping[str, str]) -> tuple[str, ...]:
    """Turn inputs into the words of a command line; nothing is split by a shell.

    Raises ``UsageError`` for a command there is none of, an input that the command
    does not take, and a flag that is neither ``true`` nor ``false``.
    """
    command = given.get("command", "")
    if command not in COMMANDS:
        raise UsageError(f"the input 'command' must be one of {', '.join(COMMANDS)}")
    options: list[str] = []
    arguments: list[str] = []
    for one in command_inputs():
        value = given.get(one.name, "")
        if command not in one.commands:
            _refuse_given(one, value, command)
        elif one.sort in _ARGUMENTS:
            arguments += _arguments(one, value, command)
        else:
            options += _options(one, value)
    return (command, *options, "--", *arguments)


def _refuse_given(one: Input, value: str, command: str) -> None:
    # ``project`` and flags have defaults in action.yml, which say nothing.
    if value not in _FALSE:
        takers = ", ".join(one.commands)
        raise UsageError(
            f"the input '{one.name}' is not for {command}", hint=f"it is for {takers}"
        )


def _arguments(one: Input, value: str, command: str) -> list[str]:
    if one.sort == "words":
        return [line for line in value.splitlines() if line.strip()]
    if not value:
        raise UsageError(f"{command} needs the input '{one.name}'")
    return [value]


def _options(one: Input, value: str) -> list[str]:
    if one.sort == "flag":
        if value not in _TRUE + _FALSE:
            raise UsageError(f"the input '{one.name}' must be true or false")
        return [one.option] if value in _TRUE else []
    lines = value.splitlines() if one.sort == "values" else [value]
    return [f"{one.option}={line}" for line in lines if line]


def given_inputs(variables: Mapping[str, str]) -> dict[str, str]:
    """Read the inputs from the variables that ``action.yml`` puts them into."""
    names = ("command", "comment", *(one.name for one in command_inputs()))
    return {name: variables.get(variable(name), "") for name in names}


def variable(name: str) -> str:
    """Return the variable that carries an input."""
    return f"FLOWOPS_INPUT_{name.replace('-', '_').upper()}"


def comment_mode(given: Mapping[str, str]) -> str:
    """Return when to comment; raises ``UsageError`` for another word."""
    mode = given.get("comment", "") or "changes"
    if mode not in COMMENTS:
        raise UsageError(f"the input 'comment' must be one of {', '.join(COMMENTS)}")
    return mode
