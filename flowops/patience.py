"""How long to wait for a server, and when to ask it once more.

The time limits of HTTP clients hold for one read from the network each, so a server
that sends a byte now and then outlasts all of them. ``within`` holds for the whole.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Found = TypeVar("Found")
# Too many requests; a proxy with nobody behind it; nobody now; nobody in time.
BUSY = frozenset((429, 502, 503, 504))
_MORE = 5.0  # seconds that a read is given beyond the whole, so that it ends by itself
_DIGITS = 9  # more than anybody waits


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server may take, in seconds: to be reached, to read, to work.

    ``pauses`` are those before a reading request is made again; ``sleep`` makes them.
    ``pause`` is the longest that a server may ask for instead.
    """

    connect: float = 10.0
    read: float = 30.0
    work: float = 120.0
    pauses: tuple[float, ...] = (0.5, 1.5)
    sleep: Callable[[float], None] = time.sleep
    pause: float = 10.0

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


def within(seconds: float, work: Callable[[], Found]) -> Found:
    """Return what the work gives, or raise what it raises.

    Raises ``TimeoutError`` when it takes longer. No thread can be stopped from
    outside, so the work is then left alone, and ends with the process at the latest:
    it must write nothing that others read.
    """
    from concurrent.futures import Future

    done: Future[Found] = Future()

    def do() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001  raised below, for who waits
            done.set_exception(error)

    thread = threading.Thread(target=do, name="flowops-asks", daemon=True)
    thread.start()
    thread.join(seconds)
    if not done.done():
        message = f"nothing came within {seconds:g} s"
        raise TimeoutError(message)
    return done.result()


def retry_after(headers: Mapping[str, str]) -> int | None:
    """Return the seconds of ``Retry-After`` (RFC 9110, 10.2.3), if it has seconds."""
    value = headers.get("Retry-After", "")
    is_number = value.isascii() and value.isdigit()
    return int(value[:_DIGITS]) if is_number else None


def when_to_ask(headers: Mapping[str, str]) -> str:
    """Return when a busy server wants to be asked again, in words."""
    seconds = retry_after(headers)
    return "try again in a while" if seconds is None else f"try again in {seconds} s"
