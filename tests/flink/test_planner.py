"""The SQL FlowOps makes is accepted by the real planner of Flink, and bad SQL is not.

Needs Java 17 and the jars that tools/flink_jars.py fetches; without them the tests
are skipped, or fail where FLOWOPS_FLINK=1 says that they have to be there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.secrets import open_text
from flowops.systems import event_processing
from flowops.systems.protocol import BoundFlow
from tests.flink.planner import Planner, start
from tests.unit.systems.event_processing.builders import (
    FIELDS,
    WATERMARK,
    Json,
    document,
    read,
    sink,
    source,
)
from tests.unit.systems.event_processing.test_joins import EDGES, join, time_condition
from tools.flink_jars import CACHE, LIST, missing, read_list

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "event_processing"
GOLDENS = sorted((ROOT / "tests/golden/event_processing").glob("*/export.json"))
EXPORTS = sorted((CORPUS / "json").glob("*.json"))
# The others of this folder are fragments.
SCRIPTS = sorted((CORPUS / "sql").glob("[!cdp]*_*[0-9].sql"))
IS_REQUIRED = os.environ.get("FLOWOPS_FLINK") == "1"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planner]:
    jars = read_list(LIST.read_text(encoding="utf-8"))
    lacking = ""
    if not (shutil.which("java") and shutil.which("javac")):
        lacking = "there is no JDK on this machine"
    elif missing(jars, CACHE):
        lacking = "run python3 tools/flink_jars.py first: jars of Flink are missing"
    if lacking:
        (pytest.fail if IS_REQUIRED else pytest.skip)(lacking)
    started = start(
        [CACHE / jar.file for jar in jars], tmp_path_factory.mktemp("planner")
    )
    yield started
    started.close()


def sql_of(path: Path) -> str | None:
    text = decode(path.name, path.read_bytes())
    flow = event_processing.read(text, parse_json(text))
    bundle = event_processing.render(BoundFlow(flow, settings=flow.settings))
    return open_text(bundle.files["flow.sql"]) if "flow.sql" in bundle.files else None


def name_of(path: Path) -> str:
    return path.parent.name if path.name == "export.json" else path.name


@pytest.mark.parametrize("path", [*GOLDENS, *EXPORTS], ids=name_of)
def test_what_flowops_makes_is_accepted(path: Path, planner: Planner) -> None:
    sql = sql_of(path)
    if sql is None:
        pytest.skip("no SQL is made of this flow")
    verdict = planner.plan(sql)
    assert verdict.is_accepted, verdict.reason


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_what_the_product_makes_is_accepted(path: Path, planner: Planner) -> None:
    flow = event_processing.read_file(path.name, path.read_bytes())
    bundle = event_processing.render(BoundFlow(flow, settings=flow.settings))
    verdict = planner.plan(open_text(bundle.files["flow.sql"]))
    assert verdict.is_accepted, verdict.reason


ZONED: list[object] = [*FIELDS[:2], {"name": "time", "type": "TIMESTAMP_LTZ_UDF"}]
FROM_KAFKA: Json = {
    **WATERMARK,
    "topicLocalTimeRequired": True,
    "watermarkColumn": "arrived",
}
ARRIVED = time_condition(baseTimeEvent={"table": "readings", "column": "arrived"})


def joined(readings: Json, alarms: Json, near: Json) -> str:
    flow = read(document(readings, alarms, near, sink(), edges=EDGES))
    bundle = event_processing.render(BoundFlow(flow, settings=flow.settings))
    return open_text(bundle.files["flow.sql"])


@pytest.mark.parametrize(
    ("readings", "near"),
    [
        (source(), join()),
        (source(watermark=FROM_KAFKA), join(timeCondition=ARRIVED)),
    ],
    ids=["text without a zone", "time of Kafka"],
)
def test_clocks_of_two_kinds_are_made_one(
    readings: Json, near: Json, planner: Planner
) -> None:
    sql = joined(readings, source("alarms", fields=ZONED), near)
    assert planner.plan(sql).is_accepted
    mixed = sql.replace(
        "AS CAST (TO_TIMESTAMP_UDF(`time`) AS TIMESTAMP_LTZ(3))",
        "AS CAST (TO_TIMESTAMP_UDF(`time`) AS TIMESTAMP(3))",
    )
    mixed = mixed.replace("TIMESTAMP_LTZ(3) METADATA", "TIMESTAMP(3) METADATA")
    assert mixed != sql
    assert "same rowtime" in planner.plan(mixed).reason


MUTANTS = [
    ("an unknown column", "every-node", "`boats`.`berth` =", "`boats`.`nobody` ="),
    ("an unknown table", "every-node", "FROM `timed`", "FROM `nobody`"),
    ("an unknown function", "version-9", "TO_TIMESTAMP_UDF(`time`)", "NOBODY(`time`)"),
    (
        "another type",
        "every-node",
        "`boat` STRING,\n    `pilot`",
        "`boat` BIGINT,\n    `pilot`",
    ),
    ("a column less", "every-node", "SELECT `boat`,`pilot`,", "SELECT `pilot`,"),
    ("no watermark", "version-9", "    WATERMARK FOR", "    -- WATERMARK FOR"),
    (
        "an unknown option",
        "every-node",
        "'format' = 'json'",
        "'format' = 'json', 'no' = ''",
    ),
    ("a bad start", "version-6", "'earliest-offset'", "'sometimes'"),
    ("no servers", "every-node", "'properties.bootstrap.servers'", "'properties.no'"),
    ("an unknown format", "every-node", "'format' = 'json'", "'format' = 'nobody'"),
    (
        "an unknown connector",
        "every-node",
        "'connector' = 'jdbc'",
        "'connector' = 'no'",
    ),
    ("no clock for a lookup", "every-node", "PROCTIME() AS `now`", "1 AS `now`"),
    (
        "no bounds",
        "every-node",
        "WHERE `tides`.`event_time`\n    BETWEEN",
        "WHERE `tides`.`berth`\n    BETWEEN",
    ),
    (
        "words that are none",
        "version-9",
        "CREATE TEMPORARY VIEW",
        "CREATE TEMPORARY VEIW",
    ),
]


@pytest.mark.parametrize(
    ("case", "old", "new"),
    [mutant[1:] for mutant in MUTANTS],
    ids=[mutant[0] for mutant in MUTANTS],
)
def test_a_mutant_is_rejected(case: str, old: str, new: str, planner: Planner) -> None:
    sql = sql_of(ROOT / "tests/golden/event_processing" / case / "export.json")
    assert sql
    mutant = sql.replace(old, new)
    assert mutant != sql
    verdict = planner.plan(mutant)
    assert not verdict.is_accepted
    assert verdict.reason
