"""What is sent in the clear, and where a table starts to read: told before a deploy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowops.model import Finding, Location, Severity
from flowops.systems import event_processing
from flowops.systems.protocol import BoundFlow, Flow, Setting
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    Json,
    document,
    node,
    read,
    sink,
    source,
)

PLACE = Location("environments/production.yaml", 9, 7)
START = "scan.startup.mode"
SECURE: Json = {"credentials": CREDENTIALS, "securityProtocol": "SASL_SSL"}
STARTS: Json = {"startUpMode": "latest-offset"}
SQL = """
CREATE TABLE `{}` (`x` STRING) WITH (
    'connector' = '{}', 'topic' = 'T', 'properties.bootstrap.servers' = 'k:9',
    'format' = 'json', 'properties.security.protocol' = 'SASL_SSL'
);
"""


def review(flow: Flow, *settings: Setting) -> list[Finding]:
    bound = BoundFlow(flow, settings=settings or flow.settings)
    return [*event_processing.review(bound)]


def told(found: list[Finding]) -> list[tuple[str, str]]:
    assert all(f.location and f.hint and f.address for f in found)
    return [(f.message, str(f.severity)) for f in found]


def changed(flow: Flow, name: str, value: str | None) -> list[Finding]:
    """Set an option of every table in an environment, or take it away."""
    settings = [s for s in flow.settings if s.name != name]
    if value is not None:
        tables = {(s.node, s.table) for s in settings}
        settings += [Setting(*table, name, value, PLACE) for table in sorted(tables)]
    return review(flow, *settings)


def secure() -> Flow:
    return read(document(source(**SECURE, **STARTS), sink(**SECURE)))


def test_an_encrypted_flow_that_says_where_it_starts_is_fine() -> None:
    assert review(secure()) == []
    assert changed(secure(), "properties.security.protocol", "SSL") == []


def test_a_login_in_the_clear_is_a_warning() -> None:
    found = changed(secure(), "properties.security.protocol", "SASL_PLAINTEXT")
    assert told(found) == [
        ("readings sends its login and its events unencrypted", "warning"),
        ("results sends its login and its events unencrypted", "warning"),
    ]
    assert found[0].rule == "event-processing/clear-login"
    assert found[0].location == PLACE


@pytest.mark.parametrize("value", ["PLAINTEXT", "plaintext", None])
def test_no_login_and_no_encryption_is_told(value: str | None) -> None:
    found = changed(secure(), "properties.security.protocol", value)
    words = "has brokers that ask for no login, and nothing is encrypted"
    assert told(found) == [(f"{n} {words}", "info") for n in ("readings", "results")]
    assert {f.rule for f in found} == {"event-processing/clear-broker"}


def test_a_start_that_was_taken_away_is_a_warning() -> None:
    (found,) = changed(secure(), START, None)
    assert found.rule == "event-processing/start-implicit"
    assert found.severity is Severity.WARNING
    assert found.message == "readings does not say where it starts to read"


def test_the_default_of_an_older_export_is_told_until_somebody_says_it() -> None:
    flow = read(document(source(**SECURE), sink(**SECURE)))
    (found,) = review(flow)
    assert told([found]) == [
        ("readings starts at the first event there is, by default", "info")
    ]
    assert changed(flow, START, "earliest-offset") == []


@pytest.mark.parametrize("connector", ["kafka", "jdbc"])
def test_sql_of_a_user_has_to_say_where_it_starts(connector: str) -> None:
    """Only what is read: a destination has no start, and a database has no broker."""
    own = node("own", "sqlSource", {"statement": SQL.format("own", connector)})
    out = node("out", "sqlSink", {"statement": SQL.format("out", connector)})
    found = [f for f in review(read(document(own, out))) if "start" in f.rule]
    named = [f.message.split()[0] for f in found]
    assert named == (["own"] if connector == "kafka" else [])


def test_a_sql_export_has_to_say_where_it_starts() -> None:
    tables = SQL.format("in", "kafka") + SQL.format("out", "kafka")
    sql = f"{tables}INSERT INTO `out` SELECT * FROM `in`;"
    flow = event_processing.read_file("a.sql", sql.encode())
    (found,) = review(flow)
    assert told([found]) == [("in does not say where it starts to read", "warning")]
    started = Setting("in", "in", START, "latest-offset", PLACE)
    assert review(flow, *flow.settings, started) == []


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        ("directory", "warning"),
        ("flink", "error"),
        ("kubernetes", "error"),
        ("", "warning"),
    ],
)
def test_a_placeholder_stops_what_runs_jobs(kind: str, severity: str) -> None:
    sql = SQL.format("t", "kafka").replace(
        "'topic'", "'properties.ssl.key.password' = '<password_redacted>', 'topic'"
    )
    flow = event_processing.read_file("a.sql", sql.encode())
    bound = BoundFlow(flow, settings=flow.settings)
    found = event_processing.review(replace(bound, target={"kind": kind}))
    (left,) = [f for f in found if f.rule == "event-processing/placeholder"]
    assert str(left.severity) == severity
    assert left.location
    assert left.location.line == 3
