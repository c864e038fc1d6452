"""SQL for plain Apache Flink: nothing of the vendor's is in it, or there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowops.errors import InputError
from flowops.model import Location
from flowops.systems import event_processing
from flowops.systems.protocol import BoundFlow, Bundle, Flow, TargetSettings
from tests.unit.systems.event_processing.builders import (
    Json,
    document,
    made,
    node,
    read,
    sink,
    source,
    transform,
)
from tests.unit.systems.event_processing.test_api_calls import call
from tests.unit.systems.event_processing.test_exports import NEW, OLD

PLAIN: list[object] = [
    {"name": "city", "type": "STRING"},
    {"name": "time", "type": "TIMESTAMP"},
]


def flink(flow: Flow) -> Bundle:
    bound = BoundFlow(flow, settings=flow.settings)
    return event_processing.render(replace(bound, target={"dialect": "flink"}))


def refusal(*nodes: Json) -> str:
    bundle = flink(read(document(*nodes)))
    assert "flow.sql" not in bundle.files
    (found,) = [f for f in bundle.findings if f.rule.endswith("no-sql")]
    return found.message


def test_a_flow_without_the_vendors_functions_is_the_same_in_both() -> None:
    flow = read(document(source(fields=PLAIN), sink()))
    bound = BoundFlow(flow, settings=flow.settings)
    assert flink(flow).files == event_processing.render(bound).files


def test_what_only_the_vendor_has_is_refused_by_name() -> None:
    start = source(fields=PLAIN)
    assert refusal(source(), sink()).startswith("readings needs TO_TIMESTAMP_UDF")
    shaped = transform(made("t", "to_timestamp_ltz_udf(`city`)"))
    reason = refusal(start, shaped, sink())
    assert reason.startswith("shaped needs TO_TIMESTAMP_LTZ_UDF")
    assert refusal(start, call(), sink()).startswith("ask needs 'gid.connector")
    function = (
        "CREATE FUNCTION f AS 'com.ibm.x.F';CREATE VIEW p AS SELECT city FROM readings"
    )
    own = node("p", "sqlProcessor", {"statement": function})
    assert refusal(start, own, sink()).startswith("p needs 'com.ibm.x.F'")
    trusting = source(fields=PLAIN, securityProtocol="SSL", certificatesAccepted=True)
    assert "com.ibm.ep.kafka.ssl.TrustAll" in refusal(trusting, sink())


def test_a_sql_export_is_given_or_refused_whole() -> None:
    plain = event_processing.read_file("a.sql", OLD.encode())
    assert str(flink(plain).files["flow.sql"]) == OLD
    sql = NEW.replace("`x` = 'kafka:9092'", "TO_TIMESTAMP_UDF(`x`) IS NULL")
    flow = event_processing.read_file("a.sql", sql.encode())
    with pytest.raises(InputError, match="needs TO_TIMESTAMP_UDF"):
        flink(flow)


@pytest.mark.parametrize(
    ("dialect", "words"), [("flnk", "did you mean flink?"), ("x", "write event-proc")]
)
def test_a_dialect_that_does_not_exist_is_refused(
    dialect: str, words: str, tmp_path: Path
) -> None:
    values = {"path": "out", "dialect": dialect}
    place = Location("environments/test.yaml", 3)
    settings = TargetSettings(
        "event_processing", "directory", values, place, tmp_path, "test"
    )
    with pytest.raises(InputError) as caught:
        event_processing.open_target(settings)
    assert words in caught.value.hint
    assert caught.value.location == place
