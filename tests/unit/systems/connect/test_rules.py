"""Every rule: a flow that breaks it, one that keeps it, and its page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowops.model import (
    Binding,
    BindingState,
    Finding,
    Location,
    Resource,
    Severity,
)
from flowops.systems import connect
from flowops.systems.connect.rules import identifiers, page, sizes
from flowops.systems.connect.rules.references import OTHER_KIND
from flowops.systems.connect.rules.registry import RULE_BY_ID, RULES
from flowops.systems.connect.rules.rule import Rule
from flowops.systems.protocol import SAVED, BoundFlow, Flow
from tests.support.contact_flows import (
    ID,
    INSTANCE,
    action,
    arn,
    contact_flow,
    read,
)
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


def playing(prompt: str) -> Json:
    """Return a flow that plays a prompt."""
    return flow(step("MessageParticipant", {"PromptId": prompt}))


GOOD = flow(step("Wait"))
IDENTIFIER = flow(step("Wait", None, "end", "x" * 50))
FLOW_MODULE = contact_flow([action("a", "EndFlowModuleExecution")])


def module_named(name: str) -> Json:
    return contact_flow([action("a", "EndFlowModuleExecution")], name=name)


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
    "connect/case-field": flow(step("CreateCase", {"CaseRequestFields": {ID: "x"}})),
    "connect/other-kind": playing(arn("queue")),
    "connect/legacy": legacy_flow([module("a", "Disconnect")]),
    "connect/name-refused": module_named("x" * 128),
    "connect/type-word": flow(type="nonsense"),
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
    "connect/other-kind": playing(arn("prompt")),
    "connect/name-refused": module_named("x" * 127),
    "connect/type-word": flow(type="CAMPAIGN"),
}


def bound(
    word: str, live: Mapping[str, str] | None, document: Json = GOOD
) -> BoundFlow:
    return BoundFlow(read(document), type=word, live=live)


def answered(document: Json, resource: Resource, instance: str = INSTANCE) -> BoundFlow:
    """Answer every reference with one resource."""
    flow_ = read(document)
    answers = tuple(
        Binding(r, BindingState.RESOLVED, resource.arn, "test", resource)
        for r in flow_.references
    )
    target = {"instance": instance}
    return BoundFlow(flow_, answers, type="CONTACT_FLOW", target=target)


def hooked(event: str = "CustomerQueue") -> Json:
    return flow(step(HOOKS, {"EventHooks": {event: arn("contact-flow")}}))


def qualified(known: tuple[str, ...] | None, qualifier: str) -> BoundFlow:
    """Answer a reference to a version of a module of which these are known."""
    module_ = arn("flow-module")
    flow_ = read(flow(step("InvokeFlowModule", {"FlowModuleId": module_})))
    there = Resource("flow-module", "Hours", ID, module_, qualifiers=known)
    value, (reference,) = f"{module_}:{qualifier}", flow_.references
    answer = Binding(reference, BindingState.RESOLVED, value, "test", there)
    return BoundFlow(flow_, (answer,), type="CONTACT_FLOW")


TOPIC = "arn:aws:sns:eu-west-1:111122223333:alarms"
CHINA = "arn:aws-cn:connect:cn-north-1:111122223333:instance/x"
HOLD = Resource("contact-flow", "Hold", arn=arn("contact-flow"), type="CUSTOMER_HOLD")
QUEUEING = replace(HOLD, type="CUSTOMER_QUEUE")
BEEP = Resource("prompt", "Beep", arn=arn("prompt"))
BOUND_BREAKS: Mapping[str, BoundFlow] = {
    "connect/unknown-type": bound("Teapot", None),
    "connect/type-missing": bound("", None),
    "connect/type-differs": bound("CONTACT_FLOW", {"type": "AGENT_HOLD"}),
    "connect/other-partition": answered(playing(arn("prompt")), BEEP, CHINA),
    "connect/other-flow-type": answered(hooked(), HOLD),
    "connect/module-draft": BoundFlow(read(FLOW_MODULE), status=SAVED, live=None),
    "connect/archived-reference": answered(
        hooked(), replace(QUEUEING, state="archived")
    ),
    "connect/unknown-qualifier": qualified(("1", "prod"), "3"),
    "connect/qualifier-unchecked": qualified(None, "PROD"),
}
BOUND_KEEPS = (
    BoundFlow(read(FLOW_MODULE), status=SAVED, live={"status": "published"}),
    BoundFlow(read(FLOW_MODULE), status=SAVED, live={}),
    qualified(("1", "prod"), "prod"),
    qualified((), "$LATEST"),
    qualified(None, "$SAVED"),
    bound("", {"type": "CONTACT_FLOW"}, flow(type="nonsense")),
    bound("CONTACT_FLOW", None),
    bound("contactFlow", {"type": "CONTACT_FLOW"}),
    bound("", {"type": "AGENT_HOLD"}),
    bound("CAMPAIGN", {}),
    answered(playing(arn("prompt")), BEEP),
    answered(playing(arn("prompt")), BEEP, instance=""),
    answered(
        flow(step("UpdateContactAttributes", {"Attributes": {"x": TOPIC}})),
        Resource("resource", "", arn=TOPIC),
        CHINA,
    ),
    answered(playing("Beep"), replace(BEEP, arn="Beep"), CHINA),
    answered(hooked(), QUEUEING),
    answered(hooked(), replace(HOLD, type="")),
    answered(hooked("CustomerRemaining"), HOLD),
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


def bound_findings(rule: Rule, flow_: BoundFlow) -> list[Finding]:
    return [f for f in connect.review(flow_) if f.rule == rule.id]


@pytest.mark.parametrize("rule", [r for r in RULES if r.find_bound], ids=lambda r: r.id)
def test_rules_of_an_environment(rule: Rule) -> None:
    (finding,) = bound_findings(rule, BOUND_BREAKS[rule.id])
    assert finding.severity is rule.severity
    assert finding.location is not None
    for flow_ in BOUND_KEEPS:
        assert bound_findings(rule, flow_) == []
    module_ = BoundFlow(read(FLOW_MODULE), type="Teapot", live=None)
    assert connect.review(module_) == ()


def test_every_rule_has_exactly_one_way_to_look() -> None:
    for rule in RULES:
        ways = (rule.find, rule.find_bound, rule.find_together)
        assert sum(map(bool, ways)) == 1, rule.id
    assert {*BREAKS, *BOUND_BREAKS, "connect/names-alike"} == {
        rule.id for rule in RULES
    }
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


def named(name: str, path: str, document: Json = GOOD) -> Flow:
    metadata = {**document["Metadata"], "name": name}
    return read({**document, "Metadata": metadata}, path)


def test_names_that_differ_only_in_case_are_told() -> None:
    flows = [
        named("MAIN", "flows/a.json"),
        named("Main", "flows/b.json"),
        named("Other", "flows/c.json"),
        named("main", "flows/d.json", FLOW_MODULE),
    ]
    (finding,) = connect.review_together(flows)
    assert (finding.rule, finding.severity) == ("connect/names-alike", "warning")
    assert finding.message == (
        "the name 'Main' differs only in case from 'MAIN' in flows/a.json"
    )
    assert finding.location is not None
    assert (finding.location.path, finding.location.line) == ("flows/b.json", 5)
    assert finding.address == flows[1].address


def test_a_finding_about_a_reference_stands_where_the_reference_does() -> None:
    flow_ = BOUND_BREAKS["connect/other-partition"]
    (finding,) = connect.review(flow_)
    assert finding.location == flow_.flow.references[0].location
    assert finding.location != flow_.flow.source.place(0)
    assert finding.message == (
        f"block a: {arn('prompt')} is of the partition aws, and the instance is of "
        "aws-cn"
    )


def test_a_type_that_differs_stands_where_the_file_says_it() -> None:
    (finding,) = connect.review(BOUND_BREAKS["connect/type-differs"])
    assert finding.location is not None
    assert (finding.location.line, finding.location.column) == (6, 11)
    nameless = bound(
        "CONTACT_FLOW", {"type": "AGENT_HOLD"}, flow(step("Wait"), type="")
    )
    assert connect.review(nameless)[0].location is not None


@pytest.mark.parametrize(
    ("kind", "parameters", "words"),
    [
        (
            "MessageParticipant",
            {"PromptId": arn("queue")},
            "PromptId takes the kind prompt, and this id is of the kind queue",
        ),
        (
            "UpdateContactTargetQueue",
            {"QueueId": arn("prompt")},
            "QueueId takes the kind queue, and this id is of the kind prompt",
        ),
        (
            "InvokeLambdaFunction",
            {"LambdaFunctionARN": "arn:aws:iam::111122223333:role/x"},
            "LambdaFunctionARN takes the kind lambda-function, and this id is what",
        ),
        (
            "MessageParticipantIteratively",
            {"Messages": [{"Text": "x"}, {"PromptId": arn("contact-flow")}]},
            "PromptId takes the kind prompt, and this id is of the kind contact-flow",
        ),
        ("UpdateContactTargetQueue", {"AgentId": arn("queue", f"agent/{ID}")}, ""),
        ("UpdateContactTargetQueue", {"QueueId": arn("queue", f"agent/{ID}")}, ""),
        ("MessageParticipant", {"PromptId": "$.Attributes.prompt"}, ""),
        ("MessageParticipant", {"PromptId": ID}, ""),
        ("MessageParticipant", {"PromptId": ""}, ""),
        ("CreateCase", {"CaseTemplateId": arn("queue")}, ""),
    ],
)
def test_what_another_kind_is_called(kind: str, parameters: Json, words: str) -> None:
    found = findings(OTHER_KIND, flow(step(kind, parameters)))
    words = words.replace("is what", "is of another service")
    assert [f.message for f in found] == ([f"block a: {words}"] if words else [])


def test_an_id_is_known_by_an_arn_of_another_block() -> None:
    document = flow(
        step("UpdateContactTargetQueue", {"QueueId": arn("queue")}, "b"),
        step("MessageParticipant", {"PromptId": ID}, name="b"),
    )
    (finding,) = findings(OTHER_KIND, document)
    assert (
        "PromptId takes the kind prompt, and this id is of the kind queue"
        in finding.message
    )
    assert finding.hint.startswith("choose the prompt again")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (arn("queue", f"agent/{ID}"), {}),
        (arn("prompt"), {"b": {"queue": {"id": arn("agent"), "text": "ada"}}}),
        (f"{arn('prompt')} {arn('contact-flow')}", {}),
    ],
)
def test_an_id_of_two_kinds_is_left_alone(value: str, shown: Json) -> None:
    """The queue of an agent has the agent's id; and metadata counts as well."""
    document = contact_flow(
        [
            step("UpdateContactAttributes", {"Attributes": {"x": value}}, "b"),
            step("UpdateContactTargetQueue", {"AgentId": ID}, name="b"),
            END,
        ],
        shown,
    )
    assert findings(OTHER_KIND, document) == []


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


@pytest.mark.parametrize("operator", [None, 1, [], {}, ["Equals"]])
def test_an_operator_of_another_type_is_none(operator: object) -> None:
    rule = RULE_BY_ID["connect/condition-operator"]
    assert len(findings(rule, comparing(["1"], operator))) == 1


def test_a_type_that_is_none_is_called_so_and_not_missing() -> None:
    (finding,) = connect.review(bound("", None, flow(type="nonsense")))
    assert finding.rule == "connect/unknown-type"
    assert finding.message == "the type 'nonsense' does not exist"
    assert finding.location is not None
    assert (finding.location.path, finding.location.line) == ("flows/flow.json", 6)


def test_a_status_that_cannot_be_stands_where_the_environment_says_it() -> None:
    place = Location("environments/staging.yaml", 9, 3)
    flow_ = BoundFlow(
        read(FLOW_MODULE), status=SAVED, live=None, places={"status": place}
    )
    (finding,) = connect.review(flow_)
    assert finding.location == place
