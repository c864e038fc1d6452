"""Time of the processor, which a busy machine changes less than that of a clock."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence


def least_seconds(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Return the least time of each work, each with a clean heap before it.

    The works take turns, so that a slow moment of the machine meets all of them.
    """
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, found in zip(works, times, strict=True):
            gc.collect()
            began = time.process_time()
            work()
            found.append(time.process_time() - began)
    return [min(found) for found in times]


def least_of_programs(
    programs: Sequence[tuple[Sequence[str], Mapping[str, str]]], rounds: int
) -> list[float]:
    """Return the least time of each program: its words and its environment.

    Raises ``RuntimeError`` for a program that fails.
    """
    times: list[list[float]] = [[] for _ in programs]
    for _ in range(rounds):
        for (words, environment), found in zip(programs, times, strict=True):
            found.append(_seconds(words, environment))
    return [min(found) for found in times]


def _seconds(words: Sequence[str], environment: Mapping[str, str]) -> float:
    silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(words[0], [*words], environment, file_actions=silence)
    _, status, used = os.wait4(process, 0)
    if code := os.waitstatus_to_exitcode(status):
        message = f"{' '.join(words)} ended with {code}"
        raise RuntimeError(message)
    return used.ru_utime + used.ru_stime


def tell(line: str) -> None:
    """Write a line at once: a run takes minutes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
