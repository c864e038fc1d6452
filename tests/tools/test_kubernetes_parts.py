"""What is built for the tests is pinned, and built again only when a pin moves."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tools.kubernetes_parts import (
    LIST,
    PROGRAMS,
    SOURCES,
    STAMP,
    Member,
    absent,
    commands,
    fetch,
    fingerprint,
    is_built,
    read_list,
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


MEMBERS = read_list(LIST.read_text("utf-8"))


def test_every_file_of_a_module_is_pinned() -> None:
    assert MEMBERS
    for member in MEMBERS:
        assert re.fullmatch(r"v[0-9.]+", member.version)
        assert re.fullmatch(r"h1:[A-Za-z0-9+/]{43}=", member.sum)
        assert ".." not in member.file
    assert "://" not in LIST.read_text("utf-8")


def test_a_file_of_another_version_is_fetched(tmp_path: Path) -> None:
    (member,) = MEMBERS
    assert absent(MEMBERS, tmp_path) == MEMBERS
    (tmp_path / member.kept).write_bytes(b"")
    assert absent(MEMBERS, tmp_path) == []
    assert absent([member._replace(version="v9.9.9")], tmp_path)


@pytest.fixture
def go(tmp_path: Path) -> str:
    """Stand in for Go: it has fetched a module already."""
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "crd.yaml").write_text("kind: CRD")
    script = tmp_path / "go"
    answer = f'{{"Sum": "h1:good", "Dir": "{tmp_path}/module"}}'
    script.write_text(
        f"#!/bin/sh\ncase $4 in x.example/m@v1) echo '{answer}';; *) exit 1;; esac\n"
    )
    script.chmod(0o700)
    return str(script)


def test_a_module_that_is_what_was_pinned_gives_its_file(
    go: str, tmp_path: Path
) -> None:
    member = Member("x.example/m", "v1", "h1:good", "crd.yaml")
    fetch(go, member, tmp_path)
    assert (tmp_path / "v1-crd.yaml").read_text() == "kind: CRD"


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (("x.example/m", "v1", "h1:other", "crd.yaml"), "is not what is pinned"),
        (("x.example/m", "v2", "h1:good", "crd.yaml"), "could not fetch"),
    ],
)
def test_another_module_gives_nothing(
    go: str, tmp_path: Path, member: tuple[str, str, str, str], words: str
) -> None:
    with pytest.raises(SystemExit, match=words):
        fetch(go, Member(*member), tmp_path)
    assert not [*tmp_path.glob("v*")]
