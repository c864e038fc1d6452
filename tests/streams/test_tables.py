"""Tables are asked of a real PostgreSQL server, and what goes wrong is said."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.errors import TargetError
from flowops.secrets import Text
from flowops.systems.event_processing.inventory.tables import Address, read_url
from tests.streams.builders import ask, names, secret
from tests.support.postgresql import PASSWORD, USER, Database
from tests.support.real import HOST, free_ports, silent_port

needs_database = pytest.mark.slow
MADE = (
    "create table people (a int)",
    'create table "Mixed Case" (a int)',
    "create view adults as select * from people",
    "create schema sales",
    "create table sales.orders (a int)",
    "create table sales.people (a int)",
    "create role guest login password 'guest-password'",
)
PUBLIC = ['"Mixed Case"', "adults", "people"]
EVERYTHING = [
    *PUBLIC[:2],
    "people",
    'public."Mixed Case"',
    "public.adults",
    "public.people",
    "sales.orders",
    "sales.people",
]


@pytest.fixture(scope="module")
def made(database: Database) -> Database:
    for statement in MADE:
        database.run(statement)
    return database


def login(url: str, password: str = PASSWORD, user: str = USER) -> dict[str, Text]:
    return {"url": url, "username": user, "password": secret(password)}


def gap(values: dict[str, Text], seconds: str = "10", root: Path = Path()) -> str:
    """Ask a database that does not answer as it should; return why."""
    found = ask({"tables": values}, root, seconds)
    assert found.resources == ()
    assert found.kinds == frozenset()
    words = found.gaps["jdbc-table"]
    return words.replace(f"the database at {values['url']}", "HERE")


@needs_database
def test_tables_and_views_have_the_names_a_flow_can_write(made: Database) -> None:
    found = ask({"tables": login(made.jdbc)})
    assert names(found, "jdbc-table") == EVERYTHING
    assert found.kinds == {"jdbc-table"}
    assert found.gaps == {}


@needs_database
def test_what_may_not_be_read_exists_all_the_same(made: Database) -> None:
    found = ask({"tables": login(made.jdbc, "guest-password", "guest")})
    assert names(found, "jdbc-table") == EVERYTHING


@needs_database
def test_the_current_schema_says_which_names_stand_alone(made: Database) -> None:
    found = ask({"tables": login(f"{made.jdbc}?currentSchema=sales")})
    alone = [n for n in names(found, "jdbc-table") if "." not in n]
    assert alone == ["orders", "people"]


@needs_database
@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require"])
def test_these_modes_ask_no_authority(made: Database, mode: str) -> None:
    found = ask({"tables": login(f"{made.jdbc}?sslmode={mode}")})
    assert names(found, "jdbc-table") == EVERYTHING


@needs_database
@pytest.mark.parametrize(
    "mode", ["sslmode=verify-ca", "sslmode=verify-full", "ssl=true"]
)
def test_a_certificate_is_checked_where_the_url_says_so(
    made: Database, mode: str
) -> None:
    root, name = made.certificate.parent, made.certificate.name
    url = f"{made.jdbc}?{mode}"
    found = ask({"tables": login(f"{url}&sslrootcert={name}")}, root)
    assert names(found, "jdbc-table") == EVERYTHING
    assert gap(login(url)) == (
        "HERE: no authority that is trusted here signed its certificate "
        "(name its authority as sslrootcert in the URL)"
    )
    missing = "the file of sslrootcert is not there"
    assert gap(login(f"{url}&sslrootcert=nowhere.pem")) == missing


@needs_database
def test_a_certificate_for_another_host_is_refused(made: Database) -> None:
    url = f"{made.jdbc}?sslrootcert={made.certificate}".replace(HOST, "localhost")
    found = ask({"tables": login(f"{url}&sslmode=verify-ca")})
    assert names(found, "jdbc-table") == EVERYTHING
    words = "HERE: its certificate is for another host"
    assert gap(login(f"{url}&sslmode=verify-full")) == words


@needs_database
def test_refused_logins_are_said_and_not_shown(made: Database) -> None:
    assert (
        gap(login(made.jdbc, "marker-x")) == "HERE refuses the login of admin (28P01)"
    )
    absent = gap(login(made.jdbc.replace("/postgres", "/nowhere")))
    assert absent == "HERE has no such database (3D000)"


@needs_database
def test_a_server_that_refuses_connections_is_said(made: Database) -> None:
    made.run("create database closed allow_connections false")
    words = gap(login(made.jdbc.replace("/postgres", "/closed")))
    assert words == (
        'HERE refuses: database "closed" is not currently accepting connections'
    )


def test_nobody_there_is_said() -> None:
    (port,) = free_ports(1)
    assert gap(login(f"jdbc:postgresql://{HOST}:{port}/x")) == "HERE cannot be reached"


def test_a_port_that_never_answers_is_left_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[object] = []
    connect = socket.create_connection

    def noted(place: tuple[str, int], seconds: float) -> socket.socket:
        given.append(seconds)
        return connect(place, seconds)

    monkeypatch.setattr(socket, "create_connection", noted)
    with silent_port() as port:
        words = gap(login(f"jdbc:postgresql://{HOST}:{port}/x"), seconds="1.5")
    assert words == "HERE gives no answer within 1.5 s"
    assert given == [1.5]


@contextlib.contextmanager
def another_server(answer: bytes) -> Iterator[int]:
    """Give a port whose server says the same to everybody, and hangs up."""
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            with link:
                link.recv(1000)
                link.sendall(answer)
                link.settimeout(5)
                with contextlib.suppress(OSError):
                    link.recv(1000)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfe\xff\xfe" * 9, b"N", b""]
)
def test_another_server_is_no_crash(answer: bytes) -> None:
    with another_server(answer) as port:
        words = gap(login(f"jdbc:postgresql://{HOST}:{port}/x"), seconds="0.5")
    assert words.startswith("HERE ")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://h/x", "`ask.tables.url` is no JDBC URL"),
        ("jdbc:mysql://h/x", "tables of mysql are not asked, only those of postgresql"),
        ("jdbc:db2://h:50000/x", "list them in a file, as `inventory`"),
        ("jdbc:postgresql:x", "is not jdbc:postgresql://HOST:PORT/NAME"),
        ("jdbc:postgresql://h:port/x", "is not jdbc:postgresql://HOST:PORT/NAME"),
        ("jdbc:postgresql://h/x?sslmode=yes", "sslmode of `ask.tables.url` is one of"),
    ],
)
def test_an_address_that_cannot_be_asked_is_said(url: str, words: str) -> None:
    assert words in gap(login(url))


def test_a_user_has_to_be_named() -> None:
    assert "`ask.tables` needs a username" in gap({"url": "jdbc:postgresql://h/x"})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("jdbc:postgresql://h/x", Address("h", 5432, "x", {})),
        ("jdbc:postgresql://h", Address("h", 5432, "", {})),
        ("jdbc:postgresql:///x", Address("localhost", 5432, "x", {})),
        ("JDBC:PostgreSQL://[::1]:1/x%20y", Address("::1", 1, "x y", {})),
        ("jdbc:postgresql://a:1,b:2/x?user=u", Address("a", 1, "x", {"user": "u"})),
    ],
)
def test_an_address_is_read_as_the_driver_reads_it(url: str, expected: Address) -> None:
    assert read_url(url) == expected


def test_an_address_of_another_product_is_an_error_of_the_target() -> None:
    with pytest.raises(TargetError):
        read_url("jdbc:oracle:thin:@h")


@given(st.text(max_size=40).map("jdbc:postgresql:{}".format) | st.text(max_size=40))
def test_any_address_is_read_or_refused(url: str) -> None:
    with contextlib.suppress(TargetError):
        address = read_url(url)
        assert address.host
        assert address.port >= 0
