"""What is said where something else than Amazon Connect answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from flowops.errors import TargetError
from flowops.systems.connect.api import ConnectApi
from tests.support.contact_flows import INSTANCE

HOST = "127.0.0.1"


@contextmanager
def answering(status: int, body: bytes) -> Iterator[ConnectApi]:
    """Serve one answer to everything, on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield ConnectApi(INSTANCE, f"http://{HOST}:{server.server_port}", sandbox=True)
        server.shutdown()
        thread.join(10)


@pytest.mark.parametrize(
    "body",
    [b"null", b"[]", b"1", b"[" * 100_000, b'{"a": "\xff"}'],
    ids=["null", "list", "number", "deep", "no-utf-8"],
)
def test_what_boto3_cannot_read_is_an_error(body: bytes) -> None:
    words = "Amazon Connect answered .* with what boto3 cannot read"
    with answering(200, body) as api:
        with pytest.raises(TargetError, match=words) as refused:
            api.call("describe_instance")
        with pytest.raises(TargetError, match=words):
            list(api.list("list_queues", "QueueSummaryList"))
    assert "is a proxy in between" in refused.value.hint


def test_a_page_of_a_proxy_is_shortened_and_said_to_be_one() -> None:
    with (
        answering(403, b"<html>" + b"x" * 100_000) as api,
        pytest.raises(TargetError) as refused,
    ):
        api.call("describe_instance")
    assert str(refused.value).startswith(
        "Amazon Connect refused describe_instance: 403"
    )
    assert "is a proxy in between" in refused.value.hint
    assert len(str(refused.value)) < 1500
