"""Write a plan to its targets: reserve, stage, publish last, restore on failure.

Nothing is written while a finding forbids it or a guard refuses. Modules come
before flows, and a flow after those it refers to, as far as circles allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flowops.bind import Binder
from flowops.errors import FlowOpsError, RefusedError, TargetError, UnresolvedError
from flowops.systems import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowops.model import Address, Inventory, Resource
    from flowops.plan.making import Plan, PlannedChange
    from flowops.systems.protocol import Bundle, Target

RESERVED, STAGED, PUBLISHED, RESTORED = "reserved", "staged", "published", "restored"
NOT_RESTORED, UNTOUCHED = "not restored", "not touched"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a promote did to one flow."""

    address: Address
    done: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person agreed to: a digest, or what was on the screen."""

    digest: str | None = None
    agreed: bool = False


def check_guards(plan: Plan, approval: Approval, *, protected: bool) -> None:
    """Refuse a promote that may not go on.

    Raises ``UnresolvedError`` when a finding forbids it, and ``RefusedError``
    when the plan is not the reviewed one or nobody agreed to it.
    """
    if plan.errored:
        raise UnresolvedError(
            "nothing was written: the plan has errors", hint="mend them and plan again"
        )
    if approval.digest is not None and approval.digest != plan.digest:
        raise RefusedError(
            f"plan-changed: the reviewed plan is {approval.digest or '(empty)'}, "
            f"this one is {plan.digest}",
            hint="review the new plan",
        )
    if protected and approval.digest is None:
        raise RefusedError(
            f"not-reviewed: {plan.environment} is protected",
            hint="pass the digest of the reviewed plan with --expect-digest",
        )
    if approval.digest is None and not approval.agreed:
        raise RefusedError(
            "not-approved: nobody agreed to this plan",
            hint="pass --yes, or --expect-digest with the digest of the plan",
        )


def promote(
    plan: Plan,
    targets: Mapping[str, Target],
    inventories: Mapping[str, Inventory],
    binder: Callable[[str, Inventory], Binder],
    report: Callable[[Step], None],
) -> None:
    """Write every change of a plan.

    ``binder`` makes the binder of a system for an inventory that has what was
    reserved. Raises ``TargetError`` after putting back what can be put back.
    """
    for system, target in targets.items():
        changes = [c for c in plan.writes if c.address.system == system]
        if changes:
            run = _Run(target, _in_order(changes), report)
            run.write(partial(binder, system), inventories[system])


class _Run:
    """The writing of one system's changes, which knows what to put back."""

    def __init__(
        self,
        target: Target,
        changes: Sequence[PlannedChange],
        report: Callable[[Step], None],
    ) -> None:
        self._target = target
        self._changes = changes
        self._report = report
        self._touched: list[PlannedChange] = []

    def write(
        self, binder: Callable[[Inventory], Binder], inventory: Inventory
    ) -> None:
        try:
            created = self._reserve()
            bundles = self._rendered(binder(inventory.with_resources(created)))
            for bundle in bundles:
                self._target.stage(bundle)
                self._report(Step(bundle.address, STAGED))
            for bundle in bundles:
                self._target.publish(bundle)
                self._report(Step(bundle.address, PUBLISHED))
        except KeyboardInterrupt:
            self._restore()
            raise
        except FlowOpsError as error:
            self._restore()
            raise TargetError(
                f"the promote stopped: {error.message}",
                hint=error.hint or "mend the cause and promote again",
                location=error.location,
            ) from error

    def _reserve(self) -> tuple[Resource, ...]:
        created: list[Resource] = []
        for change in self._changes:
            if change.bundle is None:
                continue
            self._touched.append(change)
            found = self._target.reserve([change.bundle])
            created += found
            if found:
                self._report(Step(change.address, RESERVED, found[0].arn))
        return tuple(created)

    def _rendered(self, binder: Binder) -> list[Bundle]:
        return [
            SYSTEMS[c.address.system].render(binder.bind(c.bound.flow))
            for c in self._changes
        ]

    def _restore(self) -> None:
        for change in reversed(self._touched):
            try:
                restored = self._target.restore(change.address, change.before)
            except FlowOpsError as error:
                self._report(Step(change.address, NOT_RESTORED, error.message))
            else:
                self._report(Step(change.address, RESTORED if restored else UNTOUCHED))


def _in_order(changes: Sequence[PlannedChange]) -> list[PlannedChange]:
    """Put each flow after those it refers to; a circle is entered where it starts."""
    by_name = {(c.address.kind, c.address.name): c for c in changes}
    ordered: dict[Address, PlannedChange] = {}
    visiting: set[Address] = set()

    def visit(change: PlannedChange) -> None:
        if change.address in ordered or change.address in visiting:
            return
        visiting.add(change.address)
        for binding in change.bound.bindings:
            resource = binding.resource
            needed = by_name.get((resource.kind, resource.name)) if resource else None
            if needed:
                visit(needed)
        ordered[change.address] = change

    for change in sorted(changes, key=lambda c: (c.address.kind, c.address.name)):
        visit(change)
    return list(ordered.values())
