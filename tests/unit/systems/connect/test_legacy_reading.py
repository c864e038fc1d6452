"""A flow of the old language is read, checked and described, and never promoted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowops.errors import InputError
from flowops.model import Graph, Reference
from flowops.systems import connect
from flowops.systems.protocol import BoundFlow, FlowState
from tests.support.contact_flows import ID, OTHER_ID, arn, read
from tests.support.legacy_flows import legacy_flow, module, parameter, read_parameters

LAMBDA = "arn:aws:lambda:eu-west-1:111122223333:function:lookup"
BOT = "arn:aws:lex:eu-west-1:111122223333:bot-alias/BOT1234567/ALIAS12345"
PLACE = ("modules", 0, "parameters", 0)
Json = dict[str, Any]


def only(kind: str, *parameters: Json, **fields: object) -> Reference:
    (reference,) = read(read_parameters(kind, *parameters, **fields)).references
    return reference


def test_name_type_and_description_come_from_the_metadata() -> None:
    flow = read(legacy_flow([module("a", "Disconnect")]))
    assert str(flow.address) == "connect/contact-flow/Old"
    assert (flow.type, flow.description) == ("CONTACT_FLOW", "From before")


def test_the_oldest_ones_say_their_type_in_the_metadata_only() -> None:
    document = legacy_flow([module("a", "PlayAudio")])
    del document["type"]
    assert read(document).type == "CUSTOMER_QUEUE"


def test_the_file_name_serves_as_a_name() -> None:
    document = legacy_flow([module("a", "Disconnect")], metadata={})
    assert read(document, "flows/Old one").address.name == "Old one"


def test_bytes_come_back_as_they_were() -> None:
    text = "\ufeff" + json.dumps(legacy_flow([module("é", "Disconnect")])) + "\r\n"
    assert read(text).source.to_bytes() == text.encode()


@pytest.mark.parametrize(
    ("name", "value", "kind", "form"),
    [
        ("Queue", arn("queue"), "queue", "arn"),
        ("Queue", "amzn1.cs-gacd.skill.0123", "queue", "name"),
        ("Agent", arn("agent"), "user", "arn"),
        ("ContactFlowId", arn("contact-flow"), "contact-flow", "arn"),
        ("AudioPrompt", arn("prompt"), "prompt", "arn"),
        ("FunctionArn", LAMBDA, "lambda-function", "arn"),
        ("FunctionArn", "${Function}", "lambda-function", "placeholder"),
        ("Hours", arn("operating-hours"), "hours-of-operation", "arn"),
        ("BotAliasArn", BOT, "lex-bot-alias", "arn"),
        ("BotName", "Order", "lex-bot", "literal"),
        ("BotRegion", "eu-west-1", "region", "literal"),
        ("EncryptionKeyId", ID, "security-key", "id"),
        ("Queue", "", "queue", "empty"),
        ("Queue", None, "queue", "empty"),
    ],
)
def test_every_parameter_of_the_table(
    name: str, value: str | None, kind: str, form: str
) -> None:
    reference = only("Any", parameter(name, value))
    assert (reference.kind, reference.form) == (kind, form)
    assert (reference.path, reference.block) == ((*PLACE, "value"), "block")
    assert reference.location.line > 1


def test_a_parameter_without_value_is_empty_where_it_stands() -> None:
    reference = only("PlayPrompt", {"name": "AudioPrompt", "resourceName": "Beep.wav"})
    assert (reference.form, reference.name) == ("empty", "Beep.wav")
    assert reference.path == PLACE


def test_a_namespace_makes_it_dynamic() -> None:
    dynamic = parameter("Queue", "next", namespace="User Defined")
    reference = only("SetQueue", dynamic)
    assert (reference.form, reference.value) == ("dynamic", "next")


def test_the_name_stands_beside_the_arn_and_in_the_metadata() -> None:
    shown = {"queue": {"id": arn("queue"), "text": "Sales"}}
    told = parameter("Queue", arn("queue"), resourceName="Sales")
    reference = only("SetQueue", told, metadata=shown)
    metadata = ("modules", 0, "metadata")
    assert reference.name == "Sales"
    assert reference.twins == ((*metadata, "queue", "id"),)
    assert reference.name_twins == (
        (*PLACE, "resourceName"),
        (*metadata, "queue", "text"),
    )


@pytest.mark.parametrize(
    ("name", "value", "metadata", "expected"),
    [
        ("Queue", "", {"queue": {"text": "Sales", "id": ""}}, "Sales"),
        ("Queue", "", {"queue": "attribute"}, ""),
        ("ContactFlowId", "", {"ContactFlow": {"text": "Main"}}, "Main"),
        ("ContactFlowId", "", {"contactFlow": {"text": "Hook"}}, "Hook"),
        ("Hours", "", {"Hours": {"text": "Office"}}, "Office"),
        ("AudioPrompt", "", {"promptName": "Beep.wav"}, "Beep.wav"),
        (
            "AudioPrompt",
            arn("prompt"),
            {"audio": [{"id": arn("prompt"), "text": "Jazz.wav"}]},
            "Jazz.wav",
        ),
        ("FunctionArn", LAMBDA, {}, "lookup"),
        (
            "BotAliasArn",
            BOT,
            {"lexV2BotName": "Order", "lexV2BotAliasName": "live"},
            "Order/live",
        ),
    ],
)
def test_names(name: str, value: str, metadata: Json, expected: str) -> None:
    assert only("Any", parameter(name, value), metadata=metadata).name == expected


def test_a_user_is_called_by_the_login() -> None:
    told = parameter("Agent", arn("agent"), resourceName="jo@example.com (Jo Doe)")
    assert only("SetQueue", told).name == "jo@example.com"


def test_arns_in_free_texts_are_found() -> None:
    flow = read(
        read_parameters(
            "SetAttributes",
            parameter("Attribute", arn("queue"), key="queue"),
            parameter("Attribute", f"a {LAMBDA}", key="text"),
            parameter("Attribute", OTHER_ID, key="id"),
            parameter("Attribute", OTHER_ID, key="id", namespace="External"),
            parameter("Attribute", 7, key="number"),
        )
    )
    assert [(r.kind, r.span is None) for r in flow.references] == [
        ("queue", True),
        ("lambda-function", False),
    ]
    assert {f.rule for f in flow.findings} == {"connect/legacy", "connect/bare-id"}


def wrong(**changes: object) -> Json:
    return legacy_flow([module("a", "Disconnect")]) | changes


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (wrong(start=3), "start must be a text"),
        (wrong(modules={}), "modules must be a list"),
        (wrong(modules=[1]), "0 must be an object"),
        (wrong(metadata=[]), "metadata must be an object"),
        (wrong(modules=[{"type": "Loop"}]), "id must be a text"),
        (wrong(modules=[{"id": "a"}]), "type must be a text"),
        (wrong(modules=[module("a", "Loop") | {"branches": 1}]), "branches must be"),
        (wrong(modules=[module("a", "Loop", [{}])]), "name must be a text"),
        (wrong(modules=[module("a", "Loop", [], [{}])]), "condition must be a text"),
        (
            wrong(modules=[module("a", "Loop", [], [{"condition": "x"}])]),
            "transition must be a text",
        ),
        (
            wrong(modules=[module("a", "Loop"), module("a", "Loop")]),
            "two blocks have the id 'a'",
        ),
    ],
)
def test_wrong_shapes_are_refused_with_their_place(
    document: Json, message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(document)
    assert error.value.location is not None


@pytest.mark.parametrize(
    ("document", "rules"),
    [
        (wrong(), ["connect/legacy"]),
        (wrong(start="b"), ["connect/legacy", "connect/start-missing"]),
        (
            wrong(modules=[module("a", "Loop", [], {"Looping": "z"})]),
            ["connect/legacy", "connect/edge-to-nowhere"],
        ),
    ],
)
def test_findings(document: Json, rules: list[str]) -> None:
    found = read(document).findings
    assert sorted(f.rule for f in found) == sorted(rules)
    assert all(f.location and f.location.line > 1 for f in found)


def test_it_cannot_be_promoted() -> None:
    flow = read(wrong(), "flows/old")
    (finding,) = connect.review(BoundFlow(flow))
    assert (finding.rule, finding.severity) == ("connect/legacy", "error")
    assert finding.location is not None
    assert finding.location.line > 1
    assert "flowops convert flows/old" in finding.hint
    with pytest.raises(InputError, match="a legacy export cannot be promoted"):
        connect.render(BoundFlow(flow))


def described(document: Json) -> Graph:
    flow = read(document)
    files = {"content.json": flow.source.text.open()}
    return connect.describe(FlowState(flow.address, files))


def test_it_is_described_by_meaning() -> None:
    branches: list[Json] = [
        {"condition": "Success", "transition": "end"},
        {
            "condition": "Evaluate",
            "conditionType": "Equals",
            "conditionValue": 1,
            "transition": "end",
        },
    ]
    parameters = [
        parameter("Attribute", "x", key="a", namespace="External"),
        parameter("Attribute", 5, key="b"),
        parameter("Attribute", "hunter2", key="password"),
        parameter("Track", "FromCustomer"),
        parameter("Track", "ToCustomer"),
    ]
    block = module("block", "Transfer", parameters, branches, target="Queue")
    graph = described(legacy_flow([block, module("end", "Disconnect")]))
    assert graph.blocks[0].type == "Transfer/Queue"
    assert dict(graph.blocks[0].properties) == {
        "/Attribute/a": "External: x",
        "/Attribute/b": "5",
        "/Attribute/password": "<value_redacted>",
        "/Track": "FromCustomer",
        "/Track/1": "ToCustomer",
    }
    assert [(e.branch, e.target) for e in graph.edges] == [
        ("Success", "end"),
        ("Evaluate Equals 1", "end"),
    ]


def test_the_canvas_is_no_behaviour() -> None:
    one, other, changed = wrong(), wrong(), wrong(start="b")
    other["modules"][0]["metadata"]["position"]["x"] = 7
    assert described(one).fingerprint == described(other).fingerprint
    assert described(one).layout == described(other).layout
    assert described(one).blocks != described(other).blocks
    assert described(one).fingerprint != described(changed).fingerprint
