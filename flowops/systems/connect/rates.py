"""Ask no more often than the service allows, so that it has nothing to refuse.

Source: "Throttling quotas" in the Amazon Connect API reference: two requests a
second and bursts of five, for each operation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, operation: str) -> None:
        """Return when the operation may be asked for once more."""
        bucket = self._filled(operation)
        if bucket.left < 1:
            self._sleep((1 - bucket.left) / self._rate.second)
            bucket = self._filled(operation)
        bucket.left -= 1

    def _filled(self, operation: str) -> _Bucket:
        """Return the bucket with what came in since it was looked at."""
        now, burst = self._clock(), float(self._rate.burst)
        bucket = self._buckets.setdefault(operation, _Bucket(burst, now))
        came = (now - bucket.moment) * self._rate.second
        bucket.left, bucket.moment = min(burst, bucket.left + came), now
        return bucket
