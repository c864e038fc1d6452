"""A server on loopback that answers as no good one does: late, for ever, or broken.

For ever is ten seconds, so that a test of who does not give up fails and ends.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.real import HOST

PAUSE = 0.02  # between two bytes of an answer that drips
EVER = 10.0
FLOOD = 1000  # chunks of 64 KiB
START = b"HTTP/1.1 200 OK\r\n"
BODY = START + b"Content-Type: application/json\r\n\r\n"


@dataclass
class RoughServer:
    """Where the server is, what it was sent, and how it is told to end."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


Manner = Callable[[RoughServer, socket.socket], None]


def drips(before: bytes, drop: bytes) -> Manner:
    """Send a start, and then a few bytes again and again, for ever."""

    def manner(server: RoughServer, link: socket.socket) -> None:
        link.sendall(before)
        for _ in range(int(EVER / PAUSE)):
            if server.ending.wait(PAUSE):
                return
            link.sendall(drop)

    return manner


def floods(server: RoughServer, link: socket.socket) -> None:
    """Send a body without an end, as fast as it is taken."""
    link.sendall(BODY)
    for _ in range(FLOOD):
        if server.ending.is_set():
            return
        link.sendall(b" " * 65_536)


def says_nothing(server: RoughServer, link: socket.socket) -> None:
    """Take the request, and never answer."""
    del link
    server.ending.wait(EVER)


def resets(server: RoughServer, link: socket.socket) -> None:
    """Hang up instead of answering."""
    del server
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def answers(body: bytes, status: str = "200 OK", *headers: str) -> Manner:
    """Answer once, as HTTP has it."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    text = "\r\n".join([*head, "Connection: close", "", ""])

    def manner(server: RoughServer, link: socket.socket) -> None:
        del server
        link.sendall(text.encode() + body)

    return manner


DRIPPING = {
    "body": drips(BODY + b'{"a": "', b"x"),
    "headers": drips(START, b"X-A: b\r\n"),
    "one header": drips(START + b"X-A: ", b"b"),
    "status": drips(b"", b"H"),
    "chunks": drips(START + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@contextmanager
def rough_server(*manners: Manner) -> Iterator[RoughServer]:
    """Serve one connection in each manner, and all others in the last."""
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(0.02)
        server = RoughServer(listener.getsockname()[1])
        threads: list[threading.Thread] = []
        left = list(manners)

        def take(link: socket.socket, manner: Manner) -> None:
            with link, suppress(OSError):
                link.settimeout(5)
                server.requests.append(link.recv(65_536))
                manner(server, link)

        def listen() -> None:
            while not server.ending.is_set():
                with suppress(TimeoutError):
                    link, _ = listener.accept()
                    manner = left.pop(0) if len(left) > 1 else left[0]
                    thread = threading.Thread(target=take, args=(link, manner))
                    threads.append(thread)
                    thread.start()

        listening = threading.Thread(target=listen)
        listening.start()
        try:
            yield server
        finally:
            server.ending.set()
            listening.join(10)
            for thread in threads:
                thread.join(10)
