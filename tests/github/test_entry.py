"""The action run end to end, as action.yml starts it, on a project in Git."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.github.entry import SECRET, Ran, Runner, runner, step_variables
from tests.support.github_api import REPOSITORY, TOKEN
from tests.support.golden import assert_golden
from tests.support.projects import SandboxProject
from tests.support.repositories import Repository

EXPECTED = Path(__file__).parents[1] / "golden" / "action"
QUEUE = ("flows", "Main IVR", "references", "queue", "Sales")
WRONG = "sha256:" + "0" * 64


@pytest.fixture
def machine(example: SandboxProject, tmp_path: Path) -> Iterator[Runner]:
    with runner(example, tmp_path / "runner") as found:
        yield found


@pytest.fixture
def updating(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-goldens"))


def compare(machine: Runner, ran: Ran, name: str, updating: bool) -> None:
    """Compare everything that a run shows, but the flows of a plan."""
    assert ran.err == "", "all is said on one stream, so that it stays in order"
    for text in (ran.log, ran.summary, *ran.outputs.values(), *machine.api.bodies()):
        assert SECRET not in text
        assert TOKEN not in text
    summary = ran.summary.partition("#### Flows")[0]
    outputs = "".join(f"{name}={value}\n" for name, value in ran.outputs.items())
    text = f"--- log\n{ran.log}--- outputs\n{outputs}--- summary\n{summary}"
    assert_golden(scrub(machine, text), EXPECTED / f"{name}.txt", updating)


def scrub(machine: Runner, text: str) -> str:
    """Take out what differs from run to run: tokens, folders, commits and times."""
    text = re.sub(rf"{machine.folder}/tmp\w+", "TEMP", text)
    text = re.sub(r"(?m)^(::stop-commands::|::)[0-9a-f]{32}", r"\1TOKEN", text)
    text = re.sub(r"\b[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-", "TIME-", text)
    return re.sub(r"\b[0-9a-f]{40}\b", "COMMIT", text)


def change_by_hand(project: SandboxProject) -> None:
    """Change a flow past the project, as somebody does in the console."""
    content = project.live("Main IVR")["Content"]
    project.client.update_contact_flow_content(
        InstanceId=project.sandbox.instance_id,
        ContactFlowId=project.flow_id("Main IVR"),
        Content=content.replace("We are closed", "Changed by hand"),
    )


def test_from_a_check_to_the_way_back(machine: Runner, updating: bool) -> None:
    """One story, since each chapter needs the one before."""
    project = machine.project
    seen = machine.spy_on_git()
    compare(machine, machine.run("check", ""), "check", updating)

    plan = machine.run("plan")
    compare(machine, plan, "plan", updating)
    assert "::error" not in plan.log
    assert machine.api.requests == [], "a push has no pull request"
    for word in ("pass", "user"):
        assert f"::add-mask::{word}-{SECRET}\n" in plan.out

    refused = machine.run("promote", expect_digest=WRONG)
    compare(machine, refused, "promote-refused", updating)
    assert refused.code == 3
    assert refused.outputs["failure-reason"] == "refused:plan-changed"
    assert len(refused.annotations) == 1
    assert project.sandbox.writes() == []

    digest = plan.outputs["digest"]
    tried = machine.run("promote", expect_digest=digest, dry_run="true")
    assert (tried.code, project.sandbox.writes()) == (0, [])
    assert "[dry run] Nothing was written." in tried.summary

    promoted = machine.run("promote", expect_digest=digest)
    compare(machine, promoted, "promote", updating)
    assert promoted.code == 0

    change_by_hand(project)
    drift = machine.run("drift")
    compare(machine, drift, "drift", updating)
    assert (drift.code, drift.outputs["changes"]) == (0, "true")
    assert machine.run("drift", detailed_exitcode="true").outputs == {
        **drift.outputs,
        "exit-code": "2",
        "failure-reason": "drift",
        "plan-path": next_to(drift.outputs["plan-path"], machine),
        "report-path": next_to(drift.outputs["report-path"], machine),
    }

    assert machine.run("promote", yes="true").code == 0
    dry = machine.run("rollback", dry_run="true")
    assert dry.code == 0
    back = machine.run("rollback", expect_digest=dry.outputs["digest"])
    compare(machine, back, "rollback", updating)
    assert "Changed by hand" in project.live("Main IVR")["Content"]

    inventory = machine.run("inventory")
    compare(machine, inventory, "inventory", updating)
    assert (project.root / "environments/staging.inventory.json").is_file()
    assert_no_secret(project, machine)
    assert TOKEN not in seen.read_text("utf-8")
    assert f"pass-{SECRET}" in seen.read_text("utf-8"), "the spy sees variables"


def next_to(path: str, machine: Runner) -> str:
    """Return the file of that name in the newest folder of the runner."""
    folders = [p for p in machine.folder.glob("tmp*") if p.is_dir()]
    newest = max(folders, key=lambda folder: folder.stat().st_mtime_ns)
    return str(newest / Path(path).name)


def assert_no_secret(project: SandboxProject, machine: Runner) -> None:
    """Look into every file that a run left, but what only a test leaves."""
    spy = machine.folder / "seen-by-git"
    for folder in (project.root, machine.folder):
        for path in folder.rglob("*"):
            if path.is_file() and path != spy:
                assert SECRET.encode() not in path.read_bytes(), path


def test_a_pull_request_has_one_comment(machine: Runner, updating: bool) -> None:
    """It follows the plan: changes, then an error, then nothing any more."""
    machine.event = "pull_request"
    project = machine.project
    repository = Repository(project.root)
    repository.git("checkout", "--quiet", "-b", "feature")
    assert machine.run("plan", base="main").code == 0
    assert machine.api.bodies() == [], "a plan without changes is no news"

    path = project.root / "flows/connect/main-ivr.json"
    before = path.read_text("utf-8")
    path.write_text(before.replace("We are closed", "Closed"), "utf-8")
    project.commit()
    changed = machine.run("plan", base="main", detailed_exitcode="true")
    assert changed.code == 2
    assert changed.outputs["failure-reason"] == "changes"
    assert changed.outputs["to-update"] == "1"
    (note,) = changed.annotations
    assert "inventory/no-snapshot" in note
    (comment,) = machine.api.bodies()
    assert comment.startswith("<!-- flowops:.:staging:1 -->\n### FlowOps plan for ")
    assert "Closed. Please call again" in comment
    assert Path(changed.outputs["report-path"]).read_text("utf-8") == changed.summary
    assert f"digest <code>{changed.outputs['digest']}</code>" in comment

    project.edit_environment("Sales EMAE", *QUEUE)
    project.commit()
    unresolved = machine.run("plan")
    compare(machine, unresolved, "plan-unresolved", updating)
    assert unresolved.code == 1
    assert unresolved.outputs["failure-reason"] == "unresolved"
    assert [a.partition(" ")[0] for a in unresolved.annotations] == ["::error"]
    (comment,) = machine.api.bodies()
    assert "Sales EMAE" in comment

    repository.git("checkout", "--quiet", "main")
    assert machine.run("plan", base="main").code == 0
    (comment,) = machine.api.bodies()
    assert "No changes." in comment
    assert project.sandbox.writes() == []


@pytest.mark.parametrize(
    ("given", "code", "reason", "words"),
    [
        ({"command": "plan", "yes": "true"}, 64, "usage", "the input 'yes' is not for"),
        ({"command": "nonsense"}, 64, "usage", "the input 'command' must be one of"),
        ({"command": "plan", "environment": "x"}, 1, "input", "no environment 'x'"),
        ({"command": "plan", "flows": "Main"}, 64, "usage", "no flow is called 'Main'"),
        (
            {"command": "promote", "allow": "all"},
            64,
            "usage",
            "there is no guard 'all'",
        ),
    ],
)
def test_what_cannot_begin_is_said_in_one_annotation(
    machine: Runner, given: dict[str, str], code: int, reason: str, words: str
) -> None:
    ran = machine.run(**given)
    assert ran.code == code
    assert ran.outputs["exit-code"] == str(code)
    assert ran.outputs["failure-reason"] == reason
    (annotation,) = ran.annotations
    assert annotation.startswith("::error title=FlowOps::")
    assert words in annotation
    assert machine.project.sandbox.writes() == []


def test_a_target_that_is_down_is_said_where_people_look(machine: Runner) -> None:
    machine.project.edit_environment("http://127.0.0.1:9", "targets", "connect", "url")
    machine.project.commit()
    ran = machine.run("plan", flows="Main IVR")
    assert (ran.code, ran.outputs["failure-reason"]) == (1, "target")
    (annotation,) = ran.annotations
    assert "could not be asked" in annotation
    assert ran.summary.startswith("### FlowOps plan: target\n\n```text\nerror: ")


@pytest.mark.parametrize("answer", [403, 404, 502, 0])
def test_a_comment_that_fails_is_one_notice(machine: Runner, answer: int) -> None:
    """The exit code stays, and the report is in the summary; 0 is no answer."""
    machine.event = "pull_request"
    machine.api.failing = {"GET": answer, "POST": answer} if answer else {}
    if not answer:
        machine.variables["GITHUB_API_URL"] = "http://127.0.0.1:9"
    ran = machine.run("plan", detailed_exitcode="true")
    assert ran.code == 2
    (notice,) = ran.annotations
    assert notice.startswith(
        "::notice title=FlowOps::The report is not under the pull request: "
    )
    assert ran.summary.startswith("### FlowOps plan for <code>staging</code>")


def test_a_file_of_the_workspace_is_not_imported(machine: Runner) -> None:
    """A pull request could bring a ``yaml.py``; it must not run."""
    root = machine.project.root
    for name in ("yaml.py", "flowops.py", "typer.py"):
        (root / name).write_text(f"open({str(root / 'run')!r}, 'w')\n", "utf-8")
    assert machine.run("check", "").code == 0
    assert not (root / "run").exists()


def test_a_cancelled_job_puts_back_and_says_so(machine: Runner) -> None:
    """The runner ends a job with a signal; the report is written all the same."""
    project = machine.project
    project.sandbox.fail("CreateContactFlow", "ThrottlingException", times=3)
    given = {"command": "promote", "environment": "staging", "yes": "true"}
    for name in ("output", "summary"):
        (machine.folder / name).write_text("")
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "flowops.github"],
        cwd=project.root,
        env=machine.environment() | step_variables(given),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as job:
        wait_for_call(project, "CreateContactFlow")
        job.send_signal(signal.SIGTERM)
        out, _ = job.communicate(timeout=120)
    assert job.returncode == 130, out
    assert "failure-reason" in (machine.folder / "output").read_text()
    summary = (machine.folder / "summary").read_text()
    assert summary.startswith("### FlowOps promote: interrupted\n")
    assert "not tried: event_processing/flow/Large orders" in summary
    assert "::error title=FlowOps::" in out
    assert not (project.root / "deploy").exists()


def wait_for_call(project: SandboxProject, operation: str) -> None:
    """Wait until the instance was asked for something, a minute at most."""
    for _ in range(1200):
        if any(c.operation == operation for c in project.sandbox.calls):
            return
        time.sleep(0.05)


def test_the_repository_of_the_events_is_the_one_that_is_served() -> None:
    assert REPOSITORY in (Path(__file__).parent / "events/push.json").read_text()
