"""Files that were mended by hand, cut off, or written elsewhere: each told where."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.model import Finding
from flowops.secrets import open_text
from flowops.systems import event_processing
from flowops.systems.protocol import BoundFlow, Flow
from tests.unit.systems.event_processing.builders import (
    Json,
    document,
    filtered,
    kept,
    made,
    node,
    read,
    render,
    sink,
    source,
    sql_of,
    transform,
)
from tests.unit.systems.event_processing.test_api_calls import body, call, parameter
from tests.unit.systems.event_processing.test_exports import CONFIG, OLD, REDACTED
from tests.unit.systems.event_processing.test_joins import EDGES, join

CORPUS = Path(__file__).resolve().parents[5] / "shared" / "corpus" / "event_processing"
PLAIN: list[object] = [
    {"name": "city", "type": "STRING"},
    {"name": "time", "type": "TIMESTAMP"},
]
CHAIN = (source(), filtered("TRUE"), sink())


def drawn(*nodes: Json, edges: list[tuple[str, str]]) -> Any:
    """Make an export with a canvas that says the same as the graph."""
    found = document(*nodes, edges=edges)
    boxes = [
        {
            "id": f"id of {n['viewName']}",
            "app_data": {"ui_data": {"label": n["viewName"], "x_pos": 1, "y_pos": 2}},
            "inputs": [
                {"links": [{"node_id_ref": f"id of {a}"}]}
                for a, b in edges
                if b == n["viewName"]
            ],
        }
        for n in nodes
    ]
    return {**found, "pipelineState": {"pipelines": [{"nodes": boxes}]}}


def whole() -> Any:
    return drawn(*CHAIN, edges=[("readings", "chosen"), ("chosen", "results")])


def boxes(export: Any) -> Any:
    return export["pipelineState"]["pipelines"][0]["nodes"]


def canvas(export: Any) -> list[Finding]:
    found = [f for f in read(export).findings if f.rule.endswith("canvas-differs")]
    assert all(f.location and f.location.line > 1 and f.hint for f in found)
    return found


def test_a_canvas_that_says_the_same_is_fine() -> None:
    assert canvas(whole()) == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="there is no corpus here")
def test_every_real_canvas_says_the_same() -> None:
    for path in (CORPUS / "json").glob("*.json"):
        text = decode(path.name, path.read_bytes())
        found = event_processing.read(text, parse_json(text)).findings
        assert not [f for f in found if f.rule.endswith("canvas-differs")]


def test_a_canvas_that_differs_is_told_where() -> None:
    export = whole()
    boxes(export)[1]["app_data"]["ui_data"]["label"] = "another"
    boxes(export)[0]["id"] = "nobody"
    del boxes(export)[2]["inputs"]
    assert [f.message for f in canvas(export)] == [
        "the canvas draws 'readings', which is no node of the flow",
        "the canvas draws 'chosen' under the name 'another'",
        "the canvas does not draw 'readings'",
        "the canvas does not draw the edge from 'chosen' to 'results'",
    ]


def test_an_edge_that_is_only_drawn_is_told() -> None:
    export = whole()
    boxes(export)[2]["inputs"][0]["links"].append({"node_id_ref": "id of readings"})
    boxes(export)[2]["inputs"][0]["links"].append({"node_id_ref": "nowhere"})
    (found,) = canvas(export)
    assert found.message == (
        "the canvas draws an edge from 'readings' to 'results' that the flow does not "
        "have"
    )


OTHER = source("alarms")
WIRED = [("readings", "chosen"), ("chosen", "results")]


def refused(wanted: str, *nodes: Json, edges: list[tuple[str, str]]) -> None:
    bundle = render(read(document(*nodes, edges=edges)))
    (found,) = [f for f in bundle.findings if f.rule.endswith("no-sql")]
    assert found.message.startswith(wanted)
    assert found.location
    assert found.hint.startswith("connect the two in the editor")


@pytest.mark.parametrize(
    "chosen",
    [
        filtered("`alarms`.`city` = 'x'"),
        filtered("CHAR_LENGTH(alarms.city) > 1"),
        transform(kept("city"), made("x", "`alarms`.`city`"), name="chosen"),
        node(
            "chosen",
            "sqlProcessor",
            {"statement": "CREATE VIEW `chosen` AS SELECT * FROM `alarms`"},
        ),
        node(
            "chosen",
            "sqlProcessor",
            {
                "statement": "CREATE VIEW v AS SELECT r.* FROM `readings` AS r "
                "JOIN alarms ON TRUE"
            },
        ),
    ],
    ids=["filter", "without quotes", "transform", "sql", "joined in sql"],
)
def test_a_node_that_does_not_feed_it_cannot_be_read(chosen: Json) -> None:
    wanted = "chosen reads 'alarms', which does not feed it"
    refused(wanted, source(), OTHER, chosen, sink(), edges=WIRED)


def test_a_join_and_an_api_read_only_what_feeds_them() -> None:
    third = source("third")
    near = join(joinCondition="`third`.`city` = `alarms`.`city`")
    nodes = (source(), source("alarms"), third, near, sink())
    refused("near reads 'third', which", *nodes, edges=EDGES)
    asked = call(body(parameter("where", "`alarms`.`city`")))
    edges = [("readings", "ask"), ("ask", "results")]
    refused("ask reads 'alarms'", source(), OTHER, asked, sink(), edges=edges)


def test_what_feeds_it_or_is_a_column_can_be_read() -> None:
    row = {"name": "alarms", "type": "ROW", "fields": [{"name": "n", "type": "STRING"}]}
    nodes = (
        source(fields=[*PLAIN, row]),
        OTHER,
        filtered("`readings`.`city` = `alarms`.`n` AND 'third.x' <> ''"),
        sink(),
    )
    assert "WHERE `readings`.`city` = `alarms`.`n`" in sql_of(*nodes, edges=WIRED)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE VIEW p AS SELECT 'a FROM readings", "has SQL that does not end"),
        ("CREATE VIEW p AS SELECT 1 /* FROM readings", "has SQL that does not end"),
        ("CREATE VIEW `p AS SELECT city FROM readings", "has SQL that does not end"),
    ],
)
def test_sql_that_does_not_end_is_told_at_its_node(statement: str, words: str) -> None:
    own = node("p", "sqlProcessor", {"statement": statement})
    bundle = render(read(document(source(), own, sink())))
    (found,) = [f for f in bundle.findings if f.rule.endswith("no-sql")]
    assert found.message.startswith(f"p {words}")
    assert found.location
    assert "open quote or comment" in found.hint


NAMES = [
    *("two words", "OK Tempi più bassi", "ask (watsonx)", "a`b", "ORDERS.NEW"),
    *("a/b", "a'b", 'a"b', "a;b", "--a", "1", "SELECT", "城"),
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_that_people_give_can_be_written_and_found_again(name: str) -> None:
    flow = read(
        document(source(name), filtered("TRUE", f"{name} 2"), sink(f"{name} 3"))
    )
    bundle = render(flow)
    sql = open_text(bundle.files["flow.sql"])
    quoted = name.replace("`", "``")
    assert f"CREATE TABLE `{quoted}___TABLE`" in sql
    assert f"FROM `{quoted} 2`;" in sql
    labels = [b.label for b in event_processing.describe(bundle.state()).blocks]
    assert labels == [name, f"{name} 2", f"{name} 3"]
    again = event_processing.read_file("a.sql", sql.encode())
    assert {s.node for s in again.settings} == {name, f"{name} 3"}


def pem(lines: int) -> str:
    body_text = "\n".join(f"{number:064d}" for number in range(lines))
    return f"-----BEGIN CERTIFICATE-----\n{body_text}\n-----END CERTIFICATE-----\n"


def with_certificates(*pems: str) -> Flow:
    return read(
        document(
            source(
                securityProtocol="SSL",
                truststoreCertificates=[{"pem": text} for text in pems],
            ),
            sink(),
        )
    )


def test_a_certificate_of_many_lines_comes_through_whole() -> None:
    flow = with_certificates(pem(400), pem(1))
    bundle = render(flow)
    bundled = f"{pem(400)},{pem(1)}"
    assert f"'{bundled}'" in str(bundle.files["flow.sql"])
    again = event_processing.read_file("a.sql", str(bundle.files["flow.sql"]).encode())
    name = "properties.ssl.truststore.certificates"
    assert [s.value for s in again.settings if s.name == name] == [bundled]


@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["", "mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_line_ends_and_a_mark_change_nothing(start: str, end: str) -> None:
    """JSON and SQL alike; places count the same lines, and every byte comes back."""
    export = json.dumps(deepcopy(whole()), indent=2)
    data = (start + export.replace("\n", end)).encode()
    text = decode("a.json", data)
    flow = event_processing.read(text, parse_json(text))
    assert flow.source.to_bytes() == data
    plain = read(whole())
    assert [(s.value, s.origin.line) for s in flow.settings] == [
        (s.value, s.origin.line) for s in plain.settings
    ]
    bundle = event_processing.render(BoundFlow(flow, settings=flow.settings))
    assert bundle.files["flow.sql"] == render(plain).files["flow.sql"]

    sql = (start + OLD.replace("\n", end)).encode()
    script = event_processing.read_file("a.sql", sql)
    old = event_processing.read_file("a.sql", OLD.encode())
    assert script.address == old.address
    assert [(s.value, s.origin.line) for s in script.settings] == [
        (s.value, s.origin.line) for s in old.settings
    ]
    same = event_processing.render(BoundFlow(script, settings=script.settings))
    written = open_text(same.files["flow.sql"])  # without the mark, as it is to be run
    assert f"{start}{written}".encode() == sql


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_zip_may_have_other_line_ends_inside(end: str) -> None:
    from flowops.documents.archive import zip_bytes

    members = {
        "flow.json": REDACTED.replace(b"\n", end.encode()),
        "config.yaml": ("\ufeff" + CONFIG.replace("\n", end)).encode(),
    }
    flow = event_processing.read_file("a.zip", zip_bytes(members))
    servers = [s for s in flow.settings if s.name == "properties.bootstrap.servers"]
    assert [str(s.value) for s in servers] == ["kafka.zip:9092", "kafka.example:9092"]
