"""One request: whose login it carries, where it goes, when it is made again."""

from __future__ import annotations

import base64
import re
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from flowops.http_client import (
    HttpClient,
    Login,
    NoAnswerError,
    Reason,
    Response,
    _may_know_login,
)
from flowops.patience import Patience
from flowops.secrets import Secret
from tests.support.real import HOST, make_certificate
from tests.support.rough_server import (
    LATE,
    WRONG,
    Manner,
    answers,
    redirects,
    resets,
    rough_server,
)

GOOD = answers(b"{}")
TOKEN = Login(token=Secret("marker", "<token>"))


def client(pauses: list[float], login: Login = TOKEN) -> HttpClient:
    patience = Patience(pauses=(1, 2), sleep=pauses.append)
    return HttpClient(login, patience, redirections=2)


def busy(status: int, wait: str = "") -> Manner:
    headers = (f"Retry-After: {wait}",) if wait else ()
    return answers(b"<h1>proxy</h1>", f"{status} Busy", *headers)


def test_an_answer_is_read_to_its_end() -> None:
    with rough_server(answers(b'{"a": 1}', "404 Gone", "X-A: b")) as server:
        found = client([]).read(server.url)
    assert (found.status, found.json()) == (404, {"a": 1})
    assert found.headers["x-a"] == "b"
    assert [found.is_good, found.is_busy, found.is_redirection] == [False] * 3


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_reading_is_tried_again_where_a_server_is_busy(status: int) -> None:
    pauses: list[float] = []
    with rough_server(busy(status), busy(status), GOOD) as server:
        assert client(pauses).read(server.url).is_good
    assert pauses == [1, 2]


@pytest.mark.parametrize("status", [400, 401, 404, 500, 501])
def test_what_will_not_pass_is_asked_once(status: int) -> None:
    with rough_server(busy(status)) as server:
        assert client([]).read(server.url).status == status
        assert len(server.requests) == 1


def test_what_stays_busy_is_given_up_with_its_answer() -> None:
    pauses: list[float] = []
    with rough_server(busy(503)) as server:
        found = client(pauses).read(server.url)
        assert len(server.requests) == 3
    assert found.is_busy
    assert pauses == [1, 2]


@pytest.mark.parametrize(
    ("wait", "made", "asked"),
    [
        ("0", [1, 2], 3),
        ("7", [7, 7], 3),
        ("10", [10, 10], 3),
        ("11", [], 1),
        ("9" * 5000, [], 1),
        ("soon", [1, 2], 3),
    ],
)
def test_no_server_is_asked_sooner_than_it_wants(
    wait: str, made: list[float], asked: int
) -> None:
    pauses: list[float] = []
    with rough_server(busy(429, wait)) as server:
        assert client(pauses).read(server.url).is_busy
        assert len(server.requests) == asked
    assert pauses == made


def test_who_hangs_up_is_asked_again_and_who_is_late_is_not() -> None:
    pauses: list[float] = []
    with rough_server(resets, WRONG["cut off"], GOOD) as server:
        assert client(pauses).read(server.url).is_good
    assert pauses == [1, 2]
    short = HttpClient(patience=Patience(read=0.3, pauses=(1, 2), sleep=pauses.append))
    with rough_server(LATE["says nothing"]) as server:
        with pytest.raises(NoAnswerError, match=r"^0\.3 s$") as late:
            short.read(server.url)
        assert len(server.requests) == 1
    assert late.value.reason is Reason.LATE
    assert len(pauses) == 2


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("manner", [busy(503), resets, redirects("/x")])
def test_what_writes_is_sent_once(method: str, manner: Manner) -> None:
    with rough_server(manner) as server:
        with suppress(NoAnswerError):
            assert not client([]).ask(method, server.url, {"a": 1}).is_good
        assert len(server.requests) == 1


def login_of(request: bytes) -> str:
    found = re.search(rb"\r\nAuthorization: ([^\r]*)", request)
    return found[1].decode() if found else ""


@pytest.mark.parametrize(
    ("login", "header"),
    [
        (Login(), ""),
        (TOKEN, "Bearer marker"),
        (Login(user="жан", password=Secret("ключ", "<p>")), "жан:ключ"),
    ],
)
def test_the_login_goes_to_its_own_server_only(
    login: Login, header: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("default login ann password b\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    if ":" in header:
        header = f"Basic {base64.b64encode(header.encode()).decode()}"
    with rough_server(GOOD) as other:
        there = redirects(other.url.replace(HOST, "localhost"))
        with rough_server(redirects("/again"), there) as server:
            assert client([], login).read(server.url).is_good
        assert [login_of(one) for one in server.requests] == [header, header]
        assert [login_of(one) for one in other.requests] == [""]


@pytest.mark.parametrize(
    ("url", "following", "may"),
    [
        ("http://a/x", "http://a/y", True),
        ("http://a/x", "http://a:80/y", True),
        ("https://a", "https://a:443", True),
        ("http://a", "https://a", True),
        ("http://a:8080", "https://a", False),
        ("http://a", "https://a:8443", False),
        ("https://a", "http://a", False),
        ("https://a", "https://b", False),
        ("https://a", "https://a.b", False),
        ("https://a", "https://a:8443", False),
    ],
)
def test_who_may_know_a_login(url: str, following: str, may: bool) -> None:
    assert _may_know_login(url, following) is may


def test_redirections_are_followed_so_far_and_only_where_one_says_so() -> None:
    with rough_server(redirects("/x")) as server:
        with pytest.raises(NoAnswerError, match="sends on without an end") as endless:
            client([]).read(server.url)
        assert len(server.requests) == 3
        found = HttpClient().read(server.url)
    assert endless.value.reason is Reason.UNUSABLE
    assert found.is_redirection


@pytest.mark.parametrize(
    ("place", "host"),
    [("https://login.example/a?b", "login.example"), ("/x", ""), ("http://[::1", "")],
)
def test_the_host_of_a_redirection(place: str, host: str) -> None:
    assert Response(302, {"Location": place}, b"").host == host


@pytest.mark.parametrize("place", ["http://[::1", "file:///etc/hosts", "http://a..b/"])
def test_nobody_goes_where_no_server_is(place: str) -> None:
    with rough_server(redirects(place)) as server, pytest.raises(NoAnswerError) as no:
        client([]).read(server.url)
    assert no.value.reason is Reason.UNUSABLE


@pytest.mark.parametrize("token", ["marker\nx", "marker\n", "marker\u20ac"])
def test_a_token_that_fits_no_header_is_not_sent(token: str) -> None:
    login = Login(token=Secret(token, "<token>"))
    with rough_server(GOOD) as server:
        with pytest.raises(NoAnswerError) as refused:
            client([], login).read(server.url)
        assert server.requests == []
    assert refused.value.reason is Reason.TOKEN
    assert "marker" not in repr(refused.value)


def test_only_a_known_authority_is_trusted(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with rough_server(GOOD, certificate=certificate) as server:
        with pytest.raises(NoAnswerError, match=r"self.signed") as untrusted:
            client([]).read(server.url)
        assert server.requests == []
        trusting = HttpClient(TOKEN, authority=certificate[0])
        assert trusting.read(server.url).is_good
    assert untrusted.value.reason is Reason.UNTRUSTED


def test_a_proxy_of_the_machine_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with rough_server(GOOD) as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert client([]).read("http://server.example/x").is_good
        assert proxy.requests[0].startswith(b"GET http://server.example/x ")


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ("", ""),
        ('<http://a/2>; rel="next"', "http://a/2"),
        ('<http://a/9>; rel="last", <http://a/2>; rel="next"', "http://a/2"),
        ('<http://a/1>; rel="prev"', ""),
        ("<;,=", ""),
    ],
)
def test_the_next_page_of_a_list(link: str, page: str) -> None:
    assert Response(200, {"Link": link}, b"").next_page == page


def test_nobody_is_left_waiting() -> None:
    """Hold that what was left alone ends with its connection."""
    short = HttpClient(patience=Patience(read=0.3, pauses=()))
    with rough_server(LATE["drips: body"]) as server, pytest.raises(NoAnswerError):
        short.read(server.url)
    for thread in threading.enumerate():
        if thread.name == "flowops-asks":
            thread.join(10)
            assert not thread.is_alive()
