"""The digest of a plan: over what would be done and where, and over nothing else."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from tests.support.projects import copy_example, run

CALL = "flows/connect/main-ivr.json"
STREAM = "flows/event_processing/large-orders.json"
STAGING = "environments/staging.yaml"
slowly = settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example with an environment that has no target to ask."""
    folder = copy_example(tmp_path / "project")
    path = folder / STAGING
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("targets:")] + text[text.index("variables:") :])
    return folder


def digest(root: Path, environment: str = "staging") -> str:
    words = ["plan", environment, "--format", "json", "--project", str(root)]
    result = run(*words)
    assert result.code == 0, result.out + result.err
    found = json.loads(result.out)["digest"]
    assert isinstance(found, str)
    return found


def shuffled(value: Any, chance: random.Random) -> Any:
    """Return a value with the keys of every object in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    return value


@slowly
@given(seed=st.integers(0, 2**32), indent=st.sampled_from([None, 1, 7]))
def test_key_order_and_spacing_do_not_matter(
    root: Path, seed: int, indent: int | None
) -> None:
    before = digest(root)
    chance = random.Random(seed)
    for name in (CALL, STREAM):
        path = root / name
        value = shuffled(json.loads(path.read_text("utf-8")), chance)
        path.write_text(json.dumps(value, indent=indent), "utf-8")
    assert digest(root) == before


def test_paths_and_yaml_style_do_not_matter(root: Path, tmp_path: Path) -> None:
    before = digest(root)
    (root / CALL).rename(root / "flows" / "moved.json")
    path = root / STAGING
    path.write_text(
        "# a comment\n" + path.read_text("utf-8").replace("base", '"base"'), "utf-8"
    )
    assert digest(root) == before
    shutil.move(root, tmp_path / "elsewhere")
    assert digest(tmp_path / "elsewhere") == before


def test_version_and_commit_do_not_matter(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.repositories import new_repository

    before = digest(root)
    monkeypatch.setattr("flowops.cli.reading.__version__", "99.0")
    new_repository(root).commit()
    assert digest(root) == before


def test_the_environment_matters(root: Path) -> None:
    text = (root / STAGING).read_text("utf-8")
    (root / "environments" / "twin.yaml").write_text(text, "utf-8")
    assert digest(root, "twin") != digest(root)


def test_the_target_matters(tmp_path: Path) -> None:
    folder = copy_example(tmp_path / "project")
    found = set()
    for path in ("deploy/one", "deploy/other"):
        text = f"targets: {{event_processing: {{kind: directory, path: {path}}}}}\n"
        (folder / "environments" / "test.yaml").write_text(text, "utf-8")
        found.add(digest(folder, "test"))
    assert len(found) == 2


def leaves(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of every text below a value."""
    if isinstance(value, str):
        yield here
    for key, below in (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    ):
        yield from leaves(below, (*here, key))


def behaviour() -> list[tuple[Any, ...]]:
    """Return every text under ``Parameters`` of the example's call flow."""
    value = json.loads((copy_source() / CALL).read_text("utf-8"))
    return [path for path in leaves(value) if "Parameters" in path]


def copy_source() -> Path:
    return Path(__file__).resolve().parents[2]


@slowly
@given(path=st.sampled_from(behaviour()), text=st.text(min_size=1, max_size=5))
def test_every_parameter_matters(root: Path, path: tuple[Any, ...], text: str) -> None:
    before = digest(root)
    file = root / CALL
    original = file.read_text("utf-8")
    value = json.loads(original)
    place = value
    for step in path[:-1]:
        place = place[step]
    same = place[path[-1]] == place[path[-1]] + text
    place[path[-1]] += text
    file.write_text(json.dumps(value), "utf-8")
    try:
        assert same or changed_or_refused(root, before)
    finally:
        file.write_text(original, "utf-8")


def changed_or_refused(root: Path, before: str) -> bool:
    words = ["plan", "staging", "--format", "json", "--project", str(root)]
    result = run(*words)
    return result.code != 0 or json.loads(result.out)["digest"] != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (STREAM, "> 1000", "> 1001"),
        (STREAM, '"LARGE.ORDERS"', '"LARGER.ORDERS"'),
        (STAGING, "kafka.staging:9093", "kafka.staging:9094"),
        (STAGING, "latest-offset", "earliest-offset"),
        (CALL, '"NextAction": "To queue"', '"NextAction": "Hang up"'),
        (CALL, '"x": 400', '"x": 401'),
    ],
)
def test_what_would_be_written_matters(
    root: Path, name: str, old: str, new: str
) -> None:
    before = digest(root)
    path = root / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert digest(root) != before
