"""Exit codes, clean stdout, and the guards a promote meets on the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flowops import __version__
from tests.support.projects import STAGING, SandboxProject, copy_example, run


def program(*words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a process of its own."""
    command = [sys.executable, "-I", "-m", "flowops", *words]
    return subprocess.run(
        command, capture_output=True, check=False, env={**os.environ, **variables}
    )


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["plan"],
        ["plan", "staging", "--nonsense"],
        ["render", "staging"],
        ["check", "--format", "xml"],
    ],
)
def test_usage_errors_are_64(words: list[str]) -> None:
    result = run(*words)
    assert result.code == 64
    assert result.out == ""
    assert result.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("words", [["--help"], ["explain", "--list"], ["--version"]])
def test_a_full_disk_is_no_defect(words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "flowops", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(
        b"error: cannot write to stdout: no space left on device\n"
    )
    assert done.stderr.count(b"\n") == 2


def test_help_and_version() -> None:
    assert run("--version").out == f"flowops {__version__}\n"
    for words in (["--help"], ["plan", "-h"], ["promote", "--help"]):
        result = run(*words)
        assert result.code == 0
        assert result.err == ""
        assert "\x1b" not in result.out


def test_help_imports_nothing_it_does_not_need() -> None:
    script = (
        "import sys; from flowops.cli import main; main(['--help']);"
        "print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'boto3','botocore','git','jinja2','requests','yaml','sqlite3'}),"
        "file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True
    )
    assert done.stderr.strip() == b"[]"


def test_an_unknown_flow_is_a_usage_error(example: SandboxProject) -> None:
    result = example.run("plan", "staging", "Main IRV")
    assert result.code == 64
    assert "did you mean connect/contact-flow/Main IVR?" in result.err


def test_an_unknown_environment_has_a_near_miss(example: SandboxProject) -> None:
    result = example.run("plan", "stagin")
    assert result.code == 1
    assert "did you mean 'staging'?" in result.err


def test_no_project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    result = run("check", "--project", str(tmp_path))
    assert (result.code, result.out) == (1, "")
    assert "there is no flowops.yaml" in result.err


def test_detailed_exit_code(example: SandboxProject) -> None:
    words = ("plan", "staging", "--detailed-exitcode")
    assert example.run(*words).code == 2
    assert example.run("plan", "staging").code == 0
    assert example.run("promote", "staging", "--yes").code == 0
    assert example.run(*words).code == 0


def test_json_on_stdout_is_nothing_but_json(example: SandboxProject) -> None:
    for words in (["check"], ["plan", "staging"], ["plan", "production", "--base", ""]):
        done = program(
            *words,
            "--format",
            "json",
            "--project",
            str(example.root),
            GITHUB_ACTIONS="true",
            FORCE_COLOR="1",
        )
        if done.returncode == 0:
            assert isinstance(json.loads(done.stdout), dict)
        assert b"\x1b" not in done.stdout + done.stderr


def test_same_bytes_in_any_locale(example: SandboxProject) -> None:
    words = ("plan", "staging", "--project", str(example.root))
    outputs = {
        program(*words, LC_ALL=name, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0").stdout
        for name in ("C", "C.UTF-8", "POSIX")
    }
    assert len(outputs) == 1
    assert b"Main IVR" in outputs.pop()


def test_promote_without_a_terminal_or_approval_is_refused(
    example: SandboxProject,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flowops", "promote", "staging"],
        cwd=example.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert b"not-approved" in done.stderr
    assert example.sandbox.writes() == []


@pytest.mark.parametrize("digest", ["", "sha256:0", "deadbeef"])
def test_another_digest_is_refused(example: SandboxProject, digest: str) -> None:
    result = example.run("promote", "staging", "--yes", "--expect-digest", digest)
    assert result.code == 3
    assert "plan-changed" in result.err
    assert example.sandbox.writes() == []


def test_the_reviewed_digest_is_accepted(example: SandboxProject) -> None:
    digest = example.json("plan", "staging")["digest"]
    assert example.run("promote", "staging", "--expect-digest", digest).code == 0
    result = example.run("promote", "staging", "--expect-digest", digest)
    assert result.code == 3, "the digest of a plan that is done is not accepted again"


def test_a_protected_environment_needs_a_digest(example: SandboxProject) -> None:
    path = example.root / STAGING
    path.write_text("protected: true\n" + path.read_text("utf-8"), "utf-8")
    result = example.run("promote", "staging", "--yes")
    assert result.code == 3
    assert "not-reviewed" in result.err
    assert example.sandbox.writes() == []
    digest = example.json("plan", "staging")["digest"]
    assert example.run("promote", "staging", "--expect-digest", digest).code == 0


def test_no_target_is_an_error_for_promote(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "project")
    (root / "environments" / "empty.yaml").write_text("", "utf-8")
    assert run("plan", "empty", "--project", str(root)).code == 0
    result = run("promote", "empty", "--yes", "--project", str(root))
    assert result.code == 1
    assert "no target for connect, event_processing" in result.err


def test_a_saved_plan_is_what_json_prints(example: SandboxProject) -> None:
    path = example.root / "plan.json"
    result = example.run("plan", "staging", "--save", str(path), "--format", "json")
    assert path.read_text("utf-8") == result.out


def test_a_target_that_is_down_is_said_in_words(example: SandboxProject) -> None:
    example.edit_environment("http://127.0.0.1:9", "targets", "connect", "url")
    result = example.run("plan", "staging", "Main IVR")
    assert result.code == 1
    assert "could not be asked" in result.err
    assert "start the sandbox: `flowops sandbox FILE --port 9`" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("url", "http://10.0.0.1:80", "a sandbox runs on this machine"),
        ("instance", "arn:aws:connect:x", "is not the ARN of an instance"),
        ("kind", "azure", "has no target of kind 'azure'"),
    ],
)
def test_targets_that_cannot_be(
    example: SandboxProject, key: str, value: str, words: str
) -> None:
    example.edit_environment(value, "targets", "connect", key)
    result = example.run("plan", "staging")
    assert result.code == 1
    assert words in result.err
    assert "environments/staging.yaml:" in result.err


def test_a_defect_is_70_and_shows_no_value(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        message = "the password is hunter2"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("flowops.cli.workspace.read_flows", broken)
    result = example.run("check")
    assert result.code == 70
    assert "ZeroDivisionError" in result.err
    assert "hunter2" not in result.err
    assert "Traceback" not in result.err


def test_interruption_is_130(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flowops.cli.workspace.read_flows", interrupted)
    assert example.run("check").code == 130


def test_a_closed_pipe_is_quiet(example: SandboxProject) -> None:
    command = f"{sys.executable} -m flowops plan staging --format json | true"
    done = subprocess.run(
        ["bash", "-c", command], cwd=example.root, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr
    assert b"defect" not in done.stderr


def test_one_flow_can_be_promoted_beside_a_broken_file(example: SandboxProject) -> None:
    (example.root / "flows" / "broken.json").write_text("{", "utf-8")
    assert example.run("plan", "staging").code == 1
    assert example.run("plan", "staging", "Main IVR").code == 0
    result = example.run("plan", "staging", "flows/broken.json")
    assert result.code == 1
    assert "cut off" in result.out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sandbox_ends_quietly(example: SandboxProject, number: int) -> None:
    held = example.root / "environments/sandbox/staging.yaml"
    command = [sys.executable, "-I", "-m", "flowops", "sandbox", str(held)]
    shown = example.root.parent / "shown.txt"
    with (
        shown.open("wb") as out,
        subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE) as running,
    ):
        wait_for(shown, b"instance: arn:aws:connect")
        running.send_signal(number)
        try:
            _, errors = running.communicate(timeout=120)
        finally:
            running.kill()
    assert running.returncode in (0, 130)
    assert b"Traceback" not in errors


def wait_for(path: Path, text: bytes) -> None:
    """Wait until a file holds a text, a minute at most."""
    for _ in range(600):
        if text in path.read_bytes():
            return
        time.sleep(0.1)
