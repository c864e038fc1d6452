"""A cluster that takes no jars is written to through its SQL gateway."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowops.systems.event_processing.targets.flink.job_manager import JobManager
from tests.flink.cluster import Cluster
from tests.flink.counting import (
    JOURNAL,
    PASSWORD,
    Counting,
    counting,
    events,
    last_event,
    send,
)
from tests.flink.test_killed_promotes import Death, die
from tests.flink.test_promoting import NOWHERE, counts
from tests.support.kafka import Broker

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("flink-cluster-1.20")]


@pytest.fixture
def closed(old_flink: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster as FlowOps sees it where web.submit.enable is false."""
    monkeypatch.setattr(JobManager, "takes_jars", lambda self: False)
    yield old_flink
    assert old_flink.own_jars() == []
    old_flink.end_jobs()


@pytest.fixture
def project(closed: Cluster, broker: Broker, tmp_path: Path) -> Counting:
    name = f"gated-{tmp_path.name}"
    made = counting(tmp_path / "project", name, closed, broker)
    made.configure(closed, broker, gateway=closed.gateway)
    made.write("`n` >= 0")
    result = made.promote()
    assert result.code == 0, result.err
    return made


def test_a_version_that_fails_gives_way_to_the_old_one_with_its_secrets(
    project: Counting, closed: Cluster, broker: Broker
) -> None:
    send(broker, project, events(range(100)))
    project.write("`n` >= 0 AND `n` < 1000")
    project.configure(closed, broker, source=NOWHERE, gateway=closed.gateway)
    result = project.promote()
    assert result.code == 1, result.err
    assert f"\nrestored: event_processing/flow/{project.name}" in result.err
    project.configure(closed, broker, gateway=closed.gateway)
    result = project.promote()
    assert result.code == 0, result.err
    send(broker, project, [*events(range(100, 200)), last_event()])
    assert counts(broker, project, 1) == [200]
    assert len(closed.jobs(project.name)) == 1


def test_sql_the_planner_refuses_is_not_started(
    project: Counting, closed: Cluster
) -> None:
    [job] = closed.jobs(project.name)
    project.write("`no such column` > 1")
    result = project.promote()
    assert result.code == 1
    assert "Column 'no such column' not found" in result.err
    assert [now["jid"] for now in closed.jobs(project.name)] == [job["jid"]]
    assert not (project.root / JOURNAL).exists()


def test_after_a_kill_the_old_job_gets_its_secrets_from_its_commit(
    project: Counting,
    closed: Cluster,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send(broker, project, events(range(100)))
    project.write("`n` >= 0 AND `n` < 1000")
    die(project, monkeypatch, Death("POST .*/v2/sessions$", "before", after="/stop$"))
    result = project.promote()
    assert result.code == 0, result.err
    assert f"\nrestored: event_processing/flow/{project.name}" in result.err
    assert PASSWORD not in result.out + result.err
    send(broker, project, [*events(range(100, 200)), last_event()])
    assert counts(broker, project, 1) == [200]
    assert len(closed.jobs(project.name)) == 1


def test_without_a_record_the_place_of_the_state_is_said(
    project: Counting, closed: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("`n` > 5")
    die(project, monkeypatch, Death("POST .*/v2/sessions$", "before", after="/stop$"))
    shutil.rmtree(project.root / ".flowops" / "records")
    result = project.promote()
    assert result.code == 1
    assert "its state is kept in file:" in result.err
    assert "its secrets are not known here" in result.err
    assert "fetch the whole history of Git" in result.err
    assert (project.root / JOURNAL).exists()
