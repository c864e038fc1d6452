"""What a flow may look like, and what is said of one that does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowops.documents.json_text import JsonValue
from flowops.errors import InputError
from flowops.systems import connect
from flowops.systems.protocol import BoundFlow, Flow
from tests.support.contact_flows import action, arn, contact_flow, read, read_block


def test_name_type_and_kind_come_from_the_file() -> None:
    flow = read(contact_flow([action("a", "EndFlowExecution")], type="customerQueue"))
    assert str(flow.address) == "connect/contact-flow/Flow"
    assert flow.type == "CUSTOMER_QUEUE"


def test_the_file_name_serves_as_a_name() -> None:
    document = contact_flow([action("a", "EndFlowExecution")])
    del document["Metadata"]
    flow = read(document, "flows/Main IVR.json")
    assert (flow.address.name, flow.type) == ("Main IVR", "")


@pytest.mark.parametrize("by", ["action", "settings"])
def test_modules_are_recognised(by: str) -> None:
    document = contact_flow([action("a", "DisconnectParticipant")])
    if by == "action":
        document["Actions"][0]["Type"] = "EndFlowModuleExecution"
    else:
        document["Settings"] = {"Transitions": []}
    assert read(document).address.kind == "flow-module"


def test_bytes_come_back_as_they_were() -> None:
    text = "\ufeff" + json.dumps(contact_flow([action("é", "Wait")]), indent=3) + "\r\n"
    assert read(text).source.to_bytes() == text.encode()


def wrong(**changes: object) -> dict[str, Any]:
    return contact_flow([action("a", "EndFlowExecution")]) | changes


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (wrong(Version="2030"), "Version '2030' of the flow language is unknown"),
        (wrong(Version=None), "Version None of the flow language is unknown"),
        (wrong(StartAction=3), "StartAction must be a text"),
        (wrong(Metadata=[]), "Metadata must be an object"),
        (wrong(Metadata={"ActionMetadata": 1}), "ActionMetadata must be an object"),
        (wrong(Actions={}), "Actions must be a list"),
        (wrong(Actions=[1]), "0 must be an object"),
        (wrong(Actions=[{"Type": "Wait"}]), "Identifier must be a text"),
        (wrong(Actions=[{"Identifier": "a"}]), "Type must be a text"),
        (
            wrong(Actions=[action("a", "Wait") | {"Parameters": 1}]),
            "Parameters must be an object",
        ),
        (
            wrong(Actions=[action("a", "Wait") | {"Transitions": []}]),
            "Transitions must be an object",
        ),
        (
            wrong(Actions=[action("a", "Wait") | {"Transitions": {"Errors": {}}}]),
            "Errors must be a list",
        ),
        (
            wrong(
                Actions=[action("a", "Wait") | {"Transitions": {"Conditions": [{}]}}]
            ),
            "NextAction must be a text",
        ),
        (
            wrong(Actions=[action("a", "Wait"), action("a", "Wait")]),
            "two actions have the Identifier 'a'",
        ),
    ],
)
def test_wrong_shapes_are_refused_with_their_place(
    document: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(")) as error:
        read(document)
    assert error.value.location is not None
    assert error.value.location.path == "flows/flow.json"


@pytest.mark.parametrize(
    "root", [None, [], 1, {}, {"Version": "2019-10-30"}, {"modules": []}]
)
def test_other_documents_are_not_recognised(root: JsonValue) -> None:
    assert not connect.recognises(root)


def test_secrets_in_parameters_are_masked_when_described() -> None:
    flow = read_block(
        "InvokeLambdaFunction",
        {"LambdaInvocationAttributes": {"apiKey": "hunter2", "note": "hello"}},
    )
    state = connect.render(bound(flow)).state()
    graph = connect.describe(state)
    (block,) = [b for b in graph.blocks if b.id == "block"]
    assert dict(block.properties) == {
        "/LambdaInvocationAttributes/apiKey": "<value_redacted>",
        "/LambdaInvocationAttributes/note": "hello",
    }
    assert "hunter2" not in str(state.files["content.json"])


def bound(flow: Flow) -> BoundFlow:

    return BoundFlow(flow, type=flow.type)


def test_a_change_of_a_masked_value_still_shows() -> None:
    def fingerprint(value: str) -> str:
        flow = read_block("Wait", {"password": value})
        return connect.describe(connect.render(bound(flow)).state()).fingerprint

    assert fingerprint("one") != fingerprint("two")
    assert fingerprint("one") == fingerprint("one")


def test_queue_arn_in_metadata_alone_is_not_behaviour() -> None:
    shown = {"queue": {"id": arn("queue"), "text": "x"}}
    plain = read_block("Wait", {})
    decorated = read_block("Wait", {}, shown)
    one = connect.describe(connect.render(bound(plain)).state())
    other = connect.describe(connect.render(bound(decorated)).state())
    assert one.fingerprint == other.fingerprint
    assert one.blocks[0].layout != other.blocks[0].layout
