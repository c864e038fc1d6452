"""Why a command ended: one word for each way, for whoever reads it by program."""

from __future__ import annotations

import pytest

from flowops.cli.outcome import Reason, begin, note, note_error, reason, reason_of
from flowops.errors import FlowOpsError, InputError, RefusedError, TargetError
from tests.support.projects import STAGING, SandboxProject, run

QUEUE = ("flows", "Main IVR", "references", "queue", "Sales")
DOWN = ("http://127.0.0.1:9", "targets", "connect", "url")
UNREAL = "sha256:" + "0" * 64


def ended(project: SandboxProject, *words: str) -> tuple[int, str]:
    """Run a command; return its exit code and its reason."""
    return project.run(*words).code, reason()


def break_a_flow(project: SandboxProject) -> None:
    (project.root / "flows" / "broken.json").write_text("{", "utf-8")


def test_nothing_is_said_when_all_went_well(example: SandboxProject) -> None:
    for words in (["check"], ["plan", "staging"], ["promote", "staging", "--yes"]):
        assert ended(example, *words) == (0, "")
    assert ended(example, "drift", "staging", "--detailed-exitcode") == (0, "")
    assert ended(example, "plan", "staging", "--detailed-exitcode") == (0, "")


def test_findings(example: SandboxProject) -> None:
    break_a_flow(example)
    assert ended(example, "check") == (1, "findings")
    assert ended(example, "plan", "staging") == (1, "findings")
    out = str(example.root / "out")
    assert ended(example, "render", "staging", "--out", out) == (1, "findings")
    assert ended(example, "promote", "staging", "--yes") == (1, "findings")
    assert ended(example, "check", "--format", "sarif") == (0, "")


def test_warnings_are_findings_only_when_they_fail(example: SandboxProject) -> None:
    path = example.root / "flows/connect/main-ivr.json"
    path.write_text(path.read_text("utf-8").replace("CheckHoursOfOperation", "Odd"))
    assert ended(example, "check") == (0, "")
    assert ended(example, "check", "--strict") == (1, "findings")


def test_unresolved(example: SandboxProject) -> None:
    example.edit_environment("Sales EMAE", *QUEUE)
    assert ended(example, "plan", "staging") == (1, "unresolved")
    assert ended(example, "promote", "staging", "--yes") == (1, "unresolved")
    break_a_flow(example)
    assert ended(example, "plan", "staging") == (1, "unresolved")


def test_refused_names_every_guard(example: SandboxProject) -> None:
    words = ("promote", "staging")
    assert ended(example, *words) == (3, "refused:not-approved")
    wrong = ("--expect-digest", UNREAL)
    assert ended(example, *words, *wrong) == (3, "refused:plan-changed")
    path = example.root / STAGING
    path.write_text("protected: true\n" + path.read_text("utf-8"), "utf-8")
    assert run(*words, "--yes", "--project", str(example.root)).code == 3
    assert reason() == "refused:not-reviewed,dirty-tree"


def test_a_plan_that_was_edited_is_refused_by_name(example: SandboxProject) -> None:
    path = example.root.parent / "plan.json"
    assert example.run("plan", "staging", "--save", str(path)).code == 0
    path.write_text(path.read_text().replace('"staging"', '"other"'))
    words = ("promote", "staging", "--plan", str(path))
    assert ended(example, *words) == (3, "refused:plan-edited")


def test_changes_and_drift(example: SandboxProject) -> None:
    words = ("plan", "staging", "--detailed-exitcode")
    assert ended(example, *words) == (2, "changes")
    assert example.run("promote", "staging", "--yes").code == 0
    example.client.update_contact_flow_content(
        InstanceId=example.sandbox.instance_id,
        ContactFlowId=example.flow_id("Main IVR"),
        Content=example.live("Main IVR")["Content"].replace("We are closed", "No"),
    )
    assert ended(example, "drift", "staging") == (0, "")
    assert ended(example, "drift", "staging", "--detailed-exitcode") == (2, "drift")
    assert ended(example, *words) == (2, "changes")


def test_input_and_usage(example: SandboxProject) -> None:
    assert ended(example, "plan", "nowhere") == (1, "input")
    (example.root / "environments" / "empty.yaml").write_text("", "utf-8")
    assert ended(example, "promote", "empty", "--yes") == (1, "input")
    assert ended(example, "drift", "empty") == (1, "input")
    assert ended(example, "rollback", "staging", "--yes") == (1, "input")
    assert ended(example, "plan", "staging", "No such flow") == (64, "usage")
    assert ended(example, "plan", "staging", "--nonsense") == (64, "usage")
    assert ended(example, "nonsense") == (64, "usage")


def test_target(example: SandboxProject) -> None:
    example.edit_environment(*DOWN)
    assert ended(example, "plan", "staging") == (1, "target")
    assert ended(example, "drift", "staging") == (1, "target")
    assert ended(example, "promote", "staging", "--yes") == (1, "target")


def test_a_promote_that_stops(example: SandboxProject) -> None:
    example.sandbox.fail("CreateContactFlow", "InvalidContactFlowException")
    assert ended(example, "promote", "staging", "--yes") == (1, "target")


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (ZeroDivisionError(), 70, "defect"),
        (FlowOpsError("x"), 1, "failed"),
    ],
)
def test_what_nobody_plans_for(
    example: SandboxProject,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    word: str,
) -> None:
    def broken(_: object) -> None:
        raise error

    monkeypatch.setattr("flowops.cli.workspace.read_flows", broken)
    assert ended(example, "check") == (code, word)
    assert reason() in [*Reason]


def test_the_first_word_counts_and_the_next_command_forgets_it() -> None:
    begin()
    note(Reason.REFUSED, "deletes", "dirty-tree")
    note(Reason.FAILED)
    assert reason() == "refused:deletes,dirty-tree"
    begin()
    assert reason() == ""


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (RefusedError("wrong-target: another account"), "refused:wrong-target"),
        (RefusedError("deletes: x"), "refused:deletes"),
        (RefusedError("flow.json would not behave as before"), "refused"),
        (InputError("plan-edited: no guard"), "input"),
        (TargetError("x"), "target"),
    ],
)
def test_only_what_refuses_has_the_name_of_a_guard(
    error: FlowOpsError, word: str
) -> None:
    begin()
    note_error(error)
    assert reason() == word
    assert reason().partition(":")[0] == reason_of(error)
