"""Serves a sandbox over HTTP, on loopback only."""

from __future__ import annotations

import socket
import sys
import traceback
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.systems.connect.sandbox.answers import Answer
from flowops.systems.connect.sandbox.refusals import (
    PROTOCOL_STATUSES,
    ConnectionDroppedError,
    SandboxDefectError,
)
from flowops.systems.connect.sandbox.requests import Request
from flowops.systems.connect.sandbox.values import dump_json

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self, TypeAlias

    from flowops.systems.connect.sandbox.sandbox import Sandbox

    _Socket: TypeAlias = socket.socket | tuple[bytes, socket.socket]

HOST = "127.0.0.1"
LARGEST_BODY = 4 * 1024 * 1024
"""Room for 256,000 characters of content with every character escaped."""
_POLL_SECONDS = 0.02
_LONGEST_LENGTH = 12


class SandboxServer:
    """Serves one sandbox; ``with`` runs it in a thread of its own.

    A client that says nothing for ``timeout`` seconds is let go.
    """

    def __init__(
        self, sandbox: Sandbox, port: int = 0, *, timeout: float = 30.0
    ) -> None:
        """Take the port; 0 is any free one. Raises ``InputError`` when it is taken."""
        self._sandbox = sandbox
        try:
            self._server = _Server(sandbox, port, timeout)
        except (OSError, OverflowError) as error:
            raise InputError(
                f"port {port} of {HOST} cannot be used: {error}",
                hint="give another port, or 0 for any free one",
            ) from error
        self._thread: Thread | None = None
        self.url = f"http://{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; raises ``SandboxDefectError`` if the sandbox itself went wrong."""
        self._server.shutdown()
        self._server.server_close()
        if self._thread is not None:
            self._thread.join()
        if error is None and self._sandbox.defects:
            raise SandboxDefectError(self._sandbox.defects[0])

    def serve_forever(self) -> None:
        """Serve in the foreground, until interrupted."""
        try:
            self._server.serve_forever(_POLL_SECONDS)
        except KeyboardInterrupt:
            pass
        finally:
            self._server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, sandbox: Sandbox, port: int, timeout: float) -> None:
        self.sandbox = sandbox
        self.patience = timeout
        self._threads_of: dict[socket.socket, Thread] = {}
        self._lock = Lock()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Take the port, without asking DNS for the name of the host."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def process_request(self, request: _Socket, client_address: object) -> None:
        """Serve a connection in a thread that ``server_close`` can end."""
        thread = Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            daemon=True,
        )
        if isinstance(request, socket.socket):
            with self._lock:
                self._threads_of[request] = thread
        thread.start()

    def shutdown_request(self, request: _Socket) -> None:
        """Forget a connection that has ended."""
        if isinstance(request, socket.socket):
            with self._lock:
                self._threads_of.pop(request, None)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening, and end the connections that clients keep open."""
        super().server_close()
        with self._lock:
            threads = dict(self._threads_of)
        for connection, thread in threads.items():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(self.patience)

    def handle_error(self, request: _Socket, client_address: object) -> None:
        """Keep quiet about clients that go away, and remember real defects."""
        del request, client_address
        if not isinstance(sys.exception(), OSError):
            self.sandbox.defects.append(traceback.format_exc())


class _UnreadableError(Exception):
    """The request cannot be read up to its end."""

    def __init__(self, message: str, name: str = "InvalidRequestException") -> None:
        super().__init__(message)
        self.name = name


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        """Let no client wait for ever."""
        super().setup()
        self.connection.settimeout(self.server.patience)

    def log_message(self, *args: object, **named: object) -> None:
        """Write no log."""

    def send_error(
        self, code: int, message: str | None = None, explain: str | None = None
    ) -> None:
        """Answer what the HTTP parser refuses, in the form of the API."""
        del explain
        known = code != HTTPStatus.NOT_IMPLEMENTED
        self._refuse(
            "InvalidRequestException" if known else "UnknownOperationException",
            message or "the request is not HTTP",
        )

    def serve(self) -> None:
        """Answer one request."""
        try:
            body = self._read_body()
        except _UnreadableError as error:
            self._refuse(error.name, str(error))
            return
        headers = {key.lower(): value for key, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        try:
            self._send(self.server.sandbox.answer(request))
        except ConnectionDroppedError:
            self.close_connection = True
        except SandboxDefectError as error:
            self._refuse("SandboxDefectException", str(error))

    def _read_body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            raise _UnreadableError("a body must come with Content-Length")
        lengths = self.headers.get_all("Content-Length", ["0"])
        text = lengths[0].strip()
        if len(lengths) > 1 or not (text.isascii() and text.isdigit()):
            raise _UnreadableError("Content-Length must be one number")
        if len(text) > _LONGEST_LENGTH or int(text) > LARGEST_BODY:
            raise _UnreadableError(
                f"a body has at most {LARGEST_BODY} bytes",
                "RequestEntityTooLargeException",
            )
        try:
            body = self.rfile.read(int(text))
        except TimeoutError:
            body = b""
        if len(body) < int(text):
            raise _UnreadableError("the body is shorter than Content-Length")
        return body

    def _refuse(self, name: str, message: str) -> None:
        """Answer with an error and hang up: what follows cannot be trusted."""
        self.close_connection = True
        status = PROTOCOL_STATUSES.get(name, HTTPStatus.BAD_REQUEST)
        body = dump_json({"Message": message}).encode()
        self._send(Answer(status, {"x-amzn-ErrorType": name}, body))

    def _send(self, answer: Answer) -> None:
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(answer.body)),
            **answer.headers,
        }
        if self.close_connection:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{key}: {value}" for key, value in headers.items()]
        head = "\r\n".join(lines) + "\r\n\r\n"
        self.wfile.write(head.encode("ascii") + answer.body)


for _method in ("DELETE", "GET", "POST", "PUT"):
    setattr(_Handler, f"do_{_method}", _Handler.serve)
