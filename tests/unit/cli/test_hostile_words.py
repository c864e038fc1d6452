"""Words of the command line that nothing can be done with, and places not to touch."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.support.projects import SandboxProject, copy_example, run

LONG = "x" * 5000
FLOW = "flows/connect/main-ivr.json"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check", "--project", LONG], 1),
        (["init", LONG], 1),
        (["show", LONG], 64),
        (["show", FLOW, "--no-open", "--out", LONG], 1),
        (["check", "--report", f"json={LONG}"], 1),
        (["plan", "staging", LONG], 64),
        (["redact", LONG], 1),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_a_word_that_is_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int
) -> None:
    monkeypatch.chdir(copy_example(tmp_path / "project"))
    result = run(*words)
    assert result.code == code
    assert "error: " in result.err


def test_a_device_is_not_replaced_by_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy_example(tmp_path / "project"))
    place = tmp_path / "pipe"
    os.mkfifo(place)
    result = run("check", "--report", f"json={place}")
    assert result.code == 1
    assert f"cannot write {place}: this is not a file" in result.err
    assert stat.S_ISFIFO(place.stat().st_mode)


def test_a_name_with_a_line_in_it_stays_one_line(example: SandboxProject) -> None:
    name = f"{example.root}/a\n::error::b"
    for words in (
        ["plan", "staging", "--save", name],
        ["check", "--report", f"json={name}"],
        ["inventory", "staging", "--out", name],
    ):
        result = example.run(*words)
        assert result.code == 0
        assert "\n::error::" not in result.out + result.err


def test_a_promote_without_a_target_says_where_to_name_one(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "project")
    result = run("promote", "base", "--yes", "--project", str(root))
    assert result.code == 1
    assert "environments/base.yaml:2:1: error: base has no target for" in result.err
    assert "name one under `targets` of the environment" in result.err
