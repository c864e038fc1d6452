"""A flow that cannot be read is never taken for one that is gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.projects import Result, SandboxProject, run

LARGE = "event_processing/large-orders.json"
CONFLICT = "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n"


def unprivileged(*words: str) -> Result:
    """Run the command as somebody whom the permissions of a file bind."""
    command = [sys.executable, "-I", "-m", "flowops", *words]
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("there is no setpriv, without which root reads everything")
        taken = "-dac_override,-dac_read_search"
        command = ["setpriv", "--bounding-set", taken, *command]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return Result(done.returncode, done.stdout, done.stderr)


def broken(project: SandboxProject) -> Path:
    """Promote the example, and put the marks of a conflict into one of its flows."""
    project.run("promote", "staging", "--yes")
    path = project.root / "flows" / LARGE
    path.write_text(CONFLICT, "utf-8")
    return path


@pytest.mark.parametrize("folder", ["flows/connect", "environments"])
@pytest.mark.parametrize(
    "words", [["check"], ["plan", "staging"], ["promote", "staging", "--yes"]]
)
def test_a_folder_that_cannot_be_listed_stops_everything(
    example: SandboxProject, folder: str, words: list[str]
) -> None:
    place = example.root / folder
    place.chmod(0)
    try:
        result = unprivileged(*words, "--project", str(example.root))
    finally:
        place.chmod(0o755)
    assert result.code == 1
    assert "cannot look into the folder: permission denied" in result.err
    assert folder in result.err
    assert "would count as gone" in result.err
    assert example.sandbox.writes() == []


def test_no_flow_is_gone_while_one_is_unread(example: SandboxProject) -> None:
    path = broken(example)
    written = len(example.sandbox.writes())
    result = example.run("plan", "staging", "--format", "json")
    assert result.code == 1
    assert "no longer managed" not in example.run("plan", "staging").out
    text = example.run("promote", "staging", "--yes", "--allow", "deletes")
    assert text.code == 1
    assert "will be deleted" not in text.out
    assert len(example.sandbox.writes()) == written
    path.unlink()
    assert "no longer managed" in example.run("plan", "staging").out


@pytest.mark.parametrize("command", ["plan", "promote", "render"])
def test_a_pattern_may_mean_the_flow_that_is_unread(
    example: SandboxProject, tmp_path: Path, command: str
) -> None:
    broken(example)
    more = {"promote": ["--yes"], "render": ["--out", str(tmp_path / "out")]}
    words = [command, "staging", *more.get(command, [])]
    result = example.run(*words, "connect/*")
    assert result.code == 1
    assert f"flows/{LARGE}:1:1: error: " in result.out + result.err
    assert example.run(*words, "Main IVR").code == 0


@pytest.mark.parametrize("word", ["Large orders", "Main IRV"])
def test_a_name_that_is_not_found_tells_of_what_is_unread(
    example: SandboxProject, word: str
) -> None:
    broken(example)
    result = example.run("plan", "staging", word)
    assert result.code == 64
    assert f"no flow that could be read is called {word!r}; 1 file could not: " in (
        result.err
    )
    assert f"flows/{LARGE}" in result.err


def test_drift_that_could_not_read_a_flow_fails(example: SandboxProject) -> None:
    broken(example)
    result = example.run("drift", "staging", "--detailed-exitcode")
    assert result.code == 1
    assert "no longer managed" not in result.out
    assert "No drift as far as it can be told: " in result.out
    assert f"flows/{LARGE}:1:1: error: " in result.out
    document = example.json("drift", "staging")
    assert [f["path"] for f in document["findings"]] == [f"flows/{LARGE}"]
    assert "large-orders.json:1:1</code>" in (
        example.run("drift", "staging", "--format", "markdown").out
    )


def test_a_typo_is_answered_with_what_is_near() -> None:
    result = run("plan", "staging", "Main IRV", "--project", str(Path.cwd()))
    assert result.code == 64
    assert "did you mean connect/contact-flow/Main IVR?" in result.err


@pytest.mark.parametrize("form", ["./flows/{}", "{root}/flows/{}", "../flows/{}"])
def test_a_flow_is_named_by_the_path_the_shell_knows(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    below = "environments" if form.startswith("..") else "."
    monkeypatch.chdir(example.root / below)
    word = form.format(LARGE, root=example.root)
    result = run("plan", "staging", word, "--format", "json")
    assert result.code == 0, result.err
    assert '"event_processing/flow/Large orders"' in result.out
    assert '"connect/contact-flow/Main IVR"' not in result.out
