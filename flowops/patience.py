"""How long to wait for a server, and when to ask it once more.

The time limits of HTTP clients hold for one read from the network each, so a server
that sends a byte now and then outlasts all of them. ``within`` holds for the whole.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

Found = TypeVar("Found")
# Too many requests; a proxy with nobody behind it; nobody now; nobody in time.
BUSY = frozenset((429, 502, 503, 504))
_MORE = 5.0  # seconds that a read is given beyond the whole, so that it ends by itself


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server may take, in seconds: to be reached, to read, to work.

    ``pauses`` are those before a reading request is made again; ``sleep`` makes them.
    """

    connect: float = 10.0
    read: float = 30.0
    work: float = 120.0
    pauses: tuple[float, ...] = (0.5, 1.5)
    sleep: Callable[[float], None] = time.sleep

    def limits(self, seconds: float) -> tuple[float, float]:
        """Return what an HTTP client is told, where the whole has so many seconds."""
        return min(self.connect, seconds), seconds + _MORE

    def again(self, ask: Callable[[], Found], passing: type[Exception]) -> Found:
        """Ask, and once more after each pause where it fails with what may pass.

        Only for what changes nothing. Raises what the last attempt raises.
        """
        for pause in self.pauses:
            try:
                return ask()
            except passing:
                self.sleep(pause)
        return ask()


class _Work(threading.Thread, Generic[Found]):
    """Does something beside us; ends with the process, finished or not."""

    def __init__(self, work: Callable[[], Found]) -> None:
        super().__init__(name="flowops-asks", daemon=True)
        self.found: list[Found] = []
        self.error: BaseException | None = None
        self._work = work

    def run(self) -> None:
        with self:
            self.found.append(self._work())

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = error
        return True


def within(seconds: float, work: Callable[[], Found]) -> Found:
    """Return what the work gives, or raise what it raises.

    Raises ``TimeoutError`` when it takes longer. No thread can be stopped from
    outside, so the work is then left alone: it must write nothing that others read.
    """
    thread = _Work(work)
    thread.start()
    thread.join(seconds)
    if thread.error is not None:
        raise thread.error
    if not thread.found:
        message = f"nothing came within {seconds:g} s"
        raise TimeoutError(message)
    return thread.found[0]


def when_to_ask(headers: Mapping[str, str]) -> str:
    """Return when a busy server wants to be asked again, as ``Retry-After`` says."""
    value = headers.get("Retry-After", "")
    number = value.isascii() and value.isdigit()
    return f"try again in {value[:9]} s" if number else "try again in a while"
