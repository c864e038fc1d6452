"""A Flink that is busy, refuses, or has no such address: why, and what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flowops.errors import TargetError
from flowops.http_client import Login
from flowops.patience import Patience
from flowops.secrets import Secret
from flowops.systems.event_processing.targets.flink.rest import (
    AnswerError,
    Endpoint,
    UnreachableError,
)
from tests.support.flink_server import FlinkServer, Reply, flink_server
from tests.support.rough_server import LATE, rough_server, says_nothing

SHORT = Patience(read=0.3, work=0.5, pauses=())


def endpoint(url: str, patience: Patience = SHORT) -> Endpoint:
    return Endpoint(url, Login(), None, patience)


def test_work_is_given_longer_than_reading() -> None:
    with rough_server(says_nothing) as server:
        url = server.url
        asks: tuple[Callable[[], object], ...] = (
            lambda: endpoint(url).post("/jars/x/plan"),
            lambda: endpoint(url).upload("/jars/upload", "a.jar", b"PK"),
        )
        for ask in asks:
            with pytest.raises(UnreachableError, match=r"in time \(0\.5 s\)"):
                ask()
    assert Patience().read < Patience().work


def sleepless(pauses: list[float]) -> Patience:
    return replace(SHORT, read=10, pauses=(1, 2), sleep=pauses.append)


def busy(server: FlinkServer, reply: Reply, method: str) -> UnreachableError:
    server.say(f"{method} /jobs", reply)
    with pytest.raises(UnreachableError) as refused:
        getattr(endpoint(server.url, sleepless([])), method.lower())("/jobs")
    return refused.value


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_writing_is_not_tried_again(method: str) -> None:
    with flink_server() as server:
        error = busy(server, Reply("", 503), method)
        assert len(server.requests) == 1
        assert error.message == f"{server.url} cannot answer now (HTTP 503)"


def test_a_busy_cluster_says_why_and_when() -> None:
    reply = Reply({"errors": ["leader election"]}, 503, {"Retry-After": "7"})
    with flink_server() as server:
        error = busy(server, reply, "GET")
        assert len(server.requests) == 3
    assert error.message.endswith("cannot answer now (HTTP 503: leader election)")
    assert "is the cluster starting, or overloaded" in error.hint
    assert error.hint.endswith("try again in 7 s")


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (400, "mend what it names"),
        (404, "is this the REST address of Flink?"),
        (500, "the log of the job manager"),
    ],
)
def test_each_refusal_says_what_to_do(status: int, hint: str) -> None:
    with flink_server() as server:
        server.say("GET /jobs", Reply({"errors": ["no"]}, status))
        with pytest.raises(AnswerError) as refused:
            endpoint(server.url).get("/jobs")
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    "url",
    ["http://" + "a" * 70 + ".example", "http://a..b", "http://[::1"],
)
def test_an_address_nobody_has_is_said(url: str) -> None:
    with pytest.raises(TargetError, match="cannot be reached"):
        endpoint(url).get("/config")


@pytest.mark.parametrize("token", ["marker\nx", "marker\n", "marker\u20ac"])
def test_a_token_that_fits_no_header_is_not_shown(token: str) -> None:
    login = Login(token=Secret(token, "<token>"))
    with flink_server() as server, pytest.raises(TargetError) as refused:
        Endpoint(server.url, login, None, SHORT).get("/config")
    assert "the `token` of the target has" in refused.value.message
    assert "marker" not in str(refused.value)


def test_an_authority_that_is_gone_by_now_is_said(tmp_path: Path) -> None:
    path = tmp_path / "gone.pem"
    with pytest.raises(TargetError, match="cannot be reached"):
        Endpoint("https://127.0.0.1:1", Login(), path, SHORT).get("/config")


def test_nobody_is_left_waiting() -> None:
    """Hold that what was left alone ends with its connection."""
    with rough_server(LATE["drips: body"]) as server, pytest.raises(UnreachableError):
        endpoint(server.url).get("/config")
    for thread in threading.enumerate():
        if thread.name == "flowops-asks":
            thread.join(10)
            assert not thread.is_alive()
