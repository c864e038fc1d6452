"""A socket that carries so many bytes of another one, and then ends.

A client of a database reads whatever its server sends, and keeps it. What stands here
lies between the two, so that a server cannot fill the memory of who asks it.
"""

from __future__ import annotations

import socket
import threading
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 64 * 1024


@dataclass(slots=True)
class Valve:
    """Where a client reads from; ``is_shut`` once the server has sent too much."""

    link: socket.socket
    is_shut: bool = False


@contextmanager
def valve(server: socket.socket, most: int) -> Iterator[Valve]:
    """Give a socket that has ``most`` bytes of a server at most.

    What the client writes is passed on as it is. When the context ends, so do both.
    """
    ours, theirs = socket.socketpair()
    found = Valve(ours)
    with closing(server), closing(theirs), closing(ours):
        threads = [
            _started(lambda: _pass_on(theirs, server)),
            _started(lambda: _fill(found, theirs, server, most)),
        ]
        try:
            yield found
        finally:
            # First they end, then what they use is closed: its number may go to
            # another socket at once.
            _end(ours, socket.SHUT_RDWR)
            _end(server, socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def _started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name="flowops-passes-on", daemon=True)
    thread.start()
    return thread


def _fill(
    found: Valve, theirs: socket.socket, server: socket.socket, most: int
) -> None:
    """Pass on what a server sends, until it ends or was too much."""
    left = most
    with suppress(OSError):
        while data := server.recv(_CHUNK):
            left -= len(data)
            if left < 0:
                found.is_shut = True
                break
            theirs.sendall(data)
    # No more than that: the client may have a last word, as one has to a socket that
    # the other side has closed.
    _end(theirs, socket.SHUT_WR)


def _pass_on(theirs: socket.socket, server: socket.socket) -> None:
    """Pass on what a client writes; what no server takes any more goes nowhere."""
    with suppress(OSError):
        while data := theirs.recv(_CHUNK):
            with suppress(OSError):
                server.sendall(data)


def _end(link: socket.socket, how: int) -> None:
    with suppress(OSError):
        link.shutdown(how)
