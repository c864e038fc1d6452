"""A job manager that answers what a test tells it to, for what no real one can do."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.real import HOST

JOB = "0123456789abcdef0123456789abcdef"
CONFIG = {"flink-version": "2.2.0", "features": {"web-submit": True}}


@dataclass(frozen=True)
class Reply:
    """One answer; a body that is no text is written as JSON."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class FlinkServer:
    """Answers by ``METHOD /path``; the last of several replies is given for ever."""

    url: str = ""
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)

    def say(self, request: str, *replies: Any) -> None:
        """Set what is answered to a request, first to last."""
        self.replies[request] = [
            reply if isinstance(reply, Reply) else Reply(reply) for reply in replies
        ]

    def answer(self, request: str) -> Reply:
        for name in (request, "*"):
            if found := self.replies.get(name):
                return found.pop(0) if len(found) > 1 else found[0]
        return Reply({"errors": [f"no answer to {request}"]}, 404)

    def asked(self, request: str) -> list[str]:
        """Return the bodies that came with a request."""
        return [body for name, body, _ in self.requests if name == request]


@contextmanager
def flink_server(certificate: tuple[Path, Path] | None = None) -> Iterator[FlinkServer]:
    """Serve until the block ends; over TLS where there is a certificate and a key."""
    found = FlinkServer()
    found.say("GET /config", CONFIG)
    server = ThreadingHTTPServer((HOST, 0), _handler(found))
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    found.url = f"{scheme}://{HOST}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(found: FlinkServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode("utf-8", "replace")
            request = f"{self.command} {self.path}"
            found.requests.append(
                (request, body, self.headers.get("Authorization", ""))
            )
            reply = found.answer(request)
            text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            data = text.encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler
