"""A database is believed its tables, and not as many bytes as it cares to send."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest

from flowops.systems.event_processing.inventory import tables
from tests.streams.builders import ask
from tests.support.real import HOST
from tests.support.rough_server import Manner, RoughServer, rough_server, sends

KIND = "jdbc-table"
FEW = 200_000  # bytes, enough for a login and some tables
MOST = 400  # chunks, more than anybody takes


def message(sort: bytes, body: bytes) -> bytes:
    """Write a message of the server (PostgreSQL, "Message Formats")."""
    return sort + struct.pack("!i", len(body) + 4) + body


def row(*names: str) -> bytes:
    fields = (struct.pack("!i", len(name)) + name.encode() for name in names)
    return message(b"D", struct.pack("!h", len(names)) + b"".join(fields))


READY = message(b"R", b"\0\0\0\0") + message(b"Z", b"I")
COLUMN = struct.pack("!ihihih", 0, 0, 25, -1, -1, 0)
COLUMNS = message(b"T", struct.pack("!h", 2) + (b"name\0" + COLUMN) * 2)
END = message(b"C", b"SELECT 2\0") + message(b"Z", b"I")


def floods(first: bytes, again: bytes) -> Manner:
    """Send a start, and then the same again and again, as fast as it is taken."""
    chunk = again * (65_536 // len(again) + 1)

    def manner(server: RoughServer, link: socket.socket) -> None:
        link.sendall(first)
        for _ in range(MOST):
            if server.ending.is_set():
                return
            link.sendall(chunk)

    return manner


def asked(manner: Manner) -> tuple[str, list[str]]:
    """Return why the tables are not known, or which there are."""
    with rough_server(manner) as server:
        url = f"jdbc:postgresql://{HOST}:{server.port}/shop?sslmode=disable"
        found = ask({"tables": {"url": url, "username": "flowops"}}, seconds="20")
    gap = found.gaps.get(KIND, "").replace(f"the database at {url}", "HERE")
    return gap, [resource.name for resource in found.resources]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_BYTES", FEW)


FLOODS = {
    "rows": floods(READY + COLUMNS, row("a", "a")),
    "empty rows": floods(READY + COLUMNS, row("", "")),
    "one long row": floods(READY + COLUMNS + b"D" + struct.pack("!i", 2**31 - 1), b"x"),
    "notices": floods(message(b"R", b"\0\0\0\0"), message(b"N", b"x\0")),
    "a long login": floods(b"R" + struct.pack("!i", 2**31 - 1), b"\0"),
}


@pytest.mark.parametrize("manner", FLOODS.values(), ids=FLOODS)
def test_a_database_that_sends_too_much_is_left(manner: Manner) -> None:
    gap, names = asked(manner)
    assert gap == (
        "HERE sends more than 0 MiB, which no list of tables has "
        "(list the tables in a file, as `inventory`)"
    )
    assert names == []


def lists(server: RoughServer, link: socket.socket) -> None:
    """Answer the query with two tables, and wait for the end."""
    del server
    link.sendall(READY)
    link.recv(65_536)
    link.sendall(COLUMNS + row("s.a", "a") + row("s.b", "b") + END)
    link.recv(65_536)


def test_what_is_not_too_much_is_taken() -> None:
    gap, names = asked(lists)
    assert (gap, names) == ("", ["a", "b", "s.a", "s.b"])


def test_a_long_refusal_is_cut() -> None:
    words = b"SERROR\0C42501\0M" + b"no" * 1000 + b"\0\0"

    def refuses(server: RoughServer, link: socket.socket) -> None:
        del server
        link.sendall(message(b"E", words))
        link.recv(65_536)

    gap, _ = asked(refuses)
    assert gap == f"HERE refuses: {'no' * 150}…"


def test_the_limit_is_far_above_what_a_database_has() -> None:
    assert len(row("s" * 20 + "." + "t" * 20, "t" * 20)) * 200_000 < 16 * 1024**2


def test_nothing_of_it_is_left_behind(tmp_path: Path) -> None:
    """Sockets that nobody closed are warnings, which are errors here."""
    for manner in (FLOODS["rows"], sends(READY)):
        assert asked(manner)[0]
    assert list(tmp_path.iterdir()) == []
