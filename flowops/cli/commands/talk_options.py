"""The options that every command has: how much it says on stderr."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated

import typer

Command = Callable[..., int]


def _options(
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say what is done, and how long.")
    ] = False,
    no_progress: Annotated[
        bool,
        typer.Option(
            "--no-progress", help="Draw no bar.", envvar="FLOWOPS_NO_PROGRESS"
        ),
    ] = False,
) -> None:
    """Say how much is said from now on."""
    from flowops.cli.talking import Manner, choose_manner

    choose_manner(Manner(quiet, verbose, bar=not no_progress))


def with_talk(command: Command) -> Command:
    """Give a command these options, after its own."""

    @wraps(command)
    def run(**values: object) -> int:
        _options(*(bool(values.pop(name)) for name in common))
        return command(**values)

    own = inspect.signature(command, eval_str=True)
    common = inspect.signature(_options, eval_str=True).parameters
    parameters = [*own.parameters.values(), *common.values()]
    run.__dict__["__signature__"] = own.replace(parameters=parameters)
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run
