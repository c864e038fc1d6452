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
    found = event_processing.review(BoundFlow(flow, settings=flow.settings))
    assert {str(f.severity) for f in found} <= {"info"}


IN_PLAIN_FLINK = {
    "Detect Negative Feedback Trend.json": "",
    "JGR EP Flow 01.json": "",
    "JGR EP Flow 02.json": "",
    "JGR EP Flow 03.json": "",
    "JGR EP Flow 04.json": "",
    "WatsonX Flow.json": "reads `timestamp` by TO_TIMESTAMP_LTZ_UDF to the nanosecond",
    "bike hire forecasts.json": "",
    "aggregation-migration_2026-06-19.sql": "",
    "tempi-di-risposta-KO-bassi_2024-04-04.sql": "",
}
"""Each flow of the corpus, and why it cannot run on plain Apache Flink if it cannot."""


def test_every_flow_runs_on_plain_flink_or_says_why_not() -> None:
    found: dict[str, str] = {}
    for path in (
        *EXPORTS,
        *(CORPUS / "sql" / n for n in IN_PLAIN_FLINK if ".sql" in n),
    ):
        is_sql = path.suffix == ".sql"
        read = (
            event_processing.read_file(path.name, path.read_bytes()) if is_sql else None
        )
        flow = read or flow_of(path)
        bound = BoundFlow(flow, settings=flow.settings, target={"dialect": "flink"})
        bundle = event_processing.render(bound)
        why = [f.message for f in bundle.findings if f.rule.endswith("no-sql")]
        assert bool(why) is ("flow.sql" not in bundle.files)
        assert "com.ibm." not in str(bundle.files.get("flow.sql", ""))
        found[path.name] = why[0] if why else ""
    assert found.keys() == IN_PLAIN_FLINK.keys()
    for name, words in IN_PLAIN_FLINK.items():
        assert words in found[name]
        assert bool(words) is bool(found[name])


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
