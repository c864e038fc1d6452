"""GitHub's comments on one pull request, as its REST API answers, on loopback.

Stricter than the real one: an unknown path is 404, a body over the limit is 422, a
request without the version header is 400. ``failing`` makes a method answer a status.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "acme/flows"
TOKEN = "token-of-the-job"
BOT = "github-actions[bot]"
LIMIT = 65_536
PAGE = 3


@dataclass(slots=True)
class Written:
    """One comment as GitHub keeps it."""

    id: int
    login: str
    body: str

    def row(self) -> dict[str, Any]:
        return {"id": self.id, "user": {"login": self.login}, "body": self.body}


@dataclass(slots=True)
class GitHub:
    """The comments of pull request 7, and every request that was made."""

    comments: list[Written] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failing: dict[str, int] = field(default_factory=dict)
    hanging: bool = False
    login: str = ""
    next_host: str = ""
    answer: str = ""
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    def add(self, login: str, body: str) -> None:
        number = max((c.id for c in self.comments), default=100) + 1
        self.comments.append(Written(number, login, body))

    def bodies(self, login: str = BOT) -> list[str]:
        return [c.body for c in self.comments if c.login == login]

    def respond(self, method: str, path: str, body: Any) -> tuple[int, Any, str]:
        """Return a status, a document, and the Link header."""
        if method in self.failing:
            return self.failing[method], {"message": "no"}, ""
        issue = f"/repos/{REPOSITORY}/issues/7/comments"
        one = f"/repos/{REPOSITORY}/issues/comments/"
        parts = urlsplit(path)
        match method, parts.path:
            case "GET", "/user":
                found = {"login": self.login} if self.login else {"message": "no"}
                return (200 if self.login else 403), found, ""
            case "GET", where if where == issue:
                return self.listed(parts.path, parse_qs(parts.query))
            case "POST", where if where == issue:
                return self.created(body["body"])
            case _, where if where.startswith(one):
                return self.changed(method, int(where.removeprefix(one)), body)
        return 404, {"message": "Not Found"}, ""

    def created(self, body: str) -> tuple[int, Any, str]:
        if len(body) > LIMIT:
            return 422, {"message": "body is too long"}, ""
        self.add(self.login or BOT, body)
        return 201, self.comments[-1].row(), ""

    def listed(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any, str]:
        page = int(query.get("page", ["1"])[0])
        rows = [c.row() for c in self.comments][(page - 1) * PAGE : page * PAGE]
        more = page * PAGE < len(self.comments)
        host = self.next_host or self.url
        link = f'<{host}{path}?per_page=100&page={page + 1}>; rel="next"'
        return 200, json.loads(self.answer) if self.answer else rows, link * more

    def changed(self, method: str, number: int, body: Any) -> tuple[int, Any, str]:
        found = [c for c in self.comments if c.id == number]
        if not found:
            return 404, {"message": "Not Found"}, ""
        if method == "DELETE":
            self.comments.remove(found[0])
            return 204, None, ""
        found[0].body = body["body"]
        return 200, found[0].row(), ""


@contextmanager
def github() -> Iterator[GitHub]:
    """Serve the API until the end of the block."""
    served = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            served.requests.append(f"{self.command} {urlsplit(self.path).path}")
            if served.hanging:
                served.released.wait(20)
                return
            known = self.headers.get("X-GitHub-Api-Version") == "2022-11-28"
            allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            status = 400 if allowed else 401
            document: Any = {}
            link = ""
            if known and allowed:
                status, document, link = served.respond(self.command, self.path, body)
            self.send_response(status)
            data = b"" if document is None else json.dumps(document).encode()
            self.send_header("Content-Length", str(len(data)))
            if link:
                self.send_header("Link", link)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815  http.server's

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
