"""Turn a plan into what reports are made from."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from flowops.diff import Each, diff_graphs, with_ids
from flowops.model import BindingState
from flowops.plan.making import (
    BLOCKED,
    CREATE,
    DELETE,
    LAYOUT,
    REPLACE,
    UPDATE,
    WRITES,
    describe,
)
from flowops.report.model import (
    BlockReport,
    ChangeReport,
    EdgeReport,
    FieldReport,
    PlanReport,
    ReferenceReport,
    StatementReport,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowops.diff import BlockChange, FieldChange, GraphDiff, StatementChange
    from flowops.git import Revision
    from flowops.model import Address, Binding, Edge, Graph
    from flowops.plan.making import Plan, PlannedChange, PlannedRemoval


_CALLED = frozenset(("name", "description"))


def report_plan(
    plan: Plan, revision: Revision | None = None, *, with_graphs: bool = False
) -> PlanReport:
    """Return the report of a plan; ``revision`` is where the project stands.

    With graphs, each change that would be written has the two that it lies between.
    """
    moves = _moves(plan)
    source: dict[str, str | bool] = {}
    if revision:
        source = {"commit": revision.commit, "dirty": revision.dirty}
    return PlanReport(
        environment=plan.environment,
        compared_with=plan.compared_with,
        targets={identity.system: identity.id for identity in plan.targets},
        changes=(
            *(
                _shown(change, plan, moves, drawn=with_graphs)
                for change in plan.changes
            ),
            *(_removal(removal) for removal in plan.removals),
        ),
        unmanaged=tuple(
            str(address)
            for address in plan.unmanaged
            if address not in {removal.address for removal in plan.removals}
        ),
        findings=plan.findings,
        summary={
            "create": plan.count(CREATE),
            "update": plan.count(UPDATE),
            "replace": plan.count(REPLACE),
            "delete": len(plan.removals),
            "move": len(moves),
            "layout": plan.count(LAYOUT),
            "blocked": plan.count(BLOCKED),
        },
        digest=plan.digest,
        errored=plan.errored,
        source=source,
    )


def report_difference(
    address: str, path: str, before: Graph, after: Graph
) -> ChangeReport:
    """Return the report of one flow as it was and as it is, outside any plan."""
    diff = diff_graphs(before, after)
    action = UPDATE if diff.changes_behaviour else LAYOUT
    earlier = with_ids(before, diff.renamed)
    report = ChangeReport(address, path, action, before=earlier, after=after)
    return _differing(report, diff, {}, dict)


def _shown(
    change: PlannedChange, plan: Plan, moves: Mapping[Address, Address], *, drawn: bool
) -> ChangeReport:
    report = _change(change, plan.names)
    if change.address in moves:
        report = replace(report, previous_address=str(moves[change.address]))
    return _drawn(report, change) if drawn else report


def _moves(plan: Plan) -> dict[Address, Address]:
    """Return the earlier addresses of flows that are deleted and do the same anew.

    A promote still creates the one and deletes the other.
    """
    moves: dict[Address, Address] = {}
    gone: dict[object, list[tuple[Address, Graph]]] = {}
    for removal in plan.removals:
        graph = _unnamed(describe(removal.before))
        key = _resemblance(removal.address, graph)
        gone.setdefault(key, []).append((removal.address, graph))
    for change in plan.changes if gone else ():
        if change.action == CREATE and change.bundle:
            now = _unnamed(describe(change.bundle.state()))
            left = gone.get(_resemblance(change.address, now), [])
            for found in left:
                if not diff_graphs(found[1], now).changes_behaviour:
                    moves[change.address] = found[0]
                    left.remove(found)
                    break
    return moves


def _unnamed(graph: Graph) -> Graph:
    """Return a graph without what a flow is called and said to be."""
    kept = {k: v for k, v in graph.attributes.items() if k not in _CALLED}
    return replace(graph, attributes=kept)


def _resemblance(address: Address, graph: Graph) -> object:
    """Return a value that is equal for all flows that might do the same."""
    blocks = (
        (block.type, block.label, tuple(sorted(block.properties.items())))
        for block in graph.blocks
    )
    return address.system, address.kind, tuple(sorted(blocks)), len(graph.edges)


def _drawn(report: ChangeReport, change: PlannedChange) -> ChangeReport:
    """Add what a flow is and becomes; the earlier graph has the later ids."""
    if change.bundle is None or change.action not in WRITES:
        return report
    before = describe(change.before) if change.before else None
    if before and change.diff:
        before = with_ids(before, change.diff.renamed)
    return replace(report, before=before, after=describe(change.bundle.state()))


def _removal(removal: PlannedRemoval) -> ChangeReport:
    return ChangeReport(
        address=str(removal.address),
        path="",
        action=DELETE,
        before_digest=removal.before_digest,
    )


def _change(change: PlannedChange, names: Mapping[str, str]) -> ChangeReport:
    diff = change.diff
    bindings = change.bound.bindings if change.bound else ()
    state = change.state if change.action in WRITES else None
    report = ChangeReport(
        address=str(change.address),
        path=change.path,
        action=change.action,
        references=Each(bindings, _reference),
        before_digest=change.before_digest,
        after_digest=change.after_digest,
        state_safety=str(state.safety) if state else "",
        state_reason=state.reason if state else "",
    )
    if diff is None:
        return report
    return _differing(report, diff, names, cache(partial(_origins, change)))


def _differing(
    report: ChangeReport,
    diff: GraphDiff,
    names: Mapping[str, str],
    origins: Callable[[], Mapping[tuple[str, str], str]],
) -> ChangeReport:
    return replace(
        report,
        attributes=tuple(
            _field(f, names, origins().get(("", f.path), "")) for f in diff.attributes
        ),
        blocks=Each(diff.blocks, partial(_block, names=names, origins=origins)),
        edges_added=Each(diff.edges_added, partial(_edge, names=diff.names)),
        edges_removed=Each(diff.edges_removed, partial(_edge, names=diff.names)),
        layout=diff.layout,
        moved=tuple(diff.names.get(block, block) for block in diff.moved),
        renamed=len(diff.renamed),
        sealed=diff.sealed,
        hidden=diff.hidden,
    )


def _origins(change: PlannedChange) -> dict[tuple[str, str], str]:
    """Return what set a value, by block (or node name) and path.

    What is of no block is of the flow as a whole.
    """
    origins: dict[tuple[str, str], str] = {}
    if change.bound is None:
        return origins
    for key, place in change.bound.places.items():
        origins["", key] = str(place)
    for binding in change.bound.bindings:
        if binding.state is BindingState.RESOLVED:
            path = "/" + "/".join(str(step) for step in binding.reference.path[3:])
            origins[binding.reference.block, path] = binding.evidence
    for setting in change.bound.settings:
        if setting.origin.path != change.path:
            path = f"config/{_step(setting.table)}/{_step(setting.name)}"
            words = f" filled from {setting.filled_from}" if setting.filled_from else ""
            origins[setting.node, path] = f"{setting.origin}{words}"
    return origins


def _block(
    block: BlockChange,
    names: Mapping[str, str],
    origins: Callable[[], Mapping[tuple[str, str], str]],
) -> BlockReport:
    known = origins()
    paths = frozenset([field.path for field in block.fields])
    fields = tuple(
        [
            _field(field, names, _origin(block, field.path, known), paths)
            for field in block.fields
        ]
    )
    return BlockReport(
        block.block, block.type, block.label, block.action, fields, block.previous
    )


def _origin(
    block: BlockChange, path: str, origins: Mapping[tuple[str, str], str]
) -> str:
    return origins.get((block.block, path)) or origins.get((block.label, path), "")


def _step(key: str) -> str:
    """Write a step of a path; a slash in it is escaped as in RFC 6901."""
    return key.replace("~", "~0").replace("/", "~1")


def _edge(edge: Edge, names: Mapping[str, str]) -> EdgeReport:
    source, target = edge.source, edge.target
    source_name, target_name = names.get(source, ""), names.get(target, "")
    return EdgeReport(source, edge.branch, target, source_name, target_name)


def _field(
    field: FieldChange,
    names: Mapping[str, str],
    origin: str,
    paths: frozenset[str] = frozenset(),
) -> FieldReport:
    before, after = field.before, field.after
    return FieldReport(
        field.path,
        before,
        after,
        origin,
        _called(before, names) if before else "",
        _called(after, names) if after else "",
        tuple([_statement(found, paths) for found in field.statements])
        if field.statements
        else (),
    )


def _called(value: str, names: Mapping[str, str]) -> str:
    """Return what people call an ARN or an id, with its version or alias if any."""
    if name := names.get(value):
        return name
    base, _, qualifier = value.rpartition(":")
    name = names.get(base, "")
    return f"{name}:{qualifier}" if name and qualifier else ""


def _statement(found: StatementChange, paths: frozenset[str]) -> StatementReport:
    """Return what differs in SQL; ``paths`` are of the fields that differ beside it."""
    table = _step(found.table)
    options = {f"config/{table}/{_step(option)}" for option in found.options}
    is_told = bool(options) and options <= paths
    return StatementReport(found.name, found.action, found.before, found.after, is_told)


def _name(binding: Binding) -> str:
    """Return what a reference names, with the version or the alias it names of it."""
    resource = binding.resource
    if resource is None:
        return binding.reference.name
    keys = [key for key in (resource.arn, resource.id) if key]
    qualified = (binding.value[len(k) :] for k in keys if binding.value.startswith(k))
    qualifier = next(qualified, "")
    is_told = qualifier.startswith(":") and not resource.name.endswith(qualifier)
    return f"{resource.name}{qualifier}" if is_told else resource.name


def _reference(binding: Binding) -> ReferenceReport:
    reference = binding.reference
    return ReferenceReport(
        block=reference.block,
        path="/" + "/".join(str(step) for step in reference.path[3:]),
        kind=reference.kind,
        name=_name(binding),
        state=str(binding.state),
        value=binding.value,
        evidence=binding.evidence,
    )
