"""Small Git repositories; Git is asked as a person would ask it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Neither the settings of the person who runs the tests, nor the repository whose
# hook runs them.
_CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
_ENVIRONMENT = {
    **_CLEAN,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
}


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository in a folder."""

    root: Path

    def git(self, *words: str) -> str:
        command = ["git", "-C", str(self.root), *words]
        done = subprocess.run(
            command, capture_output=True, check=True, env=_ENVIRONMENT, text=True
        )
        return done.stdout.strip()

    def write(self, path: str, text: str) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def commit(self, files: dict[str, str] | None = None) -> str:
        """Write files, commit everything there is, and return the commit."""
        for path, text in (files or {}).items():
            self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change")
        return self.git("rev-parse", "HEAD")


def new_repository(root: Path, files: dict[str, str] | None = None) -> Repository:
    """Make a repository on branch main, with one commit when there are files."""
    root.mkdir(parents=True, exist_ok=True)
    repository = Repository(root)
    repository.git("init", "--quiet", "--initial-branch", "main")
    if files is not None:
        repository.commit(files)
    return repository
