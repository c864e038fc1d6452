"""``--strict`` lets warnings fail a check and a plan; files beside the environments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.projects import Result, copy_example, run
from tests.support.repositories import new_repository

OLD = {"taken": "2020-01-01T00:00:00Z", "systems": {}}
PLAN = ("plan", "production", "--base", "HEAD")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example with a snapshot that is years old, all committed."""
    root = copy_example(tmp_path / "project")
    place = root / "environments/production.inventory.json"
    place.write_text(json.dumps(OLD))
    new_repository(root).commit()
    return root


def at(root: Path, *words: str) -> Result:
    return run(*words, "--project", str(root))


def test_a_warning_fails_a_plan_only_with_strict(root: Path) -> None:
    plain, strict = at(root, *PLAN), at(root, *PLAN, "--strict")

    assert "inventory/stale" in plain.out
    assert (plain.code, strict.code) == (0, 1)
    assert strict.out == plain.out


def test_warnings_come_before_changes(root: Path) -> None:
    path = root / "environments/production.yaml"
    path.write_text(path.read_text().replace("kafka-1", "kafka-9"))
    words = (*PLAN, "--detailed-exitcode")

    assert at(root, *words).code == 2
    assert at(root, *words, "--strict").code == 1


def test_a_check_knows_the_age_of_a_snapshot(root: Path) -> None:
    plain, strict = at(root, "check"), at(root, "check", "--strict")

    assert "environments/production.inventory.json:1:1: warning: this sn" in plain.out
    assert (plain.code, strict.code) == (0, 1)


def test_a_check_refuses_a_damaged_snapshot(root: Path) -> None:
    (root / "environments/production.inventory.json").write_text("{")
    result = at(root, "check")

    assert result.code == 1
    assert "write it again with flowops inventory" in result.out


def test_a_plan_tells_a_name_that_fills_nothing(root: Path) -> None:
    path = root / "environments/production.yaml"
    path.write_text(path.read_text().replace("  kafka:", "  kafak:"))

    for words in (PLAN, ("check",)):
        result = at(root, *words)
        assert result.code == 1
        assert "nothing is filled from the variable 'kafak'" in result.out
        assert "did you mean 'kafka'?" in result.out


def test_a_plan_tells_where_the_variable_behind_a_value_stands(root: Path) -> None:
    path = root / "environments/production.yaml"
    path.write_text(path.read_text().replace("kafka-1", "kafka-9"))
    said = (
        "environments/base.yaml:14:41 filled from kafka of "
        "environments/production.yaml:15:10"
    )

    assert f"({said})" in at(root, *PLAN).out
    assert f'"origin": "{said}"' in at(root, *PLAN, "--format", "json").out
    assert said in at(root, *PLAN, "--format", "html").out


def test_a_changed_status_tells_where_it_stands(root: Path) -> None:
    path = root / "environments/production.yaml"
    path.write_text(path.read_text() + "flows: {Main IVR: {status: saved}}\n")

    found = at(root, *PLAN).out
    assert (
        '~ status: "published" -> "saved"   (environments/production.yaml:16:20)'
        in found
    )


def test_a_project_file_of_another_ending_is_named(root: Path) -> None:
    (root / "flowops.yaml").rename(root / "flowops.yml")
    result = at(root, "check")

    assert result.code == 1
    assert "rename flowops.yml to flowops.yaml" in result.err


def test_a_flow_that_cannot_be_read_is_the_only_thing_told(root: Path) -> None:
    (root / "flows/connect/main-ivr.json").write_text("<<<<<<< HEAD\n{}\n")
    result = at(root, "check")

    assert "flow/unreadable" in result.out
    assert "here is a mark of Git" in result.out
    assert "overlay/matches-nothing" not in result.out
