"""The list of jars is whole, and a jar that is not what it should be is not taken."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tools.flink_jars import LIST, Jar, missing, project, read_list

JARS = read_list(LIST.read_text(encoding="utf-8"))


def test_every_jar_has_a_hash_and_a_version() -> None:
    assert len(JARS) > 20
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) for jar in JARS)
    assert len({jar.file for jar in JARS}) == len(JARS)
    assert "://" not in LIST.read_text(encoding="utf-8")


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
