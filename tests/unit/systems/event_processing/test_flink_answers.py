"""What a cluster can say that is no good: each time a reason, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowops.errors import RefusedError, TargetError
from flowops.model import Address, Location
from flowops.progress import Stage
from flowops.secrets import Secret, Text
from flowops.systems.event_processing.targets.flink.job_jar import job_id
from flowops.systems.event_processing.targets.flink.marks import mark_of, parameters
from flowops.systems.event_processing.targets.flink.rest import reason_of
from flowops.systems.event_processing.targets.flink.target import Flink, open_flink
from flowops.systems.protocol import Bundle, Mark, TargetSettings
from tests.support.flink_server import CONFIG, JOB, FlinkServer, Reply, flink_server
from tests.support.real import free_ports, make_certificate

FLOW = Address("event_processing", "flow", "Large orders")
RUN = Mark("shop", "run-2", "sha256:ab")
PASSWORD = "marker-password"
SQL = "CREATE TABLE a (n INT) WITH ('password' = '{}');\nINSERT INTO a SELECT 1;\n"
BUNDLE = Bundle(
    FLOW,
    "flow.sql",
    {"flow.sql": Secret(SQL.format(PASSWORD), SQL.format("<password_redacted>"))},
)
NEW = job_id(RUN.run, FLOW, "publish")
TRACE = f"""org.apache.flink.runtime.rest.RestHandlerException: Could not submit
\tat org.apache.flink.Handler.handle(Handler.java:1)
Caused by: java.util.concurrent.CompletionException: Outer: {PASSWORD}
\t... 4 more
Caused by: java.lang.IllegalStateException: no state for {PASSWORD}
\tat org.apache.flink.Inner.run(Inner.java:2)
"""
SERVER_TRACE = """<Exception on server side:
a.b.C$DException: one
\tat x
Caused by: a.BException: a.b.C$DException: one
\t... 3 more
Caused by: a.AException: two
and more
\tat y
End of exception on server side>"""


@pytest.fixture
def server() -> Iterator[FlinkServer]:
    with flink_server() as found:
        found.say("GET /jobs", {"jobs": []})
        found.say("GET /jobs/overview", {"jobs": []})
        found.say("GET /jars", {"files": []})
        found.say("GET /overview", {"slots-available": 0, "slots-total": 3})
        yield found


def opened(root: Path, url: str, progress: Any = None, **values: Text) -> Flink:
    found = {"url": url, "timeout": "1", **values}
    place = Location("environments/live.yaml", 3, 5)
    settings = TargetSettings("event_processing", "flink", found, place, root, "live")
    return open_flink(replace(settings, progress=progress) if progress else settings)


def marked(server: FlinkServer, run: str = "run-1", project: str = "shop") -> None:
    """Let the server have a job that FlowOps started in a run of a project."""
    mark = mark_of(BUNDLE, Mark(project, run, "sha256:cd"), "old.jar")
    pairs = dict(pair.split(":", 1) for pair in parameters(mark).split(","))
    server.say(f"GET /jobs/{JOB}/config", {"execution-config": {"user-config": pairs}})
    listed(server)


def listed(server: FlinkServer, state: str = "RUNNING", *more: str) -> None:
    """Let the server list the old job in a state, and others of its name."""
    jobs = [JOB, *more]
    server.say("GET /jobs", {"jobs": [{"id": j, "status": state} for j in jobs]})
    server.say(f"GET /jobs/{JOB}/status", {"status": state})
    shown = [{"jid": j, "name": FLOW.name, "start-time": 1} for j in jobs]
    server.say("GET /jobs/overview", {"jobs": shown})


def staged(server: FlinkServer, root: Path) -> Flink:
    """Return a target where the flow was staged, and its jar can be run."""
    target = opened(root, server.url)
    target.reserve([BUNDLE], RUN)
    server.say("POST /jars/upload", {"filename": "/tmp/web/1_new.jar"})
    server.say("POST /jars/1_new.jar/plan", {"plan": {}})
    target.stage(BUNDLE)
    name = f"flowops-x-{RUN.run}.jar"
    [jar] = [launch.mark.jar for launch in target._staged.values()]
    assert name != jar
    server.say("GET /jars", {"files": [{"id": "1_new.jar", "name": jar}]})
    server.say("POST /jars/1_new.jar/run", {"jobid": NEW})
    return target


def comes_up(
    server: FlinkServer, state: str, *tasks: str, checkpoints: int = 0
) -> None:
    vertices = [{"status": task} for task in tasks]
    server.say(f"GET /jobs/{NEW}", {"state": state, "vertices": vertices})
    server.say(f"GET /jobs/{NEW}/status", {"status": state})
    counts = {"counts": {"completed": checkpoints}}
    server.say(f"GET /jobs/{NEW}/checkpoints", counts)
    server.say(f"GET /jobs/{NEW}/checkpoints/config", {"interval": 60_000})
    server.say(f"POST /jobs/{NEW}/checkpoints", {"request-id": "1"})
    server.say(f"GET /jobs/{NEW}/exceptions?maxExceptions=1", {})


def refusal(target: Flink, method: str = "verify", *arguments: object) -> TargetError:
    with pytest.raises(TargetError) as caught:
        getattr(target, method)(*arguments)
    assert PASSWORD not in str(caught.value)
    return caught.value


# Who answers.


def test_a_cluster_that_is_down(tmp_path: Path) -> None:
    [port] = free_ports(1)
    error = refusal(opened(tmp_path, f"http://127.0.0.1:{port}"))
    assert error.message == (
        f"http://127.0.0.1:{port} cannot be reached: Connection refused"
    )
    assert "is the cluster up" in error.hint


@pytest.mark.parametrize(
    ("reply", "message", "hint"),
    [
        (Reply({"errors": ["no"]}, 401), "asks who you are (HTTP 401)", "`token`"),
        (Reply("<html>", 403), "asks who you are (HTTP 403)", "`user`"),
        (
            Reply("", 302, {"Location": "https://login.example/authorize?x=1"}),
            "sends on to login.example instead of answering",
            "login page",
        ),
        (Reply("", 301), "sends on to elsewhere", "login page"),
        (Reply("<html>welcome</html>"), "(HTTP 200, no JSON)", "REST address"),
        (Reply("[1]"), "(HTTP 200, no JSON)", "REST address"),
        (Reply("<h1>gateway</h1>", 502), "cannot answer now (HTTP 502)", "proxy"),
        (Reply({"name": "another API"}), "does not say which Flink", "job manager"),
        (Reply({"errors": ["Not found."]}, 404), "refused: Not found.", ""),
        (Reply({"errors": []}, 500), "refused: 500", ""),
        (Reply({"flink-version": "1.19.3"}), "Flink 1.19.3, which is too", "1.20"),
        (Reply({"flink-version": "<unknown>"}), "Flink <unknown>", "1.20"),
        (
            Reply({"flink-version": "2.2.0", "features": {"web-submit": False}}),
            "takes no jars (web.submit.enable is false)",
            "`gateway`",
        ),
    ],
)
def test_somebody_else_answers(
    server: FlinkServer, tmp_path: Path, reply: Reply, message: str, hint: str
) -> None:
    server.say("GET /config", reply)
    error = refusal(opened(tmp_path, server.url))
    assert message in error.message
    assert hint in error.hint


@pytest.mark.parametrize("version", ["1.20.3", "2.0.0", "2.2.0", "3.0-SNAPSHOT"])
def test_a_version_that_will_do(
    server: FlinkServer, tmp_path: Path, version: str
) -> None:
    server.say("GET /config", {**CONFIG, "flink-version": version})
    opened(tmp_path, server.url).verify()


def test_a_gateway_that_is_none(server: FlinkServer, tmp_path: Path) -> None:
    server.say("GET /v2/info", {"product": "else"})
    error = refusal(opened(tmp_path, server.url, gateway=server.url))
    assert "there is no version" in error.message


def test_an_unknown_authority_and_a_known_one(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with flink_server(certificate) as server:
        error = refusal(opened(tmp_path, server.url))
        assert "is not trusted: " in error.message
        assert "self" in error.message
        assert "`ca`" in error.hint
        opened(tmp_path, server.url, ca=certificate[0].name).verify()


@pytest.mark.parametrize(
    ("login", "header"),
    [
        ({"token": Secret("marker-token", "<t>")}, "Bearer marker-token"),
        ({"user": "ann", "password": Secret("ü", "<p>")}, "Basic YW5uOsO8"),
        ({}, ""),
    ],
)
def test_who_asks_stands_in_a_header_and_nowhere_else(
    server: FlinkServer, tmp_path: Path, login: dict[str, Text], header: str
) -> None:
    opened(tmp_path, server.url, **login).verify()
    assert {found for _, _, found in server.requests} == {header}
    assert not any("marker" in request for request, _, _ in server.requests)


@pytest.mark.parametrize(
    "answer",
    [{}, {"jobs": {}}, {"jobs": ["x"]}, {"jobs": [{"id": 1}]}],
)
def test_an_answer_of_another_shape(
    server: FlinkServer, tmp_path: Path, answer: object
) -> None:
    server.say("GET /jobs", answer)
    error = refusal(opened(tmp_path, server.url), "read", {FLOW: "published"})
    assert "answers in a way FlowOps does not know" in error.message


# Whose job it is.


def test_a_job_of_somebody_else(server: FlinkServer, tmp_path: Path) -> None:
    listed(server)
    server.say(f"GET /jobs/{JOB}/config", {"execution-config": {"user-config": {}}})
    target = opened(tmp_path, server.url)
    with pytest.raises(RefusedError) as caught:
        target.read({FLOW: "published"})
    assert f"job-not-ours: job {JOB} (Large orders) runs on" in caught.value.message
    assert "another name" in caught.value.hint
    assert target.managed("shop") == {}


def test_a_job_of_another_project(server: FlinkServer, tmp_path: Path) -> None:
    marked(server, project="bank")
    target = opened(tmp_path, server.url)
    with pytest.raises(RefusedError, match="was started by the project bank"):
        target.reserve([BUNDLE], RUN)
    assert target.managed("shop") == {}
    assert target.managed("bank") == {FLOW: True}


def test_a_job_the_overview_does_not_show_yet(
    server: FlinkServer, tmp_path: Path
) -> None:
    marked(server)
    server.say("GET /jobs/overview", {"jobs": []})
    server.say(f"GET /jobs/{JOB}", {"name": FLOW.name, "start-time": 5})
    target = opened(tmp_path, server.url)
    assert FLOW in target.read({FLOW: "published"})
    server.say(f"GET /jobs/{JOB}", Reply({"errors": ["gone"]}, 404))
    assert target.read({FLOW: "published"}) == {}


def test_a_job_that_ended_though_the_overview_shows_it(
    server: FlinkServer, tmp_path: Path
) -> None:
    marked(server)
    server.say("GET /jobs", {"jobs": [{"id": JOB, "status": "FINISHED"}]})
    target = opened(tmp_path, server.url)
    assert target.read({FLOW: "published"}) == {}


def test_two_jobs_of_one_name(server: FlinkServer, tmp_path: Path) -> None:
    marked(server)
    listed(server, "RUNNING", JOB)
    with pytest.raises(RefusedError, match="two-jobs: "):
        opened(tmp_path, server.url).read({FLOW: "published"})


def test_a_live_job_is_the_flow_it_was_made_of(
    server: FlinkServer, tmp_path: Path
) -> None:
    marked(server)
    target = opened(tmp_path, server.url)
    [state] = target.read({FLOW: "published"}).values()
    assert state.files == {"flow.sql": SQL.format("<password_redacted>")}
    assert target.managed("shop") == {FLOW: True}
    assert target.estimate([FLOW], []) == 0
    assert (target.drafts([FLOW]), target.referrers(FLOW)) == ({}, ())


# What becomes of a new job.


def test_nothing_is_published_that_was_not_staged(
    server: FlinkServer, tmp_path: Path
) -> None:
    target = opened(tmp_path, server.url)
    assert "has no run" in refusal(target, "stage", BUNDLE).message
    assert "was not staged" in refusal(target, "publish", BUNDLE, RUN).message


def test_a_flow_without_sql_is_not_staged(server: FlinkServer, tmp_path: Path) -> None:
    target = opened(tmp_path, server.url)
    target.reserve([BUNDLE], RUN)
    with pytest.raises(Exception, match=r"has no flow\.sql"):
        target.stage(replace(BUNDLE, files={"config.yaml": "config: {}\n"}))


def test_sql_the_planner_refuses(server: FlinkServer, tmp_path: Path) -> None:
    target = staged(server, tmp_path)
    server.say("POST /jars/1_new.jar/plan", Reply({"errors": ["no", TRACE]}, 400))
    error = refusal(target, "stage", BUNDLE)
    assert error.message == (
        f"{server.url} refused: Could not submit: Outer: <password_redacted>: "
        f"no state for <password_redacted>"
    )


def test_a_savepoint_that_will_not_restore(server: FlinkServer, tmp_path: Path) -> None:
    target = staged(server, tmp_path)
    server.say("POST /jars/1_new.jar/run", Reply({"errors": [TRACE]}, 500))
    error = refusal(target, "publish", BUNDLE, RUN)
    assert "no state for <password_redacted>" in error.message


def test_a_job_that_fails(server: FlinkServer, tmp_path: Path) -> None:
    target = staged(server, tmp_path)
    comes_up(server, "FAILED")
    server.say(
        f"GET /jobs/{NEW}/exceptions?maxExceptions=1",
        {"exceptionHistory": {"entries": [{"stacktrace": TRACE}]}},
    )
    error = refusal(target, "publish", BUNDLE, RUN)
    assert error.message.startswith(f"job {NEW} (Large orders) failed: ")
    assert "no state for" in error.message


@pytest.mark.parametrize(
    ("total", "words"),
    [(3, "all 3 are taken"), (0, "there is no task manager")],
)
def test_a_job_that_finds_no_slot(
    server: FlinkServer, tmp_path: Path, total: int, words: str
) -> None:
    target = staged(server, tmp_path)
    comes_up(server, "CREATED", "SCHEDULED")
    server.say("GET /overview", {"slots-available": 0, "slots-total": total})
    error = refusal(target, "publish", BUNDLE, RUN)
    assert f"found no free slot in 1 s: {words}" in error.message
    assert "add task managers" in error.hint


@pytest.mark.parametrize(
    ("free", "total", "words"),
    [
        (0, 3, "all 3 are taken"),
        (1, 3, "1 of 3 are free"),
        (0, 0, "there is no task manager"),
    ],
)
def test_a_job_that_a_full_cluster_fails(
    server: FlinkServer, tmp_path: Path, free: int, total: int, words: str
) -> None:
    target = staged(server, tmp_path)
    comes_up(server, "FAILED")
    trace = (
        "org.apache.flink.runtime.JobException: Recovery is suppressed\n"
        "Caused by: org.apache.flink.runtime.jobmanager.scheduler."
        "NoResourceAvailableException: "
        "Could not acquire the minimum required resources.\n"
    )
    server.say(
        f"GET /jobs/{NEW}/exceptions?maxExceptions=1",
        {"exceptionHistory": {"entries": [{"stacktrace": trace}]}},
    )
    server.say("GET /overview", {"slots-available": free, "slots-total": total})
    error = refusal(target, "publish", BUNDLE, RUN)
    assert error.message == (
        f"job {NEW} (Large orders) found too few free slots: {words}"
    )
    assert error.hint == "add task managers, or stop a job"


def test_a_job_that_does_not_come_up_has_not_failed(
    server: FlinkServer, tmp_path: Path
) -> None:
    target = staged(server, tmp_path)
    comes_up(server, "RESTARTING")
    server.say("GET /overview", {"slots-available": 1, "slots-total": 3})
    error = refusal(target, "publish", BUNDLE, RUN)
    assert "did not come up in 1 s, and has not failed either" in error.message
    assert "it is RESTARTING" in error.message
    assert "longer `timeout`" in error.hint


def test_a_job_without_a_first_checkpoint_is_not_up(
    server: FlinkServer, tmp_path: Path
) -> None:
    target = staged(server, tmp_path)
    comes_up(server, "RUNNING", "RUNNING")
    error = refusal(target, "publish", BUNDLE, RUN)
    assert "it is RUNNING without a checkpoint" in error.message
    assert len(server.asked(f"POST /jobs/{NEW}/checkpoints")) == 1


def test_nobody_knows_what_became_of_a_job(server: FlinkServer, tmp_path: Path) -> None:
    """The cluster goes away once the job is started."""
    target = staged(server, tmp_path)
    gone = opened(tmp_path, f"http://127.0.0.1:{free_ports(1)[0]}")
    target._wait._manager = gone._manager
    error = refusal(target, "publish", BUNDLE, RUN)
    assert f"it is not known what became of job {NEW}" in error.message
    assert "when the cluster answers" in error.hint


def test_a_new_job_that_runs_is_told_of(server: FlinkServer, tmp_path: Path) -> None:
    target = staged(server, tmp_path)
    told: list[Stage] = []
    target._wait._tell = told.append
    comes_up(server, "RUNNING", "RUNNING", checkpoints=1)
    starting = Reply({"state": "INITIALIZING", "vertices": []})
    server.replies[f"GET /jobs/{NEW}"].insert(0, starting)
    assert target.publish(BUNDLE, RUN) is None
    assert {stage.what for stage in told} == {"waiting for Large orders to run"}
    [body] = server.asked("POST /jars/1_new.jar/run")
    assert json.loads(body) == {
        "entryClass": "flowops.runner.SqlRunner",
        "jobId": NEW,
    }
    paths = [request for request, _, _ in server.requests]
    assert not any(PASSWORD in path for path in paths)


def test_a_job_that_makes_no_savepoint_runs_on(
    server: FlinkServer, tmp_path: Path
) -> None:
    marked(server)
    target = staged(server, tmp_path)
    server.say(f"GET /jobs/{JOB}", {"state": "RUNNING", "vertices": []})
    server.say(f"POST /jobs/{JOB}/stop", {"request-id": "x"})
    server.say(
        "*",
        Reply({"errors": ["not found"]}, 404),
        {
            "status": {"id": "COMPLETED"},
            "operation": {"failure-cause": {"stack-trace": TRACE}},
        },
    )
    error = refusal(target, "publish", BUNDLE, RUN)
    assert f"job {JOB} cannot make a savepoint: " in error.message
    assert server.asked("POST /jars/1_new.jar/run") == []


@pytest.mark.parametrize("allowed", [True, False])
def test_state_may_be_dropped_only_where_somebody_allowed_it(
    server: FlinkServer, tmp_path: Path, allowed: bool
) -> None:
    marked(server)
    target = staged(server, tmp_path)
    server.say(
        "*", {"status": {"id": "COMPLETED"}, "operation": {"location": "s3://b/sp-1"}}
    )
    server.say(f"GET /jobs/{JOB}/status", {"status": "FINISHED"})
    comes_up(server, "RUNNING", "RUNNING", checkpoints=1)
    written = target.publish(replace(BUNDLE, may_drop_state=allowed), RUN)
    assert written
    assert "s3://b/sp-1" in written.words
    [body] = server.asked("POST /jars/1_new.jar/run")
    sent = json.loads(body)
    assert sent["savepointPath"] == "s3://b/sp-1"
    assert sent["allowNonRestoredState"] is allowed


# What there is to go back to.


def test_nothing_to_go_back_to(server: FlinkServer, tmp_path: Path) -> None:
    target = opened(tmp_path, server.url)
    unknown = {"errors": [f"a.FlinkException: Could not find Flink job ({NEW})"]}
    server.say(f"GET /jobs/{NEW}/status", Reply(unknown, 500))
    assert target.restore(FLOW, None, RUN.run) is False
    marked(server)
    [state] = target.read({FLOW: "published"}).values()
    server.say("GET /jobs", {"jobs": []})
    error = refusal(target, "restore", FLOW, state, RUN.run)
    assert "no longer knows the job and the savepoint" in error.message
    assert ".flowops/journal" in error.hint


def test_secrets_nobody_knows_any_more(server: FlinkServer, tmp_path: Path) -> None:
    marked(server)
    target = opened(tmp_path, server.url)
    [state] = target.read({FLOW: "published"}).values()
    listed(server, "FINISHED")
    place = {"latest": {"savepoint": {"external_path": "s3://b/sp-1"}}}
    server.say(f"GET /jobs/{JOB}/checkpoints", place)
    error = refusal(target, "restore", FLOW, state, RUN.run)
    assert "its state is kept in s3://b/sp-1" in error.message
    assert "secrets are not known here" in error.message


# The words of a stack trace.


@pytest.mark.parametrize(
    ("trace", "reason"),
    [
        ("", ""),
        ("Internal server error.", "Internal server error."),
        (TRACE, f"Could not submit: Outer: {PASSWORD}: no state for {PASSWORD}"),
        (
            "java.lang.NullPointerException\n\tat a.B.c(D.java:1)",
            "NullPointerException",
        ),
        (
            SERVER_TRACE,
            "one: two and more",
        ),
        ("x " * 900, "…"),
        (
            "input: 'password=hunter2 user', 'token': 'k'",
            "input: 'password=<password_redacted> user', 'token': <password_redacted>'",
        ),
        ("a token is missing: no secret", "a token is missing: no secret"),
    ],
)
def test_a_trace_in_one_line(trace: str, reason: str) -> None:
    found = reason_of(trace)
    assert found == reason or (reason == "…" and found.endswith("…"))
    assert len(found) <= 601
