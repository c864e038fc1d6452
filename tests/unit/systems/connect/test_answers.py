"""What an environment answers to the kinds of reference only Amazon Connect has."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from flowops.bind import Binder, binding_findings
from flowops.model import Inventory, Location, ReferenceForm, Resource
from flowops.overlays.environment import Environment
from flowops.overlays.flow_overlay import FlowOverlays, ReferenceRule
from flowops.systems import connect
from flowops.systems.protocol import BoundFlow
from tests.support.builders import flow_with, reference_to
from tests.support.contact_flows import ID, arn, read_block

MANAGED = "arn:aws:connect:eu-west-1:aws:view/form:1"
ASSISTANT = f"arn:aws:wisdom:eu-west-1:111122223333:assistant/{ID}"
GOV = Inventory((), frozenset(["queue"]), "us-gov-west-1", "aws-us-gov")


def bound(
    kind: str,
    parameters: dict[str, Any],
    inventory: Inventory | None,
    *rules: ReferenceRule,
) -> BoundFlow:
    overlays = FlowOverlays(Environment("test", Location("test.yaml")), (), rules)
    return Binder(overlays, inventory, {}).bind(read_block(kind, parameters))


def rule(kind: str, source: str, target: str) -> ReferenceRule:
    return ReferenceRule("Flow", kind, source, target, Location("test.yaml", 3))


def test_a_managed_view_goes_to_the_region_and_partition_of_the_target() -> None:
    (answer,) = bound("ShowView", {"ViewResource": {"Id": MANAGED}}, GOV).bindings
    assert answer.value == "arn:aws-us-gov:connect:us-gov-west-1:aws:view/form:1"
    assert answer.evidence == "managed by AWS, the Region changes"
    assert answer.state == "resolved"


def test_a_classic_bot_goes_to_the_region_of_the_target() -> None:
    bot = {"Name": "Bot", "Alias": "live", "Region": "eu-west-1"}
    answers = bound("ConnectParticipantWithLexBot", {"LexBot": bot}, GOV).bindings
    assert [(a.state, a.value) for a in answers] == [
        ("unchecked", "Bot"),
        ("unchecked", "live"),
        ("resolved", "us-gov-west-1"),
    ]


@pytest.mark.parametrize("inventory", [None, Inventory((), frozenset(["queue"]))])
def test_without_a_region_a_managed_view_stays(inventory: Inventory | None) -> None:
    answers = bound("ShowView", {"ViewResource": {"Id": MANAGED}}, inventory).bindings
    assert [(a.state, a.value) for a in answers] == [("unchecked", MANAGED)]


def test_a_kind_that_is_not_listed_is_a_warning() -> None:
    flow = bound("CreateWisdomSession", {"WisdomAssistantArn": ASSISTANT}, GOV)
    (answer,) = flow.bindings
    assert (answer.state, answer.evidence) == ("unchecked", "cannot be checked")
    (finding,) = binding_findings(flow)
    assert (finding.rule, finding.severity) == ("reference/unchecked", "warning")
    assert finding.location is not None
    assert ASSISTANT in finding.message


def test_without_a_target_nothing_is_a_warning() -> None:
    flow = bound("CreateWisdomSession", {"WisdomAssistantArn": ASSISTANT}, None)
    assert list(binding_findings(flow)) == []


def test_a_persons_word_counts_for_what_cannot_be_checked() -> None:
    other = ASSISTANT.replace("eu-west-1", "eu-central-1")
    mapping = rule("assistant", ASSISTANT, other)
    flow = bound("CreateWisdomSession", {"WisdomAssistantArn": ASSISTANT}, GOV, mapping)
    (answer,) = flow.bindings
    assert (answer.state, answer.value) == ("resolved", other)
    assert [f.rule for f in binding_findings(flow)] == ["reference/unchecked"]


def test_a_number_stays_a_number() -> None:
    number = Resource("phone-number", "+491234", id=ID, arn=arn("phone-number"))
    inventory = Inventory((number,), frozenset(["phone-number"]))
    caller = {"CallerId": {"Number": "+491234"}}
    flow = bound("TransferParticipantToThirdParty", caller, inventory)
    (answer,) = flow.bindings
    assert (answer.state, answer.value) == ("resolved", "+491234")


def test_a_bot_is_found_by_bot_and_alias() -> None:
    here = "arn:aws:lex:eu-central-1:444455556666:bot-alias/BOT7654321/ALIAS54321"
    bot = Resource("lex-bot-alias", "Order/live", arn=here)
    inventory = Inventory((bot,), frozenset(["lex-bot-alias"]))
    there = "arn:aws:lex:eu-west-1:111122223333:bot-alias/BOT1234567/ALIAS12345"
    shown = {"lexV2BotName": "Order", "lexV2BotAliasName": "live"}
    overlays = FlowOverlays(Environment("test", Location("test.yaml")))
    parameters = {"LexV2Bot": {"AliasArn": there}}
    flow = read_block("ConnectParticipantWithLexBot", parameters, shown)
    (answer,) = Binder(overlays, inventory, {}).bind(flow).bindings
    assert (answer.state, answer.value) == ("resolved", here)


HERE = (
    "arn:aws:connect:eu-central-1:444455556666:instance/"
    "0bbbbbbb-1111-4222-8333-444444444444"
)
FUNCTION = "arn:aws:lambda:eu-central-1:444455556666:function:look-up"
OLD_FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:lookup"


def queue(name: str, number: int = 1) -> Resource:
    return Resource("queue", name, id=f"q-{number}", arn=f"{HERE}/queue/q-{number}")


def messages(flow: BoundFlow) -> list[str]:
    return [f.message for f in binding_findings(flow)]


def test_an_id_of_something_else_is_called_what_it_is() -> None:
    mistaken = Resource("queue", "Sales", id=ID, arn=f"{HERE}/queue/{ID}")
    inventory = Inventory((mistaken,), frozenset(["queue", "prompt"]))
    flow = bound("MessageParticipant", {"PromptId": ID}, inventory)
    (message,) = messages(flow)
    assert message == (
        "block block: PromptId refers to prompt, which is unresolved: "
        "it is the queue 'Sales' there"
    )


def test_an_overlay_that_names_something_else_is_told_so() -> None:
    inventory = Inventory((queue("Sales"),), frozenset(["queue", "prompt"]))
    mapping = rule("prompt", ID, f"{HERE}/queue/q-1")
    flow = bound("MessageParticipant", {"PromptId": ID}, inventory, mapping)
    (finding,) = binding_findings(flow)
    assert finding.message.endswith("it is the queue 'Sales' there")
    assert finding.location is not None


@pytest.mark.parametrize("named", ["Sales", "sales"])
def test_names_that_differ_only_in_case_are_told(named: str) -> None:
    there = (queue("Sales"), queue("SALES", 2), queue("Support", 3), queue("sales", 4))
    inventory = Inventory(there, frozenset(["queue"]))
    mapping = rule("queue", arn("queue"), named)
    parameters = {"QueueId": arn("queue")}
    flow = bound("UpdateContactTargetQueue", parameters, inventory, mapping)
    (answer,) = flow.bindings
    rivals = [name for name in ("Sales", "SALES", "sales") if name != named]
    assert answer.resource is not None
    assert (answer.state, answer.resource.name) == ("resolved", named)
    (finding,) = binding_findings(flow)
    assert (finding.rule, finding.severity) == ("reference/near-name", "warning")
    assert finding.message == (
        f"block block: queue {named!r} is chosen; {rivals[0]!r}, {rivals[1]!r} there "
        "differs from it only in case"
    )


def test_what_a_stream_names_may_differ_only_in_case() -> None:
    """Topics of Kafka have a case, and nobody takes two for one."""
    topics = (Resource("topic", "Orders"), Resource("topic", "orders"))
    inventory = Inventory(topics, frozenset(["topic"]))
    option = replace(
        reference_to("topic", "orders", ReferenceForm.LITERAL, name="orders"),
        path=("config", "n", "t", "topic"),
    )
    flow = flow_with("Stream", {"n/t/topic": "orders"}, [option])
    overlays = FlowOverlays(Environment("test", Location("test.yaml")))
    answers = Binder(overlays, inventory, {}).bind(flow)
    assert [a.state for a in answers.bindings] == ["resolved"]
    assert messages(answers) == []


def test_an_arn_leaves_no_doubt_about_case() -> None:
    inventory = Inventory((queue("Sales"), queue("SALES", 2)), frozenset(["queue"]))
    mapping = rule("queue", arn("queue"), f"{HERE}/queue/q-2")
    parameters = {"QueueId": arn("queue")}
    flow = bound("UpdateContactTargetQueue", parameters, inventory, mapping)
    assert messages(flow) == []
    assert flow.bindings[0].value == f"{HERE}/queue/q-2"


def test_every_name_that_differs_in_case_is_near() -> None:
    inventory = Inventory((queue("SALES"), queue("Sales", 2)), frozenset(["queue"]))
    mapping = rule("queue", arn("queue"), "sales")
    parameters = {"QueueId": arn("queue")}
    flow = bound("UpdateContactTargetQueue", parameters, inventory, mapping)
    (finding,) = binding_findings(flow)
    assert finding.hint.startswith("did you mean 'SALES', 'Sales'?")


@pytest.mark.parametrize("suffix", ["", ":prod"])
def test_an_alias_of_an_associated_function_may_be_named(suffix: str) -> None:
    function = Resource("lambda-function", "look-up", arn=FUNCTION)
    inventory = Inventory((function,), frozenset(["lambda-function"]))
    mapping = rule("lambda-function", "lookup", f"{FUNCTION}:live")
    parameters = {"LambdaFunctionARN": f"{OLD_FUNCTION}{suffix}"}
    flow = bound("InvokeLambdaFunction", parameters, inventory, mapping)
    (answer,) = flow.bindings
    assert (answer.state, answer.value) == ("resolved", f"{FUNCTION}:live")
    assert answer.evidence == "test.yaml:3:1 names live of it"


@pytest.mark.parametrize("wanted", [f"{FUNCTION}2:live", f"{FUNCTION}:", "look-up:"])
def test_an_alias_of_another_function_may_not(wanted: str) -> None:
    function = Resource("lambda-function", "look-up", arn=FUNCTION)
    inventory = Inventory((function,), frozenset(["lambda-function"]))
    mapping = rule("lambda-function", "lookup", wanted)
    parameters = {"LambdaFunctionARN": OLD_FUNCTION}
    flow = bound("InvokeLambdaFunction", parameters, inventory, mapping)
    assert flow.bindings[0].state == "unresolved"


def test_a_security_key_is_answered_by_its_id() -> None:
    key = Resource("security-key", "key-1", id="key-1")
    inventory = Inventory((key,), frozenset(["security-key"]))
    mapping = rule("security-key", "old-key", "key-1")
    parameters = {"InputEncryption": {"EncryptionKeyId": "old-key", "Key": "PEM"}}
    same = bound("GetParticipantInput", parameters, inventory, mapping)
    assert (same.bindings[0].state, same.bindings[0].value) == ("resolved", "key-1")
    missing = bound("GetParticipantInput", parameters, inventory)
    assert missing.bindings[0].state == "unresolved"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"{FUNCTION}", f"{FUNCTION}"),
        (f"{OLD_FUNCTION}:7", f"{FUNCTION}:7"),
        (f"try {OLD_FUNCTION}:live, then call", f"try {FUNCTION}:live, then call"),
        (f'{{"f": "{OLD_FUNCTION}"}}', f'{{"f": "{FUNCTION}"}}'),
        ("arn:aws:lambda:$.AwsRegion:111122223333:function:lookup", ""),
        ("use arn:aws:lambda:$.AwsRegion:111122223333:function:lookup", ""),
        ("use $.External.function", ""),
    ],
)
@pytest.mark.parametrize(
    "kind", ["UpdateContactAttributes", "LambdaInvocationAttributes", "ViewData"]
)
def test_arns_in_free_values_move(kind: str, value: str, expected: str) -> None:
    """Whole or in a text, the qualifier stays and ``$.AwsRegion`` is left alone."""
    function = Resource("lambda-function", "look-up", arn=FUNCTION)
    inventory = Inventory((function,), frozenset(["lambda-function"]))
    mapping = rule("lambda-function", "lookup", "look-up")
    flow = bound(kind, {"Free": {"deep": [value]}}, inventory, mapping)
    assert messages(flow) == []
    content = json.loads(str(connect.render(flow).files["content.json"]))
    found = content["Actions"][0]["Parameters"]["Free"]["deep"]
    assert found == [expected or value]


@pytest.mark.parametrize(
    "mark",
    [
        "${Queue}",
        "${AWS::Region}",
        "${Q:Sales:Q}",
        "{{queues.Sales.arn}}",
        "%%QUEUE%%",
        "%Queue%",
        "<<queue>>",
        "##QUEUE##",
        "__QUEUE__",
        "<queueArn>",
        "ENTER QUEUE HERE",
        "$${connect:Queue:Sales}",
    ],
)
def test_a_placeholder_waits_for_the_overlay(mark: str) -> None:
    inventory = Inventory((queue("Sales"),), frozenset(["queue"]))
    parameters = {"QueueId": mark}
    left = bound("UpdateContactTargetQueue", parameters, inventory)
    assert left.bindings[0].state == "placeholder"
    assert connect.render(left).files["content.json"] == left.flow.source.text.open()
    mapping = rule("queue", mark, "Sales")
    filled = bound("UpdateContactTargetQueue", parameters, inventory, mapping)
    assert filled.bindings[0].value == f"{HERE}/queue/q-1"
