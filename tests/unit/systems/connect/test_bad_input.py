"""What no flow may be is said in one line, with its place, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from flowops.systems.connect.rules.sizes import MAXIMUM_CHARACTERS
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject, run

DEEP = 100_000
END = action("end", "DisconnectParticipant")


def large(characters: int) -> str:
    """Return a flow of about this many characters, in 100 blocks."""
    text = {"Text": "x" * (characters // 100)}
    names = [f"b{number}" for number in range(100)]
    following = [*names[1:], "end"]
    steps = [
        action(name, "MessageParticipant", text, next_)
        for name, next_ in zip(names, following, strict=True)
    ]
    return json.dumps(contact_flow([*steps, END]))


WRAPPED = json.dumps({"Content": '{"Version": "2019-10-30", "Actions": ['})
BAD: Mapping[str, tuple[str | bytes, str]] = {
    "deep and closed": (
        '{"Version": "2019-10-30", "Actions": ' + "[" * DEEP + "]" * DEEP + "}",
        "bad.json:1:1: error: the JSON nests too deeply",
    ),
    "deep and open": (
        '{"Version": "2019-10-30", "Actions": ' + '{"a": ' * DEEP,
        "bad.json:1:1: error: the JSON nests too deeply",
    ),
    "deep inside a wrapper": (
        '{"ContactFlow": {"Name": "x", "Content": "' + "[" * DEEP + '"}}',
        "bad.json:1:43: error: the JSON nests too deeply",
    ),
    "half a pair": (
        '{"Version": "2019-10-30",\n "Actions": [], "StartAction": "\\ud83d"}',
        "bad.json:2:32: error: the text holds half a surrogate pair",
    ),
    "half a pair the wrong way round": (
        '{"Version": "2019-10-30", "Actions": [],\n "\\udca9\\ud83d": 1}',
        "bad.json:2:2: error: the text holds half a surrogate pair",
    ),
    "half a pair as bytes": (
        b'{"Version": "2019-10-30", "Actions": [],\n "StartAction": "\xed\xa0\x80"}',
        "bad.json:2:18: error: ",
    ),
    "a key twice": (
        '{"Actions": [],\n "StartAction": "a",\n "StartAction": "b"}',
        "bad.json:3:2: error: the key 'StartAction' stands twice in one object",
    ),
    "a key twice but for its case": (
        '{"version": "1", "Version": "2018-01-01",\n "Actions": []}',
        "bad.json:1:29: error: Version '2018-01-01' of the flow language is unknown",
    ),
    "too large": (
        large(300_000),
        f"characters; the API takes {MAXIMUM_CHARACTERS}",
    ),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    settings = 'version: 1\nname: bad\nflows: [{path: "*.json"}]\n'
    (tmp_path / "flowops.yaml").write_text(settings, "utf-8")
    return tmp_path


@pytest.mark.parametrize("word", BAD)
def test_a_bad_file_is_an_error_at_its_place(word: str, project: Path) -> None:
    text, words = BAD[word]
    data = text if isinstance(text, bytes) else text.encode()
    (project / "bad.json").write_bytes(data)
    result = run("check", "--project", str(project))
    assert result.code == 1, result.err
    assert words in result.out
    assert "defect" not in result.err + result.out
    assert (project / "bad.json").read_bytes() == data


def test_a_large_flow_is_refused_before_it_is_sent(example: SandboxProject) -> None:
    path = example.root / "flows" / "connect" / "large.json"
    path.write_text(large(300_000), "utf-8")
    writes = len(example.sandbox.writes())
    result = example.run("promote", "staging", "Flow", "--yes")
    assert result.code == 1
    assert f"the API takes {MAXIMUM_CHARACTERS}" in result.out + result.err
    assert len(example.sandbox.writes()) == writes


def test_names_in_two_cases_are_two_flows_and_told(project: Path) -> None:
    for number, name in enumerate(("Main IVR", "MAIN IVR")):
        flow = contact_flow([END], None, name=name)
        (project / f"{number}.json").write_text(json.dumps(flow, indent=1), "utf-8")
    result = run("check", "--project", str(project))
    assert result.code == 0
    assert (
        "0.json:5:11: warning: the name 'Main IVR' differs only in case from "
        "'MAIN IVR' in 1.json"
    ) in result.out
    assert run("check", "--strict", "--project", str(project)).code == 1


def test_identifiers_in_two_cases_are_two_blocks(project: Path) -> None:
    flow = contact_flow(
        [action("A", "Wait", None, "a"), action("a", "Wait", None, "A")]
    )
    (project / "flow.json").write_text(json.dumps(flow), "utf-8")
    result = run("check", "--project", str(project))
    assert "from 2 blocks no way leads out of the flow: A, a" in result.out
