"""What a promote would change, with everything that speaks against it.

A plan is made from the project's files, one environment, and a *before*: the
live target, the render of a Git ref, or nothing. Its digest covers what would
be done and where, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowops.bind import Binder, binding_findings
from flowops.diff import GraphDiff, diff_graphs, with_ids
from flowops.documents.source import source_text
from flowops.errors import FlowOpsError
from flowops.inventory import gap_findings, named_references
from flowops.model import BindingState, Finding, Graph, Location, Severity
from flowops.plan.digests import digest_of, graph_digest
from flowops.plan.findings import said_once
from flowops.plan.replacing import not_there, started_anew
from flowops.project import as_finding
from flowops.systems import SYSTEMS
from flowops.systems.protocol import PUBLISHED, BoundFlow, Flow, TargetIdentity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from flowops.model import Address, Inventory, StateVerdict
    from flowops.overlays.flow_overlay import FlowOverlays
    from flowops.systems.protocol import Bundle, FlowState, Target

CREATE, UPDATE, LAYOUT, DELETE = "create", "update", "layout", "delete"
REPLACE, NOTHING, BLOCKED = "replace", "no-op", "blocked"
WRITES = (CREATE, UPDATE, REPLACE, LAYOUT)


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What would happen to one flow; ``blocked`` when something is in the way."""

    address: Address
    path: str
    action: str
    bound: BoundFlow | None
    bundle: Bundle | None = None
    before: FlowState | None = None
    before_digest: str = ""
    after_digest: str = ""
    diff: GraphDiff | None = None
    state: StateVerdict | None = None


@dataclass(frozen=True, slots=True)
class PlannedRemoval:
    """A flow that this project put on the target and no longer has."""

    address: Address
    before: FlowState
    before_digest: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes of one environment; ``compared_with`` says what came before.

    ``unmanaged`` are flows that this project put on the target and no longer has;
    ``removals`` are those of them that were asked to be deleted.
    """

    environment: str
    compared_with: Mapping[str, str]
    targets: tuple[TargetIdentity, ...]
    changes: tuple[PlannedChange, ...]
    findings: tuple[Finding, ...]
    digest: str
    names: Mapping[str, str]
    unmanaged: tuple[Address, ...] = ()
    removals: tuple[PlannedRemoval, ...] = ()

    @property
    def errored(self) -> bool:
        """Tell whether a finding forbids the promote."""
        return any(f.severity is Severity.ERROR for f in self.findings)

    @property
    def writes(self) -> tuple[PlannedChange, ...]:
        """Return the changes that a promote would write."""
        return tuple(c for c in self.changes if c.action in WRITES)

    def count(self, action: str) -> int:
        """Count the flows with this action."""
        return sum(change.action == action for change in self.changes)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What came before: states by address, what exists, and how to call it.

    ``unmanaged`` are the states of flows that bear the project's mark and are not
    in the project; those in ``created`` are on the target only by a promote of it.
    """

    system: str
    words: str
    states: Mapping[Address, FlowState]
    inventory: Inventory | None = None
    identity: TargetIdentity | None = None
    unmanaged: Mapping[Address, FlowState] = field(default_factory=dict)
    created: frozenset[Address] = frozenset()


@dataclass(frozen=True, slots=True)
class Request:
    """What to plan: the chosen flows out of all the project's, for whom.

    ``unread`` tells that the project has files of which no flow could be made, so
    that nobody knows which of its flows are gone.
    ``replace`` are flows to write although nothing differs; ``reviewed`` are those
    that a reviewed plan would replace, as far as they still can be.
    """

    environment: str
    chosen: Sequence[Flow]
    known: Collection[Address]
    overlays: FlowOverlays
    findings: tuple[Finding, ...] = ()
    project: str = ""
    whole: bool = False
    deletes: bool = False
    replace: frozenset[Address] = frozenset()
    reviewed: frozenset[Address] = frozenset()
    unread: bool = False


def live_baseline(system: str, target: Target, request: Request) -> Baseline:
    """Ask a target what exists there and how the chosen flows stand.

    Raises ``TargetError``, or ``RefusedError`` when it is another target.
    """
    target.verify()
    flows = [flow for flow in request.chosen if flow.address.system == system]
    inventory = target.inventory(named_references(flows, request.overlays))
    wanted = {
        flow.address: request.overlays.word(flow, "status", PUBLISHED) for flow in flows
    }
    identity = target.identity
    is_known = request.whole and not request.unread
    marked = target.managed(request.project) if is_known else {}
    left = sorted(address for address in marked if address not in request.known)
    return Baseline(
        system=system,
        words=f"live {identity.kind}",
        states=target.read(wanted),
        inventory=inventory,
        identity=identity,
        unmanaged=target.read(dict.fromkeys(left, PUBLISHED)) if left else {},
        created=frozenset(address for address in left if marked[address]),
    )


def make_plan(request: Request, baselines: Mapping[str, Baseline]) -> Plan:
    """Plan every chosen flow against what came before; nothing is written.

    Raises ``UsageError`` for a flow that is to be replaced and is not there.
    """
    changes: list[PlannedChange] = []
    findings = list(request.findings)
    binders = {
        system: _binder(system, request, baseline)
        for system, baseline in baselines.items()
    }
    for baseline in baselines.values():
        findings += gap_findings(baseline.inventory) if baseline.inventory else ()
    broken = {f.address for f in findings if f.severity is Severity.ERROR}
    for flow in request.chosen:
        system = flow.address.system
        change, found = _plan_flow(flow, binders[system], baselines[system])
        if flow.address in broken:
            change = _blocked(flow, change.bound, change.before)
        changes.append(replaced(change, request, baselines[system].states))
        findings += found
    identities = [b.identity for b in baselines.values() if b.identity]
    unmanaged = {a: s for b in baselines.values() for a, s in b.unmanaged.items()}
    created = frozenset(a for b in baselines.values() for a in b.created)
    removals = _removals(unmanaged, created) if request.deletes else ()
    words = {b.system: b.words for b in baselines.values()}
    where = Destination(request.environment, words, tuple(identities))
    plan = assemble(where, changes, removals, findings)
    names, left = _names(baselines.values()), tuple(sorted(unmanaged))
    return replace(plan, names=names, unmanaged=left)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a plan leads: the environment, what it is compared with, the targets."""

    environment: str
    compared_with: Mapping[str, str]
    identities: tuple[TargetIdentity, ...]


def assemble(
    where: Destination,
    changes: Sequence[PlannedChange],
    removals: Sequence[PlannedRemoval],
    findings: Iterable[Finding],
) -> Plan:
    """Put a plan together and give it its digest."""
    rows = [
        [str(c.address), c.action, c.before_digest, c.after_digest] for c in changes
    ]
    rows += [[str(r.address), DELETE, r.before_digest, ""] for r in removals]
    targets = {identity.system: identity.id for identity in where.identities}
    return Plan(
        environment=where.environment,
        compared_with=where.compared_with,
        targets=where.identities,
        changes=tuple(changes),
        findings=said_once(findings),
        digest=digest_of(where.environment, targets, rows),
        names={},
        removals=tuple(removals),
    )


def _removals(
    unmanaged: Mapping[Address, FlowState], created: frozenset[Address]
) -> tuple[PlannedRemoval, ...]:
    """Plan to delete what the project created and no longer has, and nothing else."""
    return tuple(
        PlannedRemoval(address, unmanaged[address], graph_digest(describe(state)))
        for address, state in sorted(unmanaged.items(), key=lambda item: item[0])
        if address in created
    )


def describe(state: FlowState) -> Graph:
    """Read a state by meaning, with the system it belongs to."""
    return SYSTEMS[state.address.system].describe(state)


def _describe_bundle(
    bound: BoundFlow | None, bundle: Bundle, before: FlowState | None
) -> Graph:
    if bound is None:  # it is of no flow of the project
        flow = Flow(bundle.address, source_text("", ""))
        bound = BoundFlow(flow, live=before.attributes if before else None)
    return SYSTEMS[bundle.address.system].describe_bundle(bound, bundle)


def _binder(system: str, request: Request, baseline: Baseline) -> Binder:
    return Binder(
        overlays=request.overlays,
        inventory=baseline.inventory,
        live={address: s.attributes for address, s in baseline.states.items()},
        promoted=[f.address for f in request.chosen if f.address.system == system],
        known=request.known,
    )


def _plan_flow(
    flow: Flow, binder: Binder, baseline: Baseline
) -> tuple[PlannedChange, list[Finding]]:
    system = SYSTEMS[flow.address.system]
    before = baseline.states.get(flow.address)
    try:
        bound = binder.bind(flow)
        findings = [*binding_findings(bound), *system.review(bound)]
        if any(f.severity is Severity.ERROR for f in findings):
            return _blocked(flow, bound, before), findings
        bundle = system.render(bound)
        change = planned_change(flow.source.path, bound, bundle, before)
    except FlowOpsError as error:
        return _blocked(flow, BoundFlow(flow), before), [_finding(flow, error)]
    return change, [*findings, *bundle.findings]


def _blocked(
    flow: Flow, bound: BoundFlow | None, before: FlowState | None
) -> PlannedChange:
    return PlannedChange(flow.address, flow.source.path, BLOCKED, bound, before=before)


def _finding(flow: Flow, error: FlowOpsError) -> Finding:
    found = as_finding(error, "flow/cannot-be-rendered")
    return Finding(
        found.rule,
        found.severity,
        found.message,
        found.location or Location(flow.source.path),
        flow.address,
        found.hint,
    )


def planned_change(
    path: str, bound: BoundFlow | None, bundle: Bundle, before: FlowState | None
) -> PlannedChange:
    """Compare what a bundle would bring with what came before, by meaning."""
    after = _describe_bundle(bound, bundle, before)
    old = _described_before(before, bundle, after) if before else None
    diff = diff_graphs(old or Graph(), after)
    before_digest, after_digest = _digests(old, after)
    return PlannedChange(
        address=bundle.address,
        path=path,
        action=_action(old, diff),
        bound=bound,
        bundle=bundle,
        before=before,
        before_digest=before_digest,
        after_digest=after_digest,
        diff=diff,
        state=_state(
            bundle.address.system, with_ids(old, diff.renamed) if old else None, after
        ),
    )


def replaced(
    change: PlannedChange, request: Request, there: Collection[Address]
) -> PlannedChange:
    """Return a change as a replacement, if that was asked for.

    Raises ``UsageError`` for a flow that is not there, and so would be created.
    """
    address = change.address
    if change.action == BLOCKED or address not in request.replace | request.reviewed:
        return change
    if change.action != CREATE:
        state = started_anew(address.system, change.state)
        return replace(change, action=REPLACE, state=state)
    if address in request.replace:
        raise not_there(address, there)
    return change


def _digests(before: Graph | None, after: Graph) -> tuple[str, str]:
    later = graph_digest(after)
    if before == after:
        return later, later
    return graph_digest(before) if before else "", later


def _state(system: str, before: Graph | None, after: Graph) -> StateVerdict | None:
    """Judge what a running flow loses; one that is new or equal has nothing to lose."""
    if before is None or before == after:
        return None
    return SYSTEMS[system].state_safety(before, after)


def _described_before(before: FlowState, bundle: Bundle, after: Graph) -> Graph:
    """Read what came before; a state with the same plain texts means the same.

    Texts that hold a secret are read: only what can be seen of them compares.
    """
    plain = all(isinstance(text, str) for text in before.files.values())
    if plain and before == bundle.state():
        return after
    return comparable(describe(before), after)


def comparable(before: Graph, after: Graph) -> Graph:
    """Keep the attributes that ``after`` names: others are the target's own."""
    kept = {k: v for k, v in before.attributes.items() if k in after.attributes}
    return replace(before, attributes=kept)


def _action(old: Graph | None, diff: GraphDiff) -> str:
    if old is None:
        return CREATE
    if diff.changes_behaviour:
        return UPDATE
    return LAYOUT if diff.changes_drawing else NOTHING


def _names(baselines: Iterable[Baseline]) -> dict[str, str]:
    """Return what people call each ARN and id, for reports."""
    names: dict[str, str] = {}
    for baseline in baselines:
        for resource in baseline.inventory.resources if baseline.inventory else ():
            for key in (resource.arn, resource.id):
                if key:
                    names[key] = f"{resource.kind} {resource.name}"
    return names


def unresolved(plan: Plan) -> int:
    """Count the references that have no answer."""
    return sum(
        binding.state in (BindingState.UNRESOLVED, BindingState.AMBIGUOUS)
        for change in plan.changes
        for binding in (change.bound.bindings if change.bound else ())
    )
