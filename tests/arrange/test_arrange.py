from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowops.arrange import Arranged, arrange_file
from flowops.arrange.arranging import prove_equal
from flowops.arrange.edits import write_positions
from flowops.documents.json_text import parse_json
from flowops.documents.source import source_text
from flowops.errors import InputError, RefusedError
from flowops.model import Block, Edge, Graph, Pointer
from tests.support.contact_flows import action, contact_flow
from tests.support.pictures import CORPUS, large_flow

CONNECT = CORPUS / "connect"
PROVED = Graph(blocks=(Block("a", "X", "", {"/Text": "hi"}),), fingerprint="a")


def corpus() -> Iterator[Path]:
    if CONNECT.is_dir():
        yield from (
            p for p in sorted(CONNECT.rglob("*.json")) if p.name != "index.json"
        )


def without_positions(value: Any) -> Any:
    """Return a document without any position, and without what only held one."""
    if isinstance(value, dict):
        found = {
            key: without_positions(below)
            for key, below in value.items()
            if key.casefold() not in ("position", "entrypointposition")
        }
        return {key: below for key, below in found.items() if below != {}}
    if isinstance(value, list):
        return [without_positions(item) for item in value]
    return value


@pytest.mark.slow
@pytest.mark.parametrize("path", [*corpus()], ids=lambda path: path.name[:60])
def test_only_positions_differ_and_a_second_time_nothing(path: Path) -> None:
    data = path.read_bytes()
    first = arrange_file(path.name, data)
    document, arranged = json.loads(data), json.loads(first.data)
    assert without_positions(document) == without_positions(arranged)
    assert first.after.overlaps == 0
    again = arrange_file(path.name, first.data)
    assert not again.changes
    assert again.data == first.data
    assert again.after == again.before == first.after
    unmoved = data.decode().splitlines()
    if len(unmoved) > 2 * first.blocks and b"osition" in data:
        kept = set(first.data.decode().splitlines())
        lost = [line for line in unmoved if line not in kept]
        assert all('"x"' in line or '"y"' in line or "osition" in line for line in lost)


def arranged(document: Any, **options: Any) -> Arranged:
    return arrange_file("flow.json", json.dumps(document, **options).encode())


def three(**shown: Any) -> dict[str, Any]:
    actions = [
        action("Welcome", "MessageParticipant", {"Text": "Hi"}, "Ask"),
        action("Ask", "GetParticipantInput", {"Text": "Press 1"}, "Bye"),
        action("Bye", "DisconnectParticipant"),
    ]
    return contact_flow(actions, shown or None)


def places(found: Arranged) -> dict[str, tuple[int, int]]:
    metadata = json.loads(found.data)["Metadata"]
    spots = {k: v["position"] for k, v in metadata["ActionMetadata"].items()}
    spots["entry"] = metadata["entryPointPosition"]
    return {name: (spot["x"], spot["y"]) for name, spot in spots.items()}


def test_a_flow_without_positions_gets_them_from_left_to_right() -> None:
    found = arranged(three())
    spots = places(found)
    assert spots["entry"][0] < spots["Welcome"][0] < spots["Ask"][0] < spots["Bye"][0]
    assert spots["Welcome"][1] == spots["Ask"][1] == spots["Bye"][1]
    assert (found.moved, found.blocks) == (4, 3)


def test_the_same_flow_is_arranged_the_same_wherever_its_blocks_lay() -> None:
    anywhere = {
        name: {"position": {"x": x, "y": y}}
        for name, x, y in (("Welcome", -5, 1e6), ("Ask", 0.5, 0), ("Bye", 0, 0))
    }
    assert places(arranged(three(**anywhere))) == places(arranged(three()))


@pytest.mark.parametrize(
    "shown",
    [
        {"Welcome": None},
        {"Welcome": []},
        {"Welcome": {"position": None}},
        {"Welcome": {"position": []}},
    ],
)
def test_a_position_that_is_none_is_written_over(shown: dict[str, Any]) -> None:
    assert places(arranged(three(**shown))) == places(arranged(three()))


def test_an_action_drawn_inside_another_lies_where_that_one_does() -> None:
    hidden = {"Welcome": {"children": ["Ask"], "fragments": {"Set": "Ask"}}}
    spots = places(arranged(three(**hidden)))
    assert spots["Ask"] == spots["Welcome"]
    assert spots["Bye"][0] > spots["Welcome"][0]


@pytest.mark.parametrize(
    ("first", "second"), [("Welcome", "Ask"), ("Welcome", "Welcome"), ("Ask", "Bye")]
)
def test_actions_that_say_they_lie_in_each_other_are_arranged(
    first: str, second: str
) -> None:
    shown = {first: {"children": [second]}, second: {"children": [first, "gone"]}}
    found = arranged(three(**shown))
    assert not arrange_file("flow.json", found.data).changes


def test_a_note_goes_with_the_block_it_lies_near() -> None:
    document = three(
        Welcome={"position": {"x": 0, "y": 500}}, Bye={"position": {"x": 900, "y": 0}}
    )
    document["Metadata"]["Annotations"] = [
        {"content": "near Bye", "actionId": "", "position": {"x": 910, "y": 20}},
        {"content": "of Welcome", "actionId": "Welcome", "position": {"x": 1, "y": 2}},
    ]
    found = arranged(document)
    near, own = json.loads(found.data)["Metadata"]["Annotations"]
    x, y = places(found)["Bye"]
    assert near["position"] == {"x": x + 10, "y": y + 20}
    assert own["position"] == {"x": 1, "y": 2}
    assert not arrange_file("flow.json", found.data).changes


def test_self_loops_cycles_and_blocks_nothing_leads_to() -> None:
    actions = [
        action("a", "Loop", None, "b"),
        action("b", "Loop", None, "a"),
        action("c", "Loop", None, "c"),
        action("d", "Loop", None, "nowhere"),
    ]
    found = arranged(contact_flow(actions))
    assert found.after.overlaps == 0
    assert len(set(places(found).values())) == 5


def test_an_empty_flow_has_nothing_but_its_entry() -> None:
    assert arranged(contact_flow([])).blocks == 0


@pytest.mark.skipif(not CONNECT.is_dir(), reason="the corpus is not on this machine")
def test_more_than_90_blocks() -> None:
    found = arranged(large_flow())
    assert found.blocks > 90
    assert found.after.overlaps == 0
    assert found.after.backward < found.before.backward


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1}', "no flow of Amazon Connect"),
        ('{"pipelineState": {}}', "no flow of Amazon Connect"),
        ("{", "cut off"),
        ("", "the file is empty"),
    ],
)
def test_what_is_no_flow_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        arrange_file("flow.json", text.encode())
    assert refused.value.location
    assert refused.value.location.path == "flow.json"


def test_a_flow_inside_another_document_is_refused() -> None:
    document = {"ContactFlow": {"Name": "A", "Content": json.dumps(three())}}
    with pytest.raises(InputError, match="lies inside another document"):
        arranged(document)


@pytest.mark.parametrize(
    "other",
    [
        replace(PROVED, fingerprint="b"),
        replace(PROVED, blocks=()),
        replace(PROVED, blocks=(Block("a", "X", "", {"/Text": "other"}),)),
        replace(PROVED, blocks=(Block("another id", "X", "", {"/Text": "hi"}),)),
        replace(PROVED, edges=(Edge("a", "next", "a"),)),
        replace(PROVED, attributes={"StartAction": "x"}),
    ],
    ids=["digest", "block", "value", "id", "connection", "attribute"],
)
def test_a_file_that_would_behave_otherwise_is_not_written(other: Graph) -> None:
    moved = replace(PROVED.blocks[0], layout={"/position/x": "9"})
    prove_equal("flow.json", PROVED, replace(PROVED, blocks=(moved,)))
    with pytest.raises(RefusedError, match="nothing was written"):
        prove_equal("flow.json", PROVED, other)


def test_an_edit_that_touches_behaviour_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def careless(text: str, *_: object) -> str:
        return text.replace("Press 1", "Press 2")

    monkeypatch.setattr("flowops.arrange.arranging.write_positions", careless)
    with pytest.raises(RefusedError, match="would not behave as before"):
        arranged(three())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"p": {"x": 1, "y": 2.0}}', '{"p": {"x": 5, "y": 6}}'),
        ('{"p": {"x": 5.0, "y": 6}}', '{"p": {"x": 5.0, "y": 6}}'),
        ('{"p":{"y":1,"x":  2 ,"z":3}}', '{"p":{"y":6,"x":  5 ,"z":3}}'),
        ('{"p": {"x": 1}}', '{"p": {"y": 6, "x": 5}}'),
        ('{"p": {}}', '{"p": {"x": 5, "y": 6}}'),
        ("{}", '{"p": {"x": 5, "y": 6}}'),
        ('{"p": null}', '{"p": {"x": 5, "y": 6}}'),
        ('{"a": 1}', '{"p": {"x": 5, "y": 6}, "a": 1}'),
        ('{\n  "a": 1\n}', '{\n  "p": {"x": 5, "y": 6},\n  "a": 1\n}'),
        ('{\r\n\t"a": 1}', '{\r\n\t"p": {"x": 5, "y": 6},\r\n\t"a": 1}'),
    ],
)
def test_the_fewest_bytes_are_edited(before: str, after: str) -> None:
    root = parse_json(source_text("x.json", before))
    assert write_positions(before, root, {("p",): (5, 6)}) == after


def test_several_members_come_in_at_the_start_of_an_object() -> None:
    text = '{\n  "m": {\n    "a": {}\n  }\n}'
    root = parse_json(source_text("x.json", text))
    names = ("a", 'b"', "c")
    spots: dict[Pointer, tuple[int, int]] = {("m", n, "p"): (1, 2) for n in names}
    assert write_positions(text, root, spots) == (
        '{\n  "m": {\n    "b\\"": {"p": {"x": 1, "y": 2}},\n'
        '    "c": {"p": {"x": 1, "y": 2}},\n    "a": {"p": {"x": 1, "y": 2}}\n  }\n}'
    )
