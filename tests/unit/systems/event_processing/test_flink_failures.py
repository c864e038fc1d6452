"""Which job of a cluster counts as failed, and what of its state can be gone on from.

The scripted server says what no real one can be brought to say at will.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from flowops.errors import RefusedError, TargetError
from flowops.systems.event_processing.targets.flink import waiting
from flowops.systems.event_processing.targets.flink.job_jar import jar_name, job_id
from flowops.systems.event_processing.targets.flink.marks import mark_of, parameters
from flowops.systems.protocol import FAILURE, KEPT, Bundle, Mark
from tests.support.flink_server import FlinkServer, Reply, flink_server
from tests.unit.systems.event_processing.test_flink_answers import (
    BUNDLE,
    FLOW,
    RUN,
    TRACE,
    comes_up,
    opened,
    refusal,
    staged,
)

WANTED = {FLOW: "published"}


@dataclass(frozen=True)
class Past:
    """A job of the flow that a server tells of, as it ended or runs."""

    state: str = "FAILED"
    run: str = "run-1"
    project: str = "shop"
    checkpoint: dict[str, Any] | None = None
    savepoint: dict[str, Any] | None = None
    restored: str = ""
    completed: int = 1
    interval: int = 500
    retained: bool = True
    tasks: int = 1
    has_jar: bool = True
    id: str = ""
    bundle: Bundle = BUNDLE
    trace: str = TRACE
    restored_at: int = 0
    survives: bool = False
    jar: str = ""


CHECKPOINT = {
    "id": 7,
    "external_path": "s3://b/chk-7",
    "discarded": False,
    "latest_ack_timestamp": 50,
}


def tell(server: FlinkServer, *jobs: Past) -> list[str]:
    """Let the server tell of jobs, the newest first; returns their ids."""
    ids = [job.id or job.run.encode().hex().ljust(32, "0") for job in jobs]
    told = [*zip(ids, jobs, strict=True)]
    assert len(set(ids)) == len(ids)
    listed = [{"id": i, "status": job.state} for i, job in told]
    server.say("GET /jobs", {"jobs": listed})
    shown = [
        {"jid": i, "name": FLOW.name, "start-time": 100 - n} for n, i in enumerate(ids)
    ]
    server.say("GET /jobs/overview", {"jobs": shown})
    for identity, job in told:
        _tell(server, identity, job)
    jars = [{"id": job.run, "name": f"{job.run}.jar"} for job in jobs if job.has_jar]
    server.say("GET /jars", {"files": jars})
    return ids


def _tell(server: FlinkServer, identity: str, job: Past) -> None:
    run = Mark(job.project, job.run, "sha256:cd")
    mark = mark_of(job.bundle, run, job.jar or f"{job.run}.jar")
    pairs = dict(pair.split(":", 1) for pair in parameters(mark).split(","))
    config = {"execution-config": {"user-config": pairs}}
    place = f"/jobs/{identity}"
    server.say(f"GET {place}/config", config)
    server.say(f"GET {place}/status", {"status": job.state})
    vertices = [{"status": job.state}] * job.tasks
    server.say(f"GET {place}", {"state": job.state, "vertices": vertices})
    began = {"external_path": job.restored, "restore_timestamp": job.restored_at}
    restored = began if job.restored else None
    latest = {
        "completed": job.checkpoint,
        "savepoint": job.savepoint,
        "restored": restored,
    }
    counts = {"completed": job.completed}
    server.say(f"GET {place}/checkpoints", {"counts": counts, "latest": latest})
    kept = {"enabled": job.retained, "delete_on_cancellation": not job.survives}
    settings = {"interval": job.interval, "externalization": kept}
    server.say(f"GET {place}/checkpoints/config", settings)
    entries = {"exceptionHistory": {"entries": [{"stacktrace": job.trace}]}}
    server.say(f"GET {place}/exceptions?maxExceptions=1", entries)


@pytest.fixture
def server() -> Iterator[FlinkServer]:
    with flink_server() as found:
        found.say("GET /overview", {"slots-available": 0, "slots-total": 3})
        yield found


def read(server: FlinkServer, root: Path, **values: str) -> dict[str, str] | None:
    """Return what the target keeps of the flow beside its files; nothing if absent."""
    found = opened(root, server.url, **values).read(WANTED).get(FLOW)
    return None if found is None else dict(found.attributes)


NEVER = 2**63 - 1
FAILED = Past(checkpoint=CHECKPOINT)
ATTEMPT = Past(run="run-2", completed=0, restored="s3://b/chk-7", has_jar=False)
STOPPED = Past("FINISHED", run="run-0", savepoint={"external_path": "s3://b/sp"})


@pytest.mark.parametrize(
    ("jobs", "kept"),
    [
        ([FAILED], "s3://b/chk-7"),
        ([FAILED, STOPPED], "s3://b/chk-7"),
        ([replace(FAILED, retained=False)], ""),
        ([Past(checkpoint={**CHECKPOINT, "discarded": True})], ""),
        ([Past(checkpoint={**CHECKPOINT, "external_path": "<in memory>"})], ""),
        ([Past()], ""),
        (
            [replace(FAILED, savepoint={"id": 6, "external_path": "s3://b/sp-6"})],
            "s3://b/chk-7",
        ),
        (
            [replace(FAILED, savepoint={"id": 8, "external_path": "s3://b/sp-8"})],
            "s3://b/sp-8",
        ),
        (
            [
                replace(
                    FAILED,
                    retained=False,
                    savepoint={"id": 2, "external_path": "s3://b/sp-2"},
                )
            ],
            "s3://b/sp-2",
        ),
        ([Past(interval=NEVER, completed=0)], ""),
        # What never came up is passed over.
        ([ATTEMPT, FAILED], "s3://b/chk-7"),
        ([replace(ATTEMPT, state="CANCELED"), FAILED], "s3://b/chk-7"),
        ([replace(ATTEMPT, tasks=0, restored=""), FAILED], "s3://b/chk-7"),
        ([replace(ATTEMPT, interval=NEVER), FAILED], "s3://b/chk-7"),
        (
            [replace(ATTEMPT, tasks=0, interval=NEVER, has_jar=True), FAILED],
            "s3://b/chk-7",
        ),
        # So is what came up and was taken back.
        ([Past("CANCELED", run="run-2", has_jar=False), FAILED], "s3://b/chk-7"),
        # A promote cancelled it, as it failed, and started it again to go back.
        (
            [
                replace(ATTEMPT, run="run-1", has_jar=True, id="a" * 32),
                Past("CANCELED", checkpoint=CHECKPOINT),
            ],
            "s3://b/chk-7",
        ),
        # Flink no longer knows the job that failed, and still where its state lies.
        ([ATTEMPT], "s3://b/chk-7"),
    ],
)
def test_a_failed_job_is_there_with_what_is_kept(
    server: FlinkServer, tmp_path: Path, jobs: list[Past], kept: str
) -> None:
    tell(server, *jobs)
    found = read(server, tmp_path)
    assert found is not None
    assert ": Could not submit: Outer: " in found[FAILURE]
    assert found[FAILURE].startswith(("FAILED: ", "CANCELED: "))
    assert found.get(KEPT, "") == kept


@pytest.mark.parametrize(
    "jobs",
    [
        [STOPPED],
        [STOPPED, FAILED],
        [replace(STOPPED, has_jar=False), FAILED],
        [Past("CANCELED")],
        [Past("CANCELED", run="run-2"), FAILED],
        [Past("CANCELED", run="run-2", interval=NEVER, completed=0), FAILED],
        [Past(completed=0, has_jar=False)],
        [Past(tasks=0, completed=0)],
        [ATTEMPT, STOPPED],
        [ATTEMPT, Past("CANCELED"), replace(FAILED, run="run-0")],
    ],
)
def test_what_was_ended_on_purpose_or_never_came_up_is_not_there(
    server: FlinkServer, tmp_path: Path, jobs: list[Past]
) -> None:
    tell(server, *jobs)
    assert read(server, tmp_path) is None


CUT = replace(
    STOPPED,
    run="20260102T0",
    jar=jar_name("shop", FLOW, "20260102T0"),
    savepoint={"external_path": "s3://b/sp"},
)
LATER = jar_name("shop", FLOW, "20260103T0")


def leave(server: FlinkServer, *names: str) -> None:
    """Let the cluster keep these jars."""
    jars = [{"id": f"1_{name}", "name": name} for name in names]
    server.say("GET /jars", {"files": jars})


def test_a_job_that_was_stopped_for_one_that_never_started_goes_on(
    server: FlinkServer, tmp_path: Path
) -> None:
    """The promote was killed, and its journal went with the machine it ran on."""
    tell(server, CUT)
    leave(server, LATER)
    words = "FINISHED: a promote stopped it, and was cut off"
    assert read(server, tmp_path) == {FAILURE: words, KEPT: "s3://b/sp"}

    target = staged(server, tmp_path)
    assert server.asked(f"DELETE /jars/1_{LATER}") == []
    comes_up(server, "RUNNING", "RUNNING", checkpoints=1)
    written = target.publish(BUNDLE, RUN)
    assert written
    assert written.words == "its state is that of s3://b/sp"


def test_one_that_started_from_its_savepoint_and_failed_does_too(
    server: FlinkServer, tmp_path: Path
) -> None:
    tell(server, replace(ATTEMPT, restored="s3://b/sp"), STOPPED)
    found = read(server, tmp_path)
    assert found is not None
    assert found[KEPT] == "s3://b/sp"


@pytest.mark.parametrize(
    ("job", "jar"),
    [
        (CUT, CUT.jar),
        (CUT, jar_name("shop", FLOW, "20260101T0")),
        (CUT, jar_name("bank", FLOW, "20260103T0")),
        (CUT, jar_name("shop", replace(FLOW, name="Other"), "20260103T0")),
        (CUT, "somebody-elses.jar"),
        (replace(CUT, savepoint=None), LATER),
        (replace(CUT, jar="odd.jar"), LATER),
    ],
)
def test_a_job_that_somebody_stopped_is_not_there(
    server: FlinkServer, tmp_path: Path, job: Past, jar: str
) -> None:
    tell(server, job)
    leave(server, jar)
    assert read(server, tmp_path) is None


def test_the_jar_of_this_very_run_says_nothing_of_an_earlier_one(
    server: FlinkServer, tmp_path: Path
) -> None:
    tell(server, replace(CUT, jar=jar_name("shop", FLOW, "a")))
    leave(server)
    target = staged(server, tmp_path)
    comes_up(server, "RUNNING", "RUNNING", checkpoints=1)
    assert target.publish(BUNDLE, RUN) is None


def test_a_job_that_runs_counts_before_one_that_failed(
    server: FlinkServer, tmp_path: Path
) -> None:
    tell(server, FAILED, Past("RUNNING", run="run-2"))
    assert read(server, tmp_path) == {}
    assert opened(tmp_path, server.url)._jobs.ended({FLOW.name}) == {}


def test_a_job_that_another_run_started_since_is_not_stopped(
    server: FlinkServer, tmp_path: Path
) -> None:
    """Two clones planned the same; the first has promoted meanwhile."""
    tell(server, Past("RUNNING", run="run-1"))
    target = staged(server, tmp_path)
    target.read(WANTED)
    [job] = tell(server, Past("RUNNING", run="run-1b"))
    for method, words in (("publish", (BUNDLE, RUN)), ("remove", (FLOW,))):
        with pytest.raises(RefusedError, match=f"target-drifted: .* job {job}"):
            getattr(target, method)(*words)
    assert not any(server.asked(f"POST /jobs/{job}/stop"))


def test_a_failed_job_of_somebody_else_is_nobodys(
    server: FlinkServer, tmp_path: Path
) -> None:
    [job] = tell(server, FAILED)
    server.say(f"GET /jobs/{job}/config", {"execution-config": {"user-config": {}}})
    assert read(server, tmp_path) is None


def test_flink_may_give_no_reason(server: FlinkServer, tmp_path: Path) -> None:
    [job] = tell(server, FAILED)
    server.say(f"GET /jobs/{job}/exceptions?maxExceptions=1", {})
    found = read(server, tmp_path)
    assert found is not None
    assert found[FAILURE] == "FAILED: Flink gives no reason"


def test_where_no_jars_are_taken_a_cancelled_job_may_have_been_taken_back(
    server: FlinkServer, tmp_path: Path
) -> None:
    features = {"flink-version": "2.2.0", "features": {"web-submit": False}}
    server.say("GET /config", features)
    tell(server, Past("CANCELED", run="run-2"), FAILED)
    found = read(server, tmp_path, gateway=server.url)
    assert found is not None
    assert found[KEPT] == "s3://b/chk-7"


def test_a_failed_job_of_another_project_keeps_its_name(
    server: FlinkServer, tmp_path: Path
) -> None:
    tell(server, replace(FAILED, project="bank"))
    target = opened(tmp_path, server.url)
    with pytest.raises(RefusedError, match="was started by the project bank"):
        target.reserve([BUNDLE], RUN)


@pytest.mark.parametrize("jobs", [[FAILED], [ATTEMPT, FAILED]])
def test_a_promote_starts_from_what_is_kept(
    server: FlinkServer, tmp_path: Path, jobs: list[Past]
) -> None:
    tell(server, *jobs)
    target = staged(server, tmp_path)
    comes_up(server, "RUNNING", "RUNNING", checkpoints=1)
    written = target.publish(BUNDLE, RUN)
    assert written
    assert written.words == "its state is that of s3://b/chk-7"
    [body] = server.asked("POST /jars/1_new.jar/run")
    sent = json.loads(body)
    assert sent["savepointPath"] == "s3://b/chk-7"
    assert sent["allowNonRestoredState"] is False


def test_state_that_is_gone_is_lost_only_where_somebody_allowed_it(
    server: FlinkServer, tmp_path: Path
) -> None:
    """Also where the job failed after the plan was made."""
    [job] = tell(server, Past())
    target = staged(server, tmp_path)
    error = refusal(target, "publish", BUNDLE, RUN)
    assert (
        f"job {job} (Large orders) has failed, and no state of it is" in error.message
    )
    assert "no state for <password_redacted>" in error.message
    assert "--allow state-dropping" in error.hint
    assert server.asked("POST /jars/1_new.jar/run") == []
    comes_up(server, "RUNNING", "RUNNING", checkpoints=1)
    assert target.publish(replace(BUNDLE, may_drop_state=True), RUN) is None
    [body] = server.asked("POST /jars/1_new.jar/run")
    assert "savepointPath" not in json.loads(body)


def test_undoing_leaves_a_failed_job_as_it_was(
    server: FlinkServer, tmp_path: Path
) -> None:
    earlier = replace(ATTEMPT, run="run-1b", state="CANCELED")
    tell(server, earlier, FAILED, STOPPED)
    target = opened(tmp_path, server.url)
    [state] = target.read(WANTED).values()
    assert target.restore(FLOW, state, RUN.run) is False


def test_undoing_does_not_go_back_past_a_job_that_failed_by_itself(
    server: FlinkServer, tmp_path: Path
) -> None:
    """It ran when the plan was made, so nothing says that it failed."""
    [job, _] = tell(server, Past("RUNNING"), STOPPED)
    target = opened(tmp_path, server.url)
    [state] = target.read(WANTED).values()
    tell(server, FAILED, STOPPED)
    assert target.restore(FLOW, state, RUN.run) is False
    assert f"POST /jobs/{job}/stop" not in [name for name, _, _ in server.requests]


def test_undoing_passes_over_what_did_not_come_up_before(
    server: FlinkServer, tmp_path: Path
) -> None:
    again = job_id(RUN.run, FLOW, "restore 0")
    tell(server, replace(STOPPED, state="RUNNING"))
    target = opened(tmp_path, server.url)
    [state] = target.read(WANTED).values()
    tell(server, Past(run="run-0", completed=0, id=again), STOPPED)
    server.say("POST /jars/run-0/run", Reply({"errors": [TRACE]}, 500))
    error = refusal_of_state(target, state)
    assert error.message.startswith(
        "Large orders is stopped, and its state is kept in s3://b/sp: "
    )
    assert "mend that and promote again, or delete the journal" in error.hint
    [body] = server.asked("POST /jars/run-0/run")
    assert json.loads(body)["jobId"] == job_id(RUN.run, FLOW, "restore 1")


def refusal_of_state(target: Any, state: object) -> TargetError:
    with pytest.raises(TargetError) as caught:
        target.restore(FLOW, state, RUN.run)
    return caught.value


def test_jars_of_what_nothing_has_followed_stay(
    server: FlinkServer, tmp_path: Path
) -> None:
    """They tell that no promote took the job back."""
    target = opened(tmp_path, server.url)
    tell(server, Past("CANCELED"), STOPPED)
    assert target._jobs.needed_jars() == {"run-1.jar"}
    tell(server, Past("RUNNING", run="run-2"), FAILED, STOPPED)
    assert target._jobs.needed_jars() == {"run-2.jar"}


ONE = "1" * 32
LOOPING = Past(
    "RESTARTING",
    checkpoint=CHECKPOINT,
    restored="s3://b/chk-7",
    restored_at=60,
    survives=True,
    id=ONE,
)
NO_SAVEPOINT = {
    "status": {"id": "COMPLETED"},
    "operation": {"failure-cause": {"stack-trace": "a.BException: tasks do not run"}},
}


def refusing_to_stop(
    server: FlinkServer, root: Path, job: Past, *, dies: bool = True
) -> tuple[Any, str]:
    """Return a target whose job makes no savepoint, and the job's id."""
    [identity] = tell(server, job)
    target = staged(server, root)
    server.say(f"POST /jobs/{identity}/stop", {"request-id": "x"})
    server.say(f"PATCH /jobs/{identity}?mode=cancel", {})
    server.say("*", Reply({"errors": ["not found"]}, 404), NO_SAVEPOINT)
    if dies:
        server.say(f"GET /jobs/{identity}/status", {"status": "CANCELED"})
    comes_up(server, "RUNNING", "RUNNING", checkpoints=1)
    return target, identity


@pytest.mark.parametrize(
    ("job", "place"),
    [
        (LOOPING, "s3://b/chk-7"),
        # Its own last one is not there, and what it was started from is.
        (
            replace(LOOPING, checkpoint=None, completed=0, survives=False),
            "s3://b/chk-7",
        ),
    ],
)
def test_a_job_that_fails_for_ever_gives_its_last_checkpoint(
    server: FlinkServer, tmp_path: Path, job: Past, place: str
) -> None:
    target, identity = refusing_to_stop(server, tmp_path, job)
    written = target.publish(BUNDLE, RUN)
    assert written.words == f"its state is that of {place}"
    assert len(server.asked(f"PATCH /jobs/{identity}?mode=cancel")) == 1
    [body] = server.asked("POST /jars/1_new.jar/run")
    assert json.loads(body)["savepointPath"] == place


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (replace(LOOPING, survives=False), "its last checkpoint goes when it is"),
        (
            replace(LOOPING, survives=False, retained=False),
            "its last checkpoint goes when it is",
        ),
        (
            replace(LOOPING, retained=False, completed=0, restored=f"s3://b/{ONE}/7"),
            "its last checkpoint goes when it is",
        ),
        (
            replace(LOOPING, retained=False, savepoint={"external_path": "s3://b/s"}),
            "its last checkpoint goes when it is",
        ),
        (replace(LOOPING, restored_at=40), "cannot make a savepoint: tasks do not run"),
        (replace(LOOPING, trace=""), "cannot make a savepoint: tasks do not run"),
        (
            replace(LOOPING, checkpoint=None, restored="<in memory>"),
            "cannot make a savepoint: tasks do not run",
        ),
    ],
)
def test_a_job_that_makes_no_savepoint_is_not_cancelled_otherwise(
    server: FlinkServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    job: Past,
    words: str,
) -> None:
    monkeypatch.setattr(waiting, "_LATEST", 0.0)
    target, identity = refusing_to_stop(server, tmp_path, job)
    assert words in refusal(target, "publish", BUNDLE, RUN).message
    assert server.asked(f"PATCH /jobs/{identity}?mode=cancel") == []
    assert server.asked("POST /jars/1_new.jar/run") == []


def test_a_job_that_is_still_starting_comes_up_before_it_is_stopped(
    server: FlinkServer, tmp_path: Path
) -> None:
    """Another run started it again, and was cut off before it had waited."""
    job = Past("RUNNING", trace="")
    target, identity = refusing_to_stop(server, tmp_path, job, dies=False)
    one, stop = f"GET /jobs/{identity}", f"POST /jobs/{identity}/stop"
    tasks = [[{"status": "DEPLOYING"}], [{"status": "RUNNING"}]]
    server.say(one, *({"state": "RUNNING", "vertices": found} for found in tasks))
    refusal(target, "publish", BUNDLE, RUN)
    names = [name for name, _, _ in server.requests]
    assert names[: names.index(stop)].count(one) == len(tasks)


@pytest.mark.parametrize("now", ["CANCELED", "CANCELLING"])
def test_going_back_to_a_job_that_fails_for_ever_does_not_wait_for_it(
    server: FlinkServer, tmp_path: Path, now: str
) -> None:
    tell(server, LOOPING)
    target = opened(tmp_path, server.url)
    [state] = target.read(WANTED).values()
    tell(server, replace(LOOPING, state=now))
    status = [{"status": now}, {"status": "CANCELED"}]
    server.say(f"GET /jobs/{ONE}/status", *status)
    again = job_id(RUN.run, FLOW, "restore 0")
    server.say("POST /jars/run-1/run", {"jobid": again})
    server.say(f"GET /jobs/{again}/status", {"status": "RESTARTING"})
    assert target.restore(FLOW, state, RUN.run) is True
    [body] = server.asked("POST /jars/run-1/run")
    sent = json.loads(body)
    assert (sent["jobId"], sent["savepointPath"]) == (again, "s3://b/chk-7")


def test_what_somebody_cancelled_without_a_checkpoint_is_not_started_again(
    server: FlinkServer, tmp_path: Path
) -> None:
    tell(server, LOOPING)
    target = opened(tmp_path, server.url)
    [state] = target.read(WANTED).values()
    own = Past("CANCELED", id=ONE, restored=f"s3://b/{ONE}/chk-7")
    for cancelled in (Past("CANCELED"), own):
        tell(server, cancelled, STOPPED)
        assert target.restore(FLOW, state, RUN.run) is False


@pytest.mark.parametrize(
    ("trace", "hint"),
    [
        ("a.BException: no such file", ""),
        ("a.BException: set the --allowNonRestoredState option", "--allow deletes"),
    ],
)
def test_state_that_does_not_restore_is_named(
    server: FlinkServer, tmp_path: Path, trace: str, hint: str
) -> None:
    tell(server, FAILED)
    target = staged(server, tmp_path)
    server.say("POST /jars/1_new.jar/run", Reply({"errors": [trace]}, 500))
    error = refusal(target, "publish", BUNDLE, RUN)
    words = trace.partition(": ")[2]
    start = "Large orders did not start from s3://b/chk-7: "
    assert error.message.startswith(start)
    assert error.message.endswith(words)
    assert hint in error.hint


def test_a_failure_may_be_shown_late(
    server: FlinkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_LONGEST_PAUSE", 0.01)
    target, identity = refusing_to_stop(server, tmp_path, LOOPING)
    known = server.replies[f"GET /jobs/{identity}/exceptions?maxExceptions=1"]
    known.insert(0, Reply({}))
    assert target.publish(BUNDLE, RUN).words == "its state is that of s3://b/chk-7"
