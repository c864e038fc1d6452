"""stdout is data and the same bytes everywhere; help is light."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.command_line import flowops, variables
from tests.support.projects import copy_example
from tests.support.repositories import Repository, new_repository

PLAN = ("plan", "production", "--base", "HEAD")
HEAVY = {
    "boto3",
    "botocore",
    "confluent_kafka",
    "git",
    "jinja2",
    "kubernetes",
    "requests",
    "rich",
    "sqlite3",
    "yaml",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example, one commit, and one change that is committed too."""
    folder = copy_example(tmp_path / "project")
    new_repository(folder).commit()
    return folder


def change(root: Path) -> None:
    path = root / "flows/connect/main-ivr.json"
    path.write_text(path.read_text("utf-8").replace("We are closed", "Grüße 日本"))


def test_json_can_be_piped_inside_of_actions(root: Path) -> None:
    change(root)
    service = variables(GITHUB_ACTIONS="true", CI="true", FORCE_COLOR="1")
    done = flowops(*PLAN, "--format", "json", cwd=root, environment=service)
    assert done.returncode == 0, done.stderr
    piped = subprocess.run(
        [sys.executable, "-m", "json.tool"],
        input=done.stdout,
        capture_output=True,
        check=True,
    )
    assert json.loads(piped.stdout)["summary"]["update"] == 1
    assert b"\x1b" not in done.stdout + done.stderr


def test_the_same_commit_gives_the_same_bytes_everywhere(
    root: Path, tmp_path: Path
) -> None:
    """Another folder, another place in it, other locales, another home."""
    change(root)
    Repository(root).commit()
    other = tmp_path / "elsewhere" / "ünder a längér näme"
    other.parent.mkdir()
    Repository(root).git("clone", "--quiet", str(root), str(other))
    found = set()
    for place, cwd, locale in (
        (root, root, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        (root, root / "flows", {"LANG": "de_DE.UTF-8", "TZ": "Asia/Tokyo"}),
        (other, tmp_path, {"LC_ALL": "C.UTF-8", "HOME": str(tmp_path)}),
        (other, other, {"LC_ALL": "POSIX", "PYTHONHASHSEED": "7", "COLUMNS": "20"}),
    ):
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        words = ("plan", "production", "--base", "HEAD~1", "--project", str(place))
        reports = [
            f"--report={kind}={out / kind}" for kind in ("json", "markdown", "comment")
        ]
        done = flowops(*words, *reports, cwd=cwd, environment=variables(**locale))
        assert done.returncode == 0, done.stderr
        written = [path.read_bytes() for path in sorted(out.iterdir())]
        assert len(written) == len(reports)
        found.add((done.stdout, *written))
    assert len(found) == 1
    assert all("Grüße 日本".encode() in data for data in found.pop())


@pytest.mark.parametrize("words", [["--help"], ["plan", "--help"], ["--version"]])
def test_help_imports_nothing_that_it_does_not_need(words: list[str]) -> None:
    script = (
        "import sys; from flowops.__main__ import main\n"
        f"sys.argv = ['flowops', *{words!r}]\n"
        "code = main()\n"
        "print(code, *sorted({m.partition('.')[0] for m in sys.modules}),"
        " file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script],
        capture_output=True,
        check=True,
        text=True,
        env=variables(),
    )
    code, *modules = done.stderr.split()
    assert code == "0"
    assert HEAVY & {*modules} == set()
    assert "typer" in modules


def test_talk_and_errors_are_on_stderr(root: Path) -> None:
    done = flowops("plan", "nowhere", "--format", "json", cwd=root)
    assert (done.returncode, done.stdout) == (1, b"")
    done = flowops("plan", cwd=root)
    assert (done.returncode, done.stdout) == (64, b"")
    assert b"Traceback" not in done.stderr
