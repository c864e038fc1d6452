"""Real exports read, come back byte for byte, and compile where they can."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.secrets import open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.sql.text import code, split_statements
from flowops.systems.protocol import BoundFlow, Flow
from tests.unit.systems.event_processing.builders import (
    WATERMARK,
    aggregate,
    sink,
    source,
    sql_of,
)

CORPUS = Path(__file__).resolve().parents[5] / "shared" / "corpus" / "event_processing"
EXPORTS = sorted((CORPUS / "json").glob("*.json"))
WITHOUT_SQL = ("WatsonX Flow.json",)  # its API call has parts no public SQL shows
NODE_SQL = sorted((CORPUS / "node_sql").glob("*.sql"))

pytestmark = pytest.mark.skipif(
    not EXPORTS, reason="the corpus of real exports is not on this machine"
)


def flow_of(path: Path) -> Flow:
    text = decode(path.name, path.read_bytes())
    return event_processing.read(text, parse_json(text))


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_a_real_export_comes_back_byte_for_byte(path: Path) -> None:
    flow = flow_of(path)
    assert flow.source.to_bytes() == path.read_bytes()
    bundle = event_processing.render(BoundFlow(flow, settings=flow.settings))
    assert open_text(bundle.files["flow.json"]).encode() == path.read_bytes()
    assert "scrubbed-password" not in "".join(map(str, bundle.files.values()))
    assert "scrubbed-password" not in repr((flow, bundle))


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_a_real_export_compiles_unless_its_sql_is_not_known(path: Path) -> None:
    flow = flow_of(path)
    root = parse_json(flow.source)
    assert isinstance(root, dict)
    bundle = event_processing.render(BoundFlow(flow, settings=flow.settings))
    assert ("flow.sql" in bundle.files) is (path.name not in WITHOUT_SQL)
    graph = event_processing.describe(bundle.state())
    assert len(graph.blocks) == len(root["contextState"]["nodes"])
    assert not event_processing.review(BoundFlow(flow, settings=flow.settings))


def test_our_sql_is_that_of_the_product() -> None:
    """The same flow under our names, compared with the product's own export."""
    (path,) = (CORPUS / "sql").glob("aggregation-*.sql")
    theirs = path.read_text("utf-8")
    found = dict.fromkeys(re.findall(r"`([^`]+?)(?:___\w+)?`", theirs))
    names = [name for name in found if not name.startswith("window_")]
    table, out = names[0], names[-1]
    ours = ("readings", "time", "size", "hourly", "sum", "start", "end", "at")
    new = dict(zip(names, (*ours, "results"), strict=True))

    def renamed(match: re.Match[str]) -> str:
        return f"`{new.get(match[1], match[1])}{match[2] or ''}`"

    expected = re.sub(r"`([^`]+?)(___\w+)?`", renamed, theirs)
    for topic in (table, out):
        expected = expected.replace(f"'{topic}'", f"'{new[topic].upper()}'")
    expected = re.sub(r"'[^']+:9092'", "'kafka.example:9092'", expected)
    assert essence(ours_for_real()) == essence(expected)


def ours_for_real() -> str:
    def column(name: str, kind: str, function: str = "") -> dict[str, object]:
        return {
            "outputColumn": name,
            "input": {"column": function or name},
            "kind": kind,
            "aggregateFunctionId": function,
        }

    return sql_of(
        source(
            fields=[
                {"name": "time", "type": "TIMESTAMP_LTZ_UDF"},
                {"name": "size", "type": "BIGINT"},
            ],
            watermark={**WATERMARK, "timeUnit": "MILLISECOND", "interval": 50},
        ),
        aggregate(
            functions=[{"id": "S", "name": "SUM", "source": {"column": "size"}}],
            columns=[
                column("sum", "AGGREGATE_RESULT", "S"),
                column("start", "WINDOW_START"),
                column("end", "WINDOW_END"),
                column("at", "WINDOW_TIME"),
            ],
        ),
        sink(),
    )


def essence(sql: str) -> list[str]:
    """Return statements without comments, spaces and the order of options."""
    found = []
    for statement in split_statements(sql):
        text = re.sub(r"--[^\n]*\n", "", statement)
        head, has, options = text.partition("WITH (")
        lines = sorted(line.strip(" ,)") for line in options.splitlines())
        found.append(" ".join(f"{head}{has}{' '.join(lines)}".split()))
    return [
        text for text in found if not text.startswith("CREATE FUNCTION TO_TIMESTAMP_U")
    ]


# Its author changed these after the export; the rest is the product's.
LATER = (
    (r"(`windSpeed`\s+)BIGINT", r"\1DOUBLE"),
    ("INTERVAL '4' DAYS", "INTERVAL '21' DAYS"),
)
LEFT_OUT = ("truststore.certificates", "pemChainIncluded", "TIMESTAMP_UDF AS")


def test_the_sql_of_every_node_is_that_of_its_author() -> None:
    path = next(p for p in EXPORTS if p.name.startswith("bike"))
    flow = flow_of(path)
    bundle = event_processing.render(BoundFlow(flow, settings=flow.settings))
    sql = open_text(bundle.files["flow.sql"])
    for ours, theirs in LATER:
        sql = re.sub(ours, theirs, sql)
    made = {plain(text) for text in split_statements(sql)}
    for file in NODE_SQL:
        if file.name == "holidays-table.sql":  # it is PostgreSQL's
            continue
        for statement in split_statements(file.read_text("utf-8")):
            assert plain(statement) in made, file.name


def plain(statement: str) -> str:
    """Return a statement without comments, spaces and the order of options."""
    tokens = [t.text for t in code(statement)]
    text = "".join(tokens)
    head, has, options = text.partition("WITH(")
    items = re.findall(r"'((?:[^']|'')*)'='((?:[^']|'')*)'", options)
    kept = sorted(i for i in items if not any(word in i[0] for word in LEFT_OUT))
    return f"{head}{has}{kept}" if has else head
