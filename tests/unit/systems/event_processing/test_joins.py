"""Interval joins: their SQL, their clocks, and what they refuse."""

from __future__ import annotations

import pytest

from tests.unit.systems.event_processing.builders import (
    FIELDS,
    WATERMARK,
    Json,
    filtered,
    kept,
    node,
    refusal_of,
    sink,
    source,
    sql_of,
    transform,
)

EDGES = [("readings", "near"), ("alarms", "near"), ("near", "results")]


def column(name: str, table: str, origin: str) -> Json:
    return {
        "outputColumn": name,
        "input": {"column": origin, "table": table},
        "expression": "",
    }


def offset(amount: float, unit: str = "MINUTE") -> Json:
    return {"interval": amount, "timeUnit": unit}


def join(**changes: object) -> Json:
    configuration: Json = {
        "joinCondition": "`readings`.`city` = `alarms`.`city`",
        "timeCondition": {
            "watchedTimeEvent": {"table": "alarms", "column": "time"},
            "baseTimeEvent": {"table": "readings", "column": "time"},
            "start": offset(-5),
            "end": offset(10),
        },
        "columns": [
            column("town", "readings", "city"),
            column("alarmed at", "alarms", "time"),
        ],
    }
    return node("near", "intervalJoin", {**configuration, **changes})


def time_condition(**changes: object) -> Json:
    condition = join()["configuration"]["timeCondition"]  # type: ignore[index]
    return {**condition, **changes}


def joined(*nodes: Json) -> str:
    return sql_of(*(nodes or (source(), source("alarms"), join())), sink(), edges=EDGES)


def test_the_base_stream_comes_first_and_both_bounds_belong() -> None:
    assert (
        "CREATE TEMPORARY VIEW `near` AS\nSELECT\n"
        "    `readings`.`city`              AS `town`,\n"
        "    `alarms`.`time`                AS `alarmed at`\n"
        "FROM `readings` JOIN `alarms` ON\n"
        "    `readings`.`city` = `alarms`.`city`\n"
        "WHERE `alarms`.`time`\n"
        "    BETWEEN `readings`.`time` - INTERVAL '5' MINUTE\n"
        "    AND `readings`.`time` + INTERVAL '10' MINUTE;"
    ) in joined()


def test_the_columns_keep_their_types_and_clocks() -> None:
    sql = joined()
    assert "`alarmed at`                   TIMESTAMP(6)" in sql
    assert "SELECT `town`,CAST(`alarmed at` AS TIMESTAMP(6)) FROM `near`" in sql


def test_clocks_of_two_kinds_become_one_for_the_whole_flow() -> None:
    zoned = [{**field, "type": "TIMESTAMP_LTZ_UDF"} for field in FIELDS[-1:]]  # type: ignore[dict-item]
    alarms = source("alarms", fields=[*FIELDS[:2], *zoned])
    from_kafka = {**WATERMARK, "topicLocalTimeRequired": True}
    stamped = source(watermark={**from_kafka, "watermarkColumn": "arrived"})
    near = join(
        timeCondition=time_condition(
            baseTimeEvent={"table": "readings", "column": "arrived"}
        )
    )
    sql = joined(stamped, alarms, near)
    assert "`arrived`                      TIMESTAMP_LTZ(3) METADATA FROM" in sql
    assert "AS CAST (TO_TIMESTAMP_LTZ_UDF(`time`) AS TIMESTAMP_LTZ(3))" in sql
    plain = joined(source(), alarms, join())
    assert "AS CAST (TO_TIMESTAMP_UDF(`time`) AS TIMESTAMP_LTZ(3))" in plain
    assert "TIMESTAMP_LTZ" not in joined()


REFUSALS: list[tuple[Json, str]] = [
    ({"joinCondition": ""}, "is empty"),
    ({"joinCondition": "1 = 1; DROP TABLE x"}, "does not end"),
    ({"columns": []}, "has no columns"),
    ({"columns": [column("x", "nobody", "city")]}, "none of its inputs"),
    ({"columns": [column("x", "alarms", "nobody")]}, "the column 'nobody'"),
    ({"columns": [column("x", "alarms", "city")] * 2}, "'x' twice"),
    ({"joinType": "LEFT"}, "has the property 'joinType'"),
    ({"timeCondition": time_condition(start=offset(11))}, "ends before it starts"),
    ({"timeCondition": time_condition(end=offset(-6))}, "ends before it starts"),
    ({"timeCondition": time_condition(end=None)}, "has no time window"),
    ({"timeCondition": time_condition(end=offset(1, "MOON"))}, "time unit 'MOON'"),
    (
        {
            "timeCondition": time_condition(
                baseTimeEvent={"table": "readings", "column": "degrees"}
            )
        },
        "not the event time of its source",
    ),
    (
        {
            "timeCondition": time_condition(
                baseTimeEvent={"table": "alarms", "column": "time"}
            )
        },
        "both event times from alarms",
    ),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSALS)
def test_joins_that_cannot_be_compiled(changes: Json, reason: str) -> None:
    nodes = (source(), source("alarms"), join(**changes), sink())
    assert reason in refusal_of(*nodes, edges=EDGES)


def test_a_join_has_two_inputs() -> None:
    reason = refusal_of(source(), join(), sink())
    assert reason.startswith("near has 1 inputs and joins two")


def test_clocks_that_stay_of_two_kinds_are_refused() -> None:
    """An aggregate's start is a plain timestamp, whatever its source's clock is."""
    shaped = transform(kept("city"), kept("time"), name="shaped")
    edges = [("readings", "shaped"), ("shaped", "chosen"), ("chosen", "results")]
    nodes = (source(), shaped, filtered("TRUE"), sink())
    assert "TIMESTAMP(6)" in sql_of(*nodes, edges=edges)
