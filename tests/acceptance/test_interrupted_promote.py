"""A promote that is told to end says what it did; the next one finishes the work."""

from __future__ import annotations

import json
import signal
import time

import pytest

from tests.acceptance.command_line import flowops, popen
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject

PROMOTE = ("promote", "staging", "--yes")


def write_flows(project: SandboxProject) -> None:
    for name in ("A", "B", "C"):
        actions = [
            action("say", "MessageParticipant", {"Text": name}, "end"),
            action("end", "DisconnectParticipant"),
        ]
        path = project.root / "flows" / "connect" / f"{name}.json"
        path.write_text(json.dumps(contact_flow(actions, name=name)), "utf-8")
    project.commit()


def wait_for_writes(project: SandboxProject, count: int) -> None:
    """Wait until so many calls have changed the instance, a minute at most."""
    for _ in range(1200):
        if len(project.sandbox.writes()) >= count:
            return
        time.sleep(0.05)


def interrupted(project: SandboxProject, number: int) -> str:
    """Promote, send a signal in the middle, and return what was said."""
    # The second flow waits for its turn again and again, as under a rate limit.
    operation = "CreateContactFlow"
    project.sandbox.fail(operation, "ThrottlingException", times=4, after=1)
    with popen(*PROMOTE, cwd=project.root) as running:
        wait_for_writes(project, 2)
        running.send_signal(number)
        said, _ = running.communicate(timeout=120)
    assert running.returncode == 130, said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_done_is_said_and_the_next_one_finishes(
    example: SandboxProject, number: int
) -> None:
    write_flows(example)
    said = interrupted(example, number)
    assert "reserved: connect/contact-flow/A" in said
    assert "restored: connect/contact-flow/A\n" in said
    assert "not tried: connect/contact-flow/C\n" in said
    assert "not tried: event_processing/flow/Large orders\n" in said
    assert said.endswith("interrupted\n")
    names = {
        s["Name"]
        for s in example.client.list_contact_flows(
            InstanceId=example.sandbox.instance_id
        )["ContactFlowSummaryList"]
    }
    assert not names & {"A", "B", "C"}, "what was begun was taken back"

    second = flowops(*PROMOTE, cwd=example.root)
    assert second.returncode == 0, second.stderr
    assert b"Promoted 5 flows." in second.stderr
    for name in ("A", "B", "C"):
        assert example.live(name)["Status"] == "PUBLISHED"

    third = flowops(*PROMOTE, cwd=example.root)
    assert third.returncode == 0, third.stderr
    assert b"No changes." in third.stdout
    assert b"Nothing to do." in third.stderr


def test_a_killed_promote_is_undone_by_the_next(example: SandboxProject) -> None:
    write_flows(example)
    example.sandbox.fail("CreateContactFlow", "ThrottlingException", times=4, after=1)
    with popen(*PROMOTE, cwd=example.root) as running:
        wait_for_writes(example, 2)
        running.kill()
        running.communicate(timeout=120)
    assert running.returncode == -signal.SIGKILL
    example.sandbox.fail("CreateContactFlow", "ThrottlingException")

    second = flowops(*PROMOTE, cwd=example.root)
    assert second.returncode == 0, second.stderr
    assert b"was cut off; it is undone first." in second.stderr
    assert b"Promoted 5 flows." in second.stderr
    third = flowops(*PROMOTE, cwd=example.root)
    assert b"No changes." in third.stdout
    assert third.returncode == 0


def test_a_signal_before_anything_was_done_is_quiet(example: SandboxProject) -> None:
    example.commit()
    example.sandbox.fail("*", "ThrottlingException", times=4)
    with popen("plan", "staging", cwd=example.root) as running:
        for _ in range(1200):
            if example.sandbox.calls:
                break
            time.sleep(0.05)
        running.terminate()
        said, _ = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "Traceback" not in said
    assert said.endswith("interrupted\n")
