from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from flowops.bind import Binder, binding_findings, near_misses
from flowops.errors import InputError
from flowops.model import (
    Address,
    Binding,
    BindingState,
    Finding,
    Inventory,
    Reference,
    ReferenceForm,
    Resource,
    Severity,
)
from flowops.overlays.flow_overlay import read_overlays
from flowops.systems.protocol import Flow
from tests.support.builders import environment_from, flow_with, reference_to

HERE = "arn:aws:connect:eu-central-1:111122223333:instance/here"
THERE = "arn:aws:connect:us-east-1:444455556666:instance/there"
LAMBDA = "arn:aws:lambda:eu-central-1:111122223333:function"
LAMBDA_THERE = "arn:aws:lambda:us-east-1:444455556666:function"
KINDS = frozenset({"queue", "prompt", "contact-flow", "lambda-function"})


def queue(name: str, number: int) -> Resource:
    return Resource("queue", name, f"q-{number}", f"{HERE}/queue/q-{number}")


def function(name: str) -> Resource:
    return Resource("lambda-function", name, arn=f"{LAMBDA}:{name}")


SALES, EMEA, TWIN_1, TWIN_2 = (
    queue("Sales", 1),
    queue("Sales EMEA", 2),
    queue("Twin", 3),
    queue("Twin", 4),
)
INVENTORY = Inventory((SALES, EMEA, TWIN_1, TWIN_2), KINDS)


def by_arn(number: int, name: str = "", *, there: bool = True) -> Reference:
    place = THERE if there else HERE
    return reference_to("queue", f"{place}/queue/q-{number}", name=name)


def binder(
    overlay: str = "",
    inventory: Inventory | None = INVENTORY,
    *,
    live: Mapping[Address, Mapping[str, str]] | None = None,
    promoted: Collection[Address] = (),
    known: Collection[Address] = (),
) -> Binder:
    """Make a binder; ``overlay`` maps references of any flow."""
    text = f"flows: {{'*': {{references: {overlay}}}}}" if overlay else ""
    overlays = read_overlays(environment_from(text))
    return Binder(overlays, inventory, live or {}, promoted, known)


def bound(reference: Reference, using: Binder | None = None) -> Binding:
    flow = flow_with("Main", references=[reference], system="connect")
    (binding,) = (using or binder()).bind(flow).bindings
    assert binding.reference is reference
    return binding


def finding_of(reference: Reference, using: Binder | None = None) -> Finding:
    flow = flow_with("Main", references=[reference], system="connect")
    (finding,) = binding_findings((using or binder()).bind(flow))
    return finding


def test_the_same_arn_on_the_target_resolves() -> None:
    binding = bound(by_arn(1, "Another name", there=False))

    assert binding.state is BindingState.RESOLVED
    assert (binding.value, binding.resource) == (SALES.arn, SALES)
    assert binding.evidence == "same ARN on the target"


def test_a_name_resolves_to_the_arn_on_the_target() -> None:
    binding = bound(by_arn(99, "Sales"))

    assert (binding.state, binding.value) == (BindingState.RESOLVED, SALES.arn)
    assert binding.evidence == "named Sales"


def test_the_overlay_beats_the_same_arn() -> None:
    binding = bound(by_arn(1, "Sales", there=False), binder("{queue: {Sales: Twin}}"))

    assert binding.state is BindingState.AMBIGUOUS
    resolved = bound(
        by_arn(1, "Sales", there=False), binder("{queue: {Sales: Sales EMEA}}")
    )
    assert (resolved.value, resolved.resource) == (EMEA.arn, EMEA)
    assert resolved.evidence == "environments/this.yaml:1:36 says Sales EMEA"


@pytest.mark.parametrize("target", [EMEA.arn, EMEA.id, EMEA.name])
@pytest.mark.parametrize("source", ["Sales", f"{THERE}/queue/q-9"])
def test_the_overlay_names_by_arn_id_or_name(target: str, source: str) -> None:
    using = binder(f"{{queue: {{'{source}': '{target}'}}}}")

    assert bound(by_arn(9, "Sales"), using).value == EMEA.arn


def test_the_same_arn_beats_the_name() -> None:
    assert bound(by_arn(1, "Sales EMEA", there=False)).resource is SALES


def test_a_resource_on_the_target_beats_a_flow_of_the_same_promote() -> None:
    address = Address("connect", "contact-flow", "Next")
    there = Resource("contact-flow", "Next", "f-1", f"{HERE}/contact-flow/f-1")
    reference = reference_to("contact-flow", f"{THERE}/x", name="Next")

    found = bound(reference, binder("", Inventory((there,), KINDS), promoted=[address]))
    pending = bound(reference, binder("", Inventory((), KINDS), promoted=[address]))

    assert found.resource is there
    assert pending.state is BindingState.RESOLVED
    assert pending.evidence == "created by this promote"
    assert pending.value == "${flowops:contact-flow/Next}"
    assert pending.resource is not None
    assert pending.resource.name == "Next"


def test_the_overlay_may_name_a_flow_of_the_same_promote() -> None:
    reference = reference_to("contact-flow", f"{THERE}/x", name="Old")
    using = binder(
        "{contact-flow: {Old: Next}}",
        Inventory((), KINDS),
        promoted=[Address("connect", "contact-flow", "Next")],
    )

    assert bound(reference, using).value == "${flowops:contact-flow/Next}"


@pytest.mark.parametrize(
    "address",
    [
        Address("connect", "flow-module", "Next"),
        Address("connect", "contact-flow", "next"),
    ],
)
def test_a_flow_of_another_kind_or_name_is_not_the_one(address: Address) -> None:
    reference = reference_to("contact-flow", f"{THERE}/x", name="Next")

    binding = bound(reference, binder("", Inventory((), KINDS), promoted=[address]))

    assert binding.state is BindingState.UNRESOLVED


def test_a_flow_that_is_live_is_not_created_again() -> None:
    address = Address("connect", "contact-flow", "Next")
    reference = reference_to("contact-flow", f"{THERE}/x", name="Next")
    using = binder(
        "", Inventory((), KINDS), promoted=[address], live={address: {"name": "Next"}}
    )

    assert bound(reference, using).state is BindingState.UNRESOLVED


def test_a_dynamic_value_is_left_alone_whatever_the_overlay_says() -> None:
    reference = reference_to("queue", "$.Attributes.queue", ReferenceForm.DYNAMIC)
    using = binder("{queue: {'$.Attributes.queue': Sales}}")

    binding = bound(reference, using)

    assert (binding.state, binding.value) == (
        BindingState.DYNAMIC,
        "$.Attributes.queue",
    )


def test_a_placeholder_fails_unless_the_overlay_fills_it() -> None:
    reference = reference_to("queue", "${QueueArn}", ReferenceForm.PLACEHOLDER)

    assert bound(reference).state is BindingState.PLACEHOLDER
    assert finding_of(reference).rule == "reference/placeholder"
    filled = bound(reference, binder("{queue: {'${QueueArn}': Sales}}"))
    assert (filled.state, filled.value) == (BindingState.RESOLVED, SALES.arn)


@pytest.mark.parametrize("overlay", ["", "{queue: {Sales: Sales EMEA}}"])
def test_without_a_target_to_ask_nothing_is_checked(overlay: str) -> None:
    reference = by_arn(1, "Sales")
    using = binder(overlay, None)

    binding = bound(reference, using)

    assert (binding.state, binding.value) == (BindingState.UNCHECKED, reference.value)
    assert binding.evidence.endswith("no target to ask")
    assert ("Sales EMEA" in binding.evidence) == bool(overlay)
    assert [*binding_findings(using.bind(flow_with("A", references=[reference])))] == []


def test_a_kind_that_the_target_does_not_list_is_a_warning() -> None:
    using = binder("", Inventory((), frozenset({"prompt"})))
    reference = by_arn(1, "Sales")

    assert bound(reference, using).state is BindingState.UNCHECKED
    finding = finding_of(reference, using)
    assert (finding.rule, finding.severity) == (
        "reference/unchecked",
        Severity.WARNING,
    )


def test_for_a_kind_that_is_not_listed_the_overlay_is_believed() -> None:
    using = binder(f"{{queue: {{Sales: '{EMEA.arn}'}}}}", Inventory())
    binding = bound(by_arn(1, "Sales"), using)

    assert (binding.state, binding.value) == (BindingState.RESOLVED, EMEA.arn)
    assert finding_of(by_arn(1, "Sales"), using).severity is Severity.WARNING


def test_what_the_product_keeps_everywhere_changes_its_region() -> None:
    reference = replace(
        reference_to("view", "arn:aws:connect:eu-west-1:aws:view/form", name="form"),
        regional="arn:{partition}:connect:{region}:aws:view/form",
    )
    here = Inventory((), KINDS, region="cn-north-1", partition="aws-cn")

    assert bound(reference, binder("", here)).value == (
        "arn:aws-cn:connect:cn-north-1:aws:view/form"
    )
    assert bound(reference, binder("", None)).value == reference.value


def test_a_name_that_stands_for_itself_stays_a_name() -> None:
    number = Resource("queue", "+49 30 123", "n-1", f"{HERE}/phone-number/n-1")
    reference = reference_to(
        "queue", "+49 30 123", ReferenceForm.LITERAL, name="+49 30 123"
    )

    assert bound(reference, binder("", Inventory((number,), KINDS))).value == (
        "+49 30 123"
    )


def test_an_id_resolves_to_an_id() -> None:
    same = reference_to("queue", "q-1", ReferenceForm.ID, name="Old name")
    other = reference_to("queue", "q-99", ReferenceForm.ID, name="Sales EMEA")

    assert (bound(same).value, bound(same).evidence) == ("q-1", "same id on the target")
    assert bound(other).value == "q-2"


def test_a_written_name_resolves_to_an_arn() -> None:
    reference = reference_to("queue", "Sales", ReferenceForm.NAME, name="Sales")

    assert bound(reference).value == SALES.arn


def test_an_empty_value_resolves_by_the_name_beside_it() -> None:
    named = reference_to("queue", "", ReferenceForm.EMPTY, name="Sales")
    nameless = reference_to("queue", "", ReferenceForm.EMPTY)

    assert bound(named).value == SALES.arn
    assert bound(nameless).state is BindingState.UNRESOLVED
    assert bound(nameless).evidence == "nothing is chosen here"
    assert bound(nameless).candidates == ()


@pytest.mark.parametrize("form", [ReferenceForm.ARN, ReferenceForm.ID])
def test_the_version_of_a_flow_is_kept(form: ReferenceForm) -> None:
    flow = Resource("contact-flow", "Next", "f-1", f"{HERE}/contact-flow/f-1")
    old = "f-9" if form is ReferenceForm.ID else f"{THERE}/contact-flow/f-9"
    reference = reference_to(
        "contact-flow", f"{old}:$LATEST", form, name="Next", suffix=":$LATEST"
    )
    new = flow.id if form is ReferenceForm.ID else flow.arn

    there = bound(reference, binder("", Inventory((flow,), KINDS)))
    pending = bound(
        reference,
        binder(
            "",
            Inventory((), KINDS),
            promoted=[Address("connect", "contact-flow", "Next")],
        ),
    )

    assert there.value == f"{new}:$LATEST"
    assert pending.value == "${flowops:contact-flow/Next}:$LATEST"


def aliased(
    alias: str = ":PROD", *, there: bool = True, name: str = "menu"
) -> Reference:
    place = LAMBDA_THERE if there else LAMBDA
    return reference_to(
        "lambda-function", f"{place}:{name}{alias}", name=name, suffix=alias
    )


@pytest.mark.parametrize(
    ("associated", "value"),
    [
        (["menu"], "menu:PROD"),
        (["menu:PROD"], "menu:PROD"),
        (["menu", "menu:PROD"], "menu:PROD"),
        (["menu:OTHER", "menu:PROD"], "menu:PROD"),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_the_alias_of_a_lambda_is_kept(
    associated: list[str], value: str, there: bool
) -> None:
    inventory = Inventory(tuple(function(name) for name in associated), KINDS)

    binding = bound(aliased(there=there), binder("", inventory))

    assert (binding.state, binding.value) == (
        BindingState.RESOLVED,
        f"{LAMBDA}:{value}",
    )


def test_another_alias_is_not_the_same() -> None:
    using = binder("", Inventory((function("menu:OTHER"),), KINDS))

    assert bound(aliased(), using).state is BindingState.UNRESOLVED
    assert bound(aliased(""), using).state is BindingState.UNRESOLVED


@pytest.mark.parametrize("target", ["menu2:LIVE", f"{LAMBDA}:menu2:LIVE"])
def test_an_alias_that_the_overlay_names_is_not_doubled(target: str) -> None:
    inventory = Inventory((function("menu2:LIVE"),), KINDS)
    using = binder(f"{{lambda-function: {{menu: '{target}'}}}}", inventory)

    assert bound(aliased(), using).value == f"{LAMBDA}:menu2:LIVE"
    assert bound(aliased(""), using).value == f"{LAMBDA}:menu2:LIVE"


def test_a_resource_without_an_arn_is_named_by_its_id() -> None:
    bot = Resource("prompt", "Bot", "b-1")
    reference = reference_to("prompt", f"{THERE}/x", name="Bot")

    assert bound(reference, binder("", Inventory((bot,), KINDS))).value == "b-1"


def test_two_of_one_name_are_a_tie_and_both_are_named() -> None:
    reference = by_arn(99, "Twin")

    binding = bound(reference)
    finding = finding_of(reference)

    assert binding.state is BindingState.AMBIGUOUS
    assert binding.value == reference.value
    assert binding.candidates == (TWIN_1, TWIN_2)
    assert binding.evidence == "2 resources are named Twin"
    assert finding.rule == "reference/ambiguous"
    assert finding.hint == (
        f"name one in the environment's references: {TWIN_1.arn}, {TWIN_2.arn}"
    )


def test_an_arn_settles_a_tie() -> None:
    using = binder(f"{{queue: {{Twin: '{TWIN_2.arn}'}}}}")

    assert bound(by_arn(99, "Twin"), using).resource is TWIN_2


def test_what_is_not_there_is_a_finding_with_near_misses() -> None:
    reference = by_arn(99, "sales  emea")

    finding = finding_of(reference)

    assert finding.severity is Severity.ERROR
    assert finding.rule == "reference/unresolved"
    assert finding.location == reference.location
    assert str(finding.address) == "connect/flow/Main"
    assert finding.message == (
        "block block-1: Thing refers to queue 'sales  emea', which is unresolved: "
        "the target has no queue named 'sales  emea'"
    )
    assert finding.hint == (
        "did you mean 'Sales EMEA', 'Sales'? "
        "map it under `references` or create it there"
    )


def test_what_the_overlay_names_and_is_not_there_is_a_finding() -> None:
    finding = finding_of(by_arn(1, "Sales"), binder("{queue: {Sales: Sales APAC}}"))

    assert "the target has no queue named 'Sales APAC'" in finding.message
    assert "'Sales EMEA'" in finding.hint


def test_without_a_name_there_is_nothing_to_look_for() -> None:
    finding = finding_of(by_arn(99))

    assert finding.message.endswith(
        "the flow gives no name for it, and the target has no such id"
    )
    assert finding.hint == (
        "map it under `references` of the environment as "
        f'`queue: {{"{by_arn(99).value}": NAME}}`, or create it there'
    )


def test_a_flow_of_the_project_that_is_not_promoted_is_pointed_out() -> None:
    reference = reference_to("contact-flow", f"{THERE}/x", name="Next")
    known = [Address("connect", "contact-flow", "Next")]

    finding = finding_of(reference, binder("", Inventory((), KINDS), known=known))

    assert finding.message.endswith("the project has it: promote it too")


def test_kinds_are_not_mixed() -> None:
    prompt = replace(by_arn(1, "Sales"), kind="prompt")

    assert bound(prompt).state is BindingState.UNRESOLVED
    assert bound(prompt).candidates == ()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("SALES", ["Sales", "Sales EMEA"]),
        ("sa les", ["Sales", "Sales EMEA"]),
        ("Saels", ["Sales"]),
        ("SalesEMEA", ["Sales EMEA", "Sales"]),
        ("Support", []),
        ("", []),
    ],
)
def test_names_are_near_by_case_spaces_or_a_few_letters(
    name: str, found: list[str]
) -> None:
    assert [r.name for r in near_misses("queue", name, INVENTORY)] == found


def test_at_most_three_are_near() -> None:
    inventory = Inventory(tuple(queue(f"Sales {n}", n) for n in range(9)), KINDS)

    assert len(near_misses("queue", "Sales", inventory)) == 3


def test_what_many_flows_miss_is_looked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def counted(kind: str, name: str, inventory: Inventory) -> tuple[Resource, ...]:
        asked.append(name)
        return near_misses(kind, name, inventory)

    monkeypatch.setattr("flowops.bind.near_misses", counted)
    names = [f"Queue of team {n} in region {n % 9}" for n in range(500)]
    inventory = Inventory(tuple(queue(n, i) for i, n in enumerate(names)), KINDS)
    references = [by_arn(9999, f"Queue of team {n} in Region") for n in range(20)]
    flow = flow_with("Main", references=references * 50)

    found = binder("", inventory).bind(flow)

    assert {b.state for b in found.bindings} == {BindingState.UNRESOLVED}
    assert all(b.candidates for b in found.bindings)
    assert len(asked) == 20


def bind_with(text: str, flow: Flow, inventory: Inventory | None = None) -> object:
    overlays = read_overlays(environment_from(text))
    live = {flow.address: {"status": "saved"}}
    return Binder(overlays, inventory, live).bind(flow)


def test_settings_words_and_what_is_live_come_along() -> None:
    flow = replace(flow_with("Main", {"a/b/c": "old"}), type="contactFlow")
    overlays = read_overlays(
        environment_from(
            "flows: {Main: {status: saved, type: agentHold, "
            "config: {a: {b: {c: new}}}}}"
        )
    )
    live = {flow.address: {"status": "saved"}}

    asked = Binder(overlays, INVENTORY, live).bind(flow)
    unasked = Binder(overlays, None, live).bind(flow)
    absent = Binder(overlays, INVENTORY, {}).bind(flow)

    assert [s.value for s in asked.settings] == ["new"]
    assert (asked.status, asked.type) == ("saved", "agentHold")
    assert asked.live == {"status": "saved"}
    assert unasked.live == {}
    assert absent.live is None


def test_the_flows_own_type_and_published_are_the_default() -> None:
    flow = replace(flow_with("Main"), type="contactFlow")

    found = binder().bind(flow)

    assert (found.status, found.type) == ("published", "contactFlow")


def test_a_template_that_cannot_be_filled_is_refused() -> None:
    flow = flow_with("Main", {"a/b/c": "x"})

    with pytest.raises(InputError, match="'nobody', which is not defined"):
        bind_with("flows: {Main: {config: {a: {b: {c: '{{ nobody }}'}}}}}", flow)
