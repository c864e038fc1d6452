"""A plan against a Git ref: no target is asked, and only what changed is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject, copy_example, run
from tests.support.repositories import Repository, new_repository

STREAM = "flows/event_processing/large-orders.json"
CALL = "flows/connect/main-ivr.json"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example in a repository; its targets cannot be reached."""
    folder = copy_example(tmp_path / "project")
    new_repository(folder).commit()
    return folder


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def plan(root: Path, *words: str) -> dict[str, object]:
    result = run("plan", "staging", *words, "--format", "json", "--project", str(root))
    assert result.code == 0, result.err + result.out
    document = json.loads(result.out)
    assert isinstance(document, dict)
    return document


def actions(document: dict[str, object]) -> dict[str, str]:
    changes = document["changes"]
    assert isinstance(changes, list)
    return {c["address"].split("/")[0]: c["actions"][0] for c in changes}


def test_nothing_changed(root: Path) -> None:
    document = plan(root, "--base", "HEAD")
    assert actions(document) == {"connect": "no-op", "event_processing": "no-op"}
    words = f"Git ref HEAD at {Repository(root).git('rev-parse', 'HEAD')[:7]}"
    assert document["compared_with"] == {"connect": words, "event_processing": words}


def test_a_changed_flow(root: Path) -> None:
    replace(root / CALL, "We are closed.", "We open at nine.")
    found = actions(plan(root, "--base", "HEAD"))
    assert found == {"connect": "update", "event_processing": "no-op"}


def test_a_changed_overlay(root: Path) -> None:
    replace(root / "environments/staging.yaml", "kafka.staging", "kafka.moved")
    document = plan(root, "--base", "main")
    assert actions(document) == {"connect": "no-op", "event_processing": "update"}
    assert "kafka.moved:9093" in json.dumps(document)


def test_a_new_flow(root: Path) -> None:
    text = (root / CALL).read_text("utf-8").replace('"Main IVR"', '"Second IVR"')
    (root / "flows" / "second.json").write_text(text, "utf-8")
    document = plan(root, "Second IVR", "--base", "HEAD")
    assert actions(document) == {"connect": "create"}


@pytest.mark.parametrize("after", [["--base", "HEAD"], ["--recorded"]])
def test_a_flow_that_is_gone(example: SandboxProject, after: list[str]) -> None:
    other = example.root / "flows/connect/other.json"
    end = action("end", "DisconnectParticipant")
    other.write_text(json.dumps(contact_flow([end], {}, name="Other")), "utf-8")
    assert example.run("promote", "staging", "--yes").code == 0
    other.unlink()
    address = "connect/contact-flow/Other"
    assert plan(example.root, *after)["unmanaged"] == [address]
    for form in ("text", "markdown", "html"):
        assert address in example.run("plan", "staging", *after, "--format", form).out
    assert plan(example.root, *after, "Main IVR")["unmanaged"] == []
    other.write_text("{", "utf-8")
    assert example.json("plan", "staging", *after)["unmanaged"] == []


def test_an_environment_that_is_new(root: Path) -> None:
    (root / "environments/fresh.yaml").write_text("extends: staging\n", "utf-8")
    result = run("plan", "fresh", "--base", "HEAD", "--project", str(root))
    assert result.code == 0
    assert "Plan: 2 to create" in result.out


def test_a_ref_from_before_the_project(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    repository = new_repository(folder, {"README": "first"})
    example = copy_example(tmp_path / "copy")
    for part in example.iterdir():
        part.rename(folder / part.name)
    repository.commit()
    assert actions(plan(folder, "--base", "HEAD~1")) == {
        "connect": "create",
        "event_processing": "create",
    }


def test_changes_of_the_base_since_then_are_not_ours(root: Path) -> None:
    repository = Repository(root)
    repository.git("checkout", "--quiet", "-b", "feature")
    replace(root / STREAM, "> 1000", "> 2000")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    replace(root / CALL, "We are closed.", "We open at nine.")
    repository.commit()
    repository.git("checkout", "--quiet", "feature")
    found = actions(plan(root, "--base", "main"))
    assert found == {"connect": "no-op", "event_processing": "update"}


def test_a_shallow_clone_has_no_common_commit(root: Path, tmp_path: Path) -> None:
    repository = Repository(root)
    repository.git("checkout", "--quiet", "-b", "feature")
    for path in (STREAM, CALL):
        (root / path).write_text((root / path).read_text("utf-8") + "\n", "utf-8")
        repository.commit()
    shallow = tmp_path / "shallow"
    words = ["clone", "--quiet", "--depth=1", "--no-single-branch"]
    repository.git(*words, f"file://{root}", str(shallow))
    result = run("plan", "staging", "--base", "origin/main", "--project", str(shallow))
    assert (result.code, result.out) == (1, "")
    assert "no common commit in this shallow clone" in result.err
    assert "fetch-depth: 0" in result.err


def test_where_the_project_stands_is_in_the_document(root: Path) -> None:
    commit = Repository(root).git("rev-parse", "HEAD")
    assert plan(root, "--base", "HEAD")["source"] == {"commit": commit, "dirty": False}
    replace(root / CALL, "We are closed.", "We open at nine.")
    assert plan(root, "--base", "HEAD")["source"] == {"commit": commit, "dirty": True}


@pytest.mark.parametrize("ref", ["nonsense", "--output=x", "deadbeef", ""])
def test_refs_that_cannot_be(root: Path, ref: str) -> None:
    result = run("plan", "staging", "--base", ref or " ", "--project", str(root))
    assert result.code == 1
    assert "there is no commit" in result.err
    assert "fetch-depth: 0" in result.err


def test_a_project_below_the_top_of_its_repository(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "repository" / "deep" / "project")
    new_repository(tmp_path / "repository").commit()
    replace(root / STREAM, "> 1000", "> 2000")
    found = actions(plan(root, "--base", "HEAD"))
    assert found == {"connect": "no-op", "event_processing": "update"}


def test_no_repository(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "project")
    result = run("plan", "staging", "--base", "main", "--project", str(root))
    assert result.code == 1
    assert "not in a Git repository" in result.err
