"""Answer every reference and setting of a flow for one environment.

A reference is answered by the environment's overlay, by the same ARN or id on
the target, by its one name there, or by a flow of the same promote, in this
order. Source for ARN before name: "Import/export flows" of the Amazon Connect
administrator guide.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowops.model import (
    Binding,
    BindingState,
    Finding,
    Reference,
    ReferenceForm,
    Resource,
    Severity,
)
from flowops.systems.protocol import PUBLISHED, BoundFlow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from flowops.model import Address, Inventory, Pointer
    from flowops.overlays.flow_overlay import FlowOverlays
    from flowops.secrets import Text
    from flowops.systems.protocol import Flow, Setting

UNCHECKABLE = "cannot be checked"
NAMELESS = f"{UNCHECKABLE} by name"
OPTION, SCRIPT = "config", "sql"  # where the references of a stream flow stand
SECRET = "secret"  # a placeholder that an environment has to fill
OUTSIDE_NUMBER = "outside-number"  # a telephone that is of no target
_NEAR = 3
_FAILURES = (BindingState.UNRESOLVED, BindingState.AMBIGUOUS, BindingState.PLACEHOLDER)


@dataclass(frozen=True, slots=True)
class Binder:
    """What answers are taken from: an environment, a target, this promote.

    ``inventory`` is ``None`` where no target can be asked. ``live`` are the
    attributes of the flows that are on the target; those of ``promoted`` that it
    lacks will be created. ``known`` are all flows of the project.
    """

    overlays: FlowOverlays
    inventory: Inventory | None
    live: Mapping[Address, Mapping[str, str]]
    promoted: Collection[Address] = ()
    known: Collection[Address] = ()
    _near: dict[tuple[str, str], tuple[Resource, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _folded: dict[str, defaultdict[str, list[Resource]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def bind(self, flow: Flow) -> BoundFlow:
        """Answer everything a flow asks for; raises ``InputError`` for templates."""
        settings = self.overlays.settings(flow)
        references = _as_set(flow.references, settings)
        layer = self.overlays.environment.targets.get(flow.address.system)
        return BoundFlow(
            flow=flow,
            bindings=(
                *(
                    self._revived(self._answer(flow, r))
                    for r in references
                    if r.kind != SECRET
                ),
                *_placeholders(flow.references, settings),
            ),
            settings=settings,
            type=self.overlays.word(flow, "type", flow.type),
            live=self.live.get(flow.address) if self.inventory else {},
            status=self.overlays.word(flow, "status", PUBLISHED),
            target={"kind": layer.kind, **layer.values} if layer else {},
            places=self.overlays.places(flow),
        )

    def _answer(self, flow: Flow, reference: Reference) -> Binding:
        if reference.form is ReferenceForm.DYNAMIC:
            words = "filled in while a contact runs"
            return Binding(reference, BindingState.DYNAMIC, reference.value, words)
        if rule := self.overlays.reference(flow, reference):
            return self._overlaid(reference, rule.target, rule.origin)
        if reference.form is ReferenceForm.PLACEHOLDER:
            words = "a placeholder of another tool"
            return Binding(reference, BindingState.PLACEHOLDER, reference.value, words)
        inventory = self.inventory
        if inventory and reference.regional and inventory.region:
            return _in_region(reference, inventory)
        if inventory is None or not inventory.knows(reference.kind, reference.name):
            words = UNCHECKABLE if inventory else "no target to ask"
            return Binding(reference, BindingState.UNCHECKED, reference.value, words)
        return self._on_target(reference, inventory)

    def _revived(self, binding: Binding) -> Binding:
        """Return an answer as this promote leaves it: what it writes is in use."""
        resource = binding.resource
        if resource is None or not resource.state:
            return binding
        if all(
            (a.kind, a.name) != (resource.kind, resource.name) for a in self.promoted
        ):
            return binding
        return replace(binding, resource=replace(resource, state=""))

    def _overlaid(self, reference: Reference, wanted: str, origin: str) -> Binding:
        if self.inventory is None:
            words = f"{origin} says {wanted}; no target to ask"
            return Binding(reference, BindingState.UNCHECKED, reference.value, words)
        if not self.inventory.knows(reference.kind, wanted):  # a person's word counts
            words = f"{origin} says {wanted}; {UNCHECKABLE}"
            resource = Resource(reference.kind, reference.name, arn=wanted)
            return Binding(reference, BindingState.RESOLVED, wanted, words, resource)
        if answer := _by_key(reference, wanted, origin, self.inventory):
            return answer
        named = self.inventory.named(reference.kind, wanted)
        if len(named) == 1:
            answer = _resolved(reference, named[0], f"{origin} says {wanted}")
            return self._with_rivals(answer, self.inventory)
        if not named and (pending := self._pending(reference, wanted)):
            return pending
        return self._failed(reference, wanted, named, self.inventory)

    def _on_target(self, reference: Reference, inventory: Inventory) -> Binding:
        for key in (reference.value, reference.key):
            if key and (found := inventory.find(reference.kind, key)):
                how = "id" if reference.form is ReferenceForm.ID else "ARN"
                return _resolved(reference, found, f"same {how} on the target")
        named: tuple[Resource, ...] = ()
        if reference.name:
            qualified = f"{reference.name}{reference.suffix}"
            named = inventory.named(reference.kind, qualified) or inventory.named(
                reference.kind, reference.name
            )
        if len(named) == 1:
            answer = _resolved(reference, named[0], f"named {named[0].name}")
            return self._with_rivals(answer, inventory)
        if not named and (pending := self._pending(reference, reference.name)):
            return pending
        if not named and reference.name and reference.kind in inventory.nameless:
            words = f"{inventory.nameless[reference.kind]}; {NAMELESS}"
            return Binding(reference, BindingState.UNCHECKED, reference.value, words)
        return self._failed(reference, reference.name, named, inventory)

    def _pending(self, reference: Reference, name: str) -> Binding | None:
        for address in self.promoted:
            same = (address.kind, address.name) == (reference.kind, name)
            if same and address not in self.live:
                mark = f"${{flowops:{address.kind}/{address.name}}}"
                resource = Resource(
                    address.kind, address.name, id=mark, arn=mark, qualifiers=()
                )
                return _resolved(reference, resource, "created by this promote")
        return None

    def _failed(
        self,
        reference: Reference,
        wanted: str,
        named: tuple[Resource, ...],
        inventory: Inventory,
    ) -> Binding:
        if named:
            words = f"{len(named)} resources are named {wanted}"
            state = BindingState.AMBIGUOUS
        else:
            words = self._why_not(reference, wanted, inventory)
            state = BindingState.UNRESOLVED
        key = (reference.kind, wanted)
        if not named and key not in self._near:  # many flows miss the same
            self._near[key] = near_misses(*key, inventory)
        near = named or self._near[key]
        return Binding(reference, state, reference.value, words, candidates=near)

    def _with_rivals(self, binding: Binding, inventory: Inventory) -> Binding:
        """Add what has the same name but for its case."""
        if not (resource := binding.resource):
            return binding
        kind, name = resource.kind, resource.name
        if kind not in self._folded:
            by_name = self._folded[kind] = defaultdict(list)
            for each in inventory.of_kind(kind):
                by_name[each.name.casefold()].append(each)
        same = self._folded[kind][name.casefold()]
        rivals = tuple(r for r in same if r.name != name)
        return replace(binding, candidates=rivals) if rivals else binding

    def _why_not(self, reference: Reference, wanted: str, inventory: Inventory) -> str:
        for kind in sorted(inventory.kinds - {reference.kind}):
            for key in filter(None, (wanted, reference.key)):
                if other := inventory.find(kind, key):
                    return f"it is the {kind} {other.name!r} there"
        if wanted and (why := inventory.nameless.get(reference.kind)):
            return f"{why}; {NAMELESS}: write its ARN"
        if not wanted:
            if reference.form is ReferenceForm.EMPTY:
                return "nothing is chosen here"
            return "the flow gives no name for it, and the target has no such id"
        words = f"the target has no {reference.kind} named {wanted!r}"
        in_project = (reference.kind, wanted) in {(a.kind, a.name) for a in self.known}
        return f"{words}; the project has it: promote it too" if in_project else words


def _as_set(
    references: Iterable[Reference], settings: Iterable[Setting]
) -> Iterator[Reference]:
    """Give references with the value an environment's options give them.

    A part of an option that the environment changed is no reference of the flow; a
    list of names is read again.
    """
    values: dict[Pointer, Text] = {
        (OPTION, s.node, s.table, s.name): s.value for s in settings
    }
    listed: set[Pointer] = set()
    for reference in references:
        if not _is_option(reference):
            yield reference
            continue
        value = values.get(reference.path)
        if reference.divider:
            if isinstance(value, str) and reference.path not in listed:
                yield from reference.among(value)
            listed.add(reference.path)
            continue
        start, end = reference.span or (0, None)
        if isinstance(value, str) and value[start:end] == reference.value:
            yield reference
        elif isinstance(value, str) and not reference.span:
            yield replace(reference, value=value, key=value, name=value)


def _placeholders(
    references: Iterable[Reference], settings: Iterable[Setting]
) -> Iterator[Binding]:
    """Answer placeholders with what the environment sets in their place.

    One that is left is for the system to report: only it knows who can run with it.
    """
    values: dict[Pointer, Setting] = {
        (OPTION, s.node, s.table, s.name): s for s in settings
    }
    for reference in references:
        found = values.get(reference.path) if reference.kind == SECRET else None
        if found is None:
            continue
        is_left = isinstance(found.value, str) and reference.value in found.value
        if found.origin == reference.location or is_left:
            words = "nothing of the environment fills it"
            yield Binding(reference, BindingState.UNCHECKED, reference.value, words)
        else:
            words, value = f"{found.origin} sets it", str(found.value)
            yield Binding(reference, BindingState.RESOLVED, value, words)


def _is_option(reference: Reference) -> bool:
    """Tell whether a reference is a connector option: config, node, table, name."""
    return reference.path[:1] == (OPTION,)


def _in_region(reference: Reference, inventory: Inventory) -> Binding:
    """Answer for what the product keeps everywhere under the same name."""
    value = reference.regional.replace("{region}", inventory.region)
    value = value.replace("{partition}", inventory.partition)
    resource = Resource(reference.kind, reference.name, arn=value)
    words = "managed by AWS, the Region changes"
    return Binding(reference, BindingState.RESOLVED, value, words, resource)


def _by_key(
    reference: Reference, wanted: str, origin: str, inventory: Inventory
) -> Binding | None:
    """Answer with an ARN or an id, or with a version or an alias of one."""
    if found := inventory.find(reference.kind, wanted):
        return _resolved(reference, found, f"{origin} names it")
    base, _, qualifier = wanted.rpartition(":")
    if qualifier and (found := inventory.find(reference.kind, base)):
        words = f"{origin} names {qualifier} of it"
        return Binding(reference, BindingState.RESOLVED, wanted, words, found)
    return None


def _resolved(reference: Reference, resource: Resource, evidence: str) -> Binding:
    if reference.form is ReferenceForm.LITERAL:
        value = resource.name
        return Binding(reference, BindingState.RESOLVED, value, evidence, resource)
    base = resource.arn or resource.id
    if reference.form is ReferenceForm.ID and resource.id:
        base = resource.id
    suffix = "" if _is_qualified(base, reference) else reference.suffix
    value = f"{base}{suffix}"
    return Binding(reference, BindingState.RESOLVED, value, evidence, resource)


def _is_qualified(base: str, reference: Reference) -> bool:
    """Tell whether a resource has a version or an alias of its own."""
    longer = base.count(":") > reference.key.count(":")
    both_arns = base.startswith("arn:") and reference.key.startswith("arn:")
    return base.endswith(reference.suffix) or (both_arns and longer)


def near_misses(kind: str, name: str, inventory: Inventory) -> tuple[Resource, ...]:
    """Return resources whose names are close: by case, spaces or a few letters."""
    if not name:
        return ()
    resources = inventory.of_kind(kind)
    folded: dict[str, list[Resource]] = {}
    for resource in resources:
        word = "".join(resource.name.casefold().split())
        folded.setdefault(word, []).append(resource)
    close = get_close_matches("".join(name.casefold().split()), folded, n=_NEAR)
    return tuple(resource for word in close for resource in folded[word])


def binding_findings(bound: BoundFlow) -> Iterator[Finding]:
    """Give an error for each reference without answer, a warning for a blind one."""
    for binding in bound.bindings:
        if binding.state in _FAILURES:
            yield _finding(bound.flow, binding)
        elif binding.candidates and binding.resource and not _is_silent(binding):
            yield _rivalled(bound.flow, binding, binding.resource)
        elif binding.evidence.endswith((UNCHECKABLE, NAMELESS)) and not _is_silent(
            binding
        ):
            yield _blind(bound.flow, binding)


def _is_silent(binding: Binding) -> bool:
    """Tell whether nobody needs to hear that a reference was not looked up."""
    reference = binding.reference
    in_stream = reference.path[:1] in ((OPTION,), (SCRIPT,))
    return in_stream or reference.kind == OUTSIDE_NUMBER


def _rivalled(flow: Flow, binding: Binding, resource: Resource) -> Finding:
    reference = binding.reference
    names = ", ".join(repr(rival.name) for rival in binding.candidates)
    return Finding(
        rule="reference/near-name",
        severity=Severity.WARNING,
        message=f"block {reference.block}: {reference.kind} {resource.name!r} is "
        f"chosen; {names} there differs from it only in case",
        location=reference.location,
        address=flow.address,
        hint="rename one there, or map it by ARN under `references`",
    )


def _blind(flow: Flow, binding: Binding) -> Finding:
    reference = binding.reference
    value, why = binding.value, f"{UNCHECKABLE}: the target does not list this kind"
    if binding.evidence.endswith(NAMELESS):
        reason = binding.evidence.removesuffix(f"; {NAMELESS}")
        value, why = repr(reference.name), f"{NAMELESS}: {reason}"
    return Finding(
        rule="reference/unchecked",
        severity=Severity.WARNING,
        message=f"block {reference.block}: {reference.kind} {value} {why}",
        location=reference.location,
        address=flow.address,
        hint="map it under `references` of the environment if it differs there",
    )


def _finding(flow: Flow, binding: Binding) -> Finding:
    reference = binding.reference
    parameter = "/".join(str(step) for step in reference.path[3:])
    named = f" {reference.name!r}" if reference.name else ""
    return Finding(
        rule=f"reference/{binding.state}",
        severity=Severity.ERROR,
        message=f"block {reference.block}: {parameter} refers to {reference.kind}"
        f"{named}, which is {binding.state}: {binding.evidence}",
        location=reference.location,
        address=flow.address,
        hint=_hint(binding),
    )


def _hint(binding: Binding) -> str:
    names = ", ".join(repr(r.name) for r in binding.candidates)
    if binding.state is BindingState.AMBIGUOUS:
        arns = ", ".join(r.arn for r in binding.candidates)
        return f"name one in the environment's references: {arns}"
    if names:
        return f"did you mean {names}? map it under `references` or create it there"
    where = "under `references` of the environment"
    if (reference := binding.reference).value and not reference.name:
        where += f' as `{reference.kind}: {{"{reference.value}": NAME}}`'
    return f"map it {where}, or create it there"
