"""The list of jars is whole, and a jar that is not what it should be is not taken."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from tools import flink_jars
from tools.flink_jars import LIST, Jar, main, missing, project, read_list

LINES = read_list(LIST.read_text(encoding="utf-8"))


def test_every_jar_has_a_hash_and_a_version() -> None:
    assert LINES.keys() == {"1.20", "2.2"}
    for jars in LINES.values():
        assert len(jars) > 20
        assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) for jar in jars)
        assert all(re.fullmatch(r"[\w.-]+", jar.version) for jar in jars)
        assert len({(jar.group, jar.artifact) for jar in jars}) == len(jars)
    assert "://" not in LIST.read_text(encoding="utf-8")


def test_a_file_has_one_hash_in_every_line() -> None:
    files: dict[str, str] = {}
    for jar in (jar for jars in LINES.values() for jar in jars):
        assert files.setdefault(jar.file, jar.sha256) == jar.sha256


@pytest.mark.parametrize("line", LINES)
def test_a_line_has_its_own_planner_and_connectors(line: str) -> None:
    versions = {jar.artifact: jar.version for jar in LINES[line]}
    assert versions["flink-table-planner-loader"].startswith(line)
    kafka = versions.get("flink-sql-connector-kafka")
    assert (kafka or versions["flink-connector-kafka"]).endswith(f"-{line}")
    assert {"flink-connector-jdbc-core", "flink-http-connector"} <= versions.keys()


def test_a_row_may_be_of_several_lines() -> None:
    text = "# 1 2 3:4\n\n1.20,2.2 aa g:a:1\n2.2 bb g:b:2\n"
    a, b = Jar("aa", "g", "a", "1"), Jar("bb", "g", "b", "2")
    assert read_list(text) == {"1.20": [a], "2.2": [a, b]}


def test_a_line_is_fetched_at_a_time_and_only_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Maven takes one version of a jar, so two lines never go to it together."""
    digest = hashlib.sha256(b"a").hexdigest()
    text = f"1,2 {digest} g:a:1\n1 {digest} g:b:1\n2 {digest} g:b:2\n"
    (tmp_path / "list").write_text(text, "utf-8")
    asked: list[list[str]] = []

    def fetch(jars: list[Jar], folder: Path) -> None:
        asked.append([jar.file for jar in jars])
        for jar in jars:
            (folder / jar.file).write_bytes(b"a")

    monkeypatch.setattr(flink_jars, "LIST", tmp_path / "list")
    monkeypatch.setattr(flink_jars, "CACHE", tmp_path)
    monkeypatch.setattr(flink_jars, "fetch", fetch)
    assert main() == 0
    assert asked == [["a-1.jar", "b-1.jar"], ["b-2.jar"]]
    assert main() == 0
    assert len(asked) == 2
    assert "0 fetched, Flink 1 and 2 in" in capsys.readouterr().out


def test_a_jar_with_another_hash_is_missing(tmp_path: Path) -> None:
    right = Jar(hashlib.sha256(b"a").hexdigest(), "g", "a", "1")
    wrong = Jar(hashlib.sha256(b"b").hexdigest(), "g", "b", "1")
    absent = Jar("0" * 64, "g", "c", "1")
    (tmp_path / "a-1.jar").write_bytes(b"a")
    (tmp_path / "b-1.jar").write_bytes(b"tampered")
    assert missing([right, wrong, absent], tmp_path) == [wrong, absent]


def test_the_project_depends_on_nothing_but_the_list() -> None:
    text = project([Jar("0", "g", "a&b", "1")])
    assert "<artifactId>a&amp;b</artifactId><version>1</version><exclusions>" in text
