"""An Amazon Connect that is late, endless or another thing is left in time."""

from __future__ import annotations

import http.server
import json
import threading

import pytest

from flowops.documents.answers import read_whole
from flowops.errors import TargetError
from flowops.systems.connect import api, whole_answers
from flowops.systems.connect.api import ConnectApi
from tests.support.contact_flows import INSTANCE
from tests.support.real import HOST
from tests.support.rough_server import (
    DRIPPING,
    Manner,
    answers,
    floods,
    rough_server,
    says_nothing,
)

LATE = {**DRIPPING, "nothing": says_nothing}


def opened(url: str) -> ConnectApi:
    return ConnectApi(INSTANCE, url, sandbox=True)


@pytest.mark.parametrize("manner", LATE.values(), ids=LATE)
def test_the_limit_is_for_the_whole_answer(
    manner: Manner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_answers, "SECONDS", 0.3)
    with rough_server(manner) as server:
        with pytest.raises(TargetError) as late:
            opened(server.url).call("describe_instance")
        assert len(server.requests) == 1  # a write may have happened
    assert late.value.message == (
        "Amazon Connect did not finish its answer to describe_instance in time"
    )
    assert "is a proxy in between" in late.value.hint


def test_an_answer_without_an_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_whole, "__defaults__", (1_000_000,))
    with rough_server(floods) as server:
        with pytest.raises(TargetError, match="an answer without an end"):
            opened(server.url).call("describe_instance")
        assert len(server.requests) == 1


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


def test_half_a_pair_is_not_read() -> None:
    body = b'{"Instance": {"InstanceAlias": "\\ud800"}}'
    words = "what boto3 cannot read"
    with rough_server(answers(body)) as server, pytest.raises(TargetError, match=words):
        opened(server.url).call("describe_instance")


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
