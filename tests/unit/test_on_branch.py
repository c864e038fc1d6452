"""A directory target on a branch: commits there, and nothing anywhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowops.errors import InputError, RefusedError, TargetError
from flowops.git.branch import Branch
from tests.support.projects import Result, copy_example, run
from tests.support.repositories import Repository, new_repository

ENVIRONMENT = """\
extends: base
targets:
  event_processing:
    kind: directory
    branch: {branch}
    path: production
    manifests: apache
    image: registry.example/runner:1
    flink-version: v1_20
"""
FLOW = "Large orders"
FOLDER = f"production/{FLOW}"


class Project:
    """The example in a repository, with an environment on a branch."""

    def __init__(self, root: Path) -> None:
        self.root = copy_example(root)
        self.repository = new_repository(self.root)
        self.environment()

    def environment(self, branch: str = "deploy") -> None:
        text = ENVIRONMENT.format(branch=branch)
        (self.root / "environments" / "gitops.yaml").write_text(text, "utf-8")
        self.repository.commit()

    def price(self, number: int) -> None:
        path = self.root / "flows" / "event_processing" / "large-orders.json"
        document = json.loads(path.read_text("utf-8"))
        for node in document["contextState"]["nodes"]:
            if node["nodeType"] == "filter":
                node["configuration"]["statement"] = f"`price` > {number}"
        path.write_text(json.dumps(document, indent=2), "utf-8")
        self.repository.commit()

    def run(self, command: str, *words: str) -> Result:
        return run(command, "gitops", *words, "--project", str(self.root))

    def promote(self, *words: str) -> Result:
        return self.run("promote", FLOW, "--yes", *words)

    def git(self, *words: str) -> str:
        return self.repository.git(*words)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def test_a_promote_is_a_commit_on_the_branch_and_touches_nothing_else(
    project: Project,
) -> None:
    head = project.git("rev-parse", "HEAD")
    result = project.promote()
    assert result.code == 0, result.out + result.err
    assert project.git("rev-parse", "HEAD") == head
    status = project.git("status", "--short", "--untracked-files=all")
    left = [line.rpartition("/")[0] for line in status.splitlines()]
    assert left == ["?? .flowops", "?? .flowops/records/gitops"]
    files = project.git("ls-tree", "-r", "--name-only", "deploy").splitlines()
    assert f"{FOLDER}/deployment.yaml" in files
    assert "production/kustomization.yaml" in files
    assert all(name.startswith("production/") for name in files)
    words, digest = project.git("log", "--format=%s%n%b", "deploy").split("Flow-Digest")
    assert words.startswith(f"Promote {FLOW}\nFlow-Run: 20")
    assert "sha256:" in digest
    assert not (project.root / "production").exists()


def test_a_second_promote_commits_nothing(project: Project) -> None:
    assert project.promote().code == 0
    tip = project.git("rev-parse", "deploy")
    assert "No changes." in project.run("plan", FLOW).out
    assert project.promote().code == 0
    assert project.git("rev-parse", "deploy") == tip
    assert "in sync" in project.run("drift", FLOW).out


def test_a_change_is_one_more_commit_and_what_others_put_there_stays(
    project: Project, tmp_path: Path
) -> None:
    assert project.promote().code == 0
    other = Repository(tmp_path / "other")
    project.git("worktree", "add", "--quiet", str(other.root), "deploy")
    script = other.write("production/apply.sh", "#!/bin/sh\n")
    script.chmod(0o755)
    (other.root / "production" / "link").symlink_to("apply.sh")
    other.write("README.md", "what runs\n")
    last = other.commit()
    project.git("worktree", "remove", str(other.root))

    project.price(7)
    assert project.promote().code == 0
    assert project.git("rev-parse", "deploy^") == last
    changed = project.git("diff", "--name-only", "deploy^", "deploy").splitlines()
    assert changed
    assert all(name.startswith(f"{FOLDER}/") for name in changed)
    tree = project.git("ls-tree", "-r", "deploy", "production/apply.sh")
    assert tree.startswith("100755 ")
    link = project.git("ls-tree", "-r", "deploy", "production/link")
    assert link.startswith("120000 ")


def test_a_rollback_is_a_commit_too(project: Project) -> None:
    assert project.promote().code == 0
    project.price(7)
    assert project.promote().code == 0
    result = project.run("rollback", "--yes")
    assert result.code == 0, result.out + result.err
    sql = f"{FOLDER}/flow.sql"
    assert project.git("diff", "deploy~2", "deploy", "--", sql) == ""
    assert project.git("rev-list", "--count", "deploy") == "3"


def test_a_flow_that_is_taken_out_leaves_the_branch(project: Project) -> None:
    flow = project.root / "flows" / "event_processing" / "large-orders.json"
    text = flow.read_text("utf-8").replace(f'"{FLOW}"', '"Other"')
    flow.with_name("other.json").write_text(text, "utf-8")
    project.repository.commit()
    assert project.run("promote", FLOW, "Other", "--yes").code == 0
    # Each commit has whole flows, and nothing of one that is only staged.
    assert "/.flowops-" not in project.git("log", "--name-only", "deploy")
    flow.with_name("other.json").unlink()
    for path in (project.root / "flows" / "connect").iterdir():
        path.unlink()
    environment = project.root / "environments" / "base.yaml"
    environment.write_text(environment.read_text("utf-8").split("  Main")[0], "utf-8")
    project.repository.commit()
    result = project.run("promote", "--yes", "--allow", "deletes")
    assert result.code == 0, result.out + result.err
    files = project.git("ls-tree", "-r", "--name-only", "deploy")
    assert f"{FOLDER}/flow.sql" in files
    assert "production/Other" not in files
    assert project.git("log", "-1", "--format=%s", "deploy") == "Remove Other"


def test_a_branch_that_is_checked_out_is_refused(
    project: Project, tmp_path: Path
) -> None:
    assert project.promote().code == 0
    tip = project.git("rev-parse", "deploy")
    project.git("worktree", "add", "--quiet", str(tmp_path / "other"), "deploy")
    project.price(7)
    result = project.promote()
    assert result.code == 3
    assert "branch-checked-out: deploy is checked out" in result.err
    assert project.git("rev-parse", "deploy") == tip
    project.environment(branch="main")
    assert "main is checked out" in project.run("plan", FLOW).err


def test_what_the_remote_has_since_is_gone_on_from(
    project: Project, tmp_path: Path
) -> None:
    assert project.promote().code == 0
    newer = remote_commit(project, tmp_path)
    project.price(7)
    assert project.promote().code == 0
    assert project.git("rev-parse", "deploy^") == newer
    project.git("push", "--quiet", "origin", "deploy")


def test_a_clone_that_only_fetched_the_branch_goes_on_from_it(
    project: Project, tmp_path: Path
) -> None:
    assert project.promote().code == 0
    newer = remote_commit(project, tmp_path)
    project.git("branch", "--quiet", "-D", "deploy")
    project.price(7)
    assert project.promote().code == 0
    assert project.git("rev-parse", "deploy^") == newer


def test_branches_that_have_parted_are_refused(
    project: Project, tmp_path: Path
) -> None:
    assert project.promote().code == 0
    remote_commit(project, tmp_path)
    other = tmp_path / "here"
    project.git("worktree", "add", "--quiet", str(other), "deploy")
    Repository(other).commit({"here.md": "here"})
    project.git("worktree", "remove", str(other))
    result = project.run("plan", FLOW)
    assert result.code == 3
    assert "branch-parted: deploy and origin/deploy have parted" in result.err


def remote_commit(project: Project, tmp_path: Path) -> str:
    """Push the branch, let somebody add to it there, and fetch that."""
    there = tmp_path / "there.git"
    project.git("clone", "--quiet", "--bare", str(project.root), str(there))
    project.git("remote", "add", "origin", str(there))
    project.git("fetch", "--quiet", "origin")
    clone = tmp_path / "clone"
    project.git("clone", "--quiet", "--branch", "deploy", str(there), str(clone))
    made = Repository(clone).commit({"there.md": "there"})
    Repository(clone).git("push", "--quiet", "origin", "deploy")
    project.git("fetch", "--quiet", "origin")
    return made


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    root = tmp_path / "repository"
    new_repository(root, {"file": "main"})
    return Branch(root, "deploy", "out", tmp_path / "laid" / "out")


def test_a_branch_that_moves_meanwhile_is_not_overwritten(branch: Branch) -> None:
    branch.lay_out()
    other = Branch(branch.root, "deploy", "out", branch.folder.parent / "other")
    other.lay_out()
    for one in (other, branch):
        (one.folder / "out").mkdir(exist_ok=True)
        (one.folder / "out" / one.folder.name).write_text("text", "utf-8")
    assert other.commit("first\n")
    tip = Repository(branch.root).git("rev-parse", "deploy")
    with pytest.raises(TargetError, match="the branch deploy has moved meanwhile"):
        branch.commit("second\n")
    assert Repository(branch.root).git("rev-parse", "deploy") == tip


def test_what_git_says_is_said_where_it_cannot_write(branch: Branch) -> None:
    branch.lay_out()
    (branch.folder / "out").mkdir()
    (branch.folder / "out" / "a").write_text("a", "utf-8")
    (branch.root / ".git" / "refs" / "heads" / "deploy.lock").touch()
    with pytest.raises(TargetError, match=r"cannot write the branch deploy: .*lock"):
        branch.commit("words\n")


def test_bytes_are_committed_as_they_are(branch: Branch) -> None:
    Repository(branch.root).git("config", "core.autocrlf", "true")
    Repository(branch.root).commit({".gitattributes": "* text eol=crlf\n"})
    branch.lay_out()
    (branch.folder / "out").mkdir()
    (branch.folder / "out" / "a\u00e9 b.sql").write_bytes(b"one\r\ntwo\n\xff")
    assert branch.commit("bytes\n")
    assert not branch.commit("again\n")
    branch.lay_out()
    data = (branch.folder / "out" / "a\u00e9 b.sql").read_bytes()
    assert data == b"one\r\ntwo\n\xff"


def test_a_commit_needs_no_settings_of_git(
    branch: Branch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.useConfigOnly")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    branch.lay_out()
    (branch.folder / "out").mkdir()
    (branch.folder / "out" / "a").write_text("a", "utf-8")
    assert branch.commit("words\n")
    names = Repository(branch.root).git("log", "-1", "--format=%an %ce", "deploy")
    assert names == "FlowOps flowops@flowops.invalid"


def test_a_file_in_the_place_of_the_folder_is_refused(branch: Branch) -> None:
    repository = Repository(branch.root)
    repository.git("switch", "--quiet", "-c", "deploy")
    repository.commit({"out": "a file"})
    repository.git("switch", "--quiet", "main")
    with pytest.raises(TargetError, match="out of the branch deploy is no folder"):
        branch.lay_out()


def test_without_a_repository_there_is_no_branch(tmp_path: Path) -> None:
    branch = Branch(tmp_path, "deploy", "out", tmp_path / "laid")
    with pytest.raises(InputError, match="not in a Git repository"):
        branch.lay_out()


def test_checking_out_is_refused_before_anything_is_written(branch: Branch) -> None:
    main = Branch(branch.root, "main", "out", branch.folder)
    with pytest.raises(RefusedError, match="branch-checked-out"):
        main.lay_out()
    assert not main.folder.exists()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-f",
        "a..b",
        "a b",
        "a.lock",
        "HEAD",
        "a/",
        "/a",
        "a~1",
        "a:b",
        "@{u}",
        "a" * 201,
    ],
)
def test_a_name_git_would_not_take_is_refused(project: Project, name: str) -> None:
    project.environment(branch=f'"{name}"')
    result = project.run("plan", FLOW)
    assert result.code == 1
    assert "has no usable `branch`" in result.err
    assert "environments/gitops.yaml" in result.err


def test_the_folder_of_git_is_no_place_on_a_branch(project: Project) -> None:
    path = project.root / "environments" / "gitops.yaml"
    text = ENVIRONMENT.format(branch="deploy")
    path.write_text(text.replace("path: production", "path: .git/x"), "utf-8")
    result = project.run("plan", FLOW)
    assert result.code == 1
    assert "which the project keeps for itself" in result.err
    assert "environments/gitops.yaml:6:" in result.err
