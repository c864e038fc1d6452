"""Write a plan to its targets: reserve, stage, publish last, undo on failure.

Modules come before flows, and a flow after those it refers to, as far as circles
allow. Every step is in the journal before it is taken, so that a run that is cut
off can be undone by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flowops.errors import FlowOpsError, RefusedError, TargetError
from flowops.journal import PreImage
from flowops.model import StateSafety
from flowops.systems import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flowops.bind import Binder
    from flowops.journal import Journal, UnfinishedRun
    from flowops.model import Address, Inventory, Resource
    from flowops.plan.making import Plan, PlannedChange, PlannedRemoval
    from flowops.systems.protocol import Bundle, FlowState, Mark, Target

RESERVED, STAGED, PUBLISHED, REMOVED = "reserved", "staged", "published", "removed"
RESTORED, NOT_RESTORED, UNTOUCHED = "restored", "not restored", "not touched"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a promote did to one flow."""

    address: Address
    done: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What a promote needs beside the plan.

    ``binder`` makes the binder of a system for an inventory that has what was
    reserved; ``report`` is told each step as it is done.
    """

    targets: Mapping[str, Target]
    inventories: Mapping[str, Inventory]
    binder: Callable[[str, Inventory], Binder]
    journal: Journal
    mark: Mark
    report: Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Each flow as it is after a promote, and what was created on the targets."""

    after: Mapping[Address, FlowState]
    created: Mapping[str, tuple[Resource, ...]]


def promote(plan: Plan, promotion: Promotion) -> Outcome:
    """Write every change of a plan.

    Raises ``TargetError`` after putting back what can be put back. What cannot be
    put back stays in the journal for the next run.
    """
    changes = _in_order(plan.writes)
    run = _Run(promotion, changes, plan.removals)
    promotion.journal.begin(
        promotion.mark.run,
        {name: t.identity.id for name, t in promotion.targets.items()},
        run.pre_images(),
    )
    try:
        outcome = run.write()
    except (FlowOpsError, KeyboardInterrupt) as error:
        if run.undo():
            promotion.journal.end()
        if isinstance(error, KeyboardInterrupt):
            raise
        raise _stopped(error) from error
    promotion.journal.end()
    return outcome


def recover(
    unfinished: UnfinishedRun,
    targets: Mapping[str, Target],
    report: Callable[[Step], None],
) -> None:
    """Undo a run that was cut off, the last flow first.

    Raises ``RefusedError`` when it wrote to another target, and ``TargetError``
    when a flow cannot be put back.
    """
    for system, target in targets.items():
        if unfinished.targets.get(system, target.identity.id) != target.identity.id:
            raise RefusedError(
                f"wrong-target: run {unfinished.run} was cut off while it wrote to "
                f"{unfinished.targets[system]}",
                hint="promote to that target first",
            )
    images = [i for i in unfinished.pre_images if i.address in unfinished.touched]
    for image in reversed(images):
        target = targets[image.address.system]
        done = target.restore(image.address, image.before, unfinished.run)
        report(Step(image.address, RESTORED if done else UNTOUCHED))


def _stopped(error: FlowOpsError) -> TargetError:
    return TargetError(
        f"the promote stopped: {error.message}",
        hint=error.hint or "mend the cause and promote again",
        location=error.location,
    )


def _drops_state(change: PlannedChange) -> bool:
    """Tell whether the plan said so; a guard refuses unless somebody allowed it."""
    return change.state is not None and change.state.safety is StateSafety.DROPPED


class _Run:
    """The writing of one plan, which knows what to put back."""

    def __init__(
        self,
        promotion: Promotion,
        changes: Sequence[PlannedChange],
        removals: Sequence[PlannedRemoval],
    ) -> None:
        self._promotion = promotion
        self._changes = changes
        self._removals = removals
        self._touched: dict[Address, FlowState | None] = {}

    def pre_images(self) -> list[PreImage]:
        return [
            *(PreImage(change.address, change.before) for change in self._changes),
            *(PreImage(removal.address, removal.before) for removal in self._removals),
        ]

    def write(self) -> Outcome:
        created: dict[str, tuple[Resource, ...]] = {}
        for change in self._changes:
            system = change.address.system
            created[system] = (*created.get(system, ()), *self._reserve(change))
        bundles = list(self._rendered(created))
        for change, bundle in zip(self._changes, bundles, strict=True):
            self._note(change.address, change.before, STAGED)
            self._target(bundle.address).stage(bundle)
            self._report(bundle.address, STAGED)
        for change, bundle in zip(self._changes, bundles, strict=True):
            self._note(change.address, change.before, PUBLISHED)
            allowed = replace(bundle, may_drop_state=_drops_state(change))
            self._target(bundle.address).publish(allowed, self._promotion.mark)
            self._report(bundle.address, PUBLISHED)
        for removal in self._removals:
            self._note(removal.address, removal.before, REMOVED)
            self._target(removal.address).remove(removal.address)
            self._report(removal.address, REMOVED)
        after = {bundle.address: bundle.state() for bundle in bundles}
        return Outcome(after, created)

    def undo(self) -> bool:
        """Put back what was touched, the last first; tell whether all could be."""
        whole = True
        for address, before in reversed(self._touched.items()):
            try:
                run = self._promotion.mark.run
                done = self._target(address).restore(address, before, run)
            except FlowOpsError as error:
                self._report(address, NOT_RESTORED, error.message)
                whole = False
            else:
                self._report(address, RESTORED if done else UNTOUCHED)
        for image in self.pre_images():
            if image.address not in self._touched:
                self._report(image.address, "not tried")
        return whole

    def _reserve(self, change: PlannedChange) -> Iterable[Resource]:
        if change.bundle is None:
            return ()
        if change.before is None:
            self._note(change.address, None, RESERVED)
        target = self._target(change.address)
        found = target.reserve([change.bundle], self._promotion.mark)
        for resource in found:
            self._report(change.address, RESERVED, resource.arn)
        return found

    def _rendered(self, created: Mapping[str, Sequence[Resource]]) -> Iterable[Bundle]:
        """Render again where something was created: its ARN is known only now."""
        binders: dict[str, Binder] = {}
        for change in self._changes:
            name = change.address.system
            if change.bound is None or not created[name]:
                if change.bundle:
                    yield change.bundle
                continue
            if name not in binders:
                inventory = self._promotion.inventories[name].with_resources(
                    created[name]
                )
                binders[name] = self._promotion.binder(name, inventory)
            yield SYSTEMS[name].render(binders[name].bind(change.bound.flow))

    def _target(self, address: Address) -> Target:
        return self._promotion.targets[address.system]

    def _note(self, address: Address, before: FlowState | None, step: str) -> None:
        self._promotion.journal.step(address, step)
        self._touched[address] = before

    def _report(self, address: Address, done: str, detail: str = "") -> None:
        self._promotion.report(Step(address, done, detail))


def _in_order(changes: Sequence[PlannedChange]) -> list[PlannedChange]:
    """Put each flow after those it refers to; a circle is entered where it starts."""
    by_name = {(c.address.kind, c.address.name): c for c in changes}
    ordered: dict[Address, PlannedChange] = {}
    visiting: set[Address] = set()

    def visit(change: PlannedChange) -> None:
        if change.address in ordered or change.address in visiting:
            return
        visiting.add(change.address)
        for binding in change.bound.bindings if change.bound else ():
            resource = binding.resource
            needed = by_name.get((resource.kind, resource.name)) if resource else None
            if needed:
                visit(needed)
        ordered[change.address] = change

    for change in sorted(changes, key=lambda c: c.address):
        visit(change)
    return list(ordered.values())
