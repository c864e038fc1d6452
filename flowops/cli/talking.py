"""What is said on stderr: news, details, and how far long work is.

``say`` is for what must not be missed, ``talk`` for news, which ``--quiet`` leaves
out, and ``detail`` for what only ``--verbose`` wants. Progress is a bar on a
terminal; elsewhere it is one line for each thing that is waited for.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from flowops.progress import Stage

_BAR = 24
_REDRAWS = 10.0
_LONG = 1.5
CLEAR = "\r\x1b[2K"


@dataclass(frozen=True, slots=True)
class Manner:
    """How much is said, and whether a bar may be drawn."""

    quiet: bool = False
    verbose: bool = False
    bar: bool = True


@dataclass(slots=True)
class Talk:
    """Everything that goes to one stream of talk, so that a bar and lines agree.

    ``clock`` counts in seconds. ``is_terminal`` decides between a bar and lines.
    """

    stream: TextIO
    manner: Manner
    clock: Callable[[], float]
    is_terminal: bool
    _drawn: bool = False
    _shown: str = ""
    _began: dict[str, float] = field(default_factory=dict)
    _redrawn: float = float("-inf")

    def line(self, text: str) -> None:
        """Write one line, above the bar if there is one."""
        self.clear()
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def clear(self) -> None:
        """Take the bar away."""
        if self._drawn:
            self.stream.write(CLEAR)
            self.stream.flush()
        self._drawn = False

    def progress(self, stage: Stage) -> None:
        """Show how far work is, no more often than eyes can follow."""
        now = self.clock()
        began = self._began.setdefault(stage.what, now)
        if self.manner.quiet:
            return
        is_long = now - began >= _LONG
        if not (self.is_terminal and self.manner.bar):
            # What can be counted is soon done, or comes again.
            if is_long or not stage.total or self.manner.verbose:
                self._tell_once(stage)
        elif is_long and now - self._redrawn >= 1 / _REDRAWS:
            self._redrawn = now
            self.stream.write(CLEAR + bar(stage, now - began))
            self.stream.flush()
            self._drawn = True

    def _tell_once(self, stage: Stage) -> None:
        """Write a line for what is new; with ``--verbose`` for every news of it."""
        words = counted(stage) if self.manner.verbose else stage.what
        if self._shown != words:
            self._shown = words
            self.line(visible(words))


def counted(stage: Stage) -> str:
    """Write a stage with its count, where it has one."""
    return f"{stage.what} {stage.done}/{stage.total}" if stage.total else stage.what


def bar(stage: Stage, seconds: float) -> str:
    """Draw a stage as one line: how much is done, and how long the rest takes."""
    if not stage.total:
        return visible(f"{stage.what} ({clock_text(seconds)})")
    done = min(stage.done, stage.total)
    filled = _BAR * done // stage.total
    rest = seconds * (stage.total - done) / done if done else 0.0
    left = f", {clock_text(rest)} left" if done else ""
    drawn = "#" * filled + "-" * (_BAR - filled)
    return visible(f"[{drawn}] {done}/{stage.total} {stage.what}{left}")


def clock_text(seconds: float) -> str:
    """Write seconds as minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


_MANNERS = [Manner()]
_TALKS: list[Talk] = []


def choose_manner(manner: Manner) -> None:
    """Say how much is said from now on; each command begins with this."""
    _MANNERS[:] = [manner]
    _TALKS.clear()


def _talk() -> Talk:
    """Return the talk of this command, on what stderr is now."""
    if not _TALKS or _TALKS[-1].stream is not sys.stderr:
        terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        in_ci = bool(os.environ.get("CI"))
        shown = terminal and not in_ci
        _TALKS[:] = [Talk(sys.stderr, _MANNERS[-1], time.monotonic, shown)]
    return _TALKS[-1]


def say(text: str) -> None:
    """Write what must not be missed, however quiet the command is."""
    _talk().line(text)


def talk(text: str) -> None:
    """Write news to stderr, unless ``--quiet`` was given."""
    if not _MANNERS[-1].quiet:
        _talk().line(text)


def detail(text: str) -> None:
    """Write what only ``--verbose`` wants."""
    if _MANNERS[-1].verbose and not _MANNERS[-1].quiet:
        _talk().line(text)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say with ``--verbose`` what was done and how long it took."""
    began = time.monotonic()
    yield
    detail(f"{time.monotonic() - began:.1f} s: {what}")


def show_progress(stage: Stage) -> None:
    """Show how far long work is."""
    _talk().progress(stage)


def show_bar(stage: Stage) -> None:
    """Show how far work is that says each of its steps in a line anyway."""
    talk = _talk()
    if talk.is_terminal:
        talk.progress(stage)


def end_progress() -> None:
    """Take the bar away, before data is written or the command ends."""
    if _TALKS:
        _TALKS[-1].clear()
