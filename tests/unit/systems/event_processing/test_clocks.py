"""Clocks of two sorts in one flow: made one where that can be, and always told."""

from __future__ import annotations

import pytest

from flowops.model import Finding
from flowops.systems.event_processing.compiler.clocks import (
    clocks_made,
    has_event_time,
    windowed_columns,
)
from flowops.systems.event_processing.sql.text import code
from tests.unit.systems.event_processing.builders import (
    FIELDS,
    Json,
    document,
    node,
    read,
    render,
    sink,
    source,
)
from tests.unit.systems.event_processing.test_joins import EDGES, join

WINDOW = """CREATE TEMPORARY VIEW `timed` AS
SELECT *, PROCTIME() AS `now` FROM `readings`;
CREATE TEMPORARY VIEW `w` AS SELECT COUNT(*) AS `n` FROM TABLE(
    TUMBLE(TABLE `timed`, DESCRIPTOR(`{}`), INTERVAL '1' HOUR)
) GROUP BY window_start, window_end;"""


def told(*nodes: Json, edges: list[tuple[str, str]] | None = None) -> list[Finding]:
    bundle = render(read(document(*nodes, edges=edges)))
    assert "flow.sql" in bundle.files
    return [f for f in bundle.findings if f.rule == "event-processing/mixed-clocks"]


def test_event_times_of_two_kinds_are_told_where_they_meet() -> None:
    zoned: list[object] = [*FIELDS[:2], {"name": "time", "type": "TIMESTAMP_LTZ_UDF"}]
    nodes = (source(), source("alarms", fields=zoned), join(), sink())
    (found,) = told(*nodes, edges=EDGES)
    assert found.message.startswith("near joins event times of two kinds: TIMESTAMP")
    assert "all event times of the flow become TIMESTAMP_LTZ" in found.message
    assert "table.local-time-zone" in found.hint
    assert found.location
    assert told(source(), source("alarms"), join(), sink(), edges=EDGES) == []


@pytest.mark.parametrize(("clock", "count"), [("now", 1), ("time", 0)])
def test_a_window_by_processing_time_is_told(clock: str, count: int) -> None:
    own = node("w", "sqlProcessor", {"statement": WINDOW.format(clock)})
    found = told(source(), own, sink())
    assert len(found) == count
    for finding in found:
        assert finding.message.startswith("w gathers by 'now', the time of processing")


def test_processing_time_alone_is_one_clock() -> None:
    own = node("w", "sqlProcessor", {"statement": WINDOW.format("now")})
    assert told(source(watermark={}), own, sink()) == []


def test_a_clock_is_found_in_a_table_and_in_a_select() -> None:
    table = "CREATE TABLE t (`a` STRING, `p` AS PROCTIME()) WITH ('connector' = 'x')"
    assert clocks_made(code(table)) == {"p"}
    query = code("SELECT PROCTIME() AS q, proctime() FROM t")
    assert clocks_made(query) == {"q"}
    nothing = clocks_made(code("PROCTIME()")), clocks_made(code("AS PROCTIME("))
    assert nothing == (frozenset(), frozenset())
    twice = "TUMBLE(TABLE t, DESCRIPTOR(p), x) TUMBLE(TABLE t, descriptor(p), y)"
    assert windowed_columns(code(twice)) == ("p",)
    assert windowed_columns(code("'DESCRIPTOR(p)'")) == ()
    assert has_event_time("WATERMARK FOR x AS x")
    assert not has_event_time("'WATERMARK'")
