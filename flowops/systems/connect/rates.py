"""Ask no more often than the service allows, so that it has nothing to refuse.

Source: "Throttling quotas" in the Amazon Connect API reference: two requests a
second and bursts of five, for each operation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

DEFAULT_RATE = 2.0
DEFAULT_BURST = 5


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests a second an operation takes, and how many at once."""

    second: float = DEFAULT_RATE
    burst: int = DEFAULT_BURST


@dataclass(slots=True)
class _Bucket:
    """The requests that are left, as of a moment."""

    left: float
    moment: float


class RateLimit:
    """A bucket of requests for each operation, filled at a steady rate."""

    def __init__(
        self,
        rate: Rate,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Start with full buckets; ``clock`` and ``sleep`` count in seconds."""
        self.rate = rate
        self._clock = clock
        self._sleep = sleep
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, operation: str) -> None:
        """Return when the operation may be asked for once more."""
        bucket = self._filled(operation)
        if bucket.left < 1:
            self._sleep((1 - bucket.left) / self.rate.second)
            bucket = self._filled(operation)
        bucket.left -= 1

    def _filled(self, operation: str) -> _Bucket:
        """Return the bucket with what came in since it was looked at."""
        now, burst = self._clock(), float(self.rate.burst)
        bucket = self._buckets.setdefault(operation, _Bucket(burst, now))
        came = (now - bucket.moment) * self.rate.second
        bucket.left, bucket.moment = min(burst, bucket.left + came), now
        return bucket


def least_seconds(phases: Iterable[Mapping[str, int]], rate: Rate) -> float:
    """Return how long phases of calls take at least, one phase after the other.

    A phase says how often each operation is asked. Within a phase operations do not
    wait for each other, so it takes as long as the busiest of them.
    """
    burst = float(rate.burst)
    left: dict[str, float] = {}
    whole = 0.0
    for phase in phases:
        lacking = [calls - left.get(name, burst) for name, calls in phase.items()]
        seconds = max([0.0, *lacking]) / rate.second
        came = seconds * rate.second
        for name in left.keys() | phase.keys():
            rest = left.get(name, burst) + came - phase.get(name, 0)
            left[name] = min(burst, max(0.0, rest))
        whole += seconds
    return whole
