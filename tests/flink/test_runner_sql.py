"""The script of a SQL runner: read as that reads it, then planned by the real Flink."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowops.secrets import open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.manifests.runner_sql import runner_sql
from flowops.systems.event_processing.sql.text import code
from flowops.systems.protocol import BoundFlow
from tests.flink import test_planner
from tests.flink.planner import Planner
from tests.unit.systems.event_processing.builders import document, read, sink, source

pytestmark = pytest.mark.slow

planner = test_planner.planner
PEM = "-----BEGIN CERTIFICATE-----\nZGV2ZWxvcG1lbnQ=\n-----END CERTIFICATE-----\n"
WITH_SQL = [path for path in test_planner.GOLDENS if path.parent.name != "no-sql"]
# What SqlRunner of Apache's Flink Kubernetes Operator takes for a comment, anywhere.
COMMENT = re.compile(r"(--.*)|(((/\*)+?[\w\W]+?(\*/)+))")


def as_the_runner_reads(script: str) -> str:
    """Take comments out as the runner does, and trim each line."""
    lines = [line.strip() for line in COMMENT.sub("", script).split("\n")]
    return "\n".join(line for line in lines if line)


def with_certificates() -> str:
    flow = read(document(source(), sink()))
    settings = tuple(
        type(one)(one.node, one.table, one.name, PEM, one.origin)
        if one.name == "topic"
        else one
        for one in flow.settings
    )
    sql = event_processing.render(BoundFlow(flow, settings=settings)).files["flow.sql"]
    return open_text(sql)


def test_the_runner_would_cut_a_certificate_off() -> None:
    sql = with_certificates()
    assert "ZGV2ZWxvcG1lbnQ=" in sql
    assert [t.text for t in code(as_the_runner_reads(sql))] != [
        t.text for t in code(sql)
    ]
    made = open_text(runner_sql(sql))
    assert [t.text for t in code(as_the_runner_reads(made))] == [
        t.text for t in code(made)
    ]


@pytest.mark.parametrize("path", WITH_SQL, ids=test_planner.name_of)
def test_what_the_runner_reads_is_accepted(path: Path, planner: Planner) -> None:
    sql = test_planner.sql_of(path)
    assert sql
    script = open_text(runner_sql(sql))
    verdict = planner.plan(as_the_runner_reads(script))
    assert verdict.is_accepted, verdict.reason


def test_an_escaped_text_means_the_same(planner: Planner) -> None:
    flow = read(document(source(), sink()))
    sql = open_text(
        event_processing.render(BoundFlow(flow, settings=flow.settings)).files[
            "flow.sql"
        ]
    )
    for name, accepted in (("earliest-offset", True), ("earliest--offset", False)):
        text = name.replace("-", r"\002D")
        made = sql.replace("'earliest-offset'", f"U&'{text}'")
        assert made != sql
        assert planner.plan(made).is_accepted is accepted
