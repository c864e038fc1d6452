"""A promote that is killed at any step is followed by one that ends with one job.

The process is as good as dead when ``Killed`` is raised: nothing of FlowOps that
runs afterwards reaches the cluster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.flink.cluster import Cluster, until
from tests.flink.counting import JOURNAL, Counting, counting, events, last_event, send
from tests.flink.feeding import KEPT, MENDED, RETAINED, Feeding, looping, started
from tests.flink.test_promoting import counts
from tests.support.kafka import Broker

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("flink-cluster-2.2")]
EACH = 10


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


@dataclass
class Death:
    """Ends a process at a request, before it is sent or once it is answered.

    ``after`` is a request that has to come first.
    """

    request: str
    when: str
    after: str = ""
    happened: bool = field(default=False)

    def request_of(self, original: Any) -> Any:
        def sent(session: Any, method: str, url: str, **more: Any) -> Any:
            if self.happened:
                raise Killed
            if re.search(self.after, url):
                self.after = ""
            if self.after or not re.search(self.request, f"{method} {url}"):
                return original(session, method, url, **more)
            if self.when == "after":
                original(session, method, url, **more)
            self.happened = True
            raise Killed

        return sent


STEPS = [
    Death("POST .*/jars/upload", "before"),
    Death("POST .*/jars/upload", "after"),
    Death("POST .*/plan$", "after"),
    Death("POST .*/stop$", "before"),
    Death("POST .*/stop$", "after"),
    Death("POST .*/run$", "before"),
    Death("POST .*/run$", "after"),
    Death("GET .*/checkpoints$", "after"),
    Death("DELETE .*/jars/", "after"),
]


def die(
    project: Counting | Feeding, monkeypatch: pytest.MonkeyPatch, death: Death
) -> None:
    """Start a promote that does not survive."""
    with monkeypatch.context() as patch:
        sent = death.request_of(requests.Session.request)
        patch.setattr(requests.Session, "request", sent)
        with pytest.raises(Killed):
            project.promote()
    assert death.happened
    assert (project.root / JOURNAL).exists()


@pytest.fixture
def project(new_flink: Cluster, broker: Broker, tmp_path: Path) -> Iterator[Counting]:
    """A flow that runs."""
    name = f"killed-{tmp_path.name}"
    made = counting(tmp_path / "project", name, new_flink, broker)
    made.write("`n` >= 0")
    assert made.promote().code == 0
    yield made
    new_flink.end_jobs()


def test_the_next_promote_ends_with_one_job_that_lost_and_doubled_nothing(
    project: Counting,
    new_flink: Cluster,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number, death in enumerate(STEPS):
        send(broker, project, events(range(number * EACH, (number + 1) * EACH)))
        project.write(f"`n` >= 0 AND `n` < {1_000_000 + number}")
        die(project, monkeypatch, death)
        goes_on(project, new_flink)
    send(broker, project, [last_event()])
    assert sum(counts(broker, project, 1)) == EACH * len(STEPS)


def test_no_journal_is_needed_to_go_on_with_the_state_of_what_ran(
    project: Counting,
    new_flink: Cluster,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The machine is gone, and the journal with it, as on a runner of GitHub."""
    steps = [
        Death("POST .*/stop$", "after"),
        Death("POST .*/run$", "before"),
        Death("POST .*/run$", "after"),
        Death("GET .*/checkpoints$", "after", after="/run$"),
    ]
    for number, death in enumerate(steps):
        send(broker, project, events(range(number * EACH, (number + 1) * EACH)))
        project.write(f"`n` >= 0 AND `n` < {1_000_000 + number}")
        die(project, monkeypatch, death)
        (project.root / JOURNAL).unlink()
        if number < 2:  # it had stopped the old one, and started none
            until(lambda: not new_flink.jobs(project.name), "the old job to be gone")
            plan = project.run("plan", "live").out
            assert '~ job: "FINISHED: a promote stopped it, and was cut off"' in plan
            assert '+ starts from: "file:' in plan
        result = project.promote()
        assert result.code == 0, result.err
        assert len(new_flink.jobs(project.name)) == 1
        assert "No changes." in project.run("plan", "live").out
    send(broker, project, [last_event()])
    assert sum(counts(broker, project, 1)) == EACH * len(steps)


def test_a_job_that_runs_and_is_not_recorded_is_recorded_and_left_alone(
    project: Counting, new_flink: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the record was left to be done when the machine went."""
    project.write("`n` >= 0 AND `n` < 3000000")
    die(project, monkeypatch, Death("GET .*/checkpoints$", "after", after="/run$"))
    (project.root / JOURNAL).unlink()
    [job] = new_flink.jobs(project.name)
    until(lambda: is_running(new_flink, job["jid"]), "the new job to run")
    assert "1 to update" in project.run("plan", "live", "--recorded").out
    assert "[record/missing]" in project.run("plan", "live").out
    result = project.promote()
    assert result.code == 0, result.err
    assert f"recorded anew: event_processing/flow/{project.name}" in result.err
    assert [now["jid"] for now in new_flink.jobs(project.name)] == [job["jid"]]
    assert "No changes." in project.run("plan", "live", "--recorded").out
    assert "in sync" in project.run("drift", "live").out
    assert "recorded" not in project.promote().err


def is_running(flink: Cluster, job: str) -> bool:
    return bool(flink.ask(f"/jobs/{job}")["state"] == "RUNNING")


def test_a_job_that_somebody_stopped_is_started_anew(
    project: Counting, new_flink: Cluster
) -> None:
    [job] = new_flink.jobs(project.name)
    body = {"drain": False, "targetDirectory": new_flink.savepoints}
    url = f"{new_flink.url}/jobs/{job['jid']}/stop"
    assert requests.post(url, json=body, timeout=60).ok
    until(lambda: not new_flink.jobs(project.name), "the job to be stopped")
    assert "will be created" in project.run("plan", "live").out
    result = project.promote()
    assert result.code == 0, result.err
    [again] = new_flink.jobs(project.name)
    assert (
        new_flink.ask(f"/jobs/{again['jid']}/checkpoints")["latest"]["restored"] is None
    )


def test_the_undoing_itself_can_be_cut_off(
    project: Counting, new_flink: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("`n` >= 0 AND `n` < 2000000")
    die(project, monkeypatch, Death("POST .*/run$", "after"))
    die(project, monkeypatch, Death("DELETE .*/jars/", "after"))
    die(project, monkeypatch, Death("PATCH .*=cancel", "after"))
    until(lambda: not new_flink.jobs(project.name), "the new job to be gone first")
    die(project, monkeypatch, Death("POST .*/run$", "after"))
    goes_on(project, new_flink)


@pytest.mark.parametrize("step", ["POST .*/jars/upload", "POST .*/run$"])
def test_a_flow_that_is_new_is_there_once(
    new_flink: Cluster,
    broker: Broker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    name = "new-" + step[-4:-1].strip("/")
    made = counting(tmp_path / "project", name, new_flink, broker)
    made.write("`n` >= 0")
    die(made, monkeypatch, Death(step, "after"))
    started = {job["jid"] for job in new_flink.jobs(name)}
    assert len(started) == step.endswith("run$")
    goes_on(made, new_flink)
    assert not started & {job["jid"] for job in new_flink.jobs(name)}
    new_flink.end_jobs()


def goes_on(project: Counting, flink: Cluster) -> None:
    """Promote again: what was cut off is undone, and there is one job."""
    result = project.promote()
    assert result.code == 0, result.err
    assert "was cut off; it is undone first" in result.err
    assert len(flink.jobs(project.name)) == 1
    assert not (project.root / JOURNAL).exists()
    assert len(flink.own_jars()) <= 2  # of the new job, and of the one before it
    assert "No changes." in project.run("plan", "live").out


@pytest.mark.parametrize(
    "death",
    [
        Death("POST .*/run$", "before"),
        Death("POST .*/run$", "after"),
        Death("GET .*/checkpoints$", "after", after="/run$"),
    ],
    ids=["unsent", "sent", "running"],
)
def test_a_failed_job_that_a_killed_promote_started_goes_on_once(
    new_flink: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, death: Death
) -> None:
    name = f"failed-{tmp_path.name}"
    project = started(tmp_path, name, new_flink, RETAINED)
    place = project.checkpoints(project.fail())["completed"]["external_path"]
    project.mend([])  # what the job that is undone copies, it has copied
    die(project, monkeypatch, death)
    result = project.promote()
    assert result.code == 0, result.err
    assert "was cut off; it is undone first" in result.err
    assert f"its state is that of {place}" in result.err
    assert len(new_flink.jobs(name)) == 1
    project.feed("last.json", [10, 11])
    project.until_copied(range(12))
    new_flink.end_jobs()


def test_a_job_that_fails_for_ever_outlives_a_kill(
    new_flink: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = looping(tmp_path, "cut-loop", new_flink, KEPT)
    [job] = new_flink.jobs("cut-loop")
    project.write(MENDED, settings=KEPT)
    die(project, monkeypatch, Death("PATCH .*=cancel", "after"))
    assert project.state(job["jid"]) in ("CANCELLING", "CANCELED")
    result = project.promote()
    assert result.code == 0, result.err
    assert "\nrestored: event_processing/flow/cut-loop\n" in result.err
    assert "its state is that of file:" in result.err
    assert len(new_flink.jobs("cut-loop")) == 1
    project.feed("last.json", range(10, 12))
    project.until_copied(range(12))
    new_flink.end_jobs()
