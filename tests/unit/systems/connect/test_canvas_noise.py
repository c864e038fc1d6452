"""What the console makes anew at each save is no change; what a contact meets is."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.model import Graph
from flowops.plan.making import LAYOUT, NOTHING, UPDATE, planned_change
from flowops.systems import connect
from flowops.systems.protocol import Bundle, FlowState
from tests.support.contact_flows import contact_flow, read

Json = dict[str, Any]


def uuid(number: int) -> str:
    return str(UUID(int=number))


def branch(target: str, operand: str) -> Json:
    condition = {"Operator": "Equals", "Operands": [operand]}
    return {"NextAction": target, "Condition": condition}


def step(name: str, kind: str, parameters: Json, **transitions: object) -> Json:
    return {
        "Identifier": name,
        "Type": kind,
        "Parameters": parameters,
        "Transitions": transitions,
    }


def saved() -> Json:
    """Return a flow as the console saves it: a choice, and one block of two actions."""
    ask, session, data, end, lost = (uuid(number) for number in range(5))
    actions = [
        step(
            ask,
            "GetParticipantInput",
            {"Text": "Press 1 or 2", "StoreInput": "False"},
            NextAction=end,
            Errors=[
                {"NextAction": end, "ErrorType": "NoMatchingCondition"},
                {"NextAction": end, "ErrorType": "NoMatchingError"},
            ],
            Conditions=[branch(session, "1"), branch(end, "2"), branch(end, "3")],
        ),
        step(session, "CreateWisdomSession", {"a": "1", "b": "2"}, NextAction=data),
        step(data, "UpdateContactData", {"LanguageCode": "en"}, NextAction=end),
        step(end, "DisconnectParticipant", {}),
        step(lost, "Wait", {"TimeLimitSeconds": "5"}, NextAction=ask),
    ]
    shown = {
        ask: {
            "position": {"x": 10, "y": 20},
            "conditionMetadata": [
                {"id": uuid(10), "value": "1"},
                {"id": uuid(11), "value": "2"},
            ],
        },
        session: {
            "position": {"x": 30, "y": 40},
            "children": [data],
            "fragments": {"SetContactData": data},
        },
        data: {"position": {"x": 50, "y": 60}, "dynamicParams": []},
    }
    note = {"type": "default", "id": uuid(20), "content": "ask", "actionId": ask}
    return (
        contact_flow(actions, shown, entryPointPosition={"x": 1, "y": 2})
        | {"StartAction": ask}
        | {"Metadata": contact_flow(actions, shown, Annotations=[note])["Metadata"]}
    )


def bundle(document: Json) -> Bundle:
    """Make a bundle of a document as it stands, key order and all."""
    files = {"content.json": json.dumps(document)}
    return Bundle(read(document).address, "content.json", files)


def graph(document: Json) -> Graph:
    return connect.describe(bundle(document).state())


def action_of(before: Json, after: Json) -> str:
    """Plan one document over another, and say what would be done."""
    there = FlowState(bundle(before).address, bundle(before).files)
    return planned_change("flow.json", None, bundle(after), there).action


def renamed(document: Json, names: Mapping[str, str]) -> Json:
    """Give actions other ids wherever they stand."""
    text = json.dumps(document)
    for old, new in names.items():
        text = text.replace(old, f"<{new}>")
    for new in names.values():
        text = text.replace(f"<{new}>", new)
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def shuffled(value: Any, data: st.DataObject) -> Any:
    """Put the keys of every object below a value into another order."""
    if isinstance(value, dict):
        keys = data.draw(st.permutations(sorted(value)))
        return {key: shuffled(value[key], data) for key in keys}
    if isinstance(value, list):
        return [shuffled(item, data) for item in value]
    return value


def shuffle_keys(document: Json, data: st.DataObject) -> Json:
    found = shuffled(document, data)
    assert isinstance(found, dict)
    return found


def shuffle_actions(document: Json, data: st.DataObject) -> Json:
    order = data.draw(st.permutations(range(len(document["Actions"]))))
    return document | {"Actions": [document["Actions"][number] for number in order]}


def regenerate_decorations(document: Json, data: st.DataObject) -> Json:
    new = uuid(data.draw(st.integers(100, 2**120)))
    for shown in document["Metadata"]["ActionMetadata"].values():
        for item in shown.get("conditionMetadata", ()):
            item["id"] = new
    document["Metadata"]["Annotations"][0]["id"] = new
    return document


def regenerate_parts(document: Json, data: st.DataObject) -> Json:
    """Give the second action of the compound block another id."""
    return renamed(document, {uuid(2): uuid(data.draw(st.integers(100, 2**120)))})


def move(document: Json, data: st.DataObject) -> Json:
    for shown in document["Metadata"]["ActionMetadata"].values():
        shown["position"] = {"x": data.draw(st.integers(100, 900)), "y": 7}
    return document


def regenerate_all(document: Json, data: st.DataObject) -> Json:
    start = data.draw(st.integers(100, 2**120))
    order = data.draw(st.permutations(range(5)))
    return renamed(document, {uuid(n): uuid(start + order[n]) for n in range(5)})


def order_errors(document: Json, data: st.DataObject) -> Json:
    del data
    document["Actions"][0]["Transitions"]["Errors"].reverse()
    return document


def write_empty_branches(document: Json, data: st.DataObject) -> Json:
    """Write the empty lists that older consoles write and newer ones leave out."""
    del data
    for action in document["Actions"]:
        for key in ("Errors", "Conditions"):
            action["Transitions"].setdefault(key, [])
    return document


Change = Callable[[Json, st.DataObject], Json]


@pytest.mark.parametrize(
    "change",
    [
        shuffle_keys,
        shuffle_actions,
        regenerate_decorations,
        regenerate_parts,
        order_errors,
        write_empty_branches,
    ],
)
@given(data=st.data())
def test_what_carries_nothing_is_no_change(change: Change, data: st.DataObject) -> None:
    before = saved()
    after = change(copy.deepcopy(before), data)
    assert graph(after).fingerprint == graph(before).fingerprint
    assert action_of(before, after) == NOTHING


@pytest.mark.parametrize("change", [move, regenerate_all])
@given(data=st.data())
def test_what_only_the_designer_sees_is_layout(
    change: Change, data: st.DataObject
) -> None:
    before = saved()
    after = shuffle_actions(change(copy.deepcopy(before), data), data)
    assert graph(after).fingerprint == graph(before).fingerprint
    assert action_of(before, after) in (LAYOUT, NOTHING)


@given(data=st.data())
def test_the_order_of_conditions_is_behaviour(data: st.DataObject) -> None:
    before = saved()
    after = copy.deepcopy(before)
    conditions = after["Actions"][0]["Transitions"]["Conditions"]
    one, other = data.draw(st.permutations(range(len(conditions))))[:2]
    conditions[one], conditions[other] = conditions[other], conditions[one]
    assert graph(after).fingerprint != graph(before).fingerprint
    assert action_of(before, after) == UPDATE


def turned(name: str) -> Json:
    """Lead the first way of a block to itself."""
    document = saved()
    (found,) = (a for a in document["Actions"] if a["Identifier"] == name)
    found["Transitions"]["NextAction"] = name
    return document


DIFFERENT: Mapping[str, Json] = {
    "another start": saved() | {"StartAction": uuid(1)},
    "another way": turned(uuid(1)),
    "a way of a block nobody reaches": turned(uuid(4)),
    "a missing block": saved() | {"Actions": saved()["Actions"][:4]},
    "settings": saved() | {"Settings": {"Transitions": []}},
}


@pytest.mark.parametrize("word", DIFFERENT)
def test_another_behaviour_has_another_fingerprint(word: str) -> None:
    assert graph(DIFFERENT[word]).fingerprint != graph(saved()).fingerprint


def test_two_blocks_that_change_places_are_behaviour() -> None:
    """Equal blocks in another order of the ways are another flow."""
    ways = renamed(saved(), {uuid(1): uuid(3), uuid(3): uuid(1)})
    ways["Actions"][1]["Type"], ways["Actions"][3]["Type"] = (
        ways["Actions"][3]["Type"],
        ways["Actions"][1]["Type"],
    )
    assert graph(ways).fingerprint != graph(saved()).fingerprint


def test_parts_are_known_by_the_block_they_are_drawn_in() -> None:
    ids = [block.id for block in graph(saved()).blocks]
    assert f"{uuid(1)} / UpdateContactData" in ids
    assert uuid(2) not in ids


def test_a_part_that_somebody_named_keeps_its_name() -> None:
    named = renamed(saved(), {uuid(2): "Set language"})
    assert "Set language" in [block.id for block in graph(named).blocks]


def test_two_parts_of_one_type_are_told_apart() -> None:
    document = saved()
    again = copy.deepcopy(document["Actions"][2]) | {"Identifier": uuid(30)}
    document["Actions"][2]["Transitions"]["NextAction"] = uuid(30)
    document["Actions"].append(again)
    shown = document["Metadata"]["ActionMetadata"]
    shown[uuid(1)]["children"] = [uuid(2), uuid(30), "gone", 5, uuid(2)]
    ids = [block.id for block in graph(document).blocks]
    part = f"{uuid(1)} / UpdateContactData"
    assert (part in ids, f"{part} 2" in ids, len(set(ids))) == (True, True, 6)


def test_odd_metadata_is_no_trouble() -> None:
    document = saved()
    shown = document["Metadata"]["ActionMetadata"]
    shown[uuid(0)] |= {"conditionMetadata": ["x", None], "conditions": {"id": "y"}}
    shown[uuid(1)] |= {"children": "x", "fragments": 5}
    before = graph(document)
    shown[uuid(0)]["conditions"] = {"id": "z"}
    assert before.fingerprint == graph(document).fingerprint
    assert before != graph(document), "what is not known to be noise is layout"
