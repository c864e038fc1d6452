"""Whatever stands in a flow, reading it ends in a flow or in an error with a place."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowops.documents.json_text import parse_json
from flowops.documents.source import source_text
from flowops.errors import FlowOpsError
from flowops.systems import connect
from flowops.systems.connect.legacy.conversion import convert_flow
from flowops.systems.connect.legacy.language import LegacyFlow
from flowops.systems.protocol import BoundFlow
from tests.support.contact_flows import ID, action, arn, contact_flow
from tests.support.legacy_flows import legacy_flow, module, parameter

Json = Any
SHOWN = {
    "a": {
        "queue": {"text": "Sales", "id": arn("queue")},
        "audio": [{"id": arn("prompt"), "text": "Beep.wav"}],
        "parameters": {"QueueId": {"displayName": "Sales"}},
    }
}
CURRENT = contact_flow(
    [
        action("a", "UpdateContactTargetQueue", {"QueueId": arn("queue")}, "b"),
        action("b", "UpdateContactEventHooks", {"EventHooks": {"x": "$.y"}}, "c"),
        action("c", "Compare", {"ComparisonValue": f"see {arn('queue')}"}, "a"),
    ],
    SHOWN,
)
OLD = legacy_flow(
    [
        module("a", "SetQueue", [parameter("Queue", arn("queue"))], {"Success": "b"}),
        module(
            "b",
            "SetAttributes",
            [parameter("Attribute", ID, key="k", namespace="External")],
            {"Success": "a", "Error": "a"},
        ),
    ]
)
DOCUMENTS: list[Json] = [
    CURRENT,
    OLD,
    {"ContactFlow": {"Name": "x", "Content": json.dumps(CURRENT)}},
    {
        "ContactFlowModule": {
            "Name": "x",
            "Content": CURRENT,
            "Settings": '{"Transitions": []}',
        }
    },
]
JUNK: list[Json] = [
    None,
    True,
    -1.5,
    "",
    "$.",
    "${",
    "arn:aws:connect:",
    f"{arn('queue')} {arn('prompt')}:$.x",
    ID,
    "😀\u2028\x00",
    [],
    [[None]],
    {},
    {"Operator": []},
]


def places(value: Json, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the places below a value."""
    items = list(value.items()) if isinstance(value, dict) else []
    items = list(enumerate(value)) if isinstance(value, list) else items
    below = [place for key, v in items for place in places(v, (*here, key))]
    return [(*here, key) for key, _ in items] + below


def changed(document: Json, place: tuple[Any, ...], new: Json) -> Json:
    copied = copy.deepcopy(document)
    holder = copied
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = new
    return copied


@settings(max_examples=400)
@given(st.data())
def test_any_value_anywhere(data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(DOCUMENTS))
    for _ in range(2):
        if found := places(document):
            place = data.draw(st.sampled_from(found))
            document = changed(document, place, data.draw(st.sampled_from(JUNK)))
    read_through(json.dumps(document, ensure_ascii=data.draw(st.booleans())))


def read_through(text: str) -> None:
    """Do with a text all that a command may do; an error must have a place."""
    source = source_text("flow.json", text)
    try:
        root = parse_json(source)
        if not connect.recognises(root):
            return
        flow = connect.read(source, root)
        assert flow.source.to_bytes() == text.encode()
        assert all(finding.location for finding in flow.findings)
        bound = BoundFlow(flow, type=flow.type, live=None)
        connect.review(bound)
        if isinstance(flow.body, LegacyFlow):
            content = convert_flow(flow.body).content
            connect.read(source_text("new.json", content), json.loads(content))
        else:
            connect.describe(connect.render(bound).state())
    except FlowOpsError as error:
        assert error.location is not None  # noqa: PT017  some errors are expected


@pytest.mark.parametrize(
    "text",
    [
        '{"modules": ' + "[" * 100_000,
        '{"Version": "2019-10-30", "Actions": [], "x": "\\ud800"}',
        '{"ContactFlow": {"Content": "' + "[" * 100_000 + '"}}',
        '{"ContactFlow": {"Content": "{\\"modules\\": \\"\\\\ud800\\"}"}}',
    ],
)
def test_deep_and_broken_texts(text: str) -> None:
    read_through(text)
