from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flowops.documents.files import MAXIMUM_BYTES
from flowops.errors import InputError
from flowops.git import (
    RefTree,
    Revision,
    base_ref,
    commit_all,
    has_moved,
    revision,
    tree_at,
    uncommitted,
)
from tests.support.repositories import Repository, new_repository

FILES = {
    "README.md": "top",
    "project/flowops.yaml": "version: 1",
    "project/flows/a.json": "first",
    "project/flows/ü 😀.json": "named",
    "project2/other": "other",
}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "repository", FILES)


@pytest.fixture
def project(repository: Repository) -> Path:
    return repository.root / "project"


def refusal_of(root: Path, ref: str) -> str:
    with pytest.raises(InputError) as refusal:
        tree_at(root, ref)
    return str(refusal.value)


def text_at(root: Path, ref: str, path: str = "flows/a.json") -> str | None:
    data = tree_at(root, ref).read(path)
    return None if data is None else data.decode()


def test_outside_a_repository_there_is_no_revision(tmp_path: Path) -> None:
    assert revision(tmp_path) is None
    assert revision(tmp_path / "nothing") is None
    assert "not in a Git repository" in refusal_of(tmp_path, "main")


def test_before_the_first_commit_there_is_no_revision(tmp_path: Path) -> None:
    new_repository(tmp_path)

    assert revision(tmp_path) is None
    assert "there is no commit 'HEAD'" in refusal_of(tmp_path, "HEAD")


def test_a_clean_project_is_at_its_commit(
    repository: Repository, project: Path
) -> None:
    commit = repository.git("rev-parse", "HEAD")

    assert revision(project) == Revision(commit, dirty=False, below="project")
    assert revision(repository.root) == Revision(commit, dirty=False)


@pytest.mark.parametrize(
    ("path", "dirty"),
    [
        ("project/flows/a.json", True),  # modified
        ("project/flows/new.json", True),  # untracked
        ("project/new/folder/new.json", True),
        ("project/ignored", False),
        ("README.md", False),  # not of the project
        ("project2/other", False),
        ("new", False),
    ],
)
@pytest.mark.parametrize("staged", [True, False])
def test_a_project_is_dirty_when_its_own_files_differ(
    repository: Repository, project: Path, path: str, dirty: bool, staged: bool
) -> None:
    repository.commit({"project/.gitignore": "ignored\n"})
    repository.write(path, "changed")
    if staged and path != "project/ignored":
        repository.git("add", path)

    found = revision(project)

    assert found is not None
    assert found.dirty == dirty


def test_a_deleted_file_is_dirt(repository: Repository, project: Path) -> None:
    (project / "flows/a.json").unlink()

    found = revision(project)

    assert found is not None
    assert found.dirty


def test_dirt_does_not_depend_on_what_a_person_has_git_show(
    repository: Repository, project: Path
) -> None:
    repository.git("config", "status.showUntrackedFiles", "no")
    repository.git("config", "diff.external", "false")
    repository.git("config", "color.ui", "always")
    repository.write("project/new", "")

    found = revision(project)

    assert found is not None
    assert found.dirty


def test_a_folder_with_signs_of_a_pattern_is_a_folder(tmp_path: Path) -> None:
    repository = new_repository(tmp_path / "r", {"[a]*$HOME/f": "", "other": ""})
    repository.write("other", "changed")
    root = repository.root / "[a]*$HOME"

    found = revision(root)

    assert found is not None
    assert not found.dirty
    assert tree_at(root, "main").paths() == ["f"]


def test_files_at_a_ref_are_those_of_the_project(
    repository: Repository, project: Path
) -> None:
    tree = tree_at(project, "main")

    assert tree.paths() == ["flowops.yaml", "flows/a.json", "flows/ü 😀.json"]
    assert tree.paths("flows") == ["flows/a.json", "flows/ü 😀.json"]
    assert tree.paths("flow") == []
    assert tree.read("flows/ü 😀.json") == b"named"
    assert tree.read("flows") is None
    assert tree.read("README.md") is None
    assert tree.read("../README.md") is None
    assert tree_at(repository.root, "main").paths() == sorted(FILES)


def test_a_ref_is_anything_git_finds_a_commit_by(
    repository: Repository, project: Path
) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.git("tag", "light")
    repository.git("tag", "--annotate", "--message", "x", "annotated")
    repository.git("branch", "topic/one")
    repository.commit({"project/flows/a.json": "second"})

    refs = (first, first[:8], "light", "annotated", "topic/one", "HEAD~1", "main^")
    for ref in (*refs, "refs/heads/topic/one", "HEAD@{1}"):
        assert text_at(project, ref) == "first"
    for ref in ("main", "HEAD", "@"):
        assert text_at(project, ref) == "second"


def test_what_lies_in_the_folder_does_not_count(
    repository: Repository, project: Path
) -> None:
    repository.write("project/flows/a.json", "changed")
    repository.write("project/flows/new.json", "new")
    repository.git("add", "--all")

    assert text_at(project, "HEAD") == "first"
    assert text_at(project, "HEAD", "flows/new.json") is None


def test_bytes_are_as_committed(repository: Repository, project: Path) -> None:
    data = b"\x00\xff\r\n$Id$"
    (project / "flows/b.json").write_bytes(data)
    repository.commit({"project/.gitattributes": "*.json ident export-ignore"})

    assert tree_at(project, "HEAD").read("flows/b.json") == data


@pytest.mark.parametrize(
    "ref",
    [
        "nothing",
        "",
        " ",
        "-x",
        "--all",
        "--output=made-by-a-ref",
        "--since=yesterday",
        "--branches",
        "main:project",
        "main^{tree}",
        "main~99",
        "HEAD@{99}",
        "@{-1}",
        "@{upstream}",
        "main..main",
        "^main",
        ":/nothing",
        "main^{/nothing}",
        "0" * 40,
        "a" * 40,
        "a\0b",
        "\udcff",
        "a b",
        "*",
        "$(touch made-by-a-ref)",
    ],
)
def test_what_is_no_commit_is_refused(
    project: Path, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)

    assert refusal_of(project, ref) == (
        f"there is no commit {ref!r} "
        "(fetch it first; in GitHub Actions check out with fetch-depth: 0)"
    )
    assert [*project.parent.rglob("made-by-a-ref")] == []


@pytest.mark.parametrize("before", ["nothing", "new", "new/deep", "link"])
def test_a_commit_without_the_project_is_refused(
    repository: Repository, before: str
) -> None:
    if before == "link":
        (repository.root / "new").symlink_to("project")
        repository.git("add", "--all")
    commit = repository.commit({before: "a file"} if before != "link" else {})
    repository.git("rm", "-r", "--quiet", "new") if before != "nothing" else None
    repository.commit({"new/deep/flowops.yaml": ""})

    root = repository.root / "new/deep"
    assert text_at(root, "HEAD", "flowops.yaml") == ""
    assert refusal_of(root, commit) == (
        f"there is no project in {commit[:7]}: no folder new/deep (name a later commit)"
    )


def test_links_and_submodules_are_left_out(
    repository: Repository, project: Path, tmp_path: Path
) -> None:
    inner = new_repository(tmp_path / "inner", {"flows/x.json": "x"})
    (project / "flows/link.json").symlink_to("a.json")
    (project / "flows/out.json").symlink_to("/etc/passwd")
    (project / "linked").symlink_to("flows")
    allowed = ("-c", "protocol.file.allow=always")
    url = str(inner.root)
    repository.git(*allowed, "submodule", "--quiet", "add", url, "project/flows/sub")
    repository.commit({"project/flows/run.sh": "x"})
    repository.git("update-index", "--chmod=+x", "project/flows/run.sh")
    repository.commit()

    assert tree_at(project, "HEAD").paths("flows") == [
        "flows/a.json",
        "flows/run.sh",
        "flows/ü 😀.json",
    ]


def test_a_file_that_is_too_large_is_refused_when_it_is_read(
    repository: Repository, project: Path
) -> None:
    with (project / "large").open("wb") as stream:
        stream.truncate(MAXIMUM_BYTES + 1)
    repository.commit()

    tree = tree_at(project, "HEAD")

    assert "large" in tree.paths()
    with pytest.raises(InputError, match="larger than 32 MiB") as refusal:
        tree.read("large")
    assert str(refusal.value).startswith("large:1:1: ")


@pytest.mark.parametrize(
    "name",
    [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_COMMON_DIR",
    ],
)
def test_another_repository_of_the_environment_does_not_mislead(
    repository: Repository,
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    other = new_repository(tmp_path / "other", {"flows/a.json": "other"})
    other.write("flows/a.json", "changed")
    places = {
        "GIT_DIR": ".git",
        "GIT_WORK_TREE": ".",
        "GIT_INDEX_FILE": ".git/index",
        "GIT_OBJECT_DIRECTORY": ".git/objects",
        "GIT_COMMON_DIR": ".git",
    }
    value = str(other.root / places[name])
    commit = repository.git("rev-parse", "HEAD")
    monkeypatch.setenv(name, value)

    assert revision(project) == Revision(commit, dirty=False, below="project")
    assert text_at(project, "main") == "first"
    assert revision(tmp_path) is None
    assert os.environ[name] == value


def test_the_environment_is_put_back_after_a_refusal(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "elsewhere")

    refusal_of(project, "nothing")

    assert os.environ["GIT_DIR"] == "elsewhere"


def test_in_a_shallow_clone_an_older_commit_is_missing(
    repository: Repository, tmp_path: Path
) -> None:
    older = repository.git("rev-parse", "HEAD")
    newer = repository.commit({"project/flows/a.json": "second"})
    url = f"file://{repository.root}"
    repository.git("clone", "--quiet", "--depth", "1", url, str(tmp_path / "clone"))
    project = tmp_path / "clone/project"

    assert revision(project) == Revision(newer, dirty=False, below="project")
    assert text_at(project, "HEAD") == "second"
    for ref in (older, "HEAD~1", "HEAD^"):
        assert "fetch-depth: 0" in refusal_of(project, ref)


def test_a_detached_head(repository: Repository, project: Path) -> None:
    first = repository.git("rev-parse", "HEAD")
    repository.commit({"project/flows/a.json": "second"})
    repository.git("checkout", "--quiet", "--detach", first)

    assert revision(project) == Revision(first, dirty=False, below="project")
    assert text_at(project, "HEAD") == "first"


def test_a_linked_worktree(repository: Repository, tmp_path: Path) -> None:
    tree = tmp_path / "worktree"
    repository.git("worktree", "add", "--quiet", "-b", "topic", str(tree))
    other = Repository(tree)
    commit = other.commit({"project/flows/a.json": "second"})

    assert revision(tree / "project") == Revision(commit, dirty=False, below="project")
    assert text_at(tree / "project", "HEAD") == "second"
    assert text_at(tree / "project", "main") == "first"


def test_a_bare_repository_has_no_project(repository: Repository) -> None:
    bare = repository.root.parent / "bare"
    repository.git("clone", "--quiet", "--bare", str(repository.root), str(bare))

    assert "the repository is bare" in refusal_of(bare, "main")


def test_a_project_under_a_link(repository: Repository, project: Path) -> None:
    link = repository.root.parent / "link"
    link.symlink_to(repository.root)

    assert revision(link / "project") == revision(project)
    assert text_at(link / "project", "main") == "first"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_is_named_as_such(
    repository: Repository, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for place in (repository.root, repository.root / ".git"):
        os.chown(place, 12345, 12345)

    assert "safe.directory" in refusal_of(project, "main")
    assert revision(project) is None


def damage_index(root: Path) -> None:
    (root / ".git" / "index").write_bytes(b"DIRC damaged")


def damage_tree(root: Path) -> None:
    head = Repository(root).git("rev-parse", "HEAD^{tree}").strip()
    path = root / ".git" / "objects" / head[:2] / head[2:]
    path.chmod(0o644)
    path.write_bytes(b"damaged")


@pytest.mark.parametrize(
    ("damage", "ask"),
    [
        (damage_index, uncommitted),
        (damage_tree, lambda project: tree_at(project, "main")),
    ],
    ids=["index", "tree"],
)
def test_a_damaged_repository_is_an_error_in_the_words_of_git(
    repository: Repository,
    project: Path,
    damage: Callable[[Path], None],
    ask: Callable[[Path], object],
) -> None:
    damage(repository.root)
    with pytest.raises(InputError) as caught:
        ask(project)
    assert "Git does not read the repository: " in caught.value.message
    assert "Cmd" not in caught.value.message
    assert "git fsck" in caught.value.hint


def test_without_git_there_is_no_revision(project: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from flowops.errors import InputError\n"
        "from flowops.git import revision, tree_at\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "assert revision(root) is None\n"
        "try:\n"
        "    tree_at(root, 'main')\n"
        "except InputError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(project)],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={"PATH": str(project)},
        text=True,
    )

    assert done.stderr == ""
    assert "Git is not installed" in done.stdout


def test_a_tree_of_many_files_is_read_without_a_process_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"flows/{n % 7}/{n}.json": f"content {n}" for n in range(300)}
    repository = new_repository(tmp_path / "many", files)
    started: list[object] = []
    start = subprocess.Popen.__init__

    def counted(self: subprocess.Popen[bytes], *args: object, **kw: object) -> None:
        started.append(args)
        start(self, *args, **kw)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess.Popen, "__init__", counted)
    tree = tree_at(repository.root, "main")

    assert {path: tree.read(path) for path in tree.paths()} == {
        path: text.encode() for path, text in files.items()
    }
    assert len(started) < 10


def test_the_process_that_reads_a_tree_ends_with_it(project: Path) -> None:
    tree = tree_at(project, "main")
    assert isinstance(tree, RefTree)
    (git,) = {blob.repo.git for blob in tree.blobs.values()}
    tree.read("flows/a.json")
    reading = git.cat_file_all
    assert reading is not None
    pipe = reading.proc.stdout

    del tree

    assert pipe.closed
    assert git.cat_file_all is None


def test_a_tree_is_read_after_the_branch_moved_on(
    repository: Repository, project: Path
) -> None:
    tree = tree_at(project, "main")
    repository.commit({"project/flows/a.json": "second"})

    assert isinstance(tree, RefTree)
    assert tree.read("flows/a.json") == b"first"
    assert "first" not in repr(tree)


def test_files_that_no_commit_has_are_listed(
    repository: Repository, project: Path
) -> None:
    assert uncommitted(project) == ()
    repository.write("project/flows/a.json", "changed")
    repository.write("project/flows/new one ü.json", "new")
    repository.write("project/new/deep/er", "new")
    repository.write("project2/other", "not of the project")
    (project / "flows/ü 😀.json").unlink()
    repository.git("mv", "project/flowops.yaml", "project/moved.yaml")

    assert sorted(uncommitted(project) or ()) == [
        "flowops.yaml",
        "flows/a.json",
        "flows/new one ü.json",
        "flows/ü 😀.json",
        "moved.yaml",
        "new/deep/er",
    ]
    assert "project2/other" in (uncommitted(repository.root) or ())


def test_where_git_cannot_tell_nothing_is_said(tmp_path: Path) -> None:
    new_repository(tmp_path / "empty")

    for root in (tmp_path, tmp_path / "empty"):
        assert uncommitted(root) is None
        assert base_ref(root) is None
        assert base_ref(root, "main") is None
    assert has_moved(tmp_path, "main") is None


def test_the_base_is_the_one_that_is_wanted(repository: Repository) -> None:
    root = repository.root

    assert base_ref(root) == "HEAD"
    assert base_ref(root, "main") == "main"
    for ref in ("nothing", "-x", "--all", "a\0b"):
        assert base_ref(root, ref) is None


def test_the_base_is_the_default_branch_of_the_remote(
    repository: Repository, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", str(repository.root), str(clone))
    cloned = Repository(clone)

    assert base_ref(clone) == "origin/HEAD"
    cloned.git("remote", "set-head", "origin", "--delete")
    assert base_ref(clone) == "origin/main"
    cloned.git("update-ref", "-d", "refs/remotes/origin/main")
    assert base_ref(clone) is None


def test_a_base_moves_when_the_project_changes_there(
    repository: Repository, project: Path
) -> None:
    repository.git("branch", "topic")
    assert has_moved(project, "topic") is False
    repository.commit({"project/flows/a.json": "ours"})
    assert has_moved(project, "topic") is False

    repository.git("checkout", "--quiet", "topic")
    repository.commit({"project2/other": "theirs, but not of the project"})
    repository.git("checkout", "--quiet", "main")
    assert has_moved(project, "topic") is False

    repository.git("checkout", "--quiet", "topic")
    repository.commit({"project/flows/b.json": "theirs"})
    repository.git("checkout", "--quiet", "main")
    assert has_moved(project, "topic") is True
    for ref in ("nothing", "-x", "--output=made-by-a-ref"):
        assert has_moved(project, ref) is None


def test_in_a_shallow_clone_git_cannot_tell_whether_a_base_moved(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit({"project/flows/a.json": "ours"})
    url, clone = f"file://{repository.root}", tmp_path / "clone"
    words = ("clone", "--quiet", "--depth", "1", "--no-single-branch")
    repository.git(*words, url, str(clone))

    assert has_moved(clone / "project", "origin/main") is None


def test_a_new_repository_uses_no_hook_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = tmp_path / "template/hooks/pre-commit"
    hook.parent.mkdir(parents=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "template"))
    root = tmp_path / "new"
    root.mkdir()
    (root / "a").write_text("x")

    commit_all(root, "Start")

    found = revision(root)
    assert found is not None
    assert not found.dirty
    assert tree_at(root, "main").read("a") == b"x"


def test_a_name_that_is_no_utf_8_is_dirt_as_any_other(project: Path) -> None:
    place = os.fsencode(project) + b"/flows/r\xe9sum\xe9.json"
    Path(os.fsdecode(place)).write_bytes(b"{}")

    found = revision(project)

    assert found is not None
    assert found.dirty
