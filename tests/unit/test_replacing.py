"""A flow is put to work again when somebody asks for it, though nothing differs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from flowops.errors import UsageError
from flowops.model import Address
from flowops.plan.replacing import named_addresses
from flowops.plan.saved import read_saved_plan
from tests.support.golden import assert_golden
from tests.support.projects import STAGING, Result, SandboxProject, run
from tests.unit.test_guards import write_flow

EXPECTED = Path(__file__).parents[1] / "golden" / "replace"
IVR = "connect/contact-flow/Main IVR"


@pytest.fixture
def promoted(example: SandboxProject) -> SandboxProject:
    """A project whose flow ``Main IVR`` is live as it is here."""
    result = example.run("promote", "staging", "Main IVR", "--yes")
    assert result.code == 0, result.err
    return example


def plan(project: SandboxProject, *words: str) -> Result:
    return project.run("plan", "staging", "Main IVR", *words)


def promote(project: SandboxProject, *words: str) -> Result:
    return project.run("promote", "staging", "Main IVR", *words)


def digest(result: Result) -> str:
    [found] = re.findall(r"^Digest: (.*)$", result.out, re.MULTILINE)
    return str(found)


def golden(pytestconfig: pytest.Config, name: str, text: str) -> None:
    updating = bool(pytestconfig.getoption("--update-goldens"))
    text = re.sub(r"\b[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-", "TIME-", text)
    text = re.sub(r"\b[0-9a-f]{40}\b", "COMMIT", text)
    assert_golden(text, EXPECTED / name, updating)


@pytest.mark.parametrize("kind", ["text", "json", "markdown"])
def test_a_plan_says_that_it_was_asked_for(
    promoted: SandboxProject, pytestconfig: pytest.Config, kind: str
) -> None:
    result = plan(promoted, "--replace", IVR, "--format", kind, "--detailed-exitcode")
    assert result.code == 2, result.err
    golden(pytestconfig, f"plan-{kind}.txt", result.out)


def test_the_content_is_written_and_published_again(
    promoted: SandboxProject, pytestconfig: pytest.Config
) -> None:
    before = promoted.live("Main IVR")
    count = len(promoted.sandbox.writes())
    result = promote(promoted, "--replace", "Main IVR", "--yes")
    assert result.code == 0, result.err
    golden(pytestconfig, "promote.txt", result.transcript("promote"))
    calls = [call.operation for call in promoted.sandbox.writes()[count:]]
    assert calls[0] == "UpdateContactFlowContent"
    assert calls[-1] == "TagResource"
    after = promoted.live("Main IVR")
    assert after["Content"] == before["Content"]
    assert after["Tags"]["flowops:run"] != before["Tags"]["flowops:run"]
    assert "No changes." in plan(promoted).out
    [*_, path] = sorted((promoted.root / ".flowops/records/staging").glob("*.json"))
    [flow] = json.loads(path.read_text("utf-8"))["flows"]
    assert flow["action"] == "replace"
    assert flow["before_digest"] == flow["after_digest"]


def test_a_flow_that_stays_saved_is_saved_again(promoted: SandboxProject) -> None:
    write_flow(promoted, "A", "Hello")
    path = promoted.root / STAGING
    path.write_text(path.read_text("utf-8") + "  A: {status: saved}\n", "utf-8")
    assert promoted.run("promote", "staging", "A", "--yes").code == 0
    count = len(promoted.sandbox.writes())
    result = promoted.run("promote", "staging", "A", "--replace", "A", "--yes")
    assert result.code == 0, result.err
    calls = [call.operation for call in promoted.sandbox.writes()[count:]]
    assert calls == ["UpdateContactFlowContent", "TagResource"]


def test_what_differs_is_shown_all_the_same(promoted: SandboxProject) -> None:
    write_flow(promoted, "A", "Hello")
    assert promoted.run("promote", "staging", "A", "--yes").code == 0
    write_flow(promoted, "A", "Good day")
    result = promoted.run("plan", "staging", "A", "--replace", "A")
    assert "~ connect/contact-flow/A  will be replaced as asked" in result.out
    assert 'Text: "Hello" -> "Good day"' in result.out
    assert digest(result) != digest(promoted.run("plan", "staging", "A"))


def test_an_approval_is_of_what_is_replaced_too(promoted: SandboxProject) -> None:
    asked, plain = digest(plan(promoted, "--replace", IVR)), digest(plan(promoted))
    assert asked != plain
    count = len(promoted.sandbox.writes())
    for words in (
        ("--expect-digest", asked),
        ("--expect-digest", plain, "--replace", IVR),
    ):
        result = promote(promoted, *words)
        assert result.code == 3
        assert "refused: plan-changed:" in result.err
    assert len(promoted.sandbox.writes()) == count
    words = ("--expect-digest", asked, "--replace", IVR)
    assert promote(promoted, *words).code == 0


def test_a_saved_plan_says_what_to_replace(
    promoted: SandboxProject, tmp_path: Path
) -> None:
    saved = tmp_path / "plan.json"
    assert plan(promoted, "--replace", IVR, "--save", str(saved)).code == 0
    assert read_saved_plan("plan", saved.read_bytes()).replaced == {IVR}
    result = promote(promoted, "--plan", str(saved))
    assert result.code == 0, result.err
    assert "published: connect/contact-flow/Main IVR" in result.err


def test_a_saved_plan_without_it_is_another_plan(
    promoted: SandboxProject, tmp_path: Path
) -> None:
    saved = tmp_path / "plan.json"
    assert plan(promoted, "--save", str(saved)).code == 0
    count = len(promoted.sandbox.writes())
    result = promote(promoted, "--plan", str(saved), "--replace", IVR)
    assert result.code == 3
    assert f"plan: {IVR} was no-op and is replace" in result.err
    assert len(promoted.sandbox.writes()) == count


def test_a_replacement_of_what_is_gone_is_another_plan(
    promoted: SandboxProject, tmp_path: Path
) -> None:
    saved = tmp_path / "plan.json"
    assert plan(promoted, "--replace", IVR, "--save", str(saved)).code == 0
    promoted.client.delete_contact_flow(
        InstanceId=promoted.sandbox.instance_id,
        ContactFlowId=promoted.flow_id("Main IVR"),
    )
    count = len(promoted.sandbox.writes())
    result = promote(promoted, "--plan", str(saved))
    assert result.code == 3
    assert f"{IVR} is not on the target as it was" in result.err
    assert len(promoted.sandbox.writes()) == count


def test_an_edited_plan_is_none(promoted: SandboxProject, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    assert plan(promoted, "--save", str(saved)).code == 0
    text = saved.read_text("utf-8")
    saved.write_text(text.replace('"no-op"', '"replace"'), "utf-8")
    result = promote(promoted, "--plan", str(saved))
    assert (result.code, "plan-edited" in result.err) == (3, True)


def test_offline_plans_have_the_digest_of_the_live_one(
    promoted: SandboxProject,
) -> None:
    words = ("--replace", IVR)
    recorded = plan(promoted, "--recorded", *words)
    assert digest(recorded) == digest(plan(promoted, *words))
    promoted.commit()
    assert "1 flow replaced as asked." in plan(promoted, "--base", "HEAD", *words).out


def test_drafts_and_thresholds_stand_in_its_way(promoted: SandboxProject) -> None:
    promoted.client.update_contact_flow_content(
        InstanceId=promoted.sandbox.instance_id,
        ContactFlowId=f"{promoted.flow_id('Main IVR')}:$SAVED",
        Content=promoted.live("Main IVR")["Content"] + " ",
    )
    result = promote(promoted, "--replace", IVR, "--yes")
    assert result.code == 3, result.err
    assert "refused: unpublished-draft:" in result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--replace", "Main IRV"], "did you mean connect/contact-flow/Main IVR?"),
        (["--replace", "connect/view/Main IVR"], f"did you mean {IVR}?"),
        (["--replace", "*"], "names no flow of this project"),
        (["--replace", ""], "--replace '' names no flow of this project"),
        (["Main IVR", "--replace", "Large orders"], "is none of the flows that were"),
        (
            ["--replace", "Large orders"],
            "--replace 'event_processing/flow/Large orders': a directory runs nothing",
        ),
    ],
)
def test_what_cannot_be_replaced_is_said_before_a_target_is_asked(
    promoted: SandboxProject, words: list[str], said: str
) -> None:
    for command in (["plan", "staging"], ["promote", "staging", "--yes"]):
        calls = len(promoted.sandbox.calls)
        result = promoted.run(*command, *words)
        assert (result.code, result.out) == (64, "")
        assert said in result.err
        assert len(promoted.sandbox.calls) == calls


def test_what_would_be_created_is_not_replaced(promoted: SandboxProject) -> None:
    write_flow(promoted, "Main IVR 2", "Hello")
    result = promoted.run(
        "plan", "staging", "Main IVR", "Main IVR 2", "--replace", "Main IVR 2"
    )
    assert result.code == 64
    assert "is not on the target: it would be created" in result.err
    assert f"did you mean {IVR}?" in result.err


def test_what_would_be_deleted_is_not_replaced(promoted: SandboxProject) -> None:
    write_flow(promoted, "A", "Hello")
    assert promoted.run("promote", "staging", "A", "--yes").code == 0
    (promoted.root / "flows/connect/A.json").unlink()
    words = ("--allow", "deletes", "--replace", "connect/contact-flow/A")
    result = promoted.run("plan", "staging", *words)
    assert result.code == 64
    assert "one that the project no longer has cannot be replaced" in result.err


def test_one_name_of_two_flows_is_refused() -> None:
    both = [Address("connect", kind, "A") for kind in ("contact-flow", "view")]
    with pytest.raises(UsageError, match="'A' names 2 flows") as raised:
        named_addresses(["A"], both, both)
    assert raised.value.hint == (
        "write one address: connect/contact-flow/A, connect/view/A"
    )
    assert named_addresses(["connect/view/A"], both, both) == {both[1]}


def test_a_flow_with_errors_stays_blocked(promoted: SandboxProject) -> None:
    keys = ("flows", "Main IVR", "references", "queue", "Sales")
    promoted.edit_environment("Sales EMAE", *keys)
    result = plan(promoted, "--replace", IVR)
    assert result.code == 1
    assert f"! {IVR}  cannot be promoted" in result.out


def test_the_branch_says_what_its_files_do(promoted: SandboxProject) -> None:
    path = promoted.root / STAGING
    text = path.read_text("utf-8")
    assert "kind: directory" in text
    text = text.replace("kind: directory", "kind: directory\n    branch: deploy")
    path.write_text(text, "utf-8")
    promoted.commit()
    words = ("plan", "staging", "--replace", "Large orders")
    result = run(*words, "--project", str(promoted.root))
    assert (result.code, "a directory runs nothing" in result.err) == (64, True)
