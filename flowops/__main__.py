"""Run the command line: ``flowops``, or ``python -I -m flowops``."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from flowops.cli import main as run

if TYPE_CHECKING:
    from types import FrameType


def main() -> int:
    """Run a command; a request to end is an interruption, so that it is undone."""
    open_streams()
    signal.signal(signal.SIGTERM, interrupt)
    return run()


def open_streams() -> None:
    """Open the streams that a process was started without, on nothing.

    Otherwise the next file to be opened gets the number of one, and with it what
    somebody prints.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Take a request to end as an interruption."""
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
