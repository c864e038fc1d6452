"""A list of comments is read page after page, and from GitHub's own host only."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flowops.errors import TargetError
from flowops.github.api import Comments, github_client
from tests.support.rough_server import Manner, RoughServer, answers, rough_server


@contextmanager
def comments(
    *manners: Manner, token: str = "marker"
) -> Iterator[tuple[RoughServer, Comments, list[float]]]:
    """Give a server, who asks it, and the pauses that were made."""
    pauses: list[float] = []
    with rough_server(*manners) as server:
        client = github_client(token, pauses.append)
        yield server, Comments(client, server.url, "a/b", 1), pauses


def refusal(api: Comments) -> TargetError:
    with pytest.raises(TargetError) as refused:
        list(api.listed())
    assert "marker" not in str(refused.value)
    return refused.value


def failing(status: str) -> Manner:
    return answers(b'{"message": "no"}', status)


@pytest.mark.parametrize("status", ["429 Slow", "500 Oops", "502 Bad", "503 Busy"])
def test_reading_is_tried_again_where_github_fails(status: str) -> None:
    first = failing(status)
    with comments(first, first, answers(b"[]")) as (server, api, pauses):
        assert list(api.listed()) == []
        assert len(server.requests) == 3
    assert pauses == [0.5, 1.0]


def test_a_refusal_is_not_tried_again() -> None:
    with comments(failing("403 No")) as (server, api, pauses):
        assert refusal(api).message == "GitHub answered 403 to a comment"
        assert len(server.requests) == 1
    assert pauses == []


def test_the_next_page_is_read_as_well() -> None:
    row = b'[{"id": %d, "user": {"login": "a"}, "body": null}]'

    def page(server: RoughServer, link: socket.socket) -> None:
        url = server.url
        links = f'Link: <{url}/z>; rel="last", <{url}/n>; rel="next"'
        answers(row % 1, "200 OK", links)(server, link)

    with comments(page, answers(row % 2)) as (server, api, _pauses):
        assert [one.id for one in api.listed()] == [1, 2]
        assert server.requests[1].startswith(b"GET /n ")


@pytest.mark.parametrize("place", ["http://[", "http://elsewhere.example/n", "/n"])
def test_a_next_page_elsewhere_is_not_asked_for(place: str) -> None:
    page = answers(b"[]", "200 OK", f'Link: <{place}>; rel="next"')
    with comments(page) as (server, api, _):
        error = refusal(api)
        assert len(server.requests) == 1
    assert error.message == "GitHub names a next page on another host"


@pytest.mark.parametrize("token", ["marker\nx", "marker\u20ac"])
def test_a_token_that_fits_no_header_is_not_shown(token: str) -> None:
    with comments(answers(b"[]"), token=token) as (server, api, _):
        error = refusal(api)
        assert server.requests == []
    assert error.message == "the token for GitHub has a character no header takes"
