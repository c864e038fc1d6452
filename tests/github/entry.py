"""The action as a runner starts it: a process, the variables of action.yml, files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowops.documents.source import decode
from flowops.documents.yaml_text import parse_yaml, plain
from tests.support.github_api import REPOSITORY, TOKEN, GitHub, github
from tests.support.projects import SandboxProject
from tests.support.sources import ROOT

EVENTS = Path(__file__).parent / "events"
SECRET = "hunter2-0451-marker"
SERVER = "https://github.example"
_INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
_MASK = "::add-mask::"


def action() -> dict[str, Any]:
    """Read action.yml."""
    data = (ROOT / "action.yml").read_bytes()
    document = plain(parse_yaml(decode("action.yml", data)))
    assert isinstance(document, dict)
    return document


def step_variables(given: Mapping[str, str]) -> dict[str, str]:
    """Fill the variables of the step that runs FlowOps, as the runner does."""
    document = action()
    defaults = {n: i.get("default", "") for n, i in document["inputs"].items()}
    assert given.keys() <= defaults.keys()
    values = {**defaults, "github-token": TOKEN, **given}
    step = next(s for s in document["runs"]["steps"] if s.get("id") == "flowops")
    found = {name: _INPUT.fullmatch(text) for name, text in step["env"].items()}
    return {name: values[match[1]] for name, match in found.items() if match}


def read_outputs(text: str) -> dict[str, str]:
    """Read outputs as the runner does: a name, a delimiter, lines until it comes."""
    found, lines = {}, iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, _, delimiter = line.partition("<<")
        value = []
        for inner in lines:
            if inner == delimiter:
                break
            value.append(inner)
        found[name] = "\n".join(value)
    return found


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of the action left behind."""

    code: int
    out: str
    err: str
    outputs: Mapping[str, str]
    summary: str

    @property
    def log(self) -> str:
        """Return what people can read: what is masked is not."""
        lines = self.out.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(_MASK))

    @property
    def annotations(self) -> list[str]:
        """Return the workflow commands that the runner would obey."""
        obeyed, stop = [], ""
        for line in self.log.splitlines():
            if line.startswith("::stop-commands::"):
                stop = line.removeprefix("::stop-commands::")
            elif stop:
                stop = "" if line == f"::{stop}::" else stop
            elif line.startswith("::"):
                obeyed.append(line)
        return obeyed


@dataclass(slots=True)
class Runner:
    """A machine of GitHub's with a checkout of the project."""

    project: SandboxProject
    folder: Path
    api: GitHub
    event: str = "push"
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, command: str, environment: str = "staging", **given: str) -> Ran:
        """Run the action; a name with ``_`` is the input with ``-``."""
        inputs = {name.replace("_", "-"): value for name, value in given.items()}
        inputs |= {"command": command, "environment": environment}
        files = {n: self.folder / n for n in ("output", "summary")}
        for path in files.values():
            path.write_text("")
        done = subprocess.run(
            [sys.executable, "-I", "-m", "flowops.github"],
            cwd=self.project.root,
            env=self.environment() | step_variables(inputs) | self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=300,
        )
        return Ran(
            done.returncode,
            done.stdout.decode(),
            done.stderr.decode(),
            read_outputs(files["output"].read_text("utf-8")),
            files["summary"].read_text("utf-8"),
        )

    def environment(self) -> dict[str, str]:
        """Return what the runner sets, and the secrets of the step."""
        return {
            "CI": "true",
            "FORCE_COLOR": "1",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.api.url,
            "GITHUB_EVENT_PATH": str(EVENTS / f"{self.event}.json"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_REF_NAME": "main",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "5",
            "GITHUB_SERVER_URL": SERVER,
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "HOME": str(self.folder),
            "KAFKA_PASSWORD": f"pass-{SECRET}",
            "KAFKA_USERNAME": f"user-{SECRET}",
            "NO_PROXY": "*",
            "PATH": os.environ["PATH"],
            "RUNNER_TEMP": str(self.folder),
        }

    def spy_on_git(self) -> Path:
        """Put a ``git`` first on the path that notes the variables it is given."""
        real, seen = shutil.which("git"), self.folder / "seen-by-git"
        place = self.folder / "bin" / "git"
        place.parent.mkdir()
        place.write_text(f'#!/bin/sh\nenv >> "{seen}"\nexec "{real}" "$@"\n')
        place.chmod(0o755)
        self.variables["PATH"] = f"{place.parent}{os.pathsep}{os.environ['PATH']}"
        return seen


@contextmanager
def runner(project: SandboxProject, folder: Path) -> Iterator[Runner]:
    """Give a runner with the project checked out, and GitHub's API beside it."""
    folder.mkdir()
    project.commit()
    with github() as api:
        yield Runner(project, folder, api)
