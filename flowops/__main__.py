"""Run the command line: ``flowops``, or ``python -I -m flowops``."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from flowops.cli import main as run

if TYPE_CHECKING:
    from types import FrameType


def main() -> int:
    """Run a command; a request to end is an interruption, so that it is undone."""
    signal.signal(signal.SIGTERM, _interrupt)
    return run()


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
