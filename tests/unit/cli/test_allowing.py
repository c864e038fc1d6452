"""A guard that does not exist is told before anything else is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowops.errors import UsageError
from flowops.guards import GUARDS, Override, check_allowed
from tests.support.projects import copy_example, run

COMMANDS = ("plan", "promote", "rollback")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_guard_is_a_usage_error_with_a_near_miss(
    tmp_path: Path, command: str
) -> None:
    root = copy_example(tmp_path / "project")
    words = [command, "staging", "--allow", "dirty-three", "--project", str(root)]
    result = run(*words)  # its targets do not run: asking them would end otherwise

    assert (result.code, result.out) == (64, "")
    assert "there is no guard 'dirty-three'" in result.err
    assert "did you mean dirty-tree?" in result.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_guard_is_checked_before_the_project(tmp_path: Path, command: str) -> None:
    words = [command, "nowhere", "--project", str(tmp_path / "none")]

    assert run(*words).code == 1
    for guard in ("zzz", "not-approved"):
        assert run(*words, "--allow", guard).code == 64


@pytest.mark.parametrize("command", COMMANDS)
def test_in_ci_fewer_guards_can_be_set_aside(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [command, "staging", "--allow", "dirty-tree", "--project", str(tmp_path)]

    assert run(*words).code == 1
    monkeypatch.setenv("CI", "true")
    result = run(*words)
    assert result.code == 64
    assert "cannot be set aside in CI" in result.err


def test_every_guard_is_known() -> None:
    allowed = [g.name for g in GUARDS if g.override is not Override.NEVER]

    check_allowed(allowed, in_ci=False)
    with pytest.raises(UsageError, match="no guard 'everything'") as caught:
        check_allowed(["everything"], in_ci=False)
    assert caught.value.hint == f"guards are {', '.join(g.name for g in GUARDS)}"
