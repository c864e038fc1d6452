"""The command line: flags in, one exit code out, no flow logic.

Data goes to stdout, talk to stderr. ``app`` names the commands; each command's
body is imported when it runs, so that help stays fast. This is the only place
that catches errors.
"""

from __future__ import annotations

import sys
import traceback
from io import TextIOWrapper
from typing import TYPE_CHECKING, cast

import typer

from flowops import __version__
from flowops.cli.app import app
from flowops.cli.outcome import Reason, begin, note, note_error
from flowops.cli.parameters import plain_completion
from flowops.cli.stdout import give_up, write_out
from flowops.errors import INTERNAL, INTERRUPTED, OK, USAGE, FlowOpsError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Typer carries its own Click; the usage error is an ancestor of a public class.
_USAGE_ERROR = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; nothing gets past it."""
    _write_utf8()
    begin()
    try:
        return _run(arguments)
    except BrokenPipeError:
        give_up()
        return OK
    except KeyboardInterrupt:
        note(Reason.INTERRUPTED)
        _say("interrupted")
        return INTERRUPTED
    except FlowOpsError as error:
        note_error(error)
        _say(_in_words(error))
        return error.exit_code
    except Exception as error:  # noqa: BLE001  a defect must not end in a traceback
        note(Reason.DEFECT)
        _say(_defect(error))
        return INTERNAL
    finally:
        _end_progress()


def _write_utf8() -> None:
    """Write the same bytes in every locale; what has no character is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _run(arguments: Sequence[str] | None) -> int:
    try:
        with plain_completion():
            code = app(arguments, prog_name="flowops", standalone_mode=False)
        write_out("")
    except OSError:
        write_out("")  # says so where stdout is what takes nothing
        raise
    except typer.Abort as stop:
        raise KeyboardInterrupt from stop
    except typer.Exit as stop:
        return stop.exit_code
    except _USAGE_ERROR as error:
        note(Reason.USAGE)
        error.show()
        return USAGE
    if code == INTERRUPTED:  # what Typer makes of an interruption
        raise KeyboardInterrupt
    return code if isinstance(code, int) else OK


def _end_progress() -> None:
    """Take a bar away, if anything was said at all."""
    if talking := sys.modules.get("flowops.cli.talking"):
        talking.end_progress()


def _in_words(error: FlowOpsError) -> str:
    from flowops.report.visible import PATH, clipped, sentence

    place = f"{error.location}: " if error.location else ""
    step = f"\n    {sentence(error.hint)}" if error.hint else ""
    return f"{clipped(place, PATH)}error: {sentence(error.message)}{step}"


def _defect(error: Exception) -> str:
    """Say where a defect is, without values: a message could hold a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{f.filename.rpartition('flowops/')[2]}:{f.lineno}" for f in frames]
    return (
        f"error: FlowOps {__version__} has a defect: {type(error).__name__}"
        f" at {' < '.join(reversed(places[-4:]))}\n"
        "    please report it with the command you ran"
    )


def _say(text: str) -> None:
    from flowops.cli.talking import say

    say(text)


__all__ = ["app", "main"]
