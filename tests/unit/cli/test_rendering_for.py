"""``render`` for whom, and in which dialect, whatever the environment says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.projects import copy_example, run

FOLDER = "event_processing/flow/Large orders"
TARGET = """\
targets:
  event_processing:
    kind: directory
    path: deploy
    image: registry.example/runner:1
    flink-environment: production
    storage: flink-state
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = copy_example(tmp_path / "project")
    text = f"extends: base\n{TARGET}"
    (root / "environments" / "elsewhere.yaml").write_text(text, "utf-8")
    (root / "environments" / "empty.yaml").write_text("", "utf-8")
    return root


def rendered(project: Path, environment: str, *words: str) -> Path:
    out = project / "out"
    flows = [environment, "Large orders", "--project", str(project)]
    result = run("render", *flows, "--out", str(out), *words)
    assert result.code == 0, result.err
    return out / FOLDER


def test_the_way_out(project: Path) -> None:
    folder = rendered(project, "elsewhere", "--for", "confluent")
    text = (folder / "flinkapplication.yaml").read_text("utf-8")
    assert "kind: FlinkApplication" in text
    assert "image: registry.example/runner:1" in text
    assert "statements.sql" in text
    script = (folder / "statements.sql").read_text("utf-8")
    assert "-----BEGIN" not in script
    assert r"U&'\002D\002D\002D\002D\002DBEGIN" in script
    assert "-----BEGIN" in (folder / "flow.sql").read_text("utf-8")


def test_manifests_are_made_where_the_environment_has_no_target(project: Path) -> None:
    folder = rendered(project, "empty", "--for", "ibm")
    assert (folder / "deployment.yaml").is_file()
    assert (folder / "kustomization.yaml").is_file()


def test_a_dialect_overrides_that_of_the_environment(project: Path) -> None:
    product = rendered(project, "elsewhere").joinpath("flow.sql").read_text("utf-8")
    flink = rendered(project, "elsewhere", "--dialect", "flink")
    text = flink.joinpath("flow.sql").read_text("utf-8")
    assert "com.ibm." in product
    assert "com.ibm." not in text


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--for", "conflunt"], "did you mean confluent?"),
        (["--for", "x"], "there are ibm, apache, confluent"),
        (["--dialect", "flnk"], "did you mean flink?"),
    ],
)
def test_a_word_that_is_not_known(project: Path, words: list[str], hint: str) -> None:
    out = project / "out"
    place = ["--project", str(project), "--out", str(out)]
    result = run("render", "elsewhere", *place, *words)
    assert result.code == 64
    assert hint in result.err
    assert not out.exists()


def test_what_is_missing_is_named_and_nothing_is_written(project: Path) -> None:
    out = project / "out"
    place = ["Large orders", "--project", str(project), "--out", str(out)]
    result = run("render", "empty", *place, "--for", "confluent")
    assert result.code == 1
    assert "confluent needs `image` of the target" in result.err
    assert not out.exists()
