"""What Amazon Connect answers is whole and is JSON, and no list has no end."""

from __future__ import annotations

import http.server
import json
import threading

import pytest

from flowops.errors import TargetError
from flowops.systems.connect import api
from flowops.systems.connect.api import ConnectApi
from flowops.systems.connect.whole_answers import SECONDS
from tests.support.contact_flows import INSTANCE
from tests.support.real import HOST
from tests.support.rough_server import answers, rough_server


def opened(url: str) -> ConnectApi:
    return ConnectApi(INSTANCE, url, sandbox=True)


@pytest.mark.parametrize("operation", ["list_queues", "list_bots"])
def test_a_list_without_an_end_is_left(
    operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_PAGES", 3)
    pages: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages.append(1)
            token = f"page {len(pages)}"
            body = json.dumps({"NextToken": token, "nextToken": token}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  http.server's

        def log_message(self, *words: object) -> None:
            pass

    with http.server.HTTPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        connect = opened(f"http://{HOST}:{server.server_port}")
        ask = connect.list if operation == "list_queues" else connect.list_of_lex
        with pytest.raises(TargetError, match="an answer without an end"):
            list(ask(operation, "QueueSummaryList"))
        server.shutdown()
        thread.join(10)
    assert len(pages) == 4


@pytest.mark.parametrize("body", [b"<html>", b'{"a": "\\ud800"}', b"[" * 9999])
def test_a_page_is_not_taken_for_an_empty_list(body: bytes) -> None:
    with rough_server(answers(body)) as server:
        with pytest.raises(TargetError, match="what boto3 cannot read") as refused:
            list(opened(server.url).list("list_queues", "QueueSummaryList"))
        assert len(server.requests) == 1
    assert "is a proxy in between" in refused.value.hint


def test_an_answer_with_nothing_in_it_is_one() -> None:
    with rough_server(answers(b"")) as server:
        opened(server.url).tag(INSTANCE, {"a": "b"})


@pytest.mark.parametrize(("service", "connect"), [("connect", 10), ("lexv2-models", 5)])
def test_no_read_outlasts_the_whole_and_is_tried_again(
    service: str, connect: int
) -> None:
    """botocore tries a read again that was too late; what is left alone it cannot."""
    client = opened("http://127.0.0.1:1")._client(service)
    config = client.meta.config  # type: ignore[attr-defined]
    assert config.read_timeout > SECONDS
    assert config.connect_timeout == connect
    assert config.retries["mode"] == "standard"


def test_a_connection_is_used_again() -> None:
    connections: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            connections.append(1)
            super().setup()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *words: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    connect = opened(f"http://{HOST}:{server.server_port}")
    for _ in range(3):
        connect.call("describe_instance")
    connect._client().close()
    server.shutdown()
    thread.join(10)
    server.server_close()
    assert len(connections) == 1
