"""A job that failed for good is no new flow: its state goes on, or is given up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from flowops.systems.event_processing.targets.flink.job_manager import JobManager
from tests.flink.cluster import SLOTS, Cluster, until
from tests.flink.counting import JOURNAL
from tests.flink.feeding import MENDED, RETAINED, Feeding, feeding, hidden, started
from tests.support.projects import Result

pytestmark = pytest.mark.slow
ALLOW = ("--allow", "state-dropping")


@pytest.fixture
def newest(new_flink: Cluster) -> Iterator[Cluster]:
    yield new_flink
    new_flink.end_jobs()


def test_a_failed_job_goes_on_from_its_last_checkpoint(
    flink: Cluster, tmp_path: Path
) -> None:
    name = f"failed-{flink.version}"
    project = started(tmp_path, name, flink, RETAINED)
    job = project.fail()
    place = project.checkpoints(job)["completed"]["external_path"]
    plan = project.run("plan", "live", "--detailed-exitcode")
    assert plan.code == 2
    assert f"~ event_processing/flow/{name}  will be updated" in plan.out
    assert '~ job: "FAILED: ' in plan.out
    assert "Failed to deserialize JSON" in plan.out
    assert f'+ starts from: "{place}"' in plan.out
    assert "state: restart safe (its job ended, and starts again from" in plan.out
    assert f"a promote starts it again from {place}" in plan.out
    assert project.run("plan", "live").out == plan.out
    assert "not running on the target" in project.run("drift", "live").out

    project.mend([10])
    result = project.promote()
    assert result.code == 0, result.err
    [again] = flink.jobs(name)
    assert project.checkpoints(again["jid"])["restored"]["external_path"] == place
    project.feed("last.json", [11])
    project.until_copied(range(12))
    assert "No changes." in project.run("plan", "live").out
    [record] = sorted((project.root / ".flowops/records").rglob("*.json"))[-1:]
    assert "FAILED" not in record.read_text("utf-8")


def test_state_that_is_not_kept_has_to_be_given_up_in_words(
    flink: Cluster, tmp_path: Path
) -> None:
    name = f"lost-{flink.version}"
    project = started(tmp_path, name, flink)
    project.fail()
    project.mend([10])
    plan = project.run("plan", "live")
    assert '~ job: "FAILED: ' in plan.out
    assert "starts from" not in plan.out
    assert "state: state dropping (its job ended, and the cluster names no" in plan.out
    result = project.promote()
    assert result.code == 3
    assert "refused: state-dropping: " in result.err
    assert "--allow state-dropping" in result.err
    assert flink.jobs(name) == []

    result = project.promote(*ALLOW)
    assert result.code == 0, result.err
    project.until_copied([*range(10), *range(11)])


def is_left(project: Feeding, result: Result, place: str, reason: str) -> None:
    """Hold that a promote failed, and that the flow stands as it did before."""
    assert result.code == 1
    [line] = [line for line in result.err.splitlines() if "did not start from" in line]
    assert f"the promote stopped: {project.name} did not start from {place}: " in line
    assert reason in line
    assert not (project.root / JOURNAL).exists()
    assert project.flink.jobs(project.name) == []
    assert f'starts from: "{place}"' in project.run("plan", "live").out


def test_what_does_not_start_leaves_the_failed_job_and_its_state(
    newest: Cluster, tmp_path: Path
) -> None:
    project = started(tmp_path, "still-failed", newest, RETAINED)
    place = project.checkpoints(project.fail())["completed"]["external_path"]
    with hidden(place):
        result = project.promote()
    is_left(project, result, place, "Cannot find meta data file '_metadata'")
    project.configure(timeout="5")
    newest.start_foreign("takes every slot", SLOTS)
    is_left(project, project.promote(), place, "found too few free slots: ")
    newest.end_jobs()
    project.configure()
    project.mend([10])
    assert project.promote().code == 0
    project.until_copied(range(11))


def test_a_flow_that_never_came_up_is_still_new(
    newest: Cluster, tmp_path: Path
) -> None:
    project = feeding(tmp_path / "project", "never-up", newest)
    project.write(folder="nowhere")
    result = project.promote()
    assert result.code == 1
    assert "the promote stopped: job " in result.err
    plan = project.run("plan", "live").out
    assert "+ event_processing/flow/never-up  will be created" in plan


def test_a_job_that_another_flow_takes_back_is_still_failed(
    newest: Cluster, tmp_path: Path
) -> None:
    project = started(tmp_path, "a-first", newest, RETAINED)
    place = project.checkpoints(project.fail())["completed"]["external_path"]
    project.mend([10])
    project.write(name="b-second", folder="nowhere")
    result = project.promote()
    assert result.code == 1, result.err
    assert "published: event_processing/flow/a-first" in result.err
    assert "restored: event_processing/flow/a-first" in result.err
    assert newest.jobs() == []
    plan = project.run("plan", "live").out
    assert f'+ starts from: "{place}"' in plan
    assert "+ event_processing/flow/b-second  will be created" in plan


def test_a_job_that_somebody_cancelled_is_gone(newest: Cluster, tmp_path: Path) -> None:
    project = started(tmp_path, "cancelled", newest, RETAINED)
    project.fail()
    project.mend([10])
    assert project.promote().code == 0
    [job] = newest.jobs("cancelled")
    requests.patch(f"{newest.url}/jobs/{job['jid']}?mode=cancel", timeout=60)
    until(lambda: project.state(job["jid"]) == "CANCELED", "a job to be cancelled")
    plan = project.run("plan", "live").out
    assert "+ event_processing/flow/cancelled  will be created" in plan


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_rollback_goes_on_from_what_a_failed_job_left_or_is_refused(
    newest: Cluster, tmp_path: Path, is_kept: bool
) -> None:
    name = "back-kept" if is_kept else "back-lost"
    settings = RETAINED if is_kept else {}
    project = feeding(tmp_path / "project", name, newest)
    project.write(MENDED, settings=settings)
    assert project.promote().code == 0
    project.write(settings=settings)
    assert project.promote().code == 0
    project.feed("first.json", range(10))
    project.until_copied(range(10))
    job = project.fail()
    result = project.run("rollback", "live", "--yes")
    assert '~ job: "FAILED: ' in result.out
    assert "[flow/job-failed]" in result.out
    if not is_kept:
        assert result.code == 3
        assert "refused: state-dropping: " in result.err
        assert newest.jobs(name) == []
        words = ("--allow", "state-dropping")
        assert project.run("rollback", "live", "--yes", *words).code == 0
        assert len(newest.jobs(name)) == 1
        return
    place = project.checkpoints(job)["completed"]["external_path"]
    assert f'+ starts from: "{place}"' in result.out
    assert result.code == 0, result.err
    assert f"its state is that of {place}" in result.err
    project.feed("last.json", [10])
    project.until_copied(range(11))


def test_a_failed_job_goes_on_where_no_jar_is_taken(
    newest: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobManager, "takes_jars", lambda self: False)
    gateway = newest.gateway
    project = started(tmp_path, "no-jar", newest, RETAINED, gateway=gateway)
    place = project.checkpoints(project.fail())["completed"]["external_path"]
    with hidden(place):
        result = project.promote()
    is_left(project, result, place, "Cannot find meta data file '_metadata'")
    project.mend([10])
    assert project.promote().code == 0
    project.until_copied(range(11))
    assert newest.own_jars() == []
