"""The rate limits of the service: so many calls a second of each operation.

Source: "Throttling quotas" in the Amazon Connect API reference: two requests a
second and bursts of five, for each operation of an account in a Region.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.refusals import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowops.systems.connect.sandbox.model import Operation

PER_SECOND = 2.0
BURST = 5
_ERRORS = ("ThrottlingException", "TooManyRequestsException")
_ROUNDING = 1e-6
"""What a client that waits exactly long enough may seem to be early."""


@dataclass(slots=True)
class _Bucket:
    left: float
    moment: float


class Throttle:
    """A bucket of calls for each operation; ``clock`` counts in seconds.

    ``refused`` is how many calls were too many.
    """

    def __init__(
        self,
        per_second: float = PER_SECOND,
        burst: int = BURST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with full buckets."""
        self._per_second = per_second
        self._burst = float(burst)
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = Lock()
        self.refused = 0

    def check(self, operation: Operation) -> None:
        """Count a call; raises ``ApiError`` for one too many.

        The error is the one that the operation declares of the two there are.
        """
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(operation.name, _Bucket(self._burst, now))
            came = (now - bucket.moment) * self._per_second
            bucket.left = min(self._burst, bucket.left + came)
            bucket.moment = now
            if bucket.left < 1 - _ROUNDING:
                self.refused += 1
                name = next((e for e in _ERRORS if e in operation.errors), _ERRORS[0])
                raise ApiError(name, "Rate exceeded")
            bucket.left -= 1
