"""API calls: the lookup join they become, and what no public SQL shows."""

from __future__ import annotations

import pytest

from flowops.secrets import Secret, open_text
from tests.unit.systems.event_processing.builders import (
    Json,
    document,
    node,
    read,
    refusal_of,
    render,
    sink,
    source,
    sql_of,
)


def parameter(name: str, value: str, kind: str = "column", **more: object) -> Json:
    given = {"kind": kind, "value": value}
    return {"name": name, "type": "string", "input": given, **more}


def column(name: str, origin: str, table: str = "readings") -> Json:
    return {"outputColumn": name, "input": {"column": origin, "table": table}}


def operation(**changes: object) -> Json:
    return {
        "path": "/look",
        "lookupMethod": "POST",
        "requestBodyParameters": {"parameters": [parameter("where", "`city`")]},
        "requestParameters": [],
        "responseParameters": [{"name": "sky", "type": "string"}],
        "securityMethods": [{"type": "none", "usedForApiEnrichment": True}],
        "usedForApiEnrichment": True,
        **changes,
    }


def call(*operations: Json, **changes: object) -> Json:
    configuration: Json = {
        "info": {"openapiVersion": "V30"},
        "servers": [{"url": "https://sky.example/v1"}],
        "operations": [*(operations or (operation(),))],
        "columns": [
            column("town", "city"),
            column("time", "time"),
            column("sky", "response_sky", "ask_lookup__API"),
        ],
        "configuredUrl": "https://sky.example/v1",
        **changes,
    }
    return node("ask", "api", configuration)


def body(*parameters: Json) -> Json:
    return operation(requestBodyParameters={"parameters": [*parameters]})


def test_a_call_is_a_lookup_join() -> None:
    sql = sql_of(source(), call(), sink())
    assert (
        "CREATE TEMPORARY VIEW `ask_readings__API` AS\nSELECT\n    *,\n"
        "    PROCTIME()                     AS `proc_time`\nFROM `readings`;\n\n"
        "CREATE TEMPORARY TABLE `ask_lookup__API`\n(\n"
        "    `requestBody_where`            STRING,\n"
        "    `response_sky`                 STRING\n)\nWITH (\n"
        "    'asyncPolling' = 'true',\n"
    ) in sql
    assert "'url' = 'https://sky.example/v1/look'\n);" in sql
    assert """http.request-arg-paths' = '{"requestBody_where":"where"}'""" in sql
    assert sql.count("FOR SYSTEM_TIME AS OF `ask_readings__API`.`proc_time`") == 1
    assert (
        "ON `ask_lookup__API`.`requestBody_where` = `ask_readings__API`.`city`;" in sql
    )
    assert "SELECT `town`,CAST(`time` AS TIMESTAMP(6)),`sky` FROM `ask`" in sql


def test_constants_are_warned_about_and_sent() -> None:
    ask = call(body(parameter("where", "`city`"), parameter("how", "it's", "literal")))
    flow = read(document(source(), ask, sink()))
    (found,) = [f for f in flow.findings if f.rule.endswith("api-constant")]
    assert found.message == "ask sends constants: how"
    sql = str(render(flow).files["flow.sql"])
    assert "`ask_lookup__API`.`requestBody_how` = 'it''s'" in sql


def test_the_key_in_a_header_is_sealed_everywhere() -> None:
    key = parameter("X-Api-Key", "marker-key", "literal", **{"in": "header"})
    plain = parameter("X-Tenant", "acme", "literal", **{"in": "header"})
    flow = read(
        document(source(), call(operation(requestParameters=[key, plain])), sink())
    )
    bundle = render(flow)
    name = "gid.connector.http.source.lookup.header.X-Api-Key"
    (found,) = [s.value for s in flow.settings if s.name == name]
    assert isinstance(found, Secret)
    for file in ("flow.sql", "config.yaml", "flow.json"):
        assert "marker-key" not in str(bundle.files[file])
        assert "marker-key" in open_text(bundle.files[file])
    assert "header.X-Tenant' = 'acme'" in str(bundle.files["flow.sql"])


def test_nested_answers_have_the_type_the_export_names() -> None:
    shape: Json = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": [
                {"name": "low", "type": "number"},
                {"name": "count", "type": "integer"},
            ],
        },
    }
    answers = operation(responseParameters=[{"name": "days", **shape}])
    days = column("days", "response_days", "ask_lookup__API")
    parts = [
        {"outputColumn": n, "input": {"column": n}, "outputType": t}
        for n, t in (("low", "DOUBLE"), ("count", "INTEGER"))
    ]
    named = {**days, "outputType": "ARRAY", "items": {"fields": parts}}
    sql = sql_of(source(), call(answers, columns=[named]), sink())
    assert "`response_days`                ARRAY<ROW<`low` DOUBLE, `count` INT>>" in sql
    reason = refusal_of(source(), call(answers, columns=[days]), sink())
    assert "gets 'days', whose type cannot be worked out" in reason


LOOK: Json = {"in": "query"}
REFUSALS: list[tuple[Json, str]] = [
    (call(operation(lookupMethod="GET")), "calls the API by GET"),
    (call(operation(path="/look/{id}")), "fills in the path"),
    (call(operation(), operation()), "uses 2 operations"),
    (call(operations=[]), "uses no operations"),
    (call(useApacheConnector=True), "uses the HTTP connector of Apache Flink"),
    (call(operation(securityMethods=[{"type": "basic"}])), "logs in to the API by"),
    (call(body(parameter("a/b", "`city`"))), "sends the nested 'a/b'"),
    (
        call(operation(requestParameters=[parameter("v", "2", "literal", **LOOK)])),
        "sends 'v' as query",
    ),
    (
        call(body(parameter("n", "2", "literal", type="number"))),
        "sends a constant number for 'n'",
    ),
    (call(body(parameter("n", "`city`", "magic"))), "made by 'magic'"),
    (call(body(parameter("n", "2", "literal"))), "sends no column"),
    (call(body(parameter("n", "MY(`city`)"))), "whose type cannot be worked out"),
    (call(columns=[]), "has no columns"),
    (call(columns=[column("x", "nobody")]), "the column 'nobody'"),
    (
        call(columns=[column("x", "response_y", "ask_lookup__API")]),
        "'response_y', which is no answer",
    ),
    (call(novelty=1), "has the property 'novelty'"),
]


@pytest.mark.parametrize(("ask", "reason"), REFUSALS)
def test_calls_that_cannot_be_compiled(ask: Json, reason: str) -> None:
    assert reason in refusal_of(source(), ask, sink())


def test_a_call_from_a_newer_product_is_refused() -> None:
    flow = read(document(source(), call(useApacheConnector=False), sink()))
    assert "flow.sql" in render(flow).files
