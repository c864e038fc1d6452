"""The places of the secrets that ``redact`` takes out of a SQL export."""

from __future__ import annotations

from flowops.documents.source import source_text
from flowops.systems.event_processing.reading.findings import redact_hint
from flowops.systems.event_processing.reading.sql_export import read_sql_export
from flowops.systems.event_processing.redaction.exports import redact_sql

LOGIN = 'org.x.PlainLoginModule required username="me" password="hunter2";'
LINES = (
    "-- flowName: Orders",
    "CREATE TABLE `a` (`x` STRING) WITH ('connector' = 'kafka',",
    f"  'properties.sasl.jaas.config' = '{LOGIN}',",
    "  'properties.ssl.truststore.password' = 'hunter3',",
    "  'url' = 'http://me:hunter4@host/');",
    "CREATE TABLE `b` (`x` STRING) WITH ('connector' = 'kafka',",
    "  'properties.ssl.truststore.password' = 'hunter5');",
    "-- see http://me:hunter6@host/",
)
SOURCE = source_text("flow.sql", "\n".join(LINES))


def test_each_secret_is_told_at_its_own_place() -> None:
    found = redact_sql(SOURCE)

    assert [f"{hidden.location}: {hidden.words}" for hidden in found.hidden] == [
        (
            "flow.sql:3:35: the username of a login module, "
            "the password of a login module"
        ),
        "flow.sql:4:42: the option properties.ssl.truststore.password",
        "flow.sql:5:11: the login of an address",
        "flow.sql:7:42: the option properties.ssl.truststore.password",
        "flow.sql:8:15: the login of an address",
    ]
    assert b"hunter" not in found.data


def test_a_check_names_the_same_options_at_the_same_places() -> None:
    findings = read_sql_export(SOURCE).findings
    places = {f.location for f in findings if f.rule.endswith("secret-in-file")}

    assert {hidden.location for hidden in redact_sql(SOURCE).hidden[:4]} <= places


def test_nothing_is_told_of_a_script_that_was_redacted() -> None:
    again = source_text("flow.sql", redact_sql(SOURCE).data.decode())

    assert redact_sql(again).hidden == ()


def test_the_command_is_told_whole() -> None:
    assert redact_hint("flows/my flow.sql") == (
        "run `flowops redact 'flows/my flow.sql' --write`, and change the secret"
    )
    assert "redact flows/a.zip --write" in redact_hint("flows/a.zip/config.yaml")
