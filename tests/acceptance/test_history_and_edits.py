"""Git without history is said with the cure; files change only where they must."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowops.documents.yaml_edit import set_yaml_value
from tests.acceptance.command_line import flowops
from tests.support.projects import SandboxProject, copy_example
from tests.support.repositories import Repository, new_repository

CURE = b"fetch-depth: 0"
LONG_AGO = 1_000_000_000


def clone(root: Path, to: Path, *words: str) -> Repository:
    Repository(root).git("clone", "--quiet", *words, f"file://{root}", str(to))
    return Repository(to)


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A project whose branch ``feature`` left ``main`` two commits ago."""
    root = copy_example(tmp_path / "origin")
    repository = new_repository(root)
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "feature")
    repository.commit({"notes.txt": "one"})
    repository.commit({"notes.txt": "two"})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"other.txt": "one"})
    return root


def test_a_shallow_clone_says_what_to_fetch(origin: Path, tmp_path: Path) -> None:
    checkout = clone(origin, tmp_path / "c", "--depth=1", "--branch=feature").root
    for base in ("origin/main", "HEAD~1", "main"):
        done = flowops("plan", "staging", "--base", base, cwd=checkout)
        assert (done.returncode, done.stdout) == (1, b"")
        assert CURE in done.stderr, done.stderr
    Repository(checkout).git(
        "fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main"
    )
    done = flowops("plan", "staging", "--base", "origin/main", cwd=checkout)
    assert done.returncode == 1, "two ends without a merge base are no answer"
    assert CURE in done.stderr
    Repository(checkout).git("fetch", "--quiet", "--unshallow")
    done = flowops("plan", "staging", "--base", "origin/main", cwd=checkout)
    assert done.returncode == 0, done.stderr
    assert b"No changes." in done.stdout


def test_an_edit_of_yaml_touches_its_line_only(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "project")
    repository = new_repository(root)
    path = root / "environments" / "staging.yaml"
    text = path.read_text("utf-8")
    odd = text.replace("extends: base\n", "extends: 'base' # odd\n\n\n")
    path.write_text(f"{odd}# more\n", "utf-8")
    repository.commit()
    for value, keys in (
        ("Sales APAC", ("flows", "Main IVR", "references", "queue", "Sales")),
        ("kafka.elsewhere:9093", ("variables", "kafka")),
    ):
        path.write_text(set_yaml_value(path.read_text("utf-8"), keys, value), "utf-8")
        assert repository.git("diff", "--numstat").split()[:2] == ["1", "1"]
        repository.commit()
        same = set_yaml_value(path.read_text("utf-8"), keys, value)
        assert same == path.read_text("utf-8")


def old(*paths: Path) -> None:
    """Make files old, so that a write shows in their time."""
    for path in paths:
        os.utime(path, (LONG_AGO, LONG_AGO))


def is_old(path: Path) -> bool:
    return int(path.stat().st_mtime) == LONG_AGO


def test_what_changes_nothing_writes_nothing(example: SandboxProject) -> None:
    """Each command that writes into the project, run twice.

    An inventory is not among them: it says when it was made.
    """
    example.commit()
    root = example.root
    call, stream = (root / "flows" / name for name in ("connect", "event_processing"))
    arrange = ("arrange", str(call / "main-ivr.json"), "--write")
    redact = ("redact", str(stream / "large-orders.json"), "--write")
    promote = ("promote", "staging", "--yes", "--allow", "dirty-tree")
    for words, folder in (
        (arrange, call),
        (redact, stream),
        (promote, root / "deploy"),
    ):
        assert flowops(*words, cwd=root).returncode == 0, words
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files
        old(*files)
        again = flowops(*words, cwd=root)
        assert again.returncode == 0, again.stderr
        assert all(is_old(path) for path in files), (words, again.stderr)


def test_a_pull_of_what_is_there_writes_nothing(example: SandboxProject) -> None:
    assert example.run("promote", "staging", "--yes").code == 0
    path = example.root / "flows/connect/main-ivr.json"
    assert flowops("pull", "staging", "Main IVR", cwd=example.root).returncode == 0
    example.commit()
    old(path)
    assert flowops("pull", "staging", "Main IVR", cwd=example.root).returncode == 0
    assert is_old(path)
