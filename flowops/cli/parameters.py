"""Parameters whose values are read when a command runs, and not before.

Typer 0.29 loads pydantic, which takes as long as Typer itself, for any value that it
looks at, absent ones too; a page of help and a shell that completes need none. A
program may give Typer classes of its own; ``get_params`` and ``process_value`` are
what Click calls where a command says what it takes, and where a value is read.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    import typer

COMPLETES = "_FLOWOPS_COMPLETE"
_READ = "process_value"
_Words = ParamSpec("_Words")
_Parameter = TypeVar("_Parameter")


def _late(
    method: Callable[_Words, list[_Parameter]],
) -> Callable[_Words, list[_Parameter]]:
    """Let a method return parameters that read no value too early."""

    @wraps(method)
    def get_params(*args: _Words.args, **words: _Words.kwargs) -> list[_Parameter]:
        parameters = method(*args, **words)
        for parameter in parameters:
            own = vars(parameter)
            if _READ not in own:
                known = cast("typer.CallbackParam", parameter)
                own[_READ] = partial(_value, known, known.process_value)
        return parameters

    return get_params


def _value(
    parameter: typer.CallbackParam,
    read: Callable[[typer.Context, object], object],
    context: typer.Context,
    value: object,
) -> object:
    """Return the value of a parameter; one that is absent or unused is not read."""
    if context.resilient_parsing:  # a shell completes: no command will run
        return value
    if value is not None or parameter.required:
        return read(context, value)
    several = parameter.multiple or parameter.nargs == -1
    absent = () if several else None
    callback = parameter.callback
    return callback(context, parameter, absent) if callback else absent


class Command(TyperCommand):
    """A command that reads its values when it runs."""

    get_params = _late(TyperCommand.get_params)


class Group(TyperGroup):
    """The commands, found without their values."""

    get_params = _late(TyperGroup.get_params)


@contextmanager
def plain_completion() -> Iterator[None]:
    """Give a shell the words of help as they stand, if that is what is asked for.

    Typer has Rich draw them where it is there; ours are drawn as they stand, and to
    load it takes longer than all else. A module that is ``None`` is not there.
    """
    if COMPLETES not in os.environ or "rich" in sys.modules:
        yield
        return
    sys.modules["rich"] = cast("ModuleType", None)
    try:
        yield
    finally:
        del sys.modules["rich"]
