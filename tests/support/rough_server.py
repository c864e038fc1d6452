"""A server on loopback that answers as no good one does: late, for ever, or broken.

For ever is ten seconds, so that a test of who does not give up fails and ends.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.real import HOST

PAUSE = 0.02  # between two bytes of an answer that drips
EVER = 10.0
FLOOD = 1000  # chunks of 64 KiB
START = b"HTTP/1.1 200 OK\r\n"
BODY = START + b"Content-Type: application/json\r\n\r\n"
CHUNKS = START + b"Transfer-Encoding: chunked\r\n\r\n"
LARGE = 2_000_000  # bytes: more than an answer may have in these tests


@dataclass
class RoughServer:
    """Where the server is, what it was sent, and how it is told to end."""

    port: int
    scheme: str = "http"
    requests: list[bytes] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{HOST}:{self.port}"


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
    flood(server, link, BODY)


def flood(server: RoughServer, link: socket.socket, head: bytes) -> None:
    """Send a head, and a body without an end."""
    link.sendall(head)
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


def sends(text: bytes) -> Manner:
    """Send these bytes, and close."""

    def manner(server: RoughServer, link: socket.socket) -> None:
        del server
        link.sendall(text)

    return manner


def answers(body: bytes, status: str = "200 OK", *headers: str) -> Manner:
    """Answer once, as HTTP has it."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    text = "\r\n".join([*head, "Connection: close", "", ""])
    return sends(text.encode() + body)


def redirects(place: str) -> Manner:
    """Send on to another address."""
    return answers(b"", "302 Found", f"Location: {place}")


def loops(server: RoughServer, link: socket.socket) -> None:
    """Send on to the server itself, for ever."""
    redirects(f"{server.url}/again")(server, link)


def floods_a_redirection(server: RoughServer, link: socket.socket) -> None:
    """Send on to the server itself, with a body without an end."""
    head = f"HTTP/1.1 302 Found\r\nLocation: {server.url}/again\r\n\r\n"
    flood(server, link, head.encode())


DRIPPING: Mapping[str, Manner] = {
    "body": drips(BODY + b'{"a": "', b"x"),
    "headers": drips(START, b"X-A: b\r\n"),
    "one header": drips(START + b"X-A: ", b"b"),
    "status": drips(b"", b"H"),
    "chunks": drips(CHUNKS, b"1\r\n \r\n"),
}
LATE: Mapping[str, Manner] = {
    **{f"drips: {name}": manner for name, manner in DRIPPING.items()},
    "says nothing": says_nothing,
}
ENDLESS: Mapping[str, Manner] = {
    "endless": floods,
    "endless redirection": floods_a_redirection,
    "unpacks to far more": answers(
        gzip.compress(b" " * LARGE), "200 OK", "Content-Encoding: gzip"
    ),
}
WRONG: Mapping[str, Manner] = {
    "page": answers(b"<html>", "200 OK", "Content-Type: text/html"),
    "nothing in it": answers(b""),
    "100,000 brackets": answers(b"[" * 100_000),
    "5,000 digits": answers(b'{"a": ' + b"9" * 5000 + b"}"),
    "not a number": answers(b'{"a": NaN}'),
    "half a surrogate pair": answers(b'{"Instance": {"InstanceAlias": "\\ud800"}}'),
    "a key twice": answers(b'{"a": 1, "a": 2}'),
    "not UTF-8": answers(b'{"a": "\xff\xfe"}'),
    "not packed as it says": answers(b"{}", "200 OK", "Content-Encoding: gzip"),
    "cut off": sends(START + b"Content-Length: 100\r\n\r\n{"),
    "cut in a chunk": sends(CHUNKS + b"64\r\n{"),
    "chunk without a size": sends(CHUNKS + b"odd\r\n{}\r\n0\r\n\r\n"),
    "huge header": answers(b"{}", "200 OK", f"X-A: {'b' * 100_000}"),
    "1,000 headers": answers(b"{}", "200 OK", *["X-A: b"] * 1000),
    "another protocol": sends(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "hangs up": resets,
    "redirection loop": loops,
    "redirection to a file": redirects("file:///etc/hostname"),
    "redirection to nowhere": redirects("http://a..b/"),
    "401": answers(b"<html>", "401 Unauthorized"),
    "403": answers(b"<html>", "403 Forbidden"),
    "404": answers(b"<html>", "404 Not Found"),
    "429": answers(b"<html>", "429 Too Many Requests", "Retry-After: 7"),
    "500": answers(b"<html>", "500 Internal Server Error"),
    "503": answers(b"<html>", "503 Service Unavailable", "Retry-After: 100"),
}
ROUGH: Mapping[str, Manner] = {**LATE, **ENDLESS, **WRONG}


@contextmanager
def rough_server(
    *manners: Manner, certificate: tuple[Path, Path] | None = None
) -> Iterator[RoughServer]:
    """Serve one connection in each manner, and all others in the last.

    Over TLS where there is a certificate and a key.
    """
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(0.02)
        scheme = "https" if certificate else "http"
        server = RoughServer(listener.getsockname()[1], scheme)
        threads: list[threading.Thread] = []
        left = list(manners)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if context and certificate:
            context.load_cert_chain(*certificate)

        def take(link: socket.socket, manner: Manner) -> None:
            with suppress(OSError), link:
                link.settimeout(5)
                if not context:
                    meet(link, manner)
                    return
                with context.wrap_socket(link, server_side=True) as wrapped:
                    meet(wrapped, manner)

        def meet(link: socket.socket, manner: Manner) -> None:
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
