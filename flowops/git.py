"""Read-only facts of the Git repository a project lies in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from git import Repo


@dataclass(frozen=True, slots=True)
class Revision:
    """The commit a project is at, and whether its files differ from it."""

    commit: str
    dirty: bool


@dataclass(frozen=True, slots=True)
class RefTree:
    """The files of a project at a Git ref, read from the repository at once."""

    files: Mapping[str, bytes] = field(repr=False)

    def paths(self) -> Sequence[str]:
        """Return every file's path below the project, in order."""
        return sorted(self.files)

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes at that ref, or nothing."""
        return self.files.get(path)


def revision(root: Path) -> Revision | None:
    """Return where a project stands, or nothing outside a repository."""
    repository = _repository(root)
    if repository is None:
        return None
    with repository:
        if not repository.head.is_valid():
            return None
        dirty = repository.is_dirty(untracked_files=True, path=str(root))
        return Revision(repository.head.commit.hexsha, dirty)


def tree_at(root: Path, ref: str) -> RefTree:
    """Return a project's files at a ref.

    Raises ``InputError`` when there is no repository or no such commit.
    """
    from git.exc import BadName, GitCommandError

    repository = _repository(root)
    if repository is None:
        raise InputError("the project is not in a Git repository")
    with repository:
        try:
            return RefTree(_files(repository, root, ref))
        except (BadName, KeyError, ValueError, GitCommandError) as error:
            raise InputError(
                f"there is no commit {ref!r}, or no project in it",
                hint="fetch it first; in GitHub Actions check out with fetch-depth: 0",
            ) from error


def _files(repository: Repo, root: Path, ref: str) -> dict[str, bytes]:
    from git import Blob

    if ref.startswith("-"):
        message = "a ref cannot start with a hyphen"
        raise ValueError(message)
    top = root.resolve().relative_to(str(repository.working_tree_dir)).as_posix()
    tree = repository.commit(ref).tree
    folder, skip = (tree, 0) if top == "." else (tree / top, len(top) + 1)
    return {
        str(item.path)[skip:]: item.data_stream.read()
        for item in folder.traverse()
        if isinstance(item, Blob) and item.mode != Blob.link_mode
    }


def _repository(root: Path) -> Repo | None:
    from git import Repo
    from git.exc import InvalidGitRepositoryError, NoSuchPathError

    try:
        return Repo(root, search_parent_directories=True)
    except (InvalidGitRepositoryError, NoSuchPathError):
        return None
