"""Whoever answers whatever, each talker says in time what is wrong, and no secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flowops.documents.answers import read_whole
from flowops.errors import TargetError
from tests.support.golden import assert_golden
from tests.support.real import HOST, free_ports, make_certificate, silent_port
from tests.support.rough_server import (
    LARGE,
    LATE,
    ROUGH,
    Manner,
    RoughServer,
    answers,
    redirects,
    resets,
    rough_server,
)
from tests.support.talkers import MARKER, TALKERS, Place, Talker

EXPECTED = Path(__file__).parent / "expected" / "rough_servers"
SHORT = 0.3
BUSY = answers(b"<h1>proxy</h1>", "503 Service Unavailable")
# A port, and the words of a library for TLS.
_OF_THE_MACHINE = re.compile(r"(?<=--port )\d+|(?<=\[SSL: )[^()]*(?:\(_ssl[^)]*\))?")
Asking = Callable[[Place], object]
each_talker = pytest.mark.parametrize("talker", TALKERS.values(), ids=TALKERS)
each_writer = pytest.mark.parametrize(
    "talker",
    [one for one in TALKERS.values() if one.write],
    ids=[name for name, one in TALKERS.items() if one.write],
)


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Place]:
    """Say where to ask; an answer may have a million bytes."""
    monkeypatch.setattr(read_whole, "__defaults__", (LARGE // 2,))
    return lambda url, seconds=20: Place(url, tmp_path, monkeypatch, seconds)


def heard(ask: Asking, place: Place) -> str:
    """Return what is said, or what was taken; no other error than ours comes out."""
    try:
        words = f"takes {ask(place)!r}"
    except TargetError as error:
        words = str(error)
    assert MARKER not in words
    assert len(words.encode("utf-8")) < 1000
    return _OF_THE_MACHINE.sub("…", words.replace(place.url, "HERE"))


@contextmanager
def servers(folder: Path, good: bytes) -> Iterator[dict[str, str]]:
    """Give the addresses of who is no server of ours, by what is wrong there."""
    (closed,) = free_ports(1)
    certificate = make_certificate(folder)
    with (
        silent_port() as silent,
        rough_server(answers(good)) as plain,
        rough_server(answers(good), certificate=certificate) as unknown,
    ):
        yield {
            "a port that nobody serves": f"http://{HOST}:{silent}",
            "nobody listens": f"http://{HOST}:{closed}",
            "no TLS": f"https://{HOST}:{plain.port}",
            "authority nobody knows": unknown.url,
        }


@pytest.mark.slow
@pytest.mark.parametrize("name", TALKERS)
def test_what_each_says(
    name: str, at: Callable[..., Place], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    talker, said = TALKERS[name], {}
    labelled = answers(talker.good, "200 OK", "Content-Type: text/html")
    for case, manner in {**ROUGH, "good, called a page": labelled}.items():
        with rough_server(manner) as server:
            seconds = SHORT if case in LATE else 20
            said[case] = heard(talker.read, at(server.url, seconds))
    with servers(tmp_path, talker.good) as places:
        for case, url in places.items():
            seconds = SHORT if case == "a port that nobody serves" else 20
            said[case] = heard(talker.read, at(url, seconds))
    lines = [f"{case}\n    {words}\n" for case, words in said.items()]
    update = request.config.getoption("--update-goldens")
    assert_golden("".join(lines), EXPECTED / f"{name}.txt", update)


@each_talker
@pytest.mark.parametrize("first", [BUSY, resets], ids=["busy", "hangs up"])
def test_reading_is_tried_again(
    talker: Talker, first: Manner, at: Callable[..., Place]
) -> None:
    with rough_server(first, first, answers(talker.good)) as server:
        place = at(server.url)
        talker.read(place)
        assert len(server.requests) == 3
    assert len(place.pauses) == 2


@each_talker
def test_what_drips_is_asked_once(talker: Talker, at: Callable[..., Place]) -> None:
    with rough_server(LATE["drips: body"]) as server:
        assert "takes" not in heard(talker.read, at(server.url, SHORT))
        assert len(server.requests) == 1


@each_writer
@pytest.mark.parametrize("manner", [BUSY, resets, LATE["says nothing"]])
def test_writing_is_not_tried_again(
    talker: Talker, manner: Manner, at: Callable[..., Place]
) -> None:
    assert talker.write
    with rough_server(manner) as server:
        place = at(server.url, SHORT if manner is LATE["says nothing"] else 20)
        assert "takes" not in heard(talker.write, place)
        assert len(server.requests) == 1
    assert place.pauses == []


@each_talker
def test_no_login_follows_to_another_host(
    talker: Talker, at: Callable[..., Place]
) -> None:
    with rough_server(answers(talker.good)) as other:
        elsewhere = other.url.replace(HOST, "localhost")
        with rough_server(redirects(f"{elsewhere}/x")) as server:
            heard(talker.read, at(server.url))
            assert has_login(server) or talker is TALKERS["connect"]
        assert not has_login(other)


def has_login(server: RoughServer) -> bool:
    return any(b"\r\nauthorization: b" in one.lower() for one in server.requests)


@each_talker
def test_no_login_of_the_machine_is_used(
    talker: Talker,
    at: Callable[..., Place],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "netrc").write_text("default login ann password netrc\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    wrong = b"YW5uOm5ldHJj"  # ann:netrc
    with rough_server(answers(talker.good)) as other:
        elsewhere = other.url.replace(HOST, "localhost")
        with rough_server(redirects(f"{elsewhere}/x")) as server:
            heard(talker.read, at(server.url))
            assert not any(wrong in one for one in server.requests)
        assert not any(wrong in one for one in other.requests)
