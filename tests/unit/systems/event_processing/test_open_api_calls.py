"""API calls in the dialect of plain Flink: for the open HTTP connector, or refused.

What the SQL means is tried in tests/flink, with an API on loopback.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowops.secrets import open_text
from flowops.systems import event_processing
from flowops.systems.protocol import BoundFlow, Setting
from tests.unit.systems.event_processing.builders import (
    Json,
    document,
    read,
    sink,
    source,
)
from tests.unit.systems.event_processing.test_api_calls import (
    body,
    call,
    column,
    operation,
    parameter,
)
from tests.unit.systems.event_processing.test_dialects import flink, refusal

WHERE = parameter("where", "`city`")
PLAIN: list[object] = [
    {"name": "city", "type": "STRING"},
    {"name": "degrees", "type": "DOUBLE"},
    {"name": "time", "type": "TIMESTAMP"},
]


def sql_of(ask: Json) -> str:
    bundle = flink(read(document(source(fields=PLAIN), ask, sink())))
    assert "flow.sql" in bundle.files, [f.message for f in bundle.findings]
    return str(bundle.files["flow.sql"])


def why_not(ask: Json) -> str:
    return refusal(source(fields=PLAIN), ask, sink()).removesuffix(
        ": there is no flow.sql"
    )


def literal(name: str, value: str, type_: str = "string", **more: object) -> Json:
    return parameter(name, value, "literal", **{**more, "type": type_})


def test_what_is_sent_is_packed_named_and_listed() -> None:
    sql = sql_of(call(body(WHERE, literal("how", "it's"), {"name": "unused"})))
    assert (
        "CREATE TEMPORARY VIEW `ask_readings__SENT` AS\nSELECT\n    *,\n"
        "    CAST(ARRAY[ROW(`city`, 'it''s')] AS "
        "ARRAY<ROW<`where` STRING, `how` STRING>>) AS `requestBody`\n"
        "FROM `readings`;\n\n"
        "CREATE TEMPORARY VIEW `ask_readings__API` AS\nSELECT\n    *,\n"
        "    PROCTIME()                     AS `proc_time`\n"
        "FROM `ask_readings__SENT`\n    CROSS JOIN UNNEST(`requestBody`) AS `sent` "
        "(`requestBody_where`, `requestBody_how`);\n\n"
        "CREATE TEMPORARY TABLE `ask_lookup__API`\n(\n"
        "    `where`                        STRING,\n"
        "    `how`                          STRING,\n"
        "    `sky`                          STRING\n)\n"
    ) in sql
    assert "'gid.connector.http.request.body-fields' = 'where;how'" in sql
    assert "'format' = 'json'" in sql
    assert "query-creator' = 'generic-json-url'" in sql
    assert "arg-paths" not in sql
    assert "request-callback" not in sql
    assert "use-raw" not in sql
    assert (
        "ON `ask_lookup__API`.`where` = `ask_readings__API`.`requestBody_where`\n"
        "    AND `ask_lookup__API`.`how` = `ask_readings__API`.`requestBody_how`;"
    ) in sql


def test_a_nested_property_is_a_row_and_needs_its_columns() -> None:
    sent = (
        WHERE,
        parameter("data/warm", "`degrees`"),
        literal("data/x/n", "2", "number"),
    )
    sql = sql_of(call(body(*sent)))
    row = "`data` ROW<`warm` DOUBLE, `x` ROW<`n` BIGINT>>"
    assert "ROW(`city`, ROW(`degrees`, ROW(CAST(2 AS BIGINT))))" in sql
    assert f"ARRAY<ROW<`where` STRING, {row}>>" in sql
    assert "FROM `readings`\nWHERE (`degrees`) IS NOT NULL;" in sql


@pytest.mark.parametrize(
    ("value", "type_", "written"),
    [
        ("7", "number", "CAST(7 AS BIGINT)"),
        ("7", "integer", "CAST(7 AS BIGINT)"),
        ("-0.25", "number", "CAST(-0.25 AS DOUBLE)"),
        ("1e30", "number", "CAST(1e30 AS DOUBLE)"),
        ("False", "boolean", "FALSE"),
        ("7", "string", "'7'"),
    ],
)
def test_a_constant_has_the_type_the_api_describes(
    value: str, type_: str, written: str
) -> None:
    sql = sql_of(call(body(WHERE, literal("n", value, type_))))
    assert f"ROW(`city`, {written})" in sql


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        ("7.5", "integer"),
        ("x", "number"),
        ("nan", "number"),
        ("1_0", "number"),
        ("9" * 19, "number"),
        ("inf", "number"),
        ("yes", "boolean"),
        ("[1]", "array"),
    ],
)
def test_a_constant_of_another_type_is_refused(value: str, type_: str) -> None:
    reason = why_not(call(body(WHERE, literal("n", value, type_))))
    assert reason == f"ask sends 'n', which is no {type_}"


def test_constants_of_a_query_stand_in_the_address_and_stay_secret() -> None:
    fixed = [
        literal("v", "a b&c", **{"in": "query"}),
        literal("api_key", "marker/key", **{"in": "query"}),
        literal("Authorization", "Bearer marker", **{"in": "header"}),
    ]
    ask = call(operation(requestParameters=fixed))
    bundle = flink(read(document(source(fields=PLAIN), ask, sink())))
    sql = bundle.files["flow.sql"]
    assert "https://sky.example/v1/look?v=a%20b%26c&api_key=marker%2Fkey'" in open_text(
        sql
    )
    assert "marker" not in str(sql)
    assert "use-raw-authorization-header' = 'true'" in str(sql)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lookupMethod": "GET"}, "calls the API by GET"),
        ({"path": "/{id}"}, "fills in the path /{id}"),
        (
            {"securityMethods": [{"type": "apiKey", "usedForApiEnrichment": True}]},
            "logs in to the API by apiKey",
        ),
        (
            {"requestParameters": [{**WHERE, "in": "query"}]},
            "sends 'where' as query",
        ),
        (
            {"requestParameters": [{**literal("a", "b"), "in": "cookie"}]},
            "sends 'a' as cookie",
        ),
        (
            {"requestBodyParameters": {"parameters": [parameter("a;b", "`city`")]}},
            "sends 'a;b', a name with a semicolon",
        ),
        (
            {"requestBodyParameters": {"parameters": [parameter("a", "b", "spell")]}},
            "sends 'a' as body made by 'spell'",
        ),
    ],
)
def test_what_is_not_written_for_the_open_connector_is_refused(
    changes: Json, words: str
) -> None:
    reason = why_not(call(operation(**changes)))
    assert reason == f"ask {words}, which is not written for the open HTTP connector"


def test_the_connector_of_apache_is_refused() -> None:
    reason = why_not(call(useApacheConnector=True))
    assert reason.startswith("ask uses the HTTP connector of Apache Flink, which is")
    assert "uses 2 operations" in why_not(call(operation(), operation()))


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("a", "a")])
def test_a_property_cannot_be_a_whole_and_a_part(names: tuple[str, str]) -> None:
    reason = why_not(call(body(*(parameter(name, "`city`") for name in names))))
    assert reason == f"ask sends {names[1]!r} and a part or a whole of it"


def test_what_json_has_no_type_for_is_refused() -> None:
    reason = why_not(call(body(WHERE, parameter("when", "`time`"))))
    assert reason.startswith("ask sends 'when', which is TIMESTAMP")
    assert reason.endswith("and no type of JSON")
    day = {**column("sky", "response_sky", "ask_lookup__API"), "outputType": "DATE"}
    reason = why_not(call(columns=[column("town", "city"), day]))
    assert reason == "ask reads 'sky' as DATE, which no type of JSON is"


def test_only_constants_are_nothing_to_ask_about() -> None:
    reason = why_not(call(body(literal("a", "b"))))
    assert reason == "ask sends no column to the API"


def answering(*answers: Json) -> Json:
    columns = [column("town", "city"), column("sky", "response_sky", "ask_lookup__API")]
    sent = {"parameters": [WHERE, parameter("sky", "`city`")]}
    if not any(answer["name"] == "sky" for answer in answers):
        sent = {"parameters": [WHERE]}
    if answers[0]["name"] != "sky":
        columns = columns[:1]
    ask = operation(requestBodyParameters=sent, responseParameters=[*answers])
    return call(ask, columns=columns)


def test_an_answer_cannot_have_the_name_of_what_was_sent() -> None:
    reason = why_not(answering({"name": "sky", "type": "string"}))
    assert reason.startswith("ask sends 'sky' and reads the answer of that name")
    reason = why_not(answering({"name": "where", "type": "number"}))
    assert reason == "ask sends 'where', and the API answers another type of that name"
    assert "`where`" in sql_of(answering({"name": "where", "type": "string"}))


def test_what_an_environment_sets_stays_unless_nobody_would_read_it() -> None:
    flow = read(document(source(fields=PLAIN), call(), sink()))
    lookup = "gid.connector.http.source.lookup."

    def sql(name: str, value: str) -> str:
        (place,) = {s.origin for s in flow.settings if s.name == "lookup-method"}
        others = [s for s in flow.settings if s.name != name or s.node != "ask"]
        changed = Setting("ask", "ask_lookup__API", name, value, place)
        bound = BoundFlow(flow, settings=(*others, changed))
        bundle = event_processing.render(replace(bound, target={"dialect": "flink"}))
        found = [f.message for f in bundle.findings if f.rule.endswith("no-sql")]
        return str(bundle.files.get("flow.sql", "")) or found[0]

    codes = f"{lookup}ignored-response-codes"
    assert f"'{codes}' = '404'" in sql(codes, "404")
    assert "'1XX,3XX,4XX,5XX'" in sql("lookup.cache", "PARTIAL")
    assert "request-callback' = 'mine'" in sql(f"{lookup}request-callback", "mine")
    paths = "gid.connector.http.request-arg-paths"
    words = f"sets {paths}, which the open HTTP connector does not read"
    assert words in sql(paths, "{}")
