"""Every rule: a flow that breaks it, one that keeps it, and its page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flowops.model import Finding, Severity
from flowops.systems import connect
from flowops.systems.connect.rules import identifiers, page, sizes
from flowops.systems.connect.rules.registry import RULE_BY_ID, RULES
from flowops.systems.connect.rules.rule import Rule
from flowops.systems.protocol import BoundFlow
from tests.support.contact_flows import ID, action, arn, contact_flow, read
from tests.support.legacy_flows import legacy_flow, module

ROOT = Path(__file__).resolve().parents[4]
Json = dict[str, Any]
END = action("end", "DisconnectParticipant")


def flow(*actions: Json, **metadata: str) -> Json:
    return contact_flow([*actions, END], None, **metadata)


def step(
    kind: str, parameters: Json | None = None, following: str = "end", name: str = "a"
) -> Json:
    return action(name, kind, parameters, following)


def comparing(value: object, operator: object = "Equals") -> Json:
    """Return a flow with one condition."""
    compare = step("Compare", {"ComparisonValue": "$.Channel"})
    condition = {"Operator": operator, "Operands": value}
    branch = {"NextAction": "end", "Condition": condition}
    compare["Transitions"]["Conditions"] = [branch]
    return flow(compare)


def nested(depth: int, width: int = 1) -> list[Json]:
    """Return conditions of conditions, the last of which compare."""
    if depth == 1:
        return [{"Operator": "Equals", "Operands": ["x"]}] * width
    return [{"Operator": "And", "Operands": nested(depth - 1, width)}]


def chain(length: int, text: str = "") -> Json:
    """Return a flow of this many blocks, each leading to the next."""
    names = [f"b{number}" for number in range(length - 1)]
    following = [*names[1:], "end"]
    pairs = zip(names, following, strict=True)
    return flow(*(step("Wait", {"x": text}, next_, name) for name, next_ in pairs))


GOOD = flow(step("Wait"))
IDENTIFIER = flow(step("Wait", None, "end", "x" * 50))
FLOW_MODULE = contact_flow([action("a", "EndFlowModuleExecution")])
AS_A_FLOW = {
    "ContactFlow": {
        "Name": "Flow",
        "Type": "CONTACT_FLOW",
        "Content": json.dumps(FLOW_MODULE),
    }
}
HOOKS = "UpdateContactEventHooks"
HOOK = {"CustomerQueue": "$.Attributes.flow"}
INVOKE = step("InvokeFlowModule", {"FlowModuleId": "$.Attributes.module"})

BREAKS: Mapping[str, Json] = {
    "connect/start-missing": GOOD | {"StartAction": "z"},
    "connect/edge-to-nowhere": flow(step("Wait", {}, "z")),
    "connect/unreachable": flow(step("Wait"), step("Wait", name="b")),
    "connect/no-way-out": flow(step("Wait", {}, "b"), step("Wait", {}, "a", "b")),
    "connect/dead-end": flow(step("Wait", {}, "")),
    "connect/past-the-end": flow(step("EndFlowExecution")),
    "connect/identifier-length": flow(step("Wait", name="x" * 51)),
    "connect/identifier-characters": flow(step("Wait", name="a/b")),
    "connect/condition-operator": comparing(["1"], "Rhymes"),
    "connect/condition-operands": comparing([1]),
    "connect/condition-limits": comparing(nested(6)),
    "connect/unknown-action": flow(step("Teleport")),
    "connect/module-action": AS_A_FLOW,
    "connect/module-caller": flow(INVOKE, type="agentWhisper"),
    "connect/event-hook": flow(step(HOOKS, {"EventHooks": {}})),
    "connect/voice-id": flow(step("CheckVoiceId")),
    "connect/too-many-actions": chain(251),
    "connect/too-large": chain(2, "x" * 256_001),
    "connect/export-blocks": chain(100),
    "connect/export-size": chain(2, "x" * 1_000_000),
    "connect/placeholder": flow(step("Wait", {"Text": "Hello ${name}"})),
    "connect/secret-in-file": flow(step("Wait", {"apiToken": "abc"})),
    "connect/metadata-only": contact_flow(
        [END], {"end": {"old": {"id": arn("queue")}}}
    ),
    "connect/bare-id": flow(step("UpdateContactAttributes", {"Attributes": {"q": ID}})),
    "connect/legacy": legacy_flow([module("a", "Disconnect")]),
}
KEEPS: Mapping[str, Json] = {
    "connect/no-way-out": flow(
        step("Wait", {}, "b"), step("TransferContactToQueue", {}, "a", "b")
    ),
    "connect/dead-end": contact_flow([action("a", "MessageParticipantIteratively")]),
    "connect/identifier-length": IDENTIFIER,
    "connect/condition-operator": comparing(["1"], "TextStartsWith"),
    "connect/condition-operands": comparing(["1", "2"]),
    "connect/condition-limits": comparing(nested(3, 48)),
    "connect/module-action": FLOW_MODULE,
    "connect/module-caller": flow(INVOKE, type="contactFlow"),
    "connect/event-hook": flow(step(HOOKS, {"EventHooks": HOOK})),
    "connect/too-many-actions": chain(250),
    "connect/too-large": chain(2, "x" * 250_000),
    "connect/export-blocks": chain(99),
    "connect/export-size": chain(2, "x" * 990_000),
    "connect/placeholder": flow(
        step("Wait", {"Text": "Pay {5} or $.Attributes.sum, 100 % safe << now"}),
    ),
    "connect/secret-in-file": flow(step("Wait", {"apiToken": "$.Attributes.token"})),
}
BOUND_BREAKS: Mapping[str, tuple[str, Mapping[str, str] | None]] = {
    "connect/unknown-type": ("Teapot", None),
    "connect/type-missing": ("", None),
    "connect/type-differs": ("CONTACT_FLOW", {"type": "AGENT_HOLD"}),
}
BOUND_KEEPS: tuple[tuple[str, Mapping[str, str] | None], ...] = (
    ("CONTACT_FLOW", None),
    ("contactFlow", {"type": "CONTACT_FLOW"}),
    ("", {"type": "AGENT_HOLD"}),
    ("CAMPAIGN", {}),
)


def findings(rule: Rule, document: Json) -> list[Finding]:
    return [f for f in read(document).findings if f.rule == rule.id]


@pytest.mark.parametrize("rule", [r for r in RULES if r.find], ids=lambda r: r.id)
def test_a_flow_that_breaks_the_rule_is_told_so_at_a_place(rule: Rule) -> None:
    found = findings(rule, BREAKS[rule.id])
    assert found
    for finding in found:
        assert finding.severity is rule.severity
        assert finding.message
        assert finding.location is not None
        assert finding.location.path == "flows/flow.json"
        assert finding.address is not None
    whole = (sizes.TOO_MANY_ACTIONS, sizes.TOO_LARGE, sizes.EXPORT_BLOCKS)
    if rule not in (*whole, sizes.EXPORT_SIZE) and "ContactFlow" not in BREAKS[rule.id]:
        assert found[0].location
        assert found[0].location.line > 1


@pytest.mark.parametrize("rule", [r for r in RULES if r.find], ids=lambda r: r.id)
def test_a_flow_that_keeps_the_rule_is_not(rule: Rule) -> None:
    assert findings(rule, KEEPS.get(rule.id, GOOD)) == []
    assert findings(rule, GOOD) == []


def bound_findings(
    rule: Rule, word: str, live: Mapping[str, str] | None
) -> list[Finding]:
    bound = BoundFlow(read(GOOD), type=word, live=live)
    return [f for f in connect.review(bound) if f.rule == rule.id]


@pytest.mark.parametrize("rule", [r for r in RULES if r.find_bound], ids=lambda r: r.id)
def test_rules_of_an_environment(rule: Rule) -> None:
    (finding,) = bound_findings(rule, *BOUND_BREAKS[rule.id])
    assert finding.severity is rule.severity
    assert finding.location is not None
    for word, live in BOUND_KEEPS:
        assert bound_findings(rule, word, live) == []
    module_ = BoundFlow(read(FLOW_MODULE), type="Teapot", live=None)
    assert connect.review(module_) == ()


def test_every_rule_has_exactly_one_way_to_look() -> None:
    for rule in RULES:
        assert bool(rule.find) is not bool(rule.find_bound), rule.id
    assert {*BREAKS, *BOUND_BREAKS} == {rule.id for rule in RULES}
    assert {*KEEPS} <= {*BREAKS}


def test_ids_are_unique_and_say_no_severity() -> None:
    assert len(RULE_BY_ID) == len(RULES)
    for rule in RULES:
        assert rule.id.startswith("connect/")
        words = rule.id.removeprefix("connect/").split("-")
        assert not {*words} & {severity.value for severity in Severity}


def test_every_rule_says_what_why_and_whence() -> None:
    for rule in RULES:
        assert rule.title[0].isupper(), rule.id
        assert not rule.title.endswith("."), rule.id
        assert rule.text.endswith("."), rule.id
        assert rule.source, rule.id


def test_a_good_flow_has_no_findings() -> None:
    assert read(GOOD).findings == ()
    assert read(chain(99)).findings == ()
    assert read(FLOW_MODULE).findings == ()


@pytest.mark.parametrize("name", sorted(identifiers.FORBIDDEN_NAMES))
def test_names_of_the_language_below_are_forbidden(name: str) -> None:
    found = findings(identifiers.IDENTIFIER_CHARACTERS, flow(step("Wait", name=name)))
    assert [f.message for f in found] == [f"the Identifier {name!r} is forbidden"]


def test_old_flows_are_held_to_the_rules_of_paths() -> None:
    document = legacy_flow(
        [
            module("a", "PlayPrompt", [], {"Success": "z"}),
            module("b", "Disconnect"),
        ]
    )
    assert {f.rule for f in read(document).findings} == {
        "connect/legacy",
        "connect/edge-to-nowhere",
        "connect/unreachable",
    }


def test_the_committed_page_is_made_from_the_rules() -> None:
    committed = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert committed == page.rules_page()


def test_the_page_names_every_rule_once_in_its_table() -> None:
    text = page.rules_page()
    for rule in RULES:
        assert text.count(f"| [`{rule.id}`]") == 1
        assert text.count(f"### {rule.id}\n") == 1
