"""A savepoint that does not restore: the reason in a line, and the old job runs again.

Each is made to fail on real Flink; nothing is scripted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from flowops.systems.event_processing.targets.flink.job_manager import JobManager
from tests.flink.cluster import SLOTS, Cluster
from tests.flink.counting import JOURNAL
from tests.flink.feeding import (
    COPY,
    FROM,
    KEPT,
    MENDED,
    RESTARTS,
    RETAINED,
    Feeding,
    feeding,
    looping,
)
from tests.support.projects import Result

pytestmark = pytest.mark.slow
TALLY = f"""\
CREATE TABLE numbers (n {{type}}) WITH ({FROM});
CREATE TABLE tallies (n {{type}}, c BIGINT) WITH ('connector' = 'print');
INSERT INTO tallies SELECT n, COUNT(*) FROM numbers GROUP BY n;
"""
LISTED = f"""\
CREATE TABLE numbers (n INT) WITH ({FROM});
CREATE TABLE tallies (n INT, c BIGINT) WITH ('connector' = 'print');
INSERT INTO tallies SELECT n, CAST(1 AS BIGINT) FROM numbers;
"""


def tallying(type_of_n: str) -> str:
    return TALLY.replace("{type}", type_of_n)


def running(root: Path, name: str, flink: Cluster, tables: str) -> Feeding:
    project = feeding(root / "project", name, flink)
    project.feed("first.json", range(3))
    project.write(tables)
    result = project.promote()
    assert result.code == 0, result.out + result.err
    return project


def stopped(result: Result, name: str) -> tuple[str, str]:
    """Return the savepoint and the reason of the one line that says why it failed."""
    assert result.code == 1, result.out + result.err
    words = rf"error: the promote stopped: {name} did not start from (file:\S+): (.*)"
    [(place, reason)] = re.findall(words, result.err)
    assert len(reason) < 1000
    return place, reason


def runs_again(project: Feeding, result: Result, place: str) -> None:
    """Hold that the old job runs again from its savepoint, and nothing is owed."""
    assert f"\nrestored: event_processing/flow/{project.name}\n" in result.err
    assert not (project.root / JOURNAL).exists()
    [job] = project.flink.jobs(project.name)
    restored = project.checkpoints(job["jid"])["restored"]
    assert restored["external_path"] == place


@pytest.mark.parametrize(
    ("tables", "settings", "words"),
    [
        (tallying("STRING"), {}, "must be compatible with the previous key"),
        (LISTED, {}, "to give all of it up, promote without the flow"),
        (tallying("INT"), {"parallelism.default": str(SLOTS + 1)}, " free slot"),
        (
            tallying("STRING"),
            RESTARTS,
            "Flink starts it again each time it fails",
        ),
    ],
    ids=["other-type", "no-operator", "no-slot", "restarts-for-ever"],
)
def test_a_version_that_cannot_go_on_gives_way_to_the_old_one(
    flink: Cluster, tmp_path: Path, tables: str, settings: dict[str, str], words: str
) -> None:
    name = f"gives-way-{tmp_path.name}"
    project = running(tmp_path, name, flink, tallying("INT"))
    if settings:
        project.configure(timeout="15")
    project.write(tables, settings=settings)
    result = project.promote()
    place, reason = stopped(result, name)
    assert words in result.err
    assert reason
    runs_again(project, result, place)
    project.write(tallying("INT"))
    assert "No changes." in project.run("plan", "live").out


@contextmanager
def damaging(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Take the metadata of each savepoint away before a job starts from it."""
    taken: list[Path] = []
    run = JobManager.run

    def damaged(
        self: JobManager, jar: str, job: str, savepoint: str, *, may_drop: bool
    ) -> None:
        if savepoint and not taken:
            path = Path(unquote(urlsplit(savepoint).path)) / "_metadata"
            path.rename(path.with_name("taken-away"))
            taken.append(path)
        run(self, jar, job, savepoint, may_drop=may_drop)

    with monkeypatch.context() as patch:
        patch.setattr(JobManager, "run", damaged)
        yield taken


def test_a_savepoint_that_is_lost_is_named_until_it_is_back(
    flink: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"lost-savepoint-{flink.version}"
    project = running(tmp_path, name, flink, COPY)
    project.until_copied(range(3))
    project.write(COPY.replace("FROM numbers;", "FROM numbers WHERE n >= 0;"))
    with damaging(monkeypatch) as taken:
        result = project.promote()
    place, reason = stopped(result, name)
    assert "_metadata" in reason
    [line] = re.findall(r"not restored: .*", result.err)
    assert f"{name} is stopped, and its state is kept in {place}: " in line
    assert "delete the journal in .flowops/journal, and promote" in line
    assert (project.root / JOURNAL).exists()
    assert flink.jobs(name) == []

    result = project.promote()
    assert result.code == 1
    assert f"{name} is stopped, and its state is kept in {place}: " in result.err
    assert "mend that and promote again" in result.err
    assert flink.jobs(name) == []

    [path] = taken
    path.with_name("taken-away").rename(path)
    result = project.promote()
    assert result.code == 0, result.err
    assert "was cut off; it is undone first" in result.err
    project.feed("last.json", [3])
    project.until_copied(range(4))
    assert len(flink.jobs(name)) == 1


def test_without_the_journal_a_lost_savepoint_is_given_up(
    new_flink: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = running(tmp_path, "given-up", new_flink, COPY)
    project.until_copied(range(3))
    project.write(COPY.replace("FROM numbers;", "FROM numbers WHERE n >= 0;"))
    with damaging(monkeypatch):
        assert project.promote().code == 1
    (project.root / JOURNAL).unlink()
    assert "will be created" in project.run("plan", "live").out
    assert project.promote().code == 0
    project.until_copied([*range(3), *range(3)])
    new_flink.end_jobs()


def test_a_job_that_fails_for_ever_goes_on_in_the_version_that_is_mended(
    flink: Cluster, tmp_path: Path
) -> None:
    name = f"looping-{flink.version}"
    project = looping(tmp_path, name, flink, KEPT)
    [job] = flink.jobs(name)
    project.write(MENDED, settings={**KEPT, "parallelism.default": str(SLOTS + 1)})
    result = project.promote()
    place, _ = stopped(result, name)
    assert place == project.checkpoints(job["jid"])["completed"]["external_path"]
    assert f"\nrestored: event_processing/flow/{name}\n" in result.err
    assert not (project.root / JOURNAL).exists()
    [again] = flink.jobs(name)
    assert again["jid"] != job["jid"]
    project.until_failed(again["jid"])

    project.write(MENDED, settings=KEPT)
    result = project.promote()
    assert result.code == 0, result.err
    assert "its state is that of file:" in result.err
    project.feed("last.json", [10])
    project.until_copied(range(11))
    assert len(flink.jobs(name)) == 1


def test_the_last_checkpoint_of_a_job_that_fails_for_ever_is_not_thrown_away(
    new_flink: Cluster, tmp_path: Path
) -> None:
    project = looping(tmp_path, "looping-unkept", new_flink, RESTARTS | RETAINED)
    [job] = new_flink.jobs("looping-unkept")
    project.write(MENDED, settings=RESTARTS | RETAINED)
    result = project.promote()
    assert result.code == 1
    words = f"job {job['jid']} (looping-unkept) fails again and again, so it makes no"
    assert words in result.err
    assert "Failed to deserialize JSON" in result.err
    assert "or cancel it in Flink: the flow then starts without" in result.err
    assert [one["jid"] for one in new_flink.jobs("looping-unkept")] == [job["jid"]]
    new_flink.end_jobs()
