"""The hooks for a laptop, run with the words that pre-commit runs them with."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from flowops.documents.source import decode
from flowops.documents.yaml_text import parse_yaml, plain
from tests.acceptance.command_line import FLOWOPS, variables
from tests.support.projects import copy_example
from tests.support.repositories import Repository, new_repository
from tests.support.sources import ROOT

FILE = ".pre-commit-hooks.yaml"
CALL = "flows/connect/main-ivr.json"


def hooks() -> dict[str, dict[str, Any]]:
    found: Any = plain(parse_yaml(decode(FILE, (ROOT / FILE).read_bytes())))
    return {hook["id"]: hook for hook in found}


def run(hook: dict[str, Any], root: Path) -> subprocess.CompletedProcess[str]:
    """Do as pre-commit does: the entry, then the files that match."""
    files = Repository(root).git("ls-files").splitlines()
    chosen = [f for f in files if re.search(hook.get("files", ""), f)]
    given = chosen if hook.get("pass_filenames", True) else []
    assert given or not hook.get("pass_filenames", True)
    program, *words = shlex.split(hook["entry"])
    assert program == "flowops"
    return subprocess.run(
        [FLOWOPS, *words, *given],
        cwd=root,
        env=variables(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example with a second flow, both arranged."""
    folder = copy_example(tmp_path / "project")
    text = (folder / CALL).read_text("utf-8")
    second = folder / "flows/connect/second.json"
    second.write_text(text.replace('"Main IVR"', '"Second"'), "utf-8")
    command = [FLOWOPS, "arrange", "--write", CALL, "flows/connect/second.json"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    new_repository(folder).commit()
    return folder


def test_a_check_of_the_whole_project(root: Path) -> None:
    hook = hooks()["flowops-check"]
    assert run(hook, root).returncode == 0
    (root / "environments/staging.yaml").write_text("flows: {Mian IVR: {}}\n", "utf-8")
    done = run(hook, root)
    assert done.returncode == 1, "also a file that is no flow breaks the project"
    assert "environments/staging.yaml:1:9: error: " in done.stdout


def test_flows_that_are_not_arranged(root: Path) -> None:
    hook = hooks()["flowops-arrange"]
    assert run(hook, root).returncode == 0
    shutil.copy(ROOT / CALL, root / CALL)
    done = run(hook, root)
    assert done.returncode == 1
    assert f"{CALL}: 10 blocks, 11 of its places change" in done.stdout
    assert "flows/connect/second.json: 10 blocks, arranged already" in done.stdout
    assert Repository(root).git("status", "--porcelain") == f"M {CALL}"


def test_a_hook_installs_what_it_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = project["optional-dependencies"]["graphviz"]
    assert hooks()["flowops-arrange"]["additional_dependencies"] == needed
    assert all(hook["language"] == "python" for hook in hooks().values())
