"""A rewrite changes the values it is about, and not one other byte."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from flowops.documents.json_text import JsonValue, Span, replace_values
from flowops.errors import InputError
from flowops.model import Binding, BindingState, Pointer, Resource
from flowops.systems import connect
from flowops.systems.connect import rendering
from flowops.systems.connect.places import prove
from flowops.systems.protocol import BoundFlow, Flow
from tests.support.contact_flows import ID, OTHER_ID, action, arn, contact_flow, read

HERE = (
    "arn:aws:connect:eu-central-1:444455556666:instance/"
    "0bbbbbbb-1111-4222-8333-444444444444"
)
TARGET = f"{HERE}/queue/{ID[:-1]}9"


def flow_with_queue() -> Flow:
    shown = {
        "block": {
            "position": {"x": 1, "y": 2},
            "queue": {"text": "Sales", "id": "arn:stale"},
            "parameters": {"QueueId": {"displayName": "Sales"}},
        }
    }
    actions = [
        action("block", "UpdateContactTargetQueue", {"QueueId": arn("queue")}, "end"),
        action("end", "MessageParticipant", {"Text": "Bye"}),
    ]
    return read(contact_flow(actions, shown))


def bind(flow: Flow, resource: Resource, value: str = "") -> BoundFlow:
    answers = tuple(
        Binding(r, BindingState.RESOLVED, value or resource.arn, "test", resource)
        for r in flow.references
    )
    return BoundFlow(flow, answers, type=flow.type)


def content(bound: BoundFlow) -> str:
    return str(connect.render(bound).files["content.json"])


def test_only_bound_values_change() -> None:
    flow = flow_with_queue()
    resource = Resource("queue", "Sales EMEA", id=ID, arn=TARGET)
    before = flow.source.text.open()
    expected = (
        before.replace(f'"QueueId": "{arn("queue")}"', f'"QueueId": "{TARGET}"')
        .replace('"arn:stale"', f'"{TARGET}"')
        .replace('"text": "Sales"', '"text": "Sales EMEA"')
        .replace('"displayName": "Sales"', '"displayName": "Sales EMEA"')
    )
    assert content(bind(flow, resource)) == expected


def test_only_the_arn_inside_a_text_changes() -> None:
    text = f'two: {arn("queue")}, "{arn("queue", OTHER_ID)}" and $.AwsRegion'
    flow = read(contact_flow([action("a", "MessageParticipant", {"Text": text})]))
    answers = tuple(
        Binding(r, BindingState.RESOLVED, new, "test", Resource("queue", "X", arn=new))
        for r, new in zip(flow.references, (TARGET, f"{TARGET}0"), strict=True)
    )
    rendered = json.loads(content(BoundFlow(flow, answers)))
    found = rendered["Actions"][0]["Parameters"]["Text"]
    assert found == f'two: {TARGET}, "{TARGET}0" and $.AwsRegion'


def test_a_repeated_id_keeps_its_form() -> None:
    module, there = arn("flow-module"), f"{HERE}/flow-module/{OTHER_ID}"
    shown = {"block": {"short": ID, "long": module, "far": OTHER_ID}}
    actions = [action("block", "InvokeFlowModule", {"FlowModuleId": ID})]
    flow = read(contact_flow(actions, shown))
    resource = Resource("flow-module", "M", id=OTHER_ID, arn=there)
    rendered = json.loads(content(bind(flow, resource, value=OTHER_ID)))
    block = rendered["Metadata"]["ActionMetadata"]["block"]
    assert block == {"short": OTHER_ID, "long": there, "far": OTHER_ID}


def test_a_repeated_placeholder_becomes_what_the_parameter_becomes() -> None:
    shown = {"block": {"queue": {"id": "${Queue}", "text": "Sales"}}}
    parameters = {"QueueId": "${Queue}"}
    actions = [action("block", "UpdateContactTargetQueue", parameters)]
    flow = read(contact_flow(actions, shown))
    resource = Resource("queue", "Sales", id=ID, arn=TARGET)
    rendered = json.loads(content(bind(flow, resource)))
    assert rendered["Actions"][0]["Parameters"]["QueueId"] == TARGET
    queue = rendered["Metadata"]["ActionMetadata"]["block"]["queue"]
    assert queue == {"id": TARGET, "text": "Sales"}


def test_bot_and_alias_go_to_their_own_places() -> None:
    bot = "arn:aws:lex:eu-west-1:111122223333:bot-alias/BOT1234567/ALIAS12345"
    there = "arn:aws:lex:eu-central-1:444455556666:bot-alias/BOT7654321/ALIAS54321"
    names = {"displayName": "live", "lexV2BotName": "Order"}
    shown = {
        "block": {
            "parameters": {"LexV2Bot": {"AliasArn": names}},
            "lexV2BotName": "Order",
            "lexV2BotAliasName": "live",
            "LexV2Bot": {"id": bot},
        }
    }
    parameters = {"LexV2Bot": {"AliasArn": bot}}
    kind = "ConnectParticipantWithLexBot"
    flow = read(contact_flow([action("block", kind, parameters)], shown))
    resource = Resource("lex-bot-alias", "Orders/prod", arn=there)
    rendered = json.loads(content(bind(flow, resource)))
    assert rendered["Metadata"]["ActionMetadata"]["block"] == {
        "parameters": {
            "LexV2Bot": {"AliasArn": {"displayName": "prod", "lexV2BotName": "Orders"}}
        },
        "lexV2BotName": "Orders",
        "lexV2BotAliasName": "prod",
        "LexV2Bot": {"id": there},
    }


def test_a_resource_without_a_name_takes_no_name_away() -> None:
    flow = flow_with_queue()
    rendered = json.loads(content(bind(flow, Resource("queue", "", arn=TARGET))))
    block = rendered["Metadata"]["ActionMetadata"]["block"]
    assert block["queue"] == {"text": "Sales", "id": TARGET}
    assert block["parameters"] == {"QueueId": {"displayName": "Sales"}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Bye", "Hello"),
        ('"y": 2', '"y": 3'),
        (TARGET, f"{TARGET}0"),
        ('"Type": "MessageParticipant"', '"Type": "Wait"'),
        ('"Text": "Bye"', '"Text": "Bye", "SSML": "x"'),
    ],
)
def test_a_rewrite_that_moves_anything_else_is_refused(
    old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(
        text: str,
        values: Mapping[Pointer, JsonValue],
        spans: Mapping[Pointer, Span] | None = None,
    ) -> str:
        return replace_values(text, values, spans).replace(old, new)

    flow = flow_with_queue()
    bound = bind(flow, Resource("queue", "Sales EMEA", id=ID, arn=TARGET))
    connect.render(bound)
    monkeypatch.setattr(rendering, "replace_values", careless)
    with pytest.raises(InputError, match="more than its references") as error:
        connect.render(bound)
    assert error.value.location == flow.source.place(0)
    assert "nothing is written" in error.value.hint


@pytest.mark.parametrize("swallowed", ['"x", "b": 1', '"x", "b": 1, "c": [2]'])
def test_a_place_that_takes_a_neighbour_along_is_none(swallowed: str) -> None:
    text = '{"a": "x", "b": 1, "c": [2]}'
    document: JsonValue = {"a": "x", "b": 1, "c": [2]}
    start = text.index(swallowed)
    assert prove(document, text, [("a",)], [(6, 9)]) == {("a",): (6, 9)}
    with pytest.raises(ValueError, match="something else"):
        prove(document, text, [("a",)], [(start, start + len(swallowed))])


def test_a_place_of_the_same_text_elsewhere_is_none() -> None:
    text = '{"a": "x", "b": "x"}'
    document: JsonValue = {"a": "x", "b": "x"}
    with pytest.raises(ValueError, match="is not where"):
        prove(document, text, [("a",)], [(16, 19)])


def test_same_resource_changes_nothing() -> None:
    flow = flow_with_queue()
    resource = Resource("queue", "Sales", arn=arn("queue"))
    assert content(bind(flow, resource)) == flow.source.text.open()


@pytest.mark.parametrize(
    "state",
    [
        BindingState.DYNAMIC,
        BindingState.PLACEHOLDER,
        BindingState.UNCHECKED,
        BindingState.UNRESOLVED,
    ],
)
def test_what_is_not_resolved_is_left_alone(state: BindingState) -> None:
    flow = flow_with_queue()
    (reference,) = flow.references
    answer = Binding(reference, state, reference.value, "test")
    rendered = content(BoundFlow(flow, (answer,)))
    assert rendered == flow.source.text.open()


def test_a_byte_order_mark_is_not_sent() -> None:
    text = "\ufeff" + json.dumps(contact_flow([action("a", "Wait")]))
    assert content(BoundFlow(read(text))) == text[1:]


@pytest.mark.parametrize(
    ("bound_type", "live", "expected"),
    [
        ("CONTACT_FLOW", None, ""),
        ("contactFlow", None, ""),
        ("", {"type": "AGENT_HOLD"}, ""),
        ("", None, "connect/type-missing"),
        ("Teapot", None, "connect/unknown-type"),
        ("CONTACT_FLOW", {"type": "AGENT_HOLD"}, "connect/type-differs"),
    ],
)
def test_types(bound_type: str, live: dict[str, str] | None, expected: str) -> None:
    bound = BoundFlow(flow_with_queue(), type=bound_type, live=live)
    assert [f.rule for f in connect.review(bound)] == ([expected] if expected else [])


def test_attributes_take_the_type_of_the_target() -> None:
    bound = BoundFlow(flow_with_queue(), type="", live={"type": "AGENT_HOLD"})
    assert connect.render(bound).attributes["type"] == "AGENT_HOLD"
