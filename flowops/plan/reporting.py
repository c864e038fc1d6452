"""Turn a plan into what reports are made from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.model import BindingState
from flowops.plan.making import BLOCKED, CREATE, DELETE, LAYOUT, UPDATE, WRITES
from flowops.report.model import (
    BlockReport,
    ChangeReport,
    FieldReport,
    PlanReport,
    ReferenceReport,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.diff import BlockChange, FieldChange
    from flowops.git import Revision
    from flowops.model import Binding
    from flowops.plan.making import Plan, PlannedChange, PlannedRemoval


def report_plan(plan: Plan, revision: Revision | None = None) -> PlanReport:
    """Return the report of a plan; ``revision`` is where the project stands."""
    source: dict[str, str | bool] = {}
    if revision:
        source = {"commit": revision.commit, "dirty": revision.dirty}
    return PlanReport(
        environment=plan.environment,
        compared_with=plan.compared_with,
        targets={identity.system: identity.id for identity in plan.targets},
        changes=(
            *(_change(change, plan.names) for change in plan.changes),
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
            "delete": len(plan.removals),
            "move": 0,
            "layout": plan.count(LAYOUT),
            "blocked": plan.count(BLOCKED),
        },
        digest=plan.digest,
        errored=plan.errored,
        source=source,
    )


def _removal(removal: PlannedRemoval) -> ChangeReport:
    return ChangeReport(
        address=str(removal.address),
        path="",
        action=DELETE,
        before_digest=removal.before_digest,
    )


def _change(change: PlannedChange, names: Mapping[str, str]) -> ChangeReport:
    origins = _origins(change)
    diff = change.diff
    bindings = change.bound.bindings if change.bound else ()
    references = tuple(_reference(binding) for binding in bindings)
    state = change.state if change.action in WRITES else None
    report = ChangeReport(
        address=str(change.address),
        path=change.path,
        action=change.action,
        references=references,
        before_digest=change.before_digest,
        after_digest=change.after_digest,
        state_safety=str(state.safety) if state else "",
        state_reason=state.reason if state else "",
    )
    if diff is None:
        return report
    return replace(
        report,
        attributes=tuple(_field(f, names, "") for f in diff.attributes),
        blocks=tuple(_block(b, names, origins) for b in diff.blocks),
        edges_added=diff.edges_added,
        edges_removed=diff.edges_removed,
        layout=diff.layout,
        sealed=diff.sealed,
    )


def _origins(change: PlannedChange) -> dict[tuple[str, str], str]:
    """Return what set a value, by block (or node name) and path."""
    origins: dict[tuple[str, str], str] = {}
    if change.bound is None:
        return origins
    for binding in change.bound.bindings:
        if binding.state is BindingState.RESOLVED:
            path = "/" + "/".join(str(step) for step in binding.reference.path[3:])
            origins[binding.reference.block, path] = binding.evidence
    for setting in change.bound.settings:
        if setting.origin.path != change.path:
            path = f"config/{setting.table}/{setting.name}"
            origins[setting.node, path] = str(setting.origin)
    return origins


def _block(
    block: BlockChange,
    names: Mapping[str, str],
    origins: Mapping[tuple[str, str], str],
) -> BlockReport:
    fields = tuple(
        _field(
            field,
            names,
            origins.get((block.block, field.path))
            or origins.get((block.label, field.path), ""),
        )
        for field in block.fields
    )
    return BlockReport(block.block, block.type, block.label, block.action, fields)


def _field(field: FieldChange, names: Mapping[str, str], origin: str) -> FieldReport:
    return FieldReport(
        path=field.path,
        before=field.before,
        after=field.after,
        origin=origin,
        before_name=names.get(field.before or "", ""),
        after_name=names.get(field.after or "", ""),
    )


def _reference(binding: Binding) -> ReferenceReport:
    reference = binding.reference
    return ReferenceReport(
        block=reference.block,
        path="/" + "/".join(str(step) for step in reference.path[3:]),
        kind=reference.kind,
        name=binding.resource.name if binding.resource else reference.name,
        state=str(binding.state),
        value=binding.value,
        evidence=binding.evidence,
    )
