"""Facts of the repository a project lies in, and one commit for the demo."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import finalize

from flowops.documents.files import check_size
from flowops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from git import Blob, Commit, Repo

# Git sets these for what it starts, such as a hook; they name its repository, which
# need not be the project's. The list is that of `git rev-parse --local-env-vars`,
# without the settings, which a person may need.
_OF_ANOTHER_REPOSITORY = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)

_DUBIOUS = "dubious ownership"
_NOT_OURS = "Git does not read the repository: it belongs to another user"
_ALLOW = "git config --global --add safe.directory <its folder>"


@dataclass(frozen=True, slots=True)
class Revision:
    """The commit a project is at, and whether its files differ from it.

    ``below`` is the project's folder in its repository; nothing for its root.
    """

    commit: str
    dirty: bool
    below: str = ""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class RefTree:
    """The files of a project at a Git ref; each is read when it is asked for."""

    blobs: Mapping[str, Blob] = field(repr=False)

    def __post_init__(self) -> None:
        # A reading process of Git stays up between two files. Left to the collector
        # of cycles, its pipes may go before what would close them.
        for repository in {blob.repo for blob in self.blobs.values()}:
            finalize(self, repository.close)

    def paths(self, folder: str = "") -> Sequence[str]:
        """Return every file's path below a folder of the project, in order."""
        prefix = f"{folder}/" if folder else ""
        return sorted(path for path in self.blobs if path.startswith(prefix))

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes at that ref, or nothing.

        Raises ``InputError`` when it is larger than a file of a project may be.
        """
        blob = self.blobs.get(path)
        if blob is None:
            return None
        with undisturbed(), _in_words():
            check_size(blob.size, path)
            data: bytes = blob.data_stream.read()
        return data


def revision(root: Path) -> Revision | None:
    """Return where a project stands, or nothing where Git cannot tell."""
    with open_repository(root) as repository:
        if repository is None or not repository.head.is_valid():
            return None
        dirty = bool(_status(repository, root, "--untracked-files=normal"))
        below = _below(repository, root)
        return Revision(repository.head.commit.hexsha, dirty, below)


def _status(repository: Repo, root: Path, *words: str) -> str:
    """Return what differs below a folder, NUL after each; any name may stand there."""
    words = ("--porcelain", "-z", *words, "--", str(root.resolve()))
    return str(repository.git.status(*words))


def tree_at(root: Path, ref: str) -> RefTree:
    """Return a project's files at a ref.

    Raises ``InputError`` when there is no repository or no such commit.
    """
    with open_repository(root) as repository:
        if repository is None:
            raise InputError(
                "the project is not in a Git repository, or Git is not installed"
            )
        return RefTree(_blobs(_commit(repository, ref), _below(repository, root)))


def merge_base(root: Path, ref: str) -> str:
    """Return the commit where ``HEAD`` and a ref parted.

    Raises ``InputError`` when there is no repository, no such commit, or no
    common history, as in a shallow clone.
    """
    with open_repository(root) as repository:
        if repository is None:
            raise InputError(
                "the project is not in a Git repository, or Git is not installed"
            )
        found = repository.merge_base(_commit(repository, ref), "HEAD")
        if found:
            return str(found[0].hexsha)
        raise InputError(
            f"{ref} and HEAD have no common commit"
            + (" in this shallow clone" if _is_shallow(repository) else ""),
            hint="fetch the history; in GitHub Actions check out with fetch-depth: 0",
        )


def _is_shallow(repository: Repo) -> bool:
    return str(repository.git.rev_parse("--is-shallow-repository")) == "true"


def _below(repository: Repo, root: Path) -> str:
    """Return the project's folder in its repository; nothing for its root."""
    if repository.working_tree_dir is None:
        raise InputError("the repository is bare: it has no files")
    top = root.resolve().relative_to(str(repository.working_tree_dir)).as_posix()
    return "" if top == "." else top


def _commit(repository: Repo, ref: str) -> Commit:
    from git import GitCommandError

    # What starts like an option could be one.
    reason = ""
    if ref and not ref.startswith("-"):
        try:
            wanted = f"{ref}^{{commit}}"
            return repository.commit(repository.git.rev_parse("--verify", wanted))
        except (GitCommandError, ValueError) as error:
            reason = str(error)
    if _DUBIOUS in reason:
        raise InputError(_NOT_OURS, hint=f"allow it: {_ALLOW}")
    raise InputError(
        f"there is no commit {ref!r}",
        hint="fetch it first; in GitHub Actions check out with fetch-depth: 0",
    )


def _blobs(commit: Commit, below: str) -> dict[str, Blob]:
    """Return the files below a folder by path; links and submodules are none.

    Raises ``InputError`` when there is no such folder in the commit.
    """
    from git import Blob, Tree

    try:
        folder = commit.tree / below if below else commit.tree
    except KeyError:
        folder = None
    if not isinstance(folder, Tree):
        raise InputError(
            f"there is no project in {commit.hexsha[:7]}: no folder {below}",
            hint="name a later commit",
        )
    skip = len(below) + 1 if below else 0
    return {
        str(item.path)[skip:]: item
        for item in folder.traverse()
        if isinstance(item, Blob) and item.mode != Blob.link_mode
    }


@contextmanager
def open_repository(root: Path) -> Iterator[Repo | None]:
    """Open the repository around a folder; nothing when there is none, or no Git.

    Raises ``InputError`` with Git's own words for what it refuses meanwhile.
    """
    with undisturbed():
        try:
            from git import Repo
        except ImportError:  # GitPython looks for the program when it is imported
            yield None
            return
        from git import InvalidGitRepositoryError, NoSuchPathError

        try:
            place = str(root.resolve())
            found = Repo(place, search_parent_directories=True, expand_vars=False)
        except (InvalidGitRepositoryError, NoSuchPathError):
            yield None
            return
        with found, _in_words():
            yield found


@contextmanager
def _in_words() -> Iterator[None]:
    from git.exc import GitError, ODBError

    try:
        yield
    except (GitError, ODBError, ValueError) as error:
        said = str(getattr(error, "stderr", "")) or str(error) or type(error).__name__
        lines = [line for line in said.strip(" '\n").splitlines() if line.strip()]
        said = lines[0].removeprefix("stderr: '").strip() if lines else said
        raise InputError(
            f"Git does not read the repository: {said}",
            hint="`git status` in the project says more; `git fsck` looks for damage",
        ) from None


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hide what the environment says about another repository."""
    hidden = {
        name: os.environ.pop(name)
        for name in _OF_ANOTHER_REPOSITORY
        if name in os.environ
    }
    try:
        yield
    finally:
        os.environ.update(hidden)


def uncommitted(root: Path) -> tuple[str, ...] | None:
    """Return the files below a folder that no commit has as they are.

    Paths are written from the folder. Returns ``None`` where Git cannot tell.
    """
    with open_repository(root) as repository:
        if repository is None or not repository.head.is_valid():
            return None
        below = _below(repository, root)
        words = ("--untracked-files=all", "--no-renames")
        listed = _status(repository, root, *words)
        skip = len(below) + 1 if below else 0
        return tuple(line[3 + skip :] for line in listed.split("\0") if line)


def why_no_commit(root: Path) -> str:
    """Say why no commit tells what a project is; nothing where one does."""
    with open_repository(root) as repository:
        if repository is None:
            return "the project is in no Git repository"
        if repository.head.is_valid():
            return ""
        from git import GitCommandError

        try:
            repository.git.rev_parse("--git-dir")
        except GitCommandError as error:
            if _DUBIOUS in str(error):
                return f"{_NOT_OURS} ({_ALLOW})"
        return "the repository of the project has no commit yet"


def base_ref(root: Path, wanted: str = "") -> str | None:
    """Return the ref whose rules hold: the one wanted, the remote's, or ``HEAD``.

    Returns ``None`` where Git cannot tell: there is a remote, and its default
    branch was not fetched.
    """
    with open_repository(root) as repository:
        if repository is None or not repository.head.is_valid():
            return None
        if wanted:
            return wanted if _exists(repository, wanted) else None
        if not repository.remotes:
            return "HEAD"
        remote = repository.remotes[0].name
        names = (f"{remote}/HEAD", f"{remote}/main", f"{remote}/master")
        return next((name for name in names if _exists(repository, name)), None)


def has_moved(root: Path, base: str) -> bool | None:
    """Tell whether a base has changes below a folder that ``HEAD`` lacks.

    Returns ``None`` where Git cannot tell, as in a shallow clone.
    """
    from git import GitCommandError

    with open_repository(root) as repository:
        if repository is None:
            return None
        place = str(root.resolve())
        try:
            listed = repository.git.diff("--name-only", f"HEAD...{base}", "--", place)
        except GitCommandError:
            return None
        return bool(listed)


def _exists(repository: Repo, ref: str) -> bool:
    try:
        _commit(repository, ref)
    except InputError:
        return False
    return True


def commit_all(root: Path, message: str) -> None:
    """Commit everything below a folder, in a repository of its own.

    The name of the author is that of this tool: no setting of the machine is used.
    """
    from git import Actor, Repo

    with undisturbed():
        repository = Repo.init(root, initial_branch="main")
        with repository:
            repository.git.add("--all")
            author = Actor("FlowOps demo", "demo@flowops.invalid")
            repository.index.commit(
                message, author=author, committer=author, skip_hooks=True
            )
