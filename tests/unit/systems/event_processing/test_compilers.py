"""What each compiler writes, and what it refuses to write."""

from __future__ import annotations

import pytest

from flowops.systems import event_processing
from flowops.systems.event_processing.sql.text import code, split_statements
from flowops.systems.protocol import BoundFlow
from tests.unit.systems.event_processing.builders import (
    FIELDS,
    WATERMARK,
    Json,
    aggregate,
    document,
    filtered,
    kept,
    made,
    node,
    read,
    refusal_of,
    render,
    sink,
    source,
    sql_of,
    transform,
)


def field(name: str, kind: str, **more: object) -> Json:
    return {"name": name, "selected": True, "type": kind, **more}


def clock(**changes: object) -> Json:
    return {**WATERMARK, **changes}


def statements(sql: str, start: str) -> list[str]:
    bare = [s[code(s)[0].start :] for s in split_statements(sql)]
    return [s for s in bare if s.startswith(start)]


def columns_of(sql: str, table: str) -> list[str]:
    """Return the column lines of a table, without their padding."""
    (found,) = statements(sql, f"CREATE TABLE `{table}`")
    lines = found.partition("(\n")[2].partition("\n)")[0].split(",\n")
    return [" ".join(line.split()) for line in lines]


def view_of(sql: str, name: str) -> str:
    (found,) = statements(sql, f"CREATE TEMPORARY VIEW `{name}`")
    return found


# Sources


@pytest.mark.parametrize(
    ("unit", "amount", "expected"),
    [
        ("MILLISECOND", 50, "'0.05' SECOND"),
        ("MILLISECONDS", 1500, "'1.5' SECOND"),
        ("SECOND", 0, "'0' SECOND"),
        ("SECONDS", 5, "'5' SECOND"),
        ("SECOND", 0.25, "'0.25' SECOND"),
        ("MINUTE", 1, "'1' MINUTE"),
        ("MINUTE", 150, "'150' MINUTE(3)"),
        ("HOUR", 36, "'36' HOUR"),
        ("DAYS", 100, "'100' DAY(3)"),
    ],
)
def test_lateness(unit: str, amount: float, expected: str) -> None:
    watermark = clock(timeUnit=unit, interval=amount)
    sql = sql_of(source(watermark=watermark), sink())
    assert columns_of(sql, "readings___TABLE")[-1] == (
        "WATERMARK FOR `time___EVENT_TIME` AS `time___EVENT_TIME` - "
        f"INTERVAL {expected}"
    )


def test_names_are_padded_to_thirty() -> None:
    long = "x" * 40
    sql = sql_of(source(fields=[*FIELDS, field(long, "BIGINT")]), sink())
    assert "\n    `city`                         STRING,\n" in sql
    assert f"\n    `{long}` BIGINT,\n" in sql
    assert "\n    `time___EVENT_TIME`            AS `time`" in sql


def test_event_time_of_kafka_is_a_column_of_its_own() -> None:
    watermark = clock(topicLocalTimeRequired=True, watermarkColumn="event_time")
    sql = sql_of(source(watermark=watermark), sink())
    assert columns_of(sql, "readings___TABLE")[-2:] == [
        "`event_time` TIMESTAMP(3) METADATA FROM 'timestamp'",
        "WATERMARK FOR `event_time` AS `event_time` - INTERVAL '5' SECOND",
    ]
    assert columns_of(sql, "results")[-2:] == [
        "`time` TIMESTAMP(9)",
        "`event_time` TIMESTAMP(6)",
    ]
    assert "TO_TIMESTAMP_UDF(`time`)" in view_of(sql, "readings")


def test_a_flow_without_event_time_has_no_watermark() -> None:
    sql = sql_of(source(watermark=None), sink())
    assert "WATERMARK" not in sql
    assert columns_of(sql, "results")[-1] == "`time` TIMESTAMP(9)"


def test_a_timestamp_in_sql_form_can_be_event_time() -> None:
    fields = [field("time", "TIMESTAMP"), field("other", "TIMESTAMP")]
    sql = sql_of(source(fields=fields), sink())
    assert columns_of(sql, "readings___TABLE")[:3] == [
        "`time` TIMESTAMP(9)",
        "`other` TIMESTAMP(9)",
        "`time___EVENT_TIME` AS CAST (`time` AS TIMESTAMP(3))",
    ]
    assert "CREATE FUNCTION" not in sql


def test_functions_are_declared_when_used_only() -> None:
    plain = [field("city", "STRING")]
    assert "CREATE FUNCTION" not in sql_of(source(fields=plain, watermark=None), sink())
    both = [field("time", "TIMESTAMP_UDF"), field("zoned", "TIMESTAMP_LTZ_UDF")]
    assert sql_of(source(fields=both), sink()).count("CREATE FUNCTION") == 2
    columns = transform(made("x", "to_timestamp_ltz_udf(`city`)"))
    sql = sql_of(source(fields=plain, watermark=None), columns, sink())
    assert statements(sql, "CREATE FUNCTION") == [
        (
            "CREATE FUNCTION TO_TIMESTAMP_LTZ_UDF AS "
            "'com.ibm.ei.streamproc.udf.ToTimestampLtzUdf'"
        )
    ]


def test_what_is_not_selected_is_left_out_of_json() -> None:
    fields = [*FIELDS, field("hidden", "STRING", selected=False)]
    assert "hidden" not in sql_of(source(fields=fields), sink())


def test_what_is_not_selected_has_to_be_declared_in_avro() -> None:
    fields = [
        field("id", "STRING", nullable=False),
        field("hidden", "BIGINT", nullable=False, selected=False),
        field("note", "STRING", nullable=True),
        field("at", "TIMESTAMP", nullable=False),
    ]
    watermark = clock(watermarkColumn="at")
    sql = sql_of(source(fields=fields, format="avro", watermark=watermark), sink())
    assert columns_of(sql, "readings___TABLE")[:4] == [
        "`id` STRING NOT NULL",
        "`hidden` BIGINT NOT NULL",
        "`note` STRING",
        "`at` TIMESTAMP(3) NOT NULL",
    ]
    assert columns_of(sql, "results") == [
        "`id` STRING",
        "`note` STRING",
        "`at` TIMESTAMP(6)",
    ]


def test_objects_and_lists_nest() -> None:
    inner = [field("x", "DOUBLE"), field("deep", "ROW", fields=[field("y", "BOOLEAN")])]
    fields = [
        field("place", "ROW", fields=inner),
        field("tags", "ARRAY", items={"type": "STRING"}),
        field("spots", "ARRAY", items={"fields": [field("z", "BIGINT")]}),
        field("grid", "ARRAY", items={"type": "ARRAY", "items": {"type": "FLOAT"}}),
    ]
    sql = sql_of(source(fields=fields, watermark=None), sink())
    expected = [
        "`place` ROW<`x` DOUBLE, `deep` ROW<`y` BOOLEAN>>",
        "`tags` ARRAY<STRING>",
        "`spots` ARRAY<ROW<`z` BIGINT>>",
        "`grid` ARRAY<ARRAY<FLOAT>>",
    ]
    assert columns_of(sql, "readings___TABLE") == expected
    assert columns_of(sql, "results") == expected


def test_a_nested_timestamp_is_converted_in_place() -> None:
    inner = [field("x", "DOUBLE"), field("at", "TIMESTAMP_UDF")]
    fields = [field("place", "ROW", fields=inner)]
    sql = sql_of(source(fields=fields, watermark=None), sink())
    kind = "ROW<`x` DOUBLE, `at` TIMESTAMP(9)>"
    assert columns_of(sql, "results") == [f"`place` {kind}"]
    assert (
        "CAST(CASE WHEN `place` IS NOT NULL THEN "
        "ROW(`place`.`x`, TO_TIMESTAMP_UDF(`place`.`at`)) END "
        f"AS {kind}) AS `place`"
    ) in view_of(sql, "readings")


SOURCE_REFUSALS: list[tuple[Json, str]] = [
    ({"fields": []}, "has no fields"),
    ({"fields": None}, "has no fields"),
    ({"format": "avro-confluent"}, "reads avro-confluent"),
    ({"fields": [field("x", "BLOB")], "watermark": None}, "of type BLOB"),
    ({"fields": [field("x", "ROW")], "watermark": None}, "of type ROW"),
    ({"fields": [field("x", "ARRAY")], "watermark": None}, "of type ARRAY"),
    ({"fields": [{"name": "x"}], "watermark": None}, "of type nothing"),
    (
        {
            "fields": [field("x", "ARRAY", items={"type": "TIMESTAMP_UDF"})],
            "watermark": None,
        },
        "items that need converting",
    ),
    ({"watermark": clock(watermarkColumn="city")}, "which is no timestamp"),
    ({"watermark": clock(watermarkColumn="nobody")}, "which it does not have"),
    ({"watermark": clock(timeUnit="FORTNIGHT")}, "the time unit 'FORTNIGHT'"),
    ({"fields": [*FIELDS, FIELDS[0]]}, "has the column 'city' twice"),
    (
        {"watermark": clock(topicLocalTimeRequired=True)},
        "has the column 'time' twice",
    ),
    (
        {"fields": [field("a\nb", "STRING")], "watermark": None},
        "which SQL cannot write",
    ),
    ({"topic": ""}, "has no topic"),
    ({"bootstrapServers": []}, "has no option properties.bootstrap.servers"),
    ({"kafkaKey": {"name": "k"}}, "has the property 'kafkaKey'"),
]


@pytest.mark.parametrize(("changes", "reason"), SOURCE_REFUSALS)
def test_sources_that_cannot_be_compiled(changes: Json, reason: str) -> None:
    assert reason in refusal_of(source(**changes), sink())


# Filters and transforms


@pytest.mark.parametrize(
    "statement", ["`city` = 'O''Hara; x'", "degrees>1\n  AND city IS NOT NULL"]
)
def test_the_text_of_a_filter_is_verbatim(statement: str) -> None:
    sql = sql_of(source(), filtered(statement), sink())
    assert f"SELECT * FROM `readings`\nWHERE {statement};\n" in sql


def test_a_comment_at_the_end_of_a_filter_takes_nothing_with_it() -> None:
    sql = sql_of(source(), filtered("`degrees` > 1 -- warm"), sink())
    assert "WHERE `degrees` > 1 -- warm\n;\n" in sql


@pytest.mark.parametrize(
    "statement", ["", "1 = 1; DROP TABLE `a`", "`city` = 'open", "(1 = 1", "1) OR (1"]
)
def test_a_filter_that_would_break_out_is_refused(statement: str) -> None:
    reason = refusal_of(source(), filtered(statement), sink())
    assert "has an expression that is empty or does not end" in reason


def test_columns_are_renamed_removed_and_made() -> None:
    columns = transform(
        kept("degrees", "celsius"),
        made("kelvin", "`degrees` + 273.15"),
        made("when", "`time`"),
    )
    sql = sql_of(source(), columns, sink())
    assert view_of(sql, "shaped").split("\n")[2:] == [
        "    `degrees`                      AS `celsius`,",
        "    `degrees` + 273.15             AS `kelvin`,",
        "    `time`                         AS `when`",
        "FROM `readings`",
    ]
    assert columns_of(sql, "results") == [
        "`celsius` DOUBLE",
        "`kelvin` DOUBLE",
        "`when` TIMESTAMP(6)",
    ]
    assert "CAST(`when` AS TIMESTAMP(6)) FROM `shaped`;" in sql


PLACE = field(
    "place",
    "ROW",
    fields=[
        field("x", "DOUBLE"),
        field("in", "ROW", fields=[field("y", "STRING"), field("z", "BIGINT")]),
    ],
)


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        (kept("place/x", "out"), "`place`.`x`", "DOUBLE"),
        (kept("place.in.y", "out"), "`place`.`in`.`y`", "STRING"),
        (made("out", "`place`.`in`.`z`"), "`place`.`in`.`z`", "BIGINT"),
        (
            {**kept("place", "out"), "outputType": "ROW", "fields": [kept("x")]},
            (
                "CAST(CASE WHEN `place` IS NOT NULL THEN ROW(`place`.`x`) END "
                "AS ROW<`x` DOUBLE>)"
            ),
            "ROW<`x` DOUBLE>",
        ),
        (
            {
                **kept("place", "out"),
                "fields": [kept("x"), {**kept("in"), "fields": [kept("y", "w")]}],
            },
            (
                "CAST(CASE WHEN `place` IS NOT NULL THEN ROW(`place`.`x`, "
                "CAST(CASE WHEN `place`.`in` IS NOT NULL THEN ROW(`place`.`in`.`y`) "
                "END AS ROW<`w` STRING>)) END "
                "AS ROW<`x` DOUBLE, `in` ROW<`w` STRING>>)"
            ),
            "ROW<`x` DOUBLE, `in` ROW<`w` STRING>>",
        ),
        (
            {
                **kept("place", "out"),
                "fields": [kept("x"), {**kept("in"), "fields": [kept("y"), kept("z")]}],
            },
            "`place`",
            "ROW<`x` DOUBLE, `in` ROW<`y` STRING, `z` BIGINT>>",
        ),
    ],
)
def test_nested_columns(column: Json, value: str, kind: str) -> None:
    sql = sql_of(source(fields=[PLACE], watermark=None), transform(column), sink())
    assert " ".join(view_of(sql, "shaped").split()).endswith(
        f"SELECT {value} AS `out` FROM `readings`"
    )
    assert columns_of(sql, "results") == [f"`out` {kind}"]


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (kept("nobody"), "uses the column 'nobody'"),
        (kept("place/nobody"), "uses the column 'place/nobody'"),
        ({**kept("place"), "fields": [kept("nobody")]}, "keeps place.nobody"),
        (
            {**kept("spots"), "items": {"fields": [kept("z", "renamed")]}},
            "changes the items of 'spots'",
        ),
        (made("a\nb", "1"), "which SQL cannot write"),
        (made("x", "'open"), "does not end"),
        (made("x", ""), "is empty"),
    ],
)
def test_transforms_that_cannot_be_compiled(column: Json, reason: str) -> None:
    spots = field("spots", "ARRAY", items={"fields": [field("z", "BIGINT")]})
    start = source(fields=[PLACE, spots], watermark=None)
    assert reason in refusal_of(start, transform(column), sink())


def test_a_transform_without_columns_or_with_one_twice_is_refused() -> None:
    assert "has no columns" in refusal_of(source(), transform(), sink())
    twice = transform(kept("city"), made("city", "1"))
    assert "'city' twice" in refusal_of(source(), twice, sink())


def test_an_unknown_type_matters_at_a_destination_only() -> None:
    shaped = transform(kept("city"), made("odd", "MY_FUNCTION(`city`)"))
    assert "MY_FUNCTION" in sql_of(source(), shaped)
    again = transform(kept("city"), name="again")
    assert "MY_FUNCTION" in sql_of(source(), shaped, again, sink())
    reason = refusal_of(source(), shaped, sink())
    assert reason.startswith("results receives the column 'odd'")
    findings = render(read(document(source(), shaped, sink()))).findings
    assert findings[0].hint == "wrap its expression in CAST(... AS ...) in the editor"


def test_a_type_the_export_names_is_taken() -> None:
    shaped = transform(made("odd", "MY_FUNCTION(`city`)", outputType="INTEGER"))
    assert columns_of(sql_of(source(), shaped, sink()), "results") == ["`odd` INT"]


# Aggregates


def result(name: str, function: str) -> Json:
    return {
        "outputColumn": name,
        "input": {"column": function},
        "kind": "AGGREGATE_RESULT",
        "aggregateFunctionId": function,
    }


def call(identity: str, name: str, column: str, **more: object) -> Json:
    return {"id": identity, "name": name, "source": {"column": column}, **more}


def window(name: str, kind: str) -> Json:
    return {"outputColumn": name, "input": {"column": "x"}, "kind": kind}


def test_an_aggregate_groups_by_its_whole_window() -> None:
    node_of = aggregate(
        functions=[
            call("a", "COUNT", "city", distinct=True),
            call("b", "MAX", "degrees"),
        ],
        groupBy=[{"column": "city"}],
        columns=[
            {"outputColumn": "town", "input": {"column": "city"}, "kind": "GROUP_BY"},
            result("how many", "a"),
            result("warmest", "b"),
            window("end", "WINDOW_END"),
        ],
        aggregationPeriod={"interval": 90, "timeUnit": "MINUTE"},
    )
    sql = sql_of(source(), node_of, sink())
    assert view_of(sql, "hourly") == (
        "CREATE TEMPORARY VIEW `hourly` AS\n"
        "SELECT\n    `town`,\n    `how many`,\n    `warmest`,\n    `end`\n"
        "FROM (\nSELECT\n"
        "    `city` AS `town`,\n"
        "    COUNT(DISTINCT `city`) AS `how many`,\n"
        "    MAX(`degrees`) AS `warmest`,\n"
        "    `window_end` AS `end`\n"
        "FROM TABLE (\n"
        "    TUMBLE( TABLE `readings`, DESCRIPTOR(`time`), INTERVAL '90' MINUTE )\n"
        ")\nGROUP BY\n"
        "    `window_start`,\n    `window_end`,\n    `window_time`,\n    `city`\n)"
    )
    assert columns_of(sql, "results") == [
        "`town` STRING",
        "`how many` BIGINT",
        "`warmest` DOUBLE",
        "`end` TIMESTAMP(9)",
    ]


def test_the_time_of_a_window_is_a_clock_again() -> None:
    first = aggregate(
        "first", columns=[result("count", "C"), window("at", "WINDOW_TIME")]
    )
    second = aggregate(
        "second",
        functions=[call("S", "SUM", "count"), call("M", "AVG", "count")],
        columns=[result("sum", "S"), result("mean", "M"), window("at", "WINDOW_TIME")],
        timeEvent={"column": "at"},
    )
    zoned = [field("city", "STRING"), field("time", "TIMESTAMP_LTZ_UDF")]
    sql = sql_of(source(fields=zoned), first, second, sink())
    assert columns_of(sql, "results") == [
        "`sum` BIGINT",
        "`mean` BIGINT",
        "`at` TIMESTAMP_LTZ(6)",
    ]


AGGREGATE_REFUSALS: list[tuple[Json, str]] = [
    ({"timeEvent": {"column": "degrees"}}, "not the event time of its source"),
    ({"timeEvent": {}}, "uses the column ''"),
    ({"aggregationPeriod": {}}, "has no time span"),
    ({"aggregationPeriod": {"interval": 1, "timeUnit": "MOON"}}, "time unit 'MOON'"),
    ({"columns": []}, "has no columns"),
    ({"columns": [result("x", "nobody")]}, "has no function 'nobody'"),
    ({"columns": [window("x", "WINDOW_MIDDLE")]}, "kind 'WINDOW_MIDDLE'"),
    ({"columns": [result("x", "C"), result("x", "C")]}, "'x' twice"),
    ({"columns": [window("x", "GROUP_BY")]}, "does not group by it"),
    ({"functions": [call("C", "COUNT", "nobody")]}, "the column 'nobody'"),
    ({"functions": [call("C", "SUM(1); --", "city")]}, "a function named 'SUM(1); --'"),
    ({"functions": [call("C", "SUM", "city")]}, "whose type cannot be worked out"),
    ({"slidingOffset": {"interval": 1}}, "has the property 'slidingOffset'"),
]


@pytest.mark.parametrize(("changes", "reason"), AGGREGATE_REFUSALS)
def test_aggregates_that_cannot_be_compiled(changes: Json, reason: str) -> None:
    assert reason in refusal_of(source(), aggregate(**changes), sink())


def test_names_of_windows_are_reserved() -> None:
    shaped = transform(kept("city", "window_start"), kept("city"), kept("time"))
    reason = refusal_of(source(), shaped, aggregate(), sink())
    assert "'window_start', which windows use themselves" in reason


# Whole scripts


def test_several_destinations_are_one_statement_set() -> None:
    edges = [("readings", "one"), ("readings", "two")]
    sql = sql_of(source(watermark=None), sink("one"), sink("two"), edges=edges)
    assert sql.endswith(
        "EXECUTE STATEMENT SET\nBEGIN\n"
        "    INSERT INTO `one` SELECT `city`,`degrees`,`time` FROM `readings`;\n"
        "    INSERT INTO `two` SELECT `city`,`degrees`,`time` FROM `readings`;\n"
        "END;\n-- -------------------------------------------\n"
    )


def test_a_flow_without_a_destination_has_views_only() -> None:
    bundle = render(read(document(source(), filtered("TRUE"))))
    assert "INSERT" not in str(bundle.files["flow.sql"])
    assert [f.rule for f in bundle.findings] == ["event-processing/no-destination"]


def test_order_follows_the_edges_and_not_the_file() -> None:
    nodes = (sink(), filtered("TRUE"), source())
    edges = [("readings", "chosen"), ("chosen", "results")]
    sql = sql_of(*nodes, edges=edges)
    order = [sql.index(f"`{n}`") for n in ("readings___TABLE", "chosen", "results")]
    assert order == sorted(order)


def test_a_node_on_the_way_takes_the_sql_with_it() -> None:
    reason = refusal_of(source(), node("once", "deduplicate"), sink())
    assert reason == (
        "once is of type deduplicate, which cannot be compiled: there is no flow.sql"
    )


def test_a_node_beside_the_way_is_left_out() -> None:
    edges = [("readings", "results"), ("readings", "odd"), ("odd", "chosen")]
    nodes = (source(), sink(), node("odd", "hologram"), filtered("TRUE"))
    bundle = render(read(document(*nodes, edges=edges)))
    assert "chosen" not in str(bundle.files["flow.sql"])
    (found,) = [f for f in bundle.findings if f.rule.endswith("no-sql")]
    assert found.message.endswith("flow.sql leaves it out")


@pytest.mark.parametrize(
    ("nodes", "edges", "reason"),
    [
        ((source(), sink()), [], "results has no inputs and takes one"),
        (
            (source("a"), source("b"), sink()),
            [("a", "results"), ("b", "results")],
            "results has 2 inputs and takes one",
        ),
        (
            (source("a"), source("b"), sink()),
            [("a", "b"), ("b", "results")],
            "b is a source and has an input",
        ),
        (
            (source(), sink("one"), sink("two")),
            [("readings", "one"), ("one", "two")],
            "two is fed by one, which gives nothing on",
        ),
        (
            (source("a\nb"), sink()),
            [("a\nb", "results")],
            "has the name 'a\\nb', which SQL cannot write",
        ),
        (
            (source("x"), filtered("TRUE", "x___TABLE"), sink()),
            [("x", "x___TABLE"), ("x___TABLE", "results")],
            "makes 'x___TABLE', which another node makes too",
        ),
    ],
)
def test_wirings_that_cannot_be_compiled(
    nodes: tuple[Json, ...], edges: list[tuple[str, str]], reason: str
) -> None:
    assert reason in refusal_of(*nodes, edges=edges)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nDROP TABLE b;", "a\\nDROP TABLE b;"),
        ("a\r\u2028b", "a\\r\\u2028b"),
        ("café (1)", "café (1)"),
    ],
)
def test_a_flows_name_stays_in_its_comment(name: str, shown: str) -> None:
    sql = str(render(read(document(source(), sink(), name=name))).files["flow.sql"])
    assert f"\n-- flowName: {shown}\n--\n" in sql
    assert sum(line.startswith("--") for line in sql.splitlines()) == 8


def test_options_come_from_the_environment() -> None:
    flow = read(document(source(), sink()))
    kept_settings = [s for s in flow.settings if s.name != "properties.isolation.level"]
    settings = tuple(
        type(s)(s.node, s.table, s.name, "it's.prod:9093", s.origin)
        if s.name == "properties.bootstrap.servers"
        else s
        for s in kept_settings
    )
    bundle = event_processing.render(BoundFlow(flow, settings=settings))
    sql = str(bundle.files["flow.sql"])
    assert sql.count("'properties.bootstrap.servers' = 'it''s.prod:9093'") == 2
    assert "isolation.level" not in sql
    assert "isolation.level" not in str(bundle.files["config.yaml"])
    assert "kafka.example:9092" in str(bundle.files["flow.json"])


def test_odd_names_are_quoted() -> None:
    fields = [field("a`b", "STRING"), field("c d.e", "BIGINT")]
    sql = sql_of(source("in`put", fields=fields, watermark=None), sink("out`put"))
    assert "INSERT INTO `out``put` SELECT `a``b`,`c d.e` FROM `in``put`;" in sql
    assert "CREATE TABLE `in``put___TABLE`" in sql
