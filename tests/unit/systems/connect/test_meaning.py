"""A flow by meaning, from its text and from what a plan knows of it already."""

from __future__ import annotations

import pytest

from flowops.documents.json_text import JsonValue, replace_values
from flowops.model import Binding, BindingState, Pointer, Resource
from flowops.plan.making import planned_change
from flowops.secrets import Secret
from flowops.systems import connect
from flowops.systems.connect.description import describe_rendered
from flowops.systems.connect.language import ContactFlow
from flowops.systems.protocol import BoundFlow, Bundle, FlowState
from tests.support.contact_flows import ID, OTHER_ID, action, contact_flow, read


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (1, "1"),
        (-0, "0"),
        (1.0, "1.0"),
        (10**20, "1" + 20 * "0"),
        (None, "null"),
        ([], "[]"),
        ({}, "{}"),
        ("1", "1"),
    ],
)
def test_a_value_is_written_as_json_has_it(value: JsonValue, text: str) -> None:
    flow = read(contact_flow([action("a", "Wait", {"Value": value})]))
    bundle = connect.render(BoundFlow(flow))

    assert connect.describe(bundle.state()).blocks[0].properties == {"/Value": text}


@pytest.mark.parametrize("ways", [(OTHER_ID, "", ""), (ID, OTHER_ID, "")])
def test_a_part_that_follows_a_reference_is_named_anew(
    ways: tuple[str, str, str],
) -> None:
    shown = {"a": {"queue": {"id": ID, "text": "Sales"}, "children": [ID]}}
    actions = [
        action("a", "UpdateContactTargetQueue", {"QueueId": ID}, ways[0]),
        action(ID, "MessageParticipant", {"Text": "part"}, ways[1]),
        action(OTHER_ID, "MessageParticipant", {"Text": "other"}, ways[2]),
    ]
    flow = read(contact_flow(actions, shown))
    (reference,) = flow.references
    assert ("Metadata", "ActionMetadata", "a", "children", 0) in reference.twins
    resource = Resource("queue", "Sales", id=OTHER_ID)
    answer = Binding(reference, BindingState.RESOLVED, OTHER_ID, "test", resource)
    bound = BoundFlow(flow, (answer,))
    bundle = connect.render(bound)

    graph = connect.describe_bundle(bound, bundle)

    assert graph == connect.describe(bundle.state())
    assert [b.id for b in graph.blocks] == ["a", ID, "a / MessageParticipant"]


@pytest.mark.parametrize(
    "pointer",
    [
        ("Settings",),
        ("Settings", "a"),
        ("Metadata", "note"),
        ("Actions", 0, "Transitions", "NextAction"),
        ("Actions", 0, "Type"),
    ],
)
def test_a_value_outside_the_blocks_is_read_from_the_text(pointer: Pointer) -> None:
    actions = [action("a", "Wait", {}, "b"), action("b", "Wait", {}, "a")]
    document = contact_flow(actions, note="old") | {"Settings": {"a": "b"}}
    flow = read(document)
    assert isinstance(flow.body, ContactFlow)
    values: dict[Pointer, JsonValue] = {pointer: "b"}
    if pointer[-1] == "NextAction":
        values = {pointer: "a"}
    text = replace_values(flow.source.text.open(), values)
    state = FlowState(flow.address, {"content.json": text})

    assert describe_rendered(state, flow.body, values) == connect.describe(state)


def of_password(password: str) -> tuple[BoundFlow, Bundle]:
    flow = read(contact_flow([action("a", "Wait", {"password": password})]))
    bound = BoundFlow(flow)
    return bound, connect.render(bound)


def test_texts_that_look_alike_and_hide_another_secret_differ() -> None:
    bound, bundle = of_password("new")
    before = of_password("old")[1].state()
    assert isinstance(bundle.files["content.json"], Secret)
    assert before == bundle.state()

    change = planned_change("flow.json", bound, bundle, before)

    assert change.action == "update"
    assert change.diff
    assert change.diff.sealed
    assert change.before_digest != change.after_digest


def test_the_same_secret_is_no_difference() -> None:
    bound, bundle = of_password("same")
    before = of_password("same")[1].state()

    change = planned_change("flow.json", bound, bundle, before)

    assert change.action == "no-op"
    assert change.before_digest == change.after_digest
