"""GitHub's API that is late, endless, busy or another thing: said in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from flowops.documents.answers import read_whole
from flowops.errors import TargetError
from flowops.github.api import Comments, open_session
from tests.support.rough_server import (
    DRIPPING,
    Manner,
    RoughServer,
    answers,
    floods,
    rough_server,
    says_nothing,
)

LATE = {**DRIPPING, "nothing": says_nothing}
BUSY = answers(b'{"message": "slow down"}', "429 Too Many Requests")


@contextmanager
def comments(
    *manners: Manner, seconds: float = 10
) -> Iterator[tuple[RoughServer, Comments, list[float]]]:
    """Give a server, who asks it, and the pauses that were made."""
    pauses: list[float] = []
    with rough_server(*manners) as server, open_session("marker") as session:
        api = Comments(session, server.url, "a/b", 1, pauses.append, seconds)
        yield server, api, pauses


def refusal(ask: Callable[[], object]) -> TargetError:
    with pytest.raises(TargetError) as refused:
        ask()
    assert "marker" not in str(refused.value)
    return refused.value


@pytest.mark.parametrize("manner", LATE.values(), ids=LATE)
def test_the_limit_is_for_the_whole_answer(manner: Manner) -> None:
    with comments(manner, seconds=0.3) as (_, api, _pauses):
        for ask in (lambda: list(api.listed()), lambda: api.create("words")):
            assert refusal(ask).message == "GitHub gave no answer within 0.3 s"


def test_an_answer_without_an_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_whole, "__defaults__", (1_000_000,))
    with comments(floods) as (_, api, _pauses):
        error = refusal(lambda: list(api.listed()))
    assert error.message == "GitHub's answer has no end"


def test_reading_is_tried_again_where_github_is_busy() -> None:
    with comments(BUSY, BUSY, answers(b"[]")) as (server, api, pauses):
        assert list(api.listed()) == []
        assert len(server.requests) == 3
    assert pauses == [0.5, 1.0]


def test_writing_is_not_tried_again() -> None:
    with comments(BUSY) as (server, api, pauses):
        error = refusal(lambda: api.create("words"))
        assert len(server.requests) == 1
    assert pauses == []
    assert error.message == "GitHub answered 429 to a comment"
    assert "in a while" in error.hint


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[" + b"9" * 5000 + b"]", b"<html>"])
def test_what_python_cannot_take_is_no_json(body: bytes) -> None:
    with comments(answers(body)) as (_, api, _pauses):
        error = refusal(lambda: list(api.listed()))
    assert error.message == "GitHub answered with something that is no JSON"


def test_a_next_page_that_is_no_address_is_not_asked_for() -> None:
    page = answers(b"[]", "200 OK", 'Link: <http://[>; rel="next"')
    with comments(page) as (server, api, _):
        error = refusal(lambda: list(api.listed()))
        assert len(server.requests) == 1
    assert error.message == "GitHub names a next page on another host"
