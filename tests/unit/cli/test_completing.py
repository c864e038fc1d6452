"""The names of environments, with and without a reader of YAML."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowops.cli.completing import environments
from flowops.errors import FlowOpsError
from flowops.project import find_root, open_project
from tests.support.projects import copy_example, run

START = "version: 1\nflows:\n  - path: flows/*.json\n"
PLAIN = {
    "default": START,
    "named": f"{START}environments: places\n",
    "with-a-note": f"{START}environments:   places  # of ours\n",
    "in-a-note": f"# environments: other\n{START}  # environments: other\n",
}
OTHER = {
    "quoted": f'{START}environments: "places"\n',
    "escaped": f'{START}"environ\\x6Dents": places\n',
    "in-braces": "{version: 1, flows: [{path: a}], environments: places}\n",
    "deep": f"{START}environments: places/deep\n",
    "below": f"{START}environments:\n  places\n",
    "a-path": "version: 1\nflows:\n  - path: environments/flows/*.json\n",
    "refused": f"{START}environments: ../places\n",
    "linked": f"{START}environments: linked\n",
    "twice": f"{START}environments: places\nenvironments: other\n",
    "not-utf-8": "\udcff",
}


def make(root: Path, settings: str) -> None:
    """A project with files that are environments, and some that are not."""
    root.mkdir()
    (root / "flowops.yaml").write_text(settings, "utf-8", "surrogateescape")
    for folder in ("environments", "places", "places/deep", "other"):
        place = root / folder
        place.mkdir()
        (place / f"{folder.replace('/', '-')}.yaml").touch()
        for name in (".yaml", ".hidden.yaml", "two.parts.yaml", "no.yml", "x.json"):
            (place / name).touch()
        (place / "folder.yaml").mkdir()
    (root / "linked").symlink_to(root / "places")


def read_whole() -> list[str]:
    try:
        return sorted(open_project(find_root(Path())).environment_names())
    except FlowOpsError:
        return []


@pytest.mark.parametrize("name", [*PLAIN, *OTHER])
def test_completed_are_the_environments_of_the_project(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "project", (PLAIN | OTHER)[name])
    monkeypatch.chdir(tmp_path / "project/other/folder.yaml")
    assert environments("") == read_whole()
    if name in PLAIN:
        assert len(environments("")) == 2


@pytest.mark.parametrize("name", PLAIN)
def test_plain_settings_need_no_reader_of_yaml(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "project", PLAIN[name])
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setitem(sys.modules, "flowops.project", None)
    assert len(environments("")) == 2


def test_no_project_is_looked_for_above_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "project", START)
    (tmp_path / "project/other/.git").mkdir()
    monkeypatch.chdir(tmp_path / "project/other")
    assert environments("") == read_whole() == []


def test_settings_that_init_writes_are_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_example(tmp_path / "example")
    flow = next((tmp_path / "example/flows/connect").glob("*.json"))
    (tmp_path / "project").mkdir()
    (tmp_path / "project/flow.json").write_bytes(flow.read_bytes())
    monkeypatch.chdir(tmp_path / "project")
    assert run("init").code == 0
    expected = read_whole()
    monkeypatch.setitem(sys.modules, "flowops.project", None)
    assert environments("") == expected != []
