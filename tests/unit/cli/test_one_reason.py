"""What is wrong is said once, in words that are true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.legacy_flows import legacy_flow, module
from tests.support.projects import SandboxProject, copy_example, run

TARGET = "targets: {{event_processing: {{kind: directory, path: {path}}}}}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_example(tmp_path / "project")


def environment(root: Path, text: str, name: str = "this") -> None:
    (root / "environments" / f"{name}.yaml").write_text(text, "utf-8")


@pytest.mark.parametrize("value", ["''", '"  "', "'{{ empty }}'"])
def test_a_reference_to_nothing_is_said_at_its_place(root: Path, value: str) -> None:
    environment(
        root,
        "variables: {empty: ''}\n"
        f"flows: {{Main IVR: {{references: {{queue: {{Sales: {value}}}}}}}}}\n",
    )
    result = run("check", "--project", str(root))

    assert result.code == 1
    assert result.out.startswith(
        "environments/this.yaml:2:41: error: queue 'Sales' is mapped to nothing "
        "[environment/unreadable]\n    name what it is here, or take the line out\n"
    )


@pytest.mark.parametrize("words", [["check"], ["plan", "gone"], ["render", "gone"]])
def test_a_link_to_nothing_is_no_environment(root: Path, words: list[str]) -> None:
    (root / "environments" / "gone.yaml").symlink_to("nowhere.yaml")
    out = ["--out", str(root / "out")] if words[0] == "render" else []
    result = run(*words, *out, "--project", str(root))

    assert result.code == 1
    assert "environments/gone.yaml:1:1: " in result.out + result.err
    assert "there is no such file: it is a link to nothing" in result.out + result.err
    assert "did you mean" not in result.out + result.err


def test_a_secret_that_is_missing_is_one_error_and_no_file(root: Path) -> None:
    out = root / "out"
    words = ["staging", "--out", str(out), "--project", str(root)]
    result = run("render", *words, "--with-secrets")

    assert result.code == 1
    assert result.err.count("KAFKA_PASSWORD") == 1
    assert "error: the secret kafka_password has no value here" in result.err
    assert "nothing was written" in result.err
    assert not out.exists()
    assert run("render", *words).code == 0


def test_a_legacy_flow_is_one_error_where_it_is_planned(
    example: SandboxProject,
) -> None:
    flow = legacy_flow([module("a", "Disconnect")])
    path = example.root / "flows" / "connect" / "old.json"
    path.write_text(json.dumps(flow), "utf-8")
    found = [
        finding["severity"]
        for finding in example.json("plan", "staging")["findings"]
        if finding["rule"] == "connect/legacy"
    ]

    assert found == ["error"]
    assert "connect/legacy" in example.run("check").out


@pytest.mark.parametrize(
    ("path", "held"),
    [
        (".git", ".git"),
        (".git/hooks", ".git"),
        (".GIT", ".git"),
        ("./flows", "flows"),
        ("flows/connect", "flows"),
        ("environments", "environments"),
        ("environments/out", "environments"),
        (".flowops", ".flowops"),
        ("link", "flows"),
    ],
)
def test_a_target_may_not_be_a_folder_of_the_project_itself(
    root: Path, path: str, held: str
) -> None:
    (root / "link").symlink_to("flows")
    environment(root, TARGET.format(path=path))
    for command in (["check"], ["plan", "this"]):
        result = run(*command, "--project", str(root))
        assert result.code == 1
        said = result.out + result.err
        assert f"the path {path!r} is that of {held}, which" in said
        assert "environments/this.yaml:1:47: " in said


@pytest.mark.parametrize("path", ["../out", "/tmp/out", ".", "a/../../out"])
def test_a_target_outside_the_project_is_refused_by_check(
    root: Path, path: str
) -> None:
    environment(root, TARGET.format(path=path))
    result = run("check", "--project", str(root))

    assert result.code == 1
    assert "leaves the project [environment/unusable-target]" in result.out


@pytest.mark.parametrize("path", ["deploy", "flowsy", "deploy/flows", ".gitops"])
def test_any_other_folder_is_a_target(root: Path, path: str) -> None:
    environment(root, TARGET.format(path=path))

    assert run("check", "--project", str(root)).code == 0
