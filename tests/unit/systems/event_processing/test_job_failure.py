"""What a plan says of a flow whose job failed: never "no changes", never "new"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flowops.drift import Standing, find_drift
from flowops.model import Severity, StateSafety
from flowops.plan.making import (
    NOTHING,
    UPDATE,
    Destination,
    PlannedChange,
    assemble,
    planned_change,
)
from flowops.promote import versioned
from flowops.systems import event_processing
from flowops.systems.protocol import (
    FAILURE,
    KEPT,
    VERSION,
    BoundFlow,
    Bundle,
    FlowState,
)
from tests.flink.counting import write
from tests.support.flink_server import FlinkServer, flink_server
from tests.support.golden import assert_golden
from tests.support.projects import run
from tests.unit.systems.event_processing.builders import (
    Json,
    aggregate,
    document,
    filtered,
    read,
    sink,
    source,
)
from tests.unit.systems.event_processing.test_flink_answers import FLOW
from tests.unit.systems.event_processing.test_flink_failures import (
    CHECKPOINT,
    Past,
    tell,
)

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "flink"
DOCUMENT = document(source(), filtered("`degrees` > 1"), aggregate(), sink())
GONE = {FAILURE: "FAILED: the disk is full"}
KEPT_STATE = {**GONE, KEPT: "s3://b/chk-7"}
SQL = """\
CREATE TABLE a (n INT) WITH ('connector' = 'datagen');
CREATE TABLE b (n INT) WITH ('connector' = 'blackhole');
INSERT INTO b SELECT n FROM a;
"""
FULL = """org.apache.flink.runtime.JobException: Recovery is suppressed
\tat org.apache.flink.runtime.Handler.handle(Handler.java:1)
Caused by: java.io.IOException: No space left on device
\tat java.base/java.io.FileOutputStream.writeBytes(Native Method)
"""


def change_of(
    held: dict[str, str], value: Json = DOCUMENT, *, before: Json = DOCUMENT
) -> PlannedChange:
    """Plan a flow whose job stands so on the target, where ``before`` ran."""
    ran, _ = rendered(before, {})
    state = replace(ran.state(), attributes={**ran.attributes, **held})
    bundle, bound = rendered(value, held)
    return planned_change("flow.json", bound, bundle, state)


def rendered(value: Json, held: dict[str, str]) -> tuple[Bundle, BoundFlow]:
    flow = read(value)
    bound = BoundFlow(flow, settings=flow.settings, live=held)
    return event_processing.render(bound), bound


def without_window() -> Json:
    return document(source(), filtered("`degrees` > 1"), sink())


def told(change: PlannedChange) -> dict[str, tuple[str | None, str | None]]:
    assert change.diff
    return {f.path: (f.before, f.after) for f in change.diff.attributes}


def test_a_flow_whose_job_failed_and_left_state_is_updated() -> None:
    change = change_of(KEPT_STATE)
    assert change.action == UPDATE
    assert told(change) == {
        "job": ("FAILED: the disk is full", "RUNNING"),
        "starts from": (None, "s3://b/chk-7"),
    }
    assert change.state
    assert change.state.safety is StateSafety.RESTART
    assert change == change_of(KEPT_STATE)


def test_where_no_state_is_left_it_is_lost() -> None:
    change = change_of(GONE)
    assert told(change) == {"job": ("FAILED: the disk is full", "RUNNING")}
    assert change.state
    assert change.state.safety is StateSafety.DROPPED
    assert "names no checkpoint or savepoint" in change.state.reason


def test_a_change_that_drops_state_does_so_after_a_failure_too() -> None:
    change = change_of(KEPT_STATE, without_window())
    assert change.state
    assert change.state.safety is StateSafety.DROPPED
    assert "hourly is removed" in change.state.reason


def test_a_change_that_nobody_can_judge_stays_unknown() -> None:
    other = document(source(), filtered("`degrees` > 2"), aggregate(), sink())
    change = change_of(KEPT_STATE, other)
    assert change.state
    assert change.state.safety is StateSafety.UNKNOWN


def test_a_job_that_runs_is_no_change() -> None:
    assert change_of({}).action == NOTHING
    assert change_of({"other": "attribute"}).action == NOTHING


def test_digests_tell_a_failed_job_from_one_that_runs() -> None:
    where = Destination("live", {}, ())
    digests = [
        assemble(where, [change_of(held)], (), ()).digest
        for held in ({}, GONE, KEPT_STATE, {**GONE, FAILURE: "another reason"})
    ]
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize(
    ("held", "hint"),
    [
        (KEPT_STATE, "a promote starts it again from s3://b/chk-7"),
        (GONE, "a promote with --allow state-dropping starts it again without"),
    ],
)
def test_a_finding_says_so_too(held: dict[str, str], hint: str) -> None:
    _, bound = rendered(DOCUMENT, held)
    [found] = [f for f in event_processing.review(bound) if "job-failed" in f.rule]
    assert found.severity is Severity.WARNING
    assert found.message.endswith("does not run: FAILED: the disk is full")
    assert hint in found.hint
    for quiet in (replace(bound, live=None), replace(bound, live={})):
        rules = {f.rule for f in event_processing.review(quiet)}
        assert "flow/job-failed" not in rules


@pytest.mark.parametrize("held", [GONE, KEPT_STATE])
def test_drift_sees_it(held: dict[str, str]) -> None:
    change = change_of(held)
    assert change.before
    plan = assemble(Destination("live", {}, ()), [change], (), ())
    recorded = {change.address: replace(change.before, attributes={})}
    [flow] = find_drift(plan, recorded, {})
    assert flow.drifted
    assert Standing.FAILED in flow.standings
    assert Standing.CHANGED not in flow.standings


def test_a_record_does_not_keep_what_was_wrong() -> None:
    state = FlowState(FLOW, {}, {**KEPT_STATE, VERSION: "1", "status": "published"})
    assert versioned(state, "").attributes == {"status": "published"}


@pytest.fixture
def server() -> Iterator[FlinkServer]:
    with flink_server() as found:
        yield found


@pytest.mark.parametrize("kept", [True, False])
def test_the_plan_says_it_in_words(
    server: FlinkServer, tmp_path: Path, pytestconfig: pytest.Config, kept: bool
) -> None:
    ran = Bundle(FLOW, "flow.sql", {"flow.sql": SQL})
    past = Past(bundle=ran, checkpoint=CHECKPOINT, retained=kept, trace=FULL)
    tell(server, past)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "Large orders.sql").write_text(SQL, "utf-8")
    (tmp_path / "environments").mkdir()
    project = {"version": 1, "name": "shop", "flows": [{"path": "flows/*.sql"}]}
    write(tmp_path / "flowops.yaml", project)
    target = {"kind": "flink", "url": server.url}
    live = {"targets": {"event_processing": target}}
    write(tmp_path / "environments" / "live.yaml", live)
    result = run("plan", "live", "--detailed-exitcode", "--project", str(tmp_path))
    assert result.code == 2, result.err
    shown = re.sub("sha256:[0-9a-f]+", "sha256:…", result.out)
    shown = shown.replace(server.url, "http://flink:8081")
    name = "failed-with-state.txt" if kept else "failed-without-state.txt"
    updating = bool(pytestconfig.getoption("--update-goldens"))
    assert_golden(shown, GOLDEN / name, updating)
