"""A flow drawn in the product is promoted to real Flink, and loses nothing on the way.

The events and what is counted of them lie in a real Kafka; every promote is that of
the command line.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flink.cluster import SLOTS, Cluster
from tests.flink.counting import (
    JOURNAL,
    PER_SECOND,
    PROMOTE,
    Counting,
    counting,
    events,
    last_event,
    send,
)
from tests.support.kafka import Broker, consume

pytestmark = pytest.mark.slow
TOTAL = 100_000
NOWHERE = "a-topic-that-is-not-there"
MINUTE = 60 * PER_SECOND


def counts(broker: Broker, project: Counting, windows: int) -> list[int]:
    """Return what was counted, one number for each window."""
    found = consume(broker, project.sink, windows, seconds=60)
    return [int(json.loads(value)["count"]) for value in found]


def test_a_change_goes_through_a_savepoint_and_loses_and_doubles_nothing(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    project = counting(tmp_path / "project", f"events-{flink.version}", flink, broker)
    project.write("`n` >= 0")
    result = project.promote()
    assert result.code == 0, result.err
    half = TOTAL // 2 + MINUTE // 3  # in the middle of a window
    send(broker, project, events(range(half)))

    project.write("`n` >= 0 AND `n` < 10000000")
    result = project.promote()
    assert result.code == 0, result.err
    send(broker, project, [*events(range(half, TOTAL)), last_event()])

    windows = -(-TOTAL // MINUTE)
    found = counts(broker, project, windows)
    assert found == [MINUTE] * (windows - 1) + [TOTAL - MINUTE * (windows - 1)]
    assert len(flink.jobs(project.name)) == 1
    assert "No changes." in project.run("plan", "live").out


def test_a_version_that_does_not_start_gives_way_to_the_old_one(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    project = counting(tmp_path / "project", f"kept-{flink.version}", flink, broker)
    project.write("`n` >= 0")
    assert project.promote().code == 0
    send(broker, project, events(range(100)))
    project.write("`n` >= 1")
    project.configure(flink, broker, source=NOWHERE)
    result = project.promote()
    assert result.code == 1, result.err
    words = f"the promote stopped: {project.name} did not start from file:"
    assert words in result.err
    assert NOWHERE in result.err
    assert f"\nrestored: event_processing/flow/{project.name}" in result.err
    assert not (project.root / JOURNAL).exists()
    [job] = flink.jobs(project.name)
    restored = flink.ask(f"/jobs/{job['jid']}/checkpoints")["latest"]["restored"]
    assert restored["is_savepoint"]
    assert len(flink.own_jars()) == 1

    send(broker, project, [*events(range(100, 200)), last_event()])
    assert counts(broker, project, 1) == [200]
    project.configure(flink, broker)
    assert "No changes." not in project.run("plan", "live").out
    assert project.promote().code == 0


def test_a_renamed_flow_is_stopped_with_a_savepoint_and_starts_anew(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    project = counting(tmp_path / "project", f"gone-{flink.version}", flink, broker)
    project.write("TRUE")
    assert project.promote().code == 0
    [job] = flink.jobs(project.name)
    renamed = replace(project, name="renamed")
    renamed.write("TRUE")
    renamed.configure(flink, broker)
    result = renamed.run(*PROMOTE, "--allow", "deletes")
    assert result.code == 0, result.err
    assert flink.jobs(project.name) == []
    assert len(flink.jobs("renamed")) == 1
    ended = flink.ask(f"/jobs/{job['jid']}")["state"]
    latest = flink.ask(f"/jobs/{job['jid']}/checkpoints")["latest"]
    assert (ended, bool(latest["savepoint"])) == ("FINISHED", True)


def test_a_job_somebody_else_started_is_left_alone(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    project = counting(tmp_path / "project", f"taken-{flink.version}", flink, broker)
    project.write("TRUE")
    flink.start_foreign(project.name)
    [job] = flink.jobs(project.name)
    result = project.promote()
    assert result.code == 3
    assert f"job-not-ours: job {job['jid']} ({project.name})" in result.err
    assert [now["jid"] for now in flink.jobs(project.name)] == [job["jid"]]


def test_a_job_that_finds_no_slot_is_taken_back(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    project = counting(tmp_path / "project", f"full-{flink.version}", flink, broker)
    project.configure(flink, broker, timeout="4")
    project.write("TRUE")
    flink.start_foreign("takes every slot", SLOTS)
    result = project.promote()
    assert result.code == 1
    waits = "found no free slot in 4 s"
    words = {"1.20": waits, "2.2": "found too few free slots"}[flink.version]
    assert f"{words}: all {SLOTS} are taken" in result.err
    assert f"\nrestored: event_processing/flow/{project.name}" in result.err
    assert flink.jobs(project.name) == []
