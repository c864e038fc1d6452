"""What a rollback writes is the flow, and not what had become of its job."""

from __future__ import annotations

from pathlib import Path

from flowops.model import Address, Location
from flowops.records import Record, RecordedFlow
from flowops.rollback import Wanted, plan_rollback, wanted_states
from flowops.systems import SYSTEMS
from flowops.systems.protocol import FAILURE, KEPT, FlowState, TargetSettings

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
