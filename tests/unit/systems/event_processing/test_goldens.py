"""Whole outputs of whole flows, one for each flowVersion and one without SQL."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from flowops.documents.archive import zip_bytes
from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.secrets import open_text
from flowops.systems import event_processing
from flowops.systems.protocol import BoundFlow, Flow
from tests.support.golden import assert_golden

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "event_processing"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/export.json"))
WITH_SQL = [case for case in CASES if case != "no-sql"]


@pytest.fixture
def updating(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-goldens"))


def flow_of(case: str) -> Flow:
    source = decode("export.json", (GOLDEN / case / "export.json").read_bytes())
    return event_processing.read(source, parse_json(source))


def bound_of(case: str) -> BoundFlow:
    flow = flow_of(case)
    return BoundFlow(flow, settings=flow.settings)


def test_every_version_has_a_case() -> None:
    assert [
        *("every-node", "no-sql"),
        *("version-3", "version-5", "version-6", "version-9"),
    ] == CASES


@pytest.mark.parametrize("case", CASES)
def test_files(case: str, updating: bool) -> None:
    bundle = event_processing.render(bound_of(case))
    assert bundle.primary == next(iter(bundle.files))
    for name in ("flow.sql", "config.yaml", "flow.json"):
        path = GOLDEN / case / "expected" / name
        if name in bundle.files:
            assert_golden(str(bundle.files[name]), path, updating)
        else:
            assert not path.exists()


@pytest.mark.parametrize("case", CASES)
def test_sql_of_plain_flink(case: str, updating: bool) -> None:
    """Where it is another than that of the product; an API has none."""
    bound = bound_of(case)
    ours = event_processing.render(replace(bound, target={"dialect": "flink"})).files
    path = GOLDEN / case / "expected" / "flow.flink.sql"
    if ours.get("flow.sql") in (
        None,
        event_processing.render(bound).files.get("flow.sql"),
    ):
        assert not path.exists()
    else:
        assert_golden(str(ours["flow.sql"]), path, updating)


@pytest.mark.parametrize("case", CASES)
def test_findings(case: str, updating: bool) -> None:
    bound = bound_of(case)
    found = (
        *bound.flow.findings,
        *event_processing.review(bound),
        *event_processing.render(bound).findings,
    )
    lines = [
        f"{f.severity} {f.rule} {f.location}\n  {f.message}\n  {f.hint}\n"
        for f in found
    ]
    assert_golden("".join(lines), GOLDEN / case / "expected" / "findings.txt", updating)


@pytest.mark.parametrize("case", CASES)
def test_graph(case: str, updating: bool) -> None:
    bundle = event_processing.render(bound_of(case))
    graph = asdict(event_processing.describe(bundle.state()))
    text = json.dumps(graph, indent=2, ensure_ascii=False) + "\n"
    assert_golden(text, GOLDEN / case / "expected" / "graph.json", updating)


@pytest.mark.parametrize("case", CASES)
def test_the_zip_holds_flow_and_configuration(case: str) -> None:
    bundle = event_processing.render(bound_of(case))
    (archive,) = bundle.archives
    data = zip_bytes(
        {
            member: str(bundle.files[name]).encode()
            for member, name in archive.members.items()
        }
    )
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.namelist() == ["flow.json", "config.yaml"]
        for name in opened.namelist():
            expected = GOLDEN / case / "expected" / name
            assert opened.read(name) == expected.read_bytes()


@pytest.mark.parametrize("case", CASES)
def test_no_marker_is_visible(case: str) -> None:
    bound = bound_of(case)
    bundle = event_processing.render(bound)
    text = bound.flow.source.text.open()
    assert text.count("marker-") >= 1
    visible = [repr(bound), repr(bundle), *map(str, bundle.files.values())]
    visible.append(repr(event_processing.describe(bundle.state())))
    assert all("marker-" not in shown for shown in visible)
    assert open_text(bundle.files["flow.json"]) == text


@pytest.mark.parametrize("case", WITH_SQL)
def test_opened_sql_has_the_logins(case: str) -> None:
    bundle = event_processing.render(bound_of(case))
    sql, config = bundle.files["flow.sql"], bundle.files["config.yaml"]
    assert "marker-password-" in open_text(sql)
    assert "marker-password-" in open_text(config)
    assert "_redacted>" not in open_text(config)


@pytest.mark.parametrize("case", CASES)
def test_the_same_flow_gives_the_same_bytes(case: str) -> None:
    one, other = (event_processing.render(bound_of(case)) for _ in range(2))
    assert one == other
    assert [*one.files] == [*other.files]
