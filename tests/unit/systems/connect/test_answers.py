"""What an environment answers to the kinds of reference only Amazon Connect has."""

from __future__ import annotations

from typing import Any

import pytest

from flowops.bind import Binder, binding_findings
from flowops.model import Inventory, Location, Resource
from flowops.overlays.environment import Environment
from flowops.overlays.flow_overlay import FlowOverlays, ReferenceRule
from flowops.systems.protocol import BoundFlow
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
