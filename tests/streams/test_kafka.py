"""Topics are asked of a real Kafka broker, and what goes wrong is said."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowops.secrets import Text
from tests.streams.builders import ask, names, secret
from tests.support.kafka import (
    FLOWS,
    USERS,
    Broker,
    allow,
    consume,
    create_topics,
    delete_topics,
    forbid,
    produce,
)
from tests.support.real import HOST, free_ports, silent_port

pytestmark = pytest.mark.slow
PASSWORD = "sasl.password"
UNTRUSTED = (
    ": its certificate is not trusted here, or is for another host "
    "(name its authority as ssl.ca.location)"
)
TOPICS = ("ORDERS.NEW", "ORDERS.OLD", "PAYMENTS")


@pytest.fixture(scope="module", autouse=True)
def topics(broker: Broker) -> Iterator[None]:
    create_topics(broker, *TOPICS)
    yield
    delete_topics(broker, *TOPICS)


@pytest.fixture
def rights(broker: Broker) -> Iterator[None]:
    """Let a test give rights, and take them away after it."""
    yield
    forbid(broker)


def scram(broker: Broker, user: str = "admin", password: str = "") -> dict[str, Text]:
    return {
        "bootstrap.servers": broker.secure,
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": user,
        PASSWORD: secret(password or USERS[user]),
        "ssl.ca.location": str(broker.certificate),
    }


def plain(broker: Broker, user: str = "admin") -> dict[str, Text]:
    return {
        "bootstrap.servers": broker.sasl,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": user,
        PASSWORD: secret(USERS[user]),
    }


def gap(values: dict[str, Text], seconds: str = "10", root: Path = Path()) -> str:
    """Ask a cluster that does not answer as it should; return why, without its port."""
    found = ask({"kafka": values}, root, seconds)
    assert found.resources == ()
    assert found.kinds == frozenset()
    return found.gaps["topic"].replace(str(values["bootstrap.servers"]), "HERE")


def test_a_cluster_without_logins_lists_its_topics(broker: Broker) -> None:
    found = ask({"kafka": {"bootstrap.servers": broker.plain}})
    assert names(found, "topic") == [*TOPICS]
    assert found.kinds == {"topic"}
    assert found.gaps == {}


def test_a_login_by_scram_over_tls_lists_them_too(broker: Broker) -> None:
    assert names(ask({"kafka": scram(broker)}), "topic") == [*TOPICS]


def test_a_login_by_plain_lists_them_too(broker: Broker) -> None:
    assert names(ask({"kafka": plain(broker)}), "topic") == [*TOPICS]


def test_a_certificate_is_found_from_the_project(broker: Broker) -> None:
    values = scram(broker) | {"ssl.ca.location": broker.certificate.name}
    found = ask({"kafka": values}, broker.certificate.parent)
    assert names(found, "topic") == [*TOPICS]


def test_a_server_that_is_down_does_not_hide_another(broker: Broker) -> None:
    (port,) = free_ports(1)
    servers = f"{HOST}:{port},{broker.plain}"
    found = ask({"kafka": {"bootstrap.servers": servers}})
    assert names(found, "topic") == [*TOPICS]


def test_topics_of_kafka_itself_are_left_out(broker: Broker) -> None:
    produce(broker, "PAYMENTS", [b"one"])
    assert consume(broker, "PAYMENTS", 1) == [b"one"]
    found = names(ask({"kafka": {"bootstrap.servers": broker.plain}}), "topic")
    assert found == [*TOPICS]


def test_a_user_without_rights_leaves_the_kind_unknown(broker: Broker) -> None:
    words = "flows may describe no topic: an ACL has to allow it"
    assert gap(scram(broker, FLOWS)) == words


@pytest.mark.usefixtures("rights")
def test_a_user_with_some_rights_gets_a_list_and_a_warning(broker: Broker) -> None:
    allow(broker, "DESCRIBE", "ORDERS.", is_prefix=True)
    found = ask({"kafka": plain(broker, FLOWS)})
    assert names(found, "topic") == ["ORDERS.NEW", "ORDERS.OLD"]
    assert found.kinds == {"topic"}
    words = "flows may not describe every topic: one it may not counts as absent"
    assert found.gaps == {"topic": words}


@pytest.mark.usefixtures("rights")
def test_a_user_with_every_right_gets_no_warning(broker: Broker) -> None:
    allow(broker, "DESCRIBE", "*")
    found = ask({"kafka": scram(broker, FLOWS)})
    assert names(found, "topic") == [*TOPICS]
    assert found.gaps == {}


def test_a_wrong_password_is_said_and_not_shown(broker: Broker) -> None:
    assert gap(scram(broker, password="marker-x")) == (
        "Kafka at HERE refuses the login of admin: SASL authentication error: "
        "Authentication failed during authentication due to invalid credentials with "
        "SASL mechanism SCRAM-SHA-512"
    )


def test_an_unknown_authority_is_said(broker: Broker) -> None:
    values = {k: v for k, v in scram(broker).items() if k != "ssl.ca.location"}
    assert gap(values) == f"Kafka at HERE{UNTRUSTED}"


def test_a_certificate_for_another_host_is_refused(broker: Broker) -> None:
    port = broker.secure.partition(":")[2]
    words = gap(scram(broker) | {"bootstrap.servers": f"localhost:{port}"})
    assert words.endswith(UNTRUSTED)


def test_a_mechanism_that_is_not_offered_is_said(broker: Broker) -> None:
    assert "mechanism handshake failed: Broker: Unsupported SASL mechanism" in gap(
        plain(broker) | {"sasl.mechanism": "SCRAM-SHA-256"}
    )


def test_a_protocol_that_does_not_fit_is_said(broker: Broker) -> None:
    words = (
        "Kafka at HERE: the connection is closed: does security.protocol fit the "
        "listener?"
    )
    assert gap({"bootstrap.servers": broker.sasl}) == words
    assert gap({"bootstrap.servers": broker.secure}) == words
    assert gap(scram(broker) | {"bootstrap.servers": broker.plain}) == words


def test_a_missing_authority_is_said(broker: Broker) -> None:
    words = "the file nowhere.pem of ssl.ca.location is not there"
    assert gap(scram(broker) | {"ssl.ca.location": "nowhere.pem"}) == words


def test_an_authority_that_is_no_certificate_is_said(
    broker: Broker, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text("no certificate", "utf-8")
    words = gap(scram(broker) | {"ssl.ca.location": "ca.pem"}, root=tmp_path)
    assert "ssl.ca.location failed" in words


def test_nobody_there_is_said_at_once() -> None:
    (port,) = free_ports(1)
    begun = time.monotonic()
    words = gap({"bootstrap.servers": f"{HOST}:{port}"}, seconds="300")
    assert time.monotonic() - begun < 100  # it does not sit its time out
    assert words == "Kafka at HERE: Connect failed: Connection refused"


def test_a_host_without_an_address_is_said() -> None:
    words = gap({"bootstrap.servers": "kafka.invalid:9092"})
    assert "Failed to resolve" in words


def test_a_port_that_never_answers_is_left_in_time() -> None:
    with silent_port() as port:
        words = gap({"bootstrap.servers": f"{HOST}:{port}"}, seconds="0.5")
    assert words == "Kafka at HERE gives no answer within 0.5 s"


def test_a_secret_address_is_not_shown() -> None:
    (port,) = free_ports(1)
    hidden = secret(f"{HOST}:{port}")
    words = ask({"kafka": {"bootstrap.servers": hidden}}).gaps["topic"]
    assert "<password_redacted>" in words
    assert str(port) not in words


def test_many_messages_come_back_in_order(broker: Broker) -> None:
    count = 100_000
    assert produce(broker, "ORDERS.NEW", (b"%d" % n for n in range(count))) == count
    found = consume(broker, "ORDERS.NEW", count)
    assert [found[0], found[-1], len(found)] == [b"0", b"%d" % (count - 1), count]
