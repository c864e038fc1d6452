"""What a rollback writes is the flow, and not what had become of its job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from flowops.model import Address, Inventory, Location, StateSafety
from flowops.plan.making import UPDATE
from flowops.plan.matching import is_as_left
from flowops.records import Record, RecordedFlow
from flowops.rollback import Wanted, found_states, plan_rollback, wanted_states
from flowops.secrets import Secret, Text
from flowops.systems import SYSTEMS
from flowops.systems.protocol import (
    FAILURE,
    KEPT,
    FlowState,
    TargetIdentity,
    TargetSettings,
)

if TYPE_CHECKING:
    from flowops.systems.protocol import Target

FLOW = Address("event_processing", "flow", "Large orders")
SQL = "CREATE TABLE a (n INT) WITH ('connector' = 'datagen');\n"


def test_a_flow_whose_job_had_failed_is_put_back_without_that(tmp_path: Path) -> None:
    place = Location("environments/live.yaml")
    values = {"path": "out"}
    settings = TargetSettings(FLOW.system, "directory", values, place, tmp_path, "live")
    target = SYSTEMS[FLOW.system].open_target(settings)
    found = {"version": "3", FAILURE: "FAILED: no space", KEPT: "s3://b/chk-7"}
    wanted = Wanted("run-1", {FLOW: FlowState(FLOW, {"flow.sql": SQL}, found)})
    [change] = plan_rollback("live", wanted, {FLOW.system: target}).changes
    assert change.bundle
    assert change.bundle.attributes == {"version": "3"}
    assert "FAILED" not in str(change.diff)


class Cluster:
    """A target whose job of the flow has failed; where its state lies, if it does."""

    identity = TargetIdentity(FLOW.system, "flink", "http://flink")

    def __init__(self, kept: str) -> None:
        self.kept = kept

    def verify(self) -> None:
        """It is the one."""

    def inventory(self, kinds: object) -> Inventory:
        return Inventory()

    def read(self, wanted: object) -> dict[Address, FlowState]:
        found = {FAILURE: "FAILED: no space"}
        found |= {KEPT: self.kept} if self.kept else {}
        return {FLOW: FlowState(FLOW, {"flow.sql": SQL}, found)}


@pytest.mark.parametrize("kept", ["s3://b/chk-7", ""])
def test_the_way_back_says_that_the_job_it_replaces_has_failed(kept: str) -> None:
    wanted = Wanted("run-1", {FLOW: FlowState(FLOW, {"flow.sql": SQL})})
    target = cast("Target", Cluster(kept))
    plan = plan_rollback("live", wanted, {FLOW.system: target})
    [change] = plan.changes
    assert change.action == UPDATE
    assert change.diff
    said = {f.path: (f.before, f.after) for f in change.diff.attributes}
    starts = {"starts from": (None, kept)} if kept else {}
    assert said == {"job": ("FAILED: no space", "RUNNING"), **starts}
    assert change.state
    safety = StateSafety.RESTART if kept else StateSafety.DROPPED
    assert change.state.safety is safety
    [finding] = plan.findings
    assert finding.rule == "flow/job-failed"
    assert finding.message.endswith("does not run: FAILED: no space")
    assert (kept or "--allow state-dropping") in finding.hint


@pytest.mark.parametrize(
    ("found", "is_same"),
    [
        ({"flow.sql": SQL}, True),
        ({"flow.sql": Secret(SQL.replace("n INT", "n BIGINT"), SQL)}, True),
        ({"flow.sql": SQL.replace("n INT", "n BIGINT")}, False),
        ({"flow.json": "{damaged"}, False),
    ],
)
def test_a_flow_is_matched_by_what_may_be_seen_of_it(
    found: dict[str, Text], *, is_same: bool
) -> None:
    left = FlowState(FLOW, {"flow.sql": SQL}, {"version": "3"})
    state = FlowState(FLOW, found, {"version": "7", FAILURE: "FAILED: no space"})
    assert is_as_left(left, state) is is_same
    record = RecordedFlow(FLOW, "create", None, left, commit="c0")
    records = [Record("run-1", "live", "sha256:0", {}, (record,))]
    commits = {FLOW: "c0"} if is_same else {}
    assert found_states("run-2", {FLOW: state}, records).commits == commits
    assert not is_as_left(None, state)
    assert not is_as_left(left, None)


def test_a_flow_whose_job_had_failed_is_the_one_that_was_promoted() -> None:
    """The digests differ, by what became of the job; the texts do not."""
    left = FlowState(FLOW, {"flow.sql": SQL}, {"version": "3"})
    found = FlowState(FLOW, {"flow.sql": SQL}, {FAILURE: "FAILED: no space"})
    other = FlowState(FLOW, {"flow.sql": "-- edited\n"})

    def wanted(before: FlowState) -> Wanted:
        first = RecordedFlow(FLOW, "create", None, left, "", "sha256:1", commit="c0")
        second = RecordedFlow(FLOW, "update", before, left, "sha256:2", "sha256:3")
        flows = {"run-1": first, "run-2": second}
        records = [
            Record(run, "live", "sha256:0", {}, (flow,)) for run, flow in flows.items()
        ]
        return wanted_states(records, "")

    assert wanted(found).commits == {FLOW: "c0"}
    assert wanted(found).states == {FLOW: left}
    assert wanted(other).commits == {}
    assert wanted(other).states == {FLOW: other}
