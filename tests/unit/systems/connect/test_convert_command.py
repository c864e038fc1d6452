"""The command ``convert``, as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.legacy_flows import legacy_flow, module, parameter
from tests.support.projects import run

FLOW = legacy_flow(
    [
        module("a", "SetVoice", [parameter("GlobalVoice", "Joanna")], {"Success": "b"}),
        module("b", "Disconnect"),
    ]
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old"
    path.write_text(json.dumps(FLOW, indent=1), "utf-8")
    return path


def test_it_writes_the_flow_and_says_what_to_look_at(old: Path) -> None:
    out = old.parent / "new" / "flow.json"
    result = run("convert", str(old), "--out", str(out))
    assert result.code == 0
    assert json.loads(out.read_text("utf-8"))["StartAction"] == "a"
    assert result.out == (
        f"{old}:3:3: note: block a (SetVoice): UpdateContactTextToSpeechVoice follows "
        "the documentation; no export shows both\n"
    )
    assert result.err == f"Converted 2 blocks into {out}; 1 note to look at.\n"


def test_json_carries_the_same(old: Path) -> None:
    out = old.parent / "flow.json"
    result = run("convert", str(old), "--out", str(out), "--format", "json")
    document = json.loads(result.out)
    (note,) = document["notes"]
    assert (document["file"], document["blocks"]) == (out.as_posix(), 2)
    assert (note["block"], note["type"], note["line"]) == ("a", "SetVoice", 3)
    assert note["reason"].endswith("no export shows both")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the JSON ends in the middle"),
        ("[]", "this is no legacy export"),
        ('{"Version": "2019-10-30", "Actions": []}', "this is no legacy export"),
        ('{"modules": [], "start": 1}', "start must be a text"),
        (
            json.dumps(legacy_flow([module("a", "Teleport\x1b[2J")])),
            "block a (Teleport\\x1b[2J) cannot be converted",
        ),
    ],
)
def test_what_it_cannot_convert_is_refused_and_nothing_is_written(
    tmp_path: Path, text: str, message: str
) -> None:
    old, out = tmp_path / "old", tmp_path / "new.json"
    old.write_text(text, "utf-8")
    result = run("convert", str(old), "--out", str(out))
    assert result.code == 1
    assert result.out == ""
    assert message in result.err
    assert "Traceback" not in result.err
    assert not out.exists()


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    result = run("convert", str(tmp_path / "x"), "--out", str(tmp_path / "y"))
    assert result.code == 1
    assert "cannot read the file" in result.err
