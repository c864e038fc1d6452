"""A branch that is written without being checked out, such as one of deployments.

Its files are laid into a folder, changed there, and committed from there. Neither the
working folder nor its index is touched, and nothing is pushed.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from flowops.documents.files import files_below, write_whole
from flowops.errors import InputError, RefusedError, TargetError
from flowops.git.repository import open_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from git import Blob, Repo

_NONE = "0" * 40
_FILE = "100644"
_IDENTITY = {
    "GIT_AUTHOR_NAME": "FlowOps",
    "GIT_AUTHOR_EMAIL": "flowops@flowops.invalid",
    "GIT_COMMITTER_NAME": "FlowOps",
    "GIT_COMMITTER_EMAIL": "flowops@flowops.invalid",
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file of a tree: its mode, and the id of its content."""

    mode: str
    blob: str


@dataclass(slots=True)
class Branch:
    """A branch of the repository around ``root``; ``folder`` is where it is laid out.

    Only the files below ``path`` of the branch are laid out and committed. Links and
    submodules stay as they are.
    """

    root: Path
    name: str
    path: str
    folder: Path
    _tip: str = ""
    _held: Mapping[str, _Entry] = field(default_factory=dict)

    def lay_out(self) -> None:
        """Write the branch's files into the folder, and nothing else.

        A branch that is nowhere yet has none. Raises ``InputError`` without a
        repository, and ``RefusedError`` for a branch that is checked out somewhere,
        or that has parted from the remote's.
        """
        with _required(self.root) as repository:
            self._refuse_checked_out(repository)
            self._tip = self._newest(repository)
            shutil.rmtree(self.folder, ignore_errors=True)
            # Git then sees none of it, whatever the project ignores.
            write_whole(self.folder.parent / ".gitignore", b"*\n")
            self.folder.mkdir(parents=True, exist_ok=True)
            blobs = self._blobs(repository)
            for path, blob in blobs.items():
                write_whole(self.folder / path, blob.data_stream.read())
            self._held = {
                path: _Entry(f"{blob.mode:o}", blob.hexsha)
                for path, blob in blobs.items()
            }

    def commit(self, message: str) -> bool:
        """Commit the folder as it is now; tell whether anything differs.

        Raises ``TargetError`` when the branch has moved since it was laid out.
        """
        with _required(self.root) as repository, TemporaryDirectory() as scratch:
            given = Path(scratch) / "stdin"
            now = self._stored(repository, given)
            if now == self._held:
                return False
            with repository.git.custom_environment(GIT_INDEX_FILE=f"{scratch}/index"):
                if self._tip:
                    repository.git.read_tree(self._tip)
                given.write_bytes(self._changes(now))
                _told(repository.git.update_index, given, "-z", "--index-info")
                tree = str(repository.git.write_tree())
            given.write_text(message, "utf-8")
            made = self._made(repository, tree, given)
            self._move(repository, made)
            self._tip, self._held = made, now
        return True

    def _refuse_checked_out(self, repository: Repo) -> None:
        listed = str(repository.git.worktree("list", "--porcelain")).splitlines()
        if f"branch {self._ref}" in listed:
            raise RefusedError(
                f"branch-checked-out: {self.name} is checked out, and a promote would "
                "change it under the files",
                hint="check out another branch, or name another `branch` of the target",
            )

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.name}"

    def _newest(self, repository: Repo) -> str:
        """Return the commit to go on from: here or at the remote, what is newer."""
        here = _commit_of(repository, self._ref)
        remotes = [remote.name for remote in repository.remotes][:1]
        refs = [f"refs/remotes/{name}/{self.name}" for name in remotes]
        there = _commit_of(repository, refs[0]) if refs else ""
        if not (here and there) or here == there:
            return here or there
        if _leads_to(repository, here, there):
            return there
        if _leads_to(repository, there, here):
            return here
        raise RefusedError(
            f"branch-parted: {self.name} and {remotes[0]}/{self.name} have parted",
            hint=f"git branch --force {self.name} {remotes[0]}/{self.name}, if that is "
            "the right one",
        )

    def _blobs(self, repository: Repo) -> dict[str, Blob]:
        from git import Blob, Tree

        if not self._tip:
            return {}
        top = repository.commit(self._tip).tree
        try:
            found = top / self.path
        except KeyError:
            return {}
        if not isinstance(found, Tree):
            raise TargetError(
                f"{self.path} of the branch {self.name} is no folder",
                hint="name another path",
            )
        return {
            str(item.path): item
            for item in found.traverse()
            if isinstance(item, Blob) and item.mode != Blob.link_mode
        }

    def _stored(self, repository: Repo, given: Path) -> dict[str, _Entry]:
        """Store what lies in the folder; return its files as a tree has them."""
        below = (self.folder / self.path).resolve()
        files = [path for path in files_below(below) if not _is_passing(path, below)]
        given.write_text("".join(f"{path}\n" for path in files), "utf-8")
        words = ("-w", "--no-filters", "--stdin-paths")
        blobs = _told(repository.git.hash_object, given, *words).splitlines()
        paths = [path.relative_to(self.folder.resolve()).as_posix() for path in files]
        return {
            path: _Entry(self._mode(path), blob)
            for path, blob in zip(paths, blobs, strict=True)
        }

    def _mode(self, path: str) -> str:
        return self._held[path].mode if path in self._held else _FILE

    def _changes(self, now: Mapping[str, _Entry]) -> bytes:
        """Write what differs as `git update-index --index-info` reads it."""
        gone = sorted(self._held.keys() - now.keys())
        lines = [f"0 {_NONE}\t{path}\0" for path in gone]
        lines += [f"{one.mode} {one.blob}\t{path}\0" for path, one in now.items()]
        return "".join(lines).encode()

    def _made(self, repository: Repo, tree: str, message: Path) -> str:
        """Make the commit, by whom Git is told, or by the name of this tool."""
        from git import GitCommandError

        parents = ("-p", self._tip) if self._tip else ()
        try:
            repository.git.var("GIT_COMMITTER_IDENT")
            known: dict[str, str] = {}
        except GitCommandError:
            known = _IDENTITY
        with repository.git.custom_environment(**known):
            words = (tree, *parents, "-F", "-")
            return _told(repository.git.commit_tree, message, *words)

    def _move(self, repository: Repo, made: str) -> None:
        from git import GitCommandError

        here = _commit_of(repository, self._ref) or _NONE
        if here != _NONE and not _leads_to(repository, here, self._tip):
            raise self._moved()
        try:
            repository.git.update_ref("-m", "flowops promote", self._ref, made, here)
        except GitCommandError as error:
            if (_commit_of(repository, self._ref) or _NONE) != here:
                raise self._moved() from None
            words = str(error.stderr).strip().strip("'").partition("fatal: ")[2]
            raise TargetError(
                f"Git cannot write the branch {self.name}: {words or 'no reason'}",
                hint="look whether another program of Git is at work, or died there",
            ) from None

    def _moved(self) -> TargetError:
        return TargetError(
            f"the branch {self.name} has moved meanwhile", hint="promote again"
        )


def _told(command: Callable[..., object], given: Path, *words: str) -> str:
    """Run a command of Git with the bytes of a file as its input."""
    with given.open("rb") as stream:
        return str(command(*words, istream=stream))


def _is_passing(path: Path, below: Path) -> bool:
    """Tell whether a file lies in a folder of a flow that is only staged."""
    return any(part.startswith(".flowops-") for part in path.relative_to(below).parts)


def _leads_to(repository: Repo, older: str, newer: str) -> bool:
    """Tell whether a commit is another one, or one before it."""
    if not newer:
        return False
    ends = repository.commit(older), repository.commit(newer)
    return bool(repository.is_ancestor(*ends))


def _commit_of(repository: Repo, ref: str) -> str:
    from git import GitCommandError

    try:
        return str(repository.git.rev_parse("--verify", "--quiet", f"{ref}^{{commit}}"))
    except GitCommandError:
        return ""


@contextmanager
def _required(root: Path) -> Iterator[Repo]:
    with open_repository(root) as repository:
        if repository is None:
            raise InputError(
                "the project is not in a Git repository, or Git is not installed",
                hint="promote to a folder: leave out `branch` of the target",
            )
        yield repository
