"""What a cluster shows of a job: whose it is and what may be seen, and no secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests

from tests.flink.cluster import Cluster
from tests.flink.counting import PASSWORD, counting
from tests.support.kafka import Broker

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("flink-cluster-2.2")]
# What the web interface asks of a job.
PAGES = (
    *("", "/config", "/plan", "/exceptions", "/checkpoints", "/checkpoints/config"),
    *("/accumulators", "/status", "/jobmanager/config", "/jobmanager/environment"),
)


@pytest.mark.parametrize("by", ["jar", "gateway"])
def test_no_page_and_no_log_holds_the_password(
    new_flink: Cluster, broker: Broker, tmp_path: Path, by: str
) -> None:
    project = counting(tmp_path / "project", f"shown-{by}", new_flink, broker)
    if by == "gateway":
        project.configure(new_flink, broker, gateway=new_flink.gateway)
    project.write("`n` >= 0")
    result = project.promote()
    assert result.code == 0, result.err
    [job] = new_flink.jobs(project.name)
    shown = [result.out, result.err]
    shown += [
        requests.get(f"{new_flink.url}{page}", timeout=60).text
        for page in (
            *(f"/jobs/{job['jid']}{page}" for page in PAGES),
            *("/jobs/overview", "/jars", "/jobmanager/config", "/config"),
        )
    ]
    shown += [log.read_text("utf-8") for log in new_flink.folder.glob("*.log")]
    found = [path for path in project.root.rglob("*") if path.suffix != ".secret"]
    shown += [p.read_text("utf-8", "replace") for p in found if p.is_file()]
    assert not any(PASSWORD in text for text in shown)

    own = new_flink.ask(f"/jobs/{job['jid']}/config")["execution-config"]["user-config"]
    assert own["flowops.project"] == "tests"
    assert re.fullmatch(r"\d{8}T[\d.]+Z-[0-9a-f]{8}", own["flowops.run"])
    assert own["flowops.digest"].startswith("sha256-")
    state = project.run("plan", "live")
    assert "No changes." in state.out
    project.write("`n` >= 7")
    assert "+ WHERE `n` >= 7" in project.run("plan", "live").out
    new_flink.end_jobs()


def test_drift_sees_a_job_that_is_gone(
    new_flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    project = counting(tmp_path / "project", "drifting", new_flink, broker)
    project.write("`n` >= 0")
    assert project.promote().code == 0
    assert "in sync" in project.run("drift", "live").out
    new_flink.end_jobs()
    assert "missing on the target" in project.run("drift", "live").out


@pytest.mark.parametrize("login", [False, True], ids=["open", "with-a-password"])
def test_a_rollback_starts_what_ran_before(
    new_flink: Cluster, broker: Broker, tmp_path: Path, *, login: bool
) -> None:
    project = counting(tmp_path / "project", f"back-{login}", new_flink, broker)
    project.configure(new_flink, broker, login=login)
    project.write("`n` >= 0", login=login)
    assert project.promote().code == 0
    project.write("`n` >= 5", login=login)
    assert project.promote().code == 0
    result = project.run("rollback", "live", "--yes")
    assert result.code == 0, result.out + result.err
    assert PASSWORD not in result.out + result.err
    [job] = new_flink.jobs(project.name)
    latest = new_flink.ask(f"/jobs/{job['jid']}/checkpoints")["latest"]
    assert latest["restored"]["is_savepoint"]
    project.write("`n` >= 0", login=login)
    assert "No changes." in project.run("plan", "live").out
    new_flink.end_jobs()
