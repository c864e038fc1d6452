"""What a rollback writes is the flow, and not what had become of its job."""

from __future__ import annotations

from pathlib import Path

from flowops.model import Address, Location
from flowops.rollback import Wanted, plan_rollback
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
