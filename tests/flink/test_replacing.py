"""A job is started anew as asked, from a savepoint, though nothing differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flink.cluster import Cluster
from tests.flink.counting import PROMOTE, counting, events, last_event, send
from tests.flink.test_promoting import counts
from tests.support.kafka import Broker

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("way", ["jar", "gateway"])
def test_a_replaced_job_goes_on_with_its_state(
    flink: Cluster, broker: Broker, tmp_path: Path, way: str
) -> None:
    name = f"again-{way}-{flink.version}"
    project = counting(tmp_path / "project", name, flink, broker)
    if way == "gateway":
        project.configure(flink, broker, gateway=flink.gateway)
    project.write("`n` >= 0")
    assert project.promote().code == 0
    [old] = flink.jobs(name)
    send(broker, project, events(range(30)))  # in the middle of a window
    plan = project.run("plan", "live", "--replace", name)
    assert f"~ event_processing/flow/{name}  will be replaced as asked" in plan.out
    assert "state: restart safe (the job goes on from a savepoint)" in plan.out
    assert "1 flow replaced as asked." in plan.out
    result = project.run(*PROMOTE, "--replace", name)
    assert result.code == 0, result.err
    assert "its state is that of file:" in result.err
    [new] = flink.jobs(name)
    assert new["jid"] != old["jid"]
    send(broker, project, [*events(range(30, 60)), last_event()])
    assert counts(broker, project, 1) == [60]
    assert "No changes." in project.run("plan", "live").out
