"""A clock that only sleeping moves, and a sandbox whose rate limits go by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from flowops.systems.connect import opening
from flowops.systems.connect.rates import Rate, RateLimit
from flowops.systems.connect.sandbox import Throttle
from tests.support.projects import SandboxProject, serve

RATE = Rate()


@dataclass(slots=True)
class Simulation:
    """A clock in seconds; ``sleep`` is the only thing that takes time."""

    now: float = 1000.0
    sleeps: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


@contextmanager
def paced(
    root: Path,
    held: Mapping[str, object],
    simulation: Simulation,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[SandboxProject]:
    """Serve a sandbox that refuses what comes too fast, to a client that waits."""
    limit: Callable[..., RateLimit] = partial(
        RateLimit, clock=simulation.clock, sleep=simulation.sleep
    )
    monkeypatch.setattr(opening, "RateLimit", limit)
    with serve(root, held) as project:
        project.edit_environment(f"{RATE.second:g}", "targets", "connect", "rate")
        project.edit_environment(str(RATE.burst), "targets", "connect", "burst")
        project.sandbox.throttle = Throttle(RATE.second, RATE.burst, simulation.clock)
        yield project
