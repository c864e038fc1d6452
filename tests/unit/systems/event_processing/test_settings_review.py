"""What an environment may not do to the settings of a flow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowops.model import Finding, Location, Severity
from flowops.secrets import Secret, Text
from flowops.systems import event_processing
from flowops.systems.protocol import BoundFlow, Flow, Setting
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    document,
    read,
    sink,
    source,
)

PLACE = Location("environments/production.yaml", 9, 7)
SECURE = {"credentials": CREDENTIALS, "securityProtocol": "SASL_SSL"}


@pytest.fixture
def flow() -> Flow:
    return read(document(source(**SECURE), sink(**SECURE)))


def review(flow: Flow, *settings: Setting) -> list[Finding]:
    """Review without what is only worth knowing, which test_brokers is about."""
    found = event_processing.review(BoundFlow(flow, settings=settings))
    return [finding for finding in found if finding.severity is not Severity.INFO]


def with_value(flow: Flow, name: str, value: Text) -> list[Finding]:
    """Set an option of the source in an environment."""
    settings = {(s.node, s.name): s for s in flow.settings}
    key = ("readings", name)
    settings[key] = Setting("readings", "readings___TABLE", name, value, PLACE)
    return review(flow, *settings.values())


def summary(found: list[Finding]) -> list[tuple[str, str]]:
    return [(f.rule.partition("/")[2], str(f.severity)) for f in found]


def test_a_flows_own_settings_are_fine(flow: Flow) -> None:
    assert review(flow, *flow.settings) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("topic", "OTHER"),
        ("properties.bootstrap.servers", "prod:9093"),
        ("scan.startup.mode", "latest-offset"),
        ("properties.max.poll.records", "10"),
        ("properties.sasl.jaas.config", Secret("x", 'y required password="<z>";')),
    ],
)
def test_other_values_may_change(flow: Flow, name: str, value: Text) -> None:
    assert with_value(flow, name, value) == []


def test_the_format_may_not_change(flow: Flow) -> None:
    (found,) = with_value(flow, "format", "avro")
    assert found.rule == "event-processing/format-changed"
    assert found.severity is Severity.ERROR
    assert found.message == "readings changes its format from json to avro"
    assert found.location == PLACE
    assert found.address == flow.address
    assert found.hint


@pytest.mark.parametrize("name", ["format", "connector"])
def test_format_and_connector_may_not_go(flow: Flow, name: str) -> None:
    left = [s for s in flow.settings if (s.node, s.name) != ("results", name)]
    (found,) = review(flow, *left)
    assert found.rule == f"event-processing/{name}-changed"
    assert found.severity is Severity.ERROR
    assert found.message == f"results loses its {name}"


def test_the_connector_is_kafka(flow: Flow) -> None:
    assert summary(with_value(flow, "connector", "upsert-kafka")) == [
        ("connector-changed", "error")
    ]


@pytest.mark.parametrize(
    "value", ["x required password='a';", 'x required password="a\\"b";']
)
def test_a_login_line_has_double_quotes_only(flow: Flow, value: str) -> None:
    found = with_value(flow, "properties.sasl.jaas.config", Secret("", value))
    assert summary(found) == [("jaas-quotes", "error")]


def test_trusting_any_certificate_is_a_warning(flow: Flow) -> None:
    trust = "com.ibm.ep.kafka.ssl.TrustAll"
    found = with_value(flow, "properties.ssl.engine.factory.class", trust)
    assert summary(found) == [("trust-all", "warning")]
    assert "readings accepts any broker certificate" in found[0].message


def test_trust_of_the_flow_itself_is_told_in_the_same_words() -> None:
    flow = read(document(source(securityProtocol="SSL", certificatesAccepted=True)))
    assert tuple(review(flow, *flow.settings)) == flow.findings


@pytest.mark.parametrize(
    ("node", "table", "message", "hint"),
    [
        (
            "reading",
            "readings___TABLE",
            "the flow has no node 'reading' with options",
            "did you mean readings?",
        ),
        (
            "zzz",
            "zzz",
            "the flow has no node 'zzz' with options",
            "known are readings, results",
        ),
        (
            "readings",
            "readings",
            "readings has no table 'readings'",
            "did you mean readings___TABLE?",
        ),
        (
            "results",
            "???",
            "results has no table '???'",
            "known are results",
        ),
    ],
)
def test_a_setting_for_nothing_is_an_error(
    flow: Flow, node: str, table: str, message: str, hint: str
) -> None:
    stray = Setting(node, table, "topic", "X", PLACE)
    (found,) = review(flow, *flow.settings, stray)
    assert found.rule == "event-processing/unknown-table"
    assert found.severity is Severity.ERROR
    assert (found.message, found.hint, found.location) == (message, hint, PLACE)


def test_a_setting_for_a_flow_without_options_is_an_error() -> None:
    (found,) = review(read(document()), Setting("a", "b", "c", "d", PLACE))
    assert found.hint == "it has none"


def test_a_secret_typed_into_an_environment_is_a_warning(flow: Flow) -> None:
    name = "properties.ssl.truststore.password"
    found = with_value(flow, name, "marker-typed")
    assert summary(found) == [("secret-in-file", "warning")]
    assert "marker-typed" not in repr(found)
    assert with_value(flow, name, Secret("marker", "<value_redacted>")) == []


@pytest.mark.parametrize("password", ['a"b', "a\\b", "a\nb"])
def test_a_password_the_product_cannot_read_is_an_error(password: str) -> None:
    data = {**CREDENTIALS["data"], "password": password}  # type: ignore[dict-item]
    flow = read(document(source(credentials={"type": "SASL", "data": data})))
    found = review(flow, *flow.settings)
    assert summary(found) == [("jaas-quotes", "error")]
    assert password not in found[0].message
    other = Secret("x", 'y required password="<password_redacted> of production";')
    assert with_value(flow, "properties.sasl.jaas.config", other) == []


def test_a_placeholder_nobody_replaced_is_a_warning() -> None:
    data = {
        "username": "<username_redacted>",
        "password": "<password_redacted>",
        "mechanism": "PLAIN",
    }
    flow = read(document(source(credentials={"type": "SASL", "data": data})))
    assert summary(review(flow, *flow.settings)) == [("login-redacted", "warning")]


def test_findings_come_in_order(flow: Flow) -> None:
    broken = tuple(
        replace(s, value="x", origin=replace(PLACE, line=20 - i))
        for i, s in enumerate(flow.settings)
    )
    found = review(flow, *broken)
    assert found == sorted(found, key=Finding.sort_key)
    assert len(found) >= 4
