"""The stream of data, and what to do when nobody can take it."""

from __future__ import annotations

import os
import sys

from flowops.errors import FlowOpsError


def write_out(text: str) -> None:
    """Write data to stdout, at once: somebody may be waiting for it.

    Raises ``FlowOpsError`` where it takes nothing, as on a disk that is full.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up()
        raise FlowOpsError(
            f"cannot write to stdout: {(error.strerror or 'error').lower()}",
            hint="make room where it leads, and run the command again",
        ) from None


def give_up() -> None:
    """Let what is left to write go nowhere: Python would try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
