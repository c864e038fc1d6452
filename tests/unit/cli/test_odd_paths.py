"""A path of a target that leads nowhere is an error of the file, never a defect."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.projects import copy_example, run

FLINK = {"kind": "flink", "url": "http://127.0.0.1:9"}
FOLDER = {"kind": "directory", "path": "deploy"}


@pytest.mark.parametrize(
    "target",
    [
        {**FLINK, "ca": "{}"},
        {**FLINK, "inventory": "{}"},
        {**FOLDER, "path": "{}"},
        {**FOLDER, "inventory": "{}"},
    ],
    ids=["ca", "inventory of flink", "path", "inventory of a folder"],
)
@pytest.mark.parametrize("value", ["circle", "a" * 5000, "a/" * 3000, "."])
def test_a_path_nothing_can_be_at(
    tmp_path: Path, target: dict[str, str], value: str
) -> None:
    root = copy_example(tmp_path / "project")
    (root / "circle").symlink_to("circle")
    settings = {key: text.format(value) for key, text in target.items()}
    environment = {"targets": {"event_processing": settings}}
    (root / "environments/e.yaml").write_text(json.dumps(environment), "utf-8")
    result = run("plan", "e", "Large orders", "--project", str(root))
    assert result.code == 1
    assert "error" in result.err
