"""The list of real components is whole, and says what to run when a part is absent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import real_components
from tools.flink_jars import project
from tools.real_components import LIST, jars_of, lacking, main, read_parts

PARTS = read_parts(LIST.read_text(encoding="utf-8"))


def test_every_part_has_a_hash_and_stands_once() -> None:
    assert all(re.fullmatch("[0-9a-f]{64}", part.jar.sha256) for part in PARTS)
    assert len({part.jar.file for part in PARTS}) == len(PARTS)
    assert "://" not in LIST.read_text(encoding="utf-8")


def test_a_broker_and_a_registry_are_there() -> None:
    files = {jar.file for name in ("kafka", "registry") for jar in jars_of(name)}
    assert {"kafka_2.13-4.1.1.jar", "kafka-server-4.1.1.jar"} <= files
    assert "apicurio-registry-app-2.6.13.Final-all.tar.gz" in files


def test_what_is_no_jar_is_asked_for_by_type_and_classifier() -> None:
    (archive,) = jars_of("registry")
    words = "<type>tar.gz</type><classifier>all</classifier><exclusions>"
    assert words in project([archive])


def test_an_absent_part_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real_components, "STORE", tmp_path)
    assert lacking("kafka") == "run python3 -m tools.real_components kafka first"


def test_an_unknown_component_is_refused() -> None:
    with pytest.raises(SystemExit, match="no kafke; there is"):
        main(["kafke"])
    with pytest.raises(KeyError):
        jars_of("kafke")
