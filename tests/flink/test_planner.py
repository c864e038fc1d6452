"""The SQL FlowOps makes is accepted by the real planner of Flink, and bad SQL is not.

Each test runs on two lines of Flink, with their real Kafka and JDBC connectors, and
the open HTTP connector that the vendor's has grown out of. Of the vendor's own there
are stubs: two functions, the format of an API's answers, the maker of its requests and
the logger of them. So the names of these three and of their two options are not
checked, nor is what else stands below ``gid.connector.http.``, which the open connector
takes without looking.

Needs Java 17 and the jars that tools/flink_jars.py fetches; without them the tests
are skipped, or fail where FLOWOPS_FLINK=1 says that they have to be there.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.secrets import open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.compiler.plain_timestamps import in_plain_flink
from flowops.systems.protocol import BoundFlow, Bundle, Flow
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
LINES = read_list(LIST.read_text(encoding="utf-8"))
IS_REQUIRED = os.environ.get("FLOWOPS_FLINK") == "1"

PRODUCT, FLINK = "event-processing", "flink"

pytestmark = pytest.mark.slow


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(line, marks=pytest.mark.xdist_group(f"flink-{line}"))
        for line in sorted(LINES)
    ],
)
def planner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Planner]:
    """Give the planner of each line of Flink, one process for all its tests."""
    jars = LINES[request.param]
    lacking = ""
    if not (shutil.which("java") and shutil.which("javac")):
        lacking = "there is no JDK on this machine"
    elif missing(jars, CACHE):
        lacking = "run python3 tools/flink_jars.py first: jars of Flink are missing"
    if lacking:
        (pytest.fail if IS_REQUIRED else pytest.skip)(lacking)
    folder = tmp_path_factory.mktemp("planner")
    started = start(request.param, [CACHE / jar.file for jar in jars], folder)
    yield started
    started.close()


def rendered(flow: Flow, dialect: str) -> Bundle:
    bound = BoundFlow(flow, settings=flow.settings, target={"dialect": dialect})
    return event_processing.render(bound)


def flow_of(path: Path) -> Flow:
    if path.suffix == ".sql":
        return event_processing.read_file(path.name, path.read_bytes())
    text = decode(path.name, path.read_bytes())
    return event_processing.read(text, parse_json(text))


def sql_of(path: Path, dialect: str = PRODUCT) -> str | None:
    bundle = rendered(flow_of(path), dialect)
    return open_text(bundle.files["flow.sql"]) if "flow.sql" in bundle.files else None


def name_of(path: Path) -> str:
    return path.parent.name if path.name == "export.json" else path.name


@pytest.mark.parametrize("dialect", [PRODUCT, FLINK])
@pytest.mark.parametrize("path", [*GOLDENS, *EXPORTS], ids=name_of)
def test_what_flowops_makes_is_accepted(
    path: Path, dialect: str, planner: Planner
) -> None:
    sql = sql_of(path, dialect)
    if sql is None:
        pytest.skip("no SQL is made of this flow")
    if dialect == FLINK and sql == sql_of(path):
        pytest.skip("the SQL is that of the product")
    verdict = planner.plan(sql)
    assert verdict.is_accepted, verdict.reason


@pytest.mark.parametrize("dialect", [PRODUCT, FLINK])
@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_what_the_product_makes_is_accepted(
    path: Path, dialect: str, planner: Planner
) -> None:
    sql = sql_of(path, dialect)
    assert sql
    if dialect == FLINK and sql == sql_of(path):
        pytest.skip("the SQL is that of the product")
    verdict = planner.plan(sql)
    assert verdict.is_accepted, verdict.reason


FORMS = """
    2024-01-15T10:30:45|2024-01-15 10:30:45.123456789|2024-01-15T10:30:45.1|
    2024-01-15t10:30|2024-01-15 10:30|2024-02-30 24:00:00.5|2024-01-15 10:30:45.|
    1969-12-31 23:59:59.500|0001-01-01 00:00:00|2024-13-01 00:00:00|2024-1-5 00:00:00|
    2024-01-15|2024-01-15 10:60:00|2024-01-15  10:30:45|x
"""
LOCAL_TIMES = [text.strip(" \n") for text in FORMS.split("|")]
OFFSETS = "Z|z|+08|-0130|+02:30|+18:00|+18:30|+19:00|+8|-00:00|+01:|+01:60| +01:00"
ZONED_TIMES = [
    *(f"{LOCAL_TIMES[1]}{offset}" for offset in OFFSETS.split("|")),
    *(f"{text}-01:30" for text in LOCAL_TIMES[::2]),
    LOCAL_TIMES[0],
]
DECLARED = """
CREATE FUNCTION TO_TIMESTAMP_UDF AS 'com.ibm.ei.streamproc.udf.ToTimestampUdf';
CREATE FUNCTION TO_TIMESTAMP_LTZ_UDF AS 'com.ibm.ei.streamproc.udf.ToTimestampLtzUdf';
"""


@pytest.mark.parametrize(
    ("call", "texts"),
    [
        ("TO_TIMESTAMP_UDF(x)", [*LOCAL_TIMES, *ZONED_TIMES[:3]]),
        ("CAST(TO_TIMESTAMP_LTZ_UDF(x) AS TIMESTAMP_LTZ(3))", ZONED_TIMES),
    ],
    ids=["without a zone", "with a zone"],
)
def test_plain_flink_reads_a_timestamp_as_the_vendors_function_does(
    call: str, texts: list[str], planner: Planner
) -> None:
    """Texts of every form, and of none: the same value or the same null."""
    both = [call, str(in_plain_flink(call))]
    values = planner.value(
        *(re.sub(r"\bx\b", f"'{text}'", sql) for sql in both for text in texts),
        given=DECLARED,
    )
    theirs = dict(zip(texts, values[: len(texts)], strict=True))
    assert dict(zip(texts, values[len(texts) :], strict=True)) == theirs
    nulls = [text for text in texts if theirs[text].startswith("null")]
    assert len(nulls) in range(5, len(texts) - 5)


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


# What the vendor's HTTP connector has that the open one has not, and what that has.
VENDORS_OWN = {
    "'gid.connector.http.response-json'": "'json'",
    "'templated-query'": "'generic-json-query'",
    "'rest-lookup-logger'": "'slf4j-lookup-logger'",
}


def test_the_options_of_an_api_are_those_of_the_open_connector(
    planner: Planner,
) -> None:
    """All but three plug-ins, and two options that only those read."""
    sql = sql_of(ROOT / "tests/golden/event_processing/every-node/export.json")
    assert sql
    for own, open_one in VENDORS_OWN.items():
        assert sql.count(own) == 1
        sql = sql.replace(own, open_one)
    assert sql.count("arg-paths' = ") == 2
    sql = re.sub(r"    'gid\.[^']*arg-paths' = '[^']*',\n", "", sql)
    assert "arg-paths" not in sql
    verdict = planner.plan(sql)
    assert verdict.is_accepted, verdict.reason
    unknown = planner.plan(sql.replace("'generic-json-query'", "'nobody'"))
    assert "nobody" in unknown.reason


MUTANTS = [
    (
        *("an unknown column", "every-node", "`boats`.`berth` =", "`boats`.`nobody` ="),
        "Column 'nobody' not found",
    ),
    (
        *("an unknown table", "every-node", "FROM `timed`", "FROM `nobody`"),
        "Object 'nobody' not found",
    ),
    (
        *("an unknown function", "version-9", "TO_TIMESTAMP_UDF(`time`)"),
        *("NOBODY(`time`)", "NOBODY"),
    ),
    (
        *("another type", "every-node", "`boat` STRING,\n    `pilot`"),
        *("`boat` BIGINT,\n    `pilot`", "Column types of query result"),
    ),
    (
        *("a column less", "every-node", "SELECT `boat`,`pilot`,", "SELECT `pilot`,"),
        "Different number of columns",
    ),
    (
        *("no watermark", "version-9", "    WATERMARK FOR", "    -- WATERMARK FOR"),
        "Encountered",
    ),
    (
        *("an unknown option", "every-node", "'format' = 'json'"),
        *("'format' = 'json', 'no' = ''", "Unsupported options"),
    ),
    (
        *("a bad start", "version-6", "'earliest-offset'", "'sometimes'"),
        "scan.startup.mode",
    ),
    (
        *("no servers", "every-node", "'properties.bootstrap.servers'"),
        *("'properties.no'", "properties.bootstrap.servers"),
    ),
    (
        *("an unknown format", "every-node", "'format' = 'json'", "'format' = 'no'"),
        "'no'",
    ),
    (
        *("an unknown connector", "every-node", "'connector' = 'jdbc'"),
        *("'connector' = 'no'", "'no'"),
    ),
    (
        *("an unknown option of a database", "every-node", "'table-name' ="),
        *("'no' = '', 'table-name' =", "Unsupported options"),
    ),
    (
        *("an unknown option of an API", "every-node", "'lookup-method' = 'POST'"),
        *("'lookup-way' = 'POST'", "Unsupported options"),
    ),
    (
        *("no address of an API", "every-node", "'url' = 'https://pilots"),
        *("'url-args' = 'https://pilots", "Missing required options"),
    ),
    (
        *("a switch of an API that is none", "every-node", "'asyncPolling' = 'true'"),
        *("'asyncPolling' = 'sometimes'", "asyncPolling"),
    ),
    (
        *("no clock for a lookup", "every-node", "PROCTIME() AS `now`", "1 AS `now`"),
        "",
    ),
    (
        *("no bounds", "every-node", "WHERE `tides`.`event_time`\n    BETWEEN"),
        *("WHERE `tides`.`berth`\n    BETWEEN", "BETWEEN"),
    ),
    (
        *("words that are none", "version-9", "CREATE TEMPORARY VIEW"),
        *("CREATE TEMPORARY VEIW", "VEIW"),
    ),
]


@pytest.mark.parametrize(
    ("case", "old", "new", "words"),
    [mutant[1:] for mutant in MUTANTS],
    ids=[mutant[0] for mutant in MUTANTS],
)
def test_a_mutant_is_rejected(
    case: str, old: str, new: str, words: str, planner: Planner
) -> None:
    sql = sql_of(ROOT / "tests/golden/event_processing" / case / "export.json")
    assert sql
    mutant = sql.replace(old, new)
    assert mutant != sql
    verdict = planner.plan(mutant)
    assert not verdict.is_accepted
    assert words in verdict.reason
