"""Each guard refuses by its own name, with code 3 and no write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from flowops.guards import GUARDS, Override
from flowops.systems.event_processing.targets.directory import Directory
from flowops.systems.protocol import Bundle, Mark
from tests.support.contact_flows import INSTANCE as OLD
from tests.support.contact_flows import action, contact_flow
from tests.support.golden import assert_golden
from tests.support.projects import STAGING, SandboxProject, run
from tests.support.repositories import Repository

EXPECTED = Path(__file__).parents[1] / "golden" / "guards"
ID = "71569bb2-0000-4000-8000-000000000001"


def write_flow(project: SandboxProject, name: str, text: str, other: str = "") -> None:
    actions = [action("say", "MessageParticipant", {"Text": text}, "end")]
    shown: dict[str, Any] = {}
    if other:
        parameters = {"ContactFlowId": f"{OLD}/contact-flow/{ID}"}
        actions.append(action("to", "TransferToFlow", parameters, "end"))
        actions[0]["Transitions"]["NextAction"] = "to"
        shown = {"to": {"ContactFlow": {"text": other}}}
    actions.append(action("end", "DisconnectParticipant"))
    document = contact_flow(actions, shown, name=name)
    path = project.root / "flows" / "connect" / f"{name}.json"
    path.write_text(json.dumps(document), "utf-8")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def refused(project: SandboxProject, guard: str, *words: str) -> str:
    """Promote as it stands, without a commit; insist on one guard and no write."""
    before = len(project.sandbox.writes())
    result = run("promote", "staging", *words, "--project", str(project.root))
    assert result.code == 3, result.out + result.err
    names = re.findall(r"^refused: ([a-z-]+):", result.err, re.MULTILINE)
    assert names == [guard], result.err
    assert "Nothing was written." in result.err
    assert len(project.sandbox.writes()) == before
    compare(guard, result.err)
    return result.err


def compare(guard: str, text: str) -> None:
    """Compare every word of a refusal; a test that refuses twice has two files."""
    test = re.sub(r"\W+", "-", _running.name).strip("-")
    number = next(_running.numbers)
    path = EXPECTED / guard / f"{test}-{number}.txt"
    assert_golden(re.sub(r"\b[0-9a-f]{40}\b", "COMMIT", text), path, _running.updating)


@dataclass(slots=True)
class _Running:
    """The test that runs now, which names its golden files."""

    name: str = ""
    updating: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: count(1))


_running = _Running()


@pytest.fixture(autouse=True)
def named(request: pytest.FixtureRequest) -> None:
    _running.name = request.node.name
    _running.updating = bool(request.config.getoption("--update-goldens"))
    _running.numbers = count(1)


def accepted(project: SandboxProject, *words: str) -> None:
    result = run("promote", "staging", *words, "--project", str(project.root))
    assert result.code == 0, result.out + result.err


def save_plan(project: SandboxProject) -> Path:
    path = project.root.parent / "plan.json"
    assert project.run("plan", "staging", "--save", str(path)).code == 0
    return path


def test_not_approved(example: SandboxProject) -> None:
    example.commit()
    refused(example, "not-approved")
    accepted(example, "--yes")


def test_not_reviewed(example: SandboxProject) -> None:
    path = example.root / STAGING
    path.write_text("protected: true\n" + path.read_text("utf-8"), "utf-8")
    example.commit()
    refused(example, "not-reviewed", "--yes")
    accepted(example, "--plan", str(save_plan(example)))


def test_protection_cannot_be_taken_away_by_the_change(example: SandboxProject) -> None:
    path = example.root / STAGING
    path.write_text("protected: true\n" + path.read_text("utf-8"), "utf-8")
    example.commit()
    Repository(example.root).git("branch", "base")
    replace(path, "protected: true", "protected: false")
    example.commit()
    refused(example, "not-reviewed", "--yes", "--policy-ref", "base")
    accepted(example, "--yes")


@pytest.mark.parametrize(
    "digest",
    ["", " ", "sha256:0", "SHA256:"],
    ids=["empty", "space", "short", "upper-case"],
)
def test_plan_changed_by_digest(example: SandboxProject, digest: str) -> None:
    example.commit()
    refused(example, "plan-changed", "--yes", "--expect-digest", digest)


def test_plan_changed_by_a_change_after_the_review(example: SandboxProject) -> None:
    example.commit()
    plan = save_plan(example)
    write_flow(example, "A", "new")
    example.commit()
    words = refused(example, "plan-changed", "--plan", str(plan))
    assert "plan: connect/contact-flow/A is in the plan now" in words


def test_plan_changed_says_which_flow(example: SandboxProject) -> None:
    example.commit()
    plan = save_plan(example)
    replace(example.root / "flows/connect/main-ivr.json", "We are closed", "Closed")
    example.commit()
    words = refused(example, "plan-changed", "--plan", str(plan))
    assert "connect/contact-flow/Main IVR would become something else" in words


def test_target_drifted(example: SandboxProject) -> None:
    write_flow(example, "A", "one")
    assert example.run("promote", "staging", "--yes").code == 0
    write_flow(example, "A", "two")
    example.commit()
    plan = save_plan(example)
    content = example.live("A")["Content"].replace("one", "by hand")
    example.client.update_contact_flow_content(
        InstanceId=example.sandbox.instance_id,
        ContactFlowId=example.flow_id("A"),
        Content=content,
    )
    words = refused(example, "target-drifted", "--plan", str(plan))
    assert "target: connect/contact-flow/A is not on the target as it was" in words


def test_wrong_target_by_environment(example: SandboxProject) -> None:
    (example.root / "environments/other.yaml").write_text("extends: staging\n", "utf-8")
    example.commit()
    path = example.root.parent / "plan.json"
    assert example.run("plan", "other", "--save", str(path)).code == 0
    before = len(example.sandbox.writes())
    words = ["promote", "staging", "--plan", str(path), "--project", str(example.root)]
    result = run(*words)
    assert result.code == 3
    assert "refused: wrong-target: the plan is for other, not staging" in result.err
    compare("wrong-target", result.err)
    assert len(example.sandbox.writes()) == before


def test_wrong_target_by_identity(example: SandboxProject) -> None:
    example.commit()
    plan = save_plan(example)
    example.edit_environment("deploy/elsewhere", "targets", "event_processing", "path")
    example.commit()
    words = ["promote", "staging", "--plan", str(plan), "--project", str(example.root)]
    result = run(*words)
    assert result.code == 3
    assert "refused: wrong-target: the plan is for another target" in result.err
    compare("wrong-target", result.err)
    assert example.sandbox.writes() == []


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda t: t[: len(t) // 2], 1, "cut off"),
        (lambda t: "", 1, "the file is empty"),
        (lambda t: "[]", 1, "not a plan that this FlowOps can read"),
        (lambda t: t.replace('"1.0"', '"2.0"'), 1, "not a plan that this FlowOps"),
        (lambda t: re.sub(r'"create"(?=\s+\])', '"update"', t), 3, "plan-edited"),
        (lambda t: t.replace('"environment": "s', '"environment": "x'), 3, "plan-edit"),
        (lambda t: re.sub(r"sha256:.{4}", "sha256:0000", t), 3, "plan-edited"),
    ],
)
def test_plan_files_that_cannot_be_used(
    example: SandboxProject, change: Any, code: int, words: str
) -> None:
    example.commit()
    plan = save_plan(example)
    plan.write_text(change(plan.read_text("utf-8")), "utf-8")
    result = run(
        "promote", "staging", "--plan", str(plan), "--project", str(example.root)
    )
    assert result.code == code, result.err
    assert words in result.err
    assert example.sandbox.writes() == []


def test_a_plan_with_errors_approves_nothing(example: SandboxProject) -> None:
    example.edit_environment(
        "Sales EMAE", "flows", "Main IVR", "references", "queue", "Sales"
    )
    example.commit()
    path = example.root.parent / "plan.json"
    assert example.run("plan", "staging", "--save", str(path)).code == 1
    example.edit_environment(
        "Sales EMEA", "flows", "Main IVR", "references", "queue", "Sales"
    )
    example.commit()
    result = run(
        "promote", "staging", "--plan", str(path), "--project", str(example.root)
    )
    assert result.code == 3
    assert "plan-errored" in result.err


def test_dirty_tree(example: SandboxProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    example.commit()
    replace(example.root / STAGING, "kafka.staging", "kafka.moved")
    words = refused(example, "dirty-tree", "--yes")
    assert "environments/staging.yaml" in words
    accepted(example, "--yes", "--allow", "dirty-tree")


def test_dirty_tree_counts_what_is_not_known_to_git(example: SandboxProject) -> None:
    example.commit()
    write_flow(example, "A", "new")
    assert "flows/connect/A.json" in refused(example, "dirty-tree", "--yes")


def test_files_that_are_not_inputs_do_not_count(example: SandboxProject) -> None:
    example.commit()
    (example.root / "notes.txt").write_text("x", "utf-8")
    accepted(example, "--yes")


def test_dirty_tree_cannot_be_set_aside_in_ci(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    example.commit()
    words = ["promote", "staging", "--yes", "--allow", "dirty-tree"]
    result = run(*words, "--project", str(example.root))
    assert result.code == 64
    assert "cannot be set aside in CI" in result.err


def test_no_repository_is_a_dirty_tree(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert "in no Git repository" in refused(example, "dirty-tree", "--yes")
    accepted(example, "--yes", "--allow", "dirty-tree")


def test_a_repository_without_a_commit_is_a_dirty_tree(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    Repository(example.root).git("init", "--quiet")
    assert "has no commit yet" in refused(example, "dirty-tree", "--yes")
    accepted(example, "--yes", "--allow", "dirty-tree")


def test_not_on_protected_ref(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = example.root / "flowops.yaml"
    path.write_text(
        path.read_text("utf-8") + "guards: {protected-refs: [main]}\n", "utf-8"
    )
    example.commit()
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_REF_NAME", "feature")
    refused(example, "not-on-protected-ref", "--yes")
    monkeypatch.delenv("GITHUB_REF_NAME")
    refused(example, "not-on-protected-ref", "--yes")
    monkeypatch.setenv("GITHUB_REF_NAME", "main")
    accepted(example, "--yes")


def test_the_change_cannot_unprotect_a_ref(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = example.root / "flowops.yaml"
    text = path.read_text("utf-8")
    path.write_text(text + "guards: {protected-refs: [main]}\n", "utf-8")
    example.commit()
    Repository(example.root).git("branch", "base")
    path.write_text(text, "utf-8")
    example.commit()
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_REF_NAME", "feature")
    refused(example, "not-on-protected-ref", "--yes", "--policy-ref", "base")


def test_policy_unknown(example: SandboxProject) -> None:
    example.commit()
    repository = Repository(example.root)
    repository.git("remote", "add", "origin", "https://example.invalid/x.git")
    words = refused(example, "policy-unknown", "--yes")
    assert "fetch-depth: 0" in words
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    accepted(example, "--yes")


def test_policy_ref_that_does_not_exist(example: SandboxProject) -> None:
    example.commit()
    refused(example, "policy-unknown", "--yes", "--policy-ref", "nonsense")


def test_base_moved(example: SandboxProject) -> None:
    path = example.root / STAGING
    path.write_text("protected: true\n" + path.read_text("utf-8"), "utf-8")
    example.commit()
    repository = Repository(example.root)
    repository.git("checkout", "--quiet", "-b", "feature")
    repository.git("checkout", "--quiet", "main")
    write_flow(example, "A", "on main")
    example.commit()
    repository.git("checkout", "--quiet", "feature")
    plan = save_plan(example)
    refused(example, "base-moved", "--plan", str(plan), "--policy-ref", "main")
    repository.git("merge", "--quiet", "main")
    plan = save_plan(example)
    accepted(example, "--plan", str(plan), "--policy-ref", "main")


def many(project: SandboxProject, count: int, text: str) -> None:
    for number in range(count):
        write_flow(project, f"Flow {number:02}", text)


def test_too_many_changes(example: SandboxProject) -> None:
    many(example, 10, "one")
    assert example.run("promote", "staging", "--yes").code == 0
    many(example, 4, "two")
    example.commit()
    words = refused(example, "too-many-changes", "--yes")
    assert "4 of 12 flows would update" in words
    accepted(example, "--yes", "--allow", "too-many-changes")


def test_few_changes_and_few_flows_are_not_too_many(example: SandboxProject) -> None:
    many(example, 10, "one")
    assert example.run("promote", "staging", "--yes").code == 0
    many(example, 3, "two")
    example.commit()
    accepted(example, "--yes")


def test_thresholds_come_from_the_policy(example: SandboxProject) -> None:
    path = example.root / "flowops.yaml"
    path.write_text(
        path.read_text("utf-8")
        + "guards: {too-many-changes: {percent: 0, minimum: 1}}\n",
        "utf-8",
    )
    assert example.run("promote", "staging", "--yes").code == 0
    replace(example.root / "flows/connect/main-ivr.json", "We are closed", "Closed")
    example.commit()
    refused(example, "too-many-changes", "--yes")


def test_unpublished_draft(example: SandboxProject) -> None:
    write_flow(example, "A", "one")
    assert example.run("promote", "staging", "--yes").code == 0
    draft = example.live("A")["Content"].replace("one", "somebody's work")
    example.client.update_contact_flow_content(
        InstanceId=example.sandbox.instance_id,
        ContactFlowId=f"{example.flow_id('A')}:$SAVED",
        Content=draft,
    )
    write_flow(example, "A", "two")
    example.commit()
    words = refused(example, "unpublished-draft", "--yes")
    assert "connect/contact-flow/A" in words
    assert example.live("A", ":$SAVED")["Content"] == draft
    accepted(example, "--yes", "--allow", "unpublished-draft")


def test_removal_is_never_implied(example: SandboxProject) -> None:
    write_flow(example, "A", "one")
    assert example.run("promote", "staging", "--yes").code == 0
    (example.root / "flows/connect/A.json").unlink()
    example.commit()
    plan = example.run("plan", "staging")
    assert "no longer managed: connect/contact-flow/A" in plan.out
    assert "No changes." in plan.out
    accepted(example, "--yes")
    assert example.live("A")["Status"] == "PUBLISHED"
    plan = example.run("plan", "staging", "--allow", "deletes", "--detailed-exitcode")
    assert plan.code == 2
    assert "1 to delete" in plan.out
    accepted(example, "--yes", "--allow", "deletes")
    assert [c.operation for c in example.sandbox.writes()][-2:] == [
        "UpdateContactFlowMetadata",
        "DeleteContactFlow",
    ]
    assert "No changes." in example.run("plan", "staging").out


def test_only_what_a_promote_created_is_removed(example: SandboxProject) -> None:
    """A flow that was there before, and was only updated, is left alone."""
    content = contact_flow([action("end", "DisconnectParticipant")])
    example.client.create_contact_flow(
        InstanceId=example.sandbox.instance_id,
        Name="A",
        Type="CONTACT_FLOW",
        Content=json.dumps(content),
    )
    write_flow(example, "A", "one")
    assert example.run("promote", "staging", "--yes").code == 0
    (example.root / "flows/connect/A.json").unlink()
    example.commit()
    plan = example.run("plan", "staging", "--allow", "deletes")
    assert "no longer managed: connect/contact-flow/A" in plan.out
    assert "No changes." in plan.out
    accepted(example, "--yes", "--allow", "deletes")
    assert example.live("A")["Status"] == "PUBLISHED"


def test_dangling_reference(example: SandboxProject) -> None:
    write_flow(example, "A", "one")
    write_flow(example, "B", "one", "A")
    assert example.run("promote", "staging", "--yes").code == 0
    (example.root / "flows/connect/A.json").unlink()
    result = example.run("promote", "staging", "--yes", "--allow", "deletes")
    assert result.code == 3, result.err
    assert (
        "dangling-reference: connect/contact-flow/A is referred to by B" in result.err
    )
    compare("dangling-reference", result.err)
    write_flow(example, "B", "two")
    assert example.run("promote", "staging", "--yes", "--allow", "deletes").code == 0


def test_deletes(example: SandboxProject) -> None:
    assert example.run("promote", "staging", "--yes").code == 0
    write_flow(example, "A", "one")
    assert example.run("promote", "staging", "--yes").code == 0
    before = len(example.sandbox.writes())
    result = example.run("rollback", "staging", "--yes")
    assert result.code == 3
    assert len(example.sandbox.writes()) == before
    compare("deletes", result.err)
    words = ["rollback", "staging", "--yes", "--allow", "deletes"]
    assert example.run(*words).code == 0


def test_state_dropping(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that counts by the hour cannot go on by two hours with what it has."""
    assert example.run("promote", "staging", "--yes").code == 0
    path = example.root / "flows/event_processing/large-orders.json"
    path.write_text(path.read_text().replace('"interval": 1,', '"interval": 2,'))
    example.commit()
    plan = example.run("plan", "staging")
    assert "state: state dropping (orders per hour gathers by another" in plan.out
    monkeypatch.setattr(Directory, "keeps_state", property(lambda _: True))
    words = refused(example, "state-dropping", "--yes")
    assert "event_processing/flow/Large orders: orders per hour gathers" in words
    dropping: list[bool] = []
    publish = Directory.publish

    def noted(self: Directory, bundle: Bundle, mark: Mark) -> None:
        dropping.append(bundle.may_drop_state)
        publish(self, bundle, mark)

    monkeypatch.setattr(Directory, "publish", noted)
    accepted(example, "--yes", "--allow", "state-dropping")
    assert dropping == [True]


def test_every_guard_has_a_golden_file() -> None:
    assert {guard.name for guard in GUARDS} == {
        path.name for path in EXPECTED.iterdir()
    }


@pytest.mark.parametrize("guard", [g.name for g in GUARDS if g.override == "never"])
def test_guards_that_cannot_be_set_aside(example: SandboxProject, guard: str) -> None:
    example.commit()
    words = ["promote", "staging", "--yes", "--allow", guard]
    result = run(*words, "--project", str(example.root))
    assert result.code == 64
    assert "cannot be set aside" in result.err
    assert example.sandbox.writes() == []


def test_an_unknown_guard_is_a_usage_error(example: SandboxProject) -> None:
    example.commit()
    words = ["promote", "staging", "--yes", "--allow", "everything"]
    result = run(*words, "--project", str(example.root))
    assert result.code == 64
    assert "there is no guard 'everything'" in result.err


def test_one_override_does_not_disable_another(example: SandboxProject) -> None:
    many(example, 10, "one")
    assert example.run("promote", "staging", "--yes").code == 0
    many(example, 5, "two")
    words = refused_names(example, "--yes", "--allow", "too-many-changes")
    assert words == ["dirty-tree"]
    words = refused_names(example, "--yes", "--allow", "dirty-tree")
    assert words == ["too-many-changes"]


def refused_names(project: SandboxProject, *words: str) -> list[str]:
    result = run("promote", "staging", *words, "--project", str(project.root))
    assert result.code == 3
    return re.findall(r"^refused: ([a-z-]+):", result.err, re.MULTILINE)


def test_every_guard_has_a_name_of_its_own() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)
    assert {guard.override for guard in GUARDS} == set(Override)
