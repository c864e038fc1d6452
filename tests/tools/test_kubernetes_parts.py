"""What is built for the tests is pinned, and built again only when a pin moves."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tools.kubernetes_parts import (
    PROGRAMS,
    SOURCES,
    STAMP,
    commands,
    fingerprint,
    is_built,
)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOURCES, tmp_path / "sources"))


def build(sources: Path, folder: Path) -> None:
    folder.mkdir()
    for name in PROGRAMS:
        (folder / name).write_bytes(b"")
    (folder / STAMP).write_text(fingerprint(sources), "utf-8")


def test_every_module_has_a_hash() -> None:
    text = (SOURCES / "go.mod").read_text("utf-8")
    sums = (SOURCES / "go.sum").read_text("utf-8").splitlines()
    held = {line.partition(" h1:")[0].removesuffix("/go.mod") for line in sums}
    needed = set(re.findall(r"^\t(\S+ v\S+)", text, re.MULTILINE))
    replaced = dict(re.findall(r"^\t(\S+) => \S+ (v\S+)", text, re.MULTILINE))
    pinned = {
        f"{name} {replaced.get(name, version)}"
        for name, version in (one.split() for one in needed)
    }
    assert len(pinned) > 50
    assert pinned <= held
    assert "://" not in text


def test_what_was_built_is_not_built_again(sources: Path, tmp_path: Path) -> None:
    folder = tmp_path / "built"
    assert not is_built(sources, folder)
    build(sources, folder)
    assert is_built(sources, folder)
    (folder / "kubectl").unlink()
    assert not is_built(sources, folder)


def test_a_pin_that_moves_builds_again(sources: Path, tmp_path: Path) -> None:
    build(sources, tmp_path / "built")
    with (sources / "go.sum").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    assert not is_built(sources, tmp_path / "built")


def test_the_programs_say_which_version_they_are(sources: Path) -> None:
    for words in commands("go", sources, Path("out")):
        assert "-mod=readonly" in words
        assert any("gitVersion=v1.34.1" in word for word in words)
    assert [words[-1] for words in commands("go", sources, Path("out"))] == [
        f"./{name}" for name in PROGRAMS
    ]
