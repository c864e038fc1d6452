"""Write a plan to its targets: reserve, stage, publish last, undo on failure.

A flow comes after the flows, modules and views it refers to, as far as circles
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
from flowops.systems.protocol import FAILURE, KEPT, VERSION, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flowops.bind import Binder
    from flowops.journal import Journal, UnfinishedRun
    from flowops.model import Address, Inventory, Resource
    from flowops.plan.making import Plan, PlannedChange
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
    reserved; ``report`` is told each step as it is done. ``keep`` writes the record
    of the run: where that fails, the run has failed.
    """

    targets: Mapping[str, Target]
    inventories: Mapping[str, Inventory]
    binder: Callable[[str, Inventory], Binder]
    journal: Journal
    mark: Mark
    report: Callable[[Step], None]
    keep: Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Each flow as it is after a promote, and what was created on the targets.

    ``plan`` is the plan that was written; each state of a flow before and after
    names the version that the target keeps of it, where it keeps one.
    """

    after: Mapping[Address, FlowState]
    created: Mapping[str, tuple[Resource, ...]]
    plan: Plan


def promote(plan: Plan, promotion: Promotion) -> Outcome:
    """Write every change of a plan.

    Raises ``TargetError`` after putting back what can be put back. What cannot be
    put back stays in the journal for the next run.
    """
    changes = _in_order(plan.writes)
    run = _Run(promotion, plan, changes)
    promotion.journal.begin(
        promotion.mark.run,
        {name: t.identity.id for name, t in promotion.targets.items()},
        run.pre_images(),
    )
    try:
        outcome = run.write()
        promotion.keep(outcome)
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
        plan: Plan,
        changes: Sequence[PlannedChange],
    ) -> None:
        self._promotion = promotion
        self._plan = plan
        self._changes = changes
        self._removals = plan.removals
        self._touched: dict[Address, FlowState | None] = {}
        self._written: dict[Address, Written] = {}

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
            target = self._target(bundle.address)
            written = target.publish(allowed, self._promotion.mark) or Written()
            self._written[bundle.address] = written
            self._report(bundle.address, PUBLISHED, written.words)
        for removal in self._removals:
            self._note(removal.address, removal.before, REMOVED)
            self._target(removal.address).remove(removal.address)
            self._report(removal.address, REMOVED)
        after = {
            bundle.address: versioned(
                bundle.state(), self._written[bundle.address].after
            )
            for bundle in bundles
        }
        return Outcome(after, created, self._with_versions())

    def _with_versions(self) -> Plan:
        """Return the plan, each earlier state with the version that was kept of it."""
        changes = [
            replace(change, before=versioned(change.before, written.before))
            if change.before and (written := self._written.get(change.address))
            else change
            for change in self._plan.changes
        ]
        return replace(self._plan, changes=tuple(changes))

    def undo(self) -> bool:
        """Put back what was touched, the last first; tell whether all could be."""
        whole = True
        for address, before in reversed(self._touched.items()):
            try:
                run = self._promotion.mark.run
                done = self._target(address).restore(address, before, run)
            except FlowOpsError as error:
                words = "; ".join(filter(None, (error.message, error.hint)))
                self._report(address, NOT_RESTORED, words)
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


def versioned(state: FlowState, version: str) -> FlowState:
    """Return a state that names this version of the target, or none.

    What became of a flow that was found is not said of one that is left.
    """
    passing = (VERSION, FAILURE, KEPT)
    attributes = {k: v for k, v in state.attributes.items() if k not in passing}
    if version:
        attributes[VERSION] = version
    return replace(state, attributes=attributes)


def _in_order(changes: Sequence[PlannedChange]) -> list[PlannedChange]:
    """Put each flow after those it refers to; a circle is entered where it starts.

    What a flow needs comes right before it and not all at the start, so that a
    target that limits each kind of call is asked for all kinds at the same time.
    """
    by_name = {(c.address.kind, c.address.name): c for c in changes}
    ordered: dict[Address, PlannedChange] = {}
    entered: set[Address] = set()
    for start in sorted(changes, key=lambda c: c.address):
        waiting = [start]
        while waiting:
            change = waiting[-1]
            if change.address not in entered:
                entered.add(change.address)
                needed = _needed(change, by_name)
                waiting += [c for c in needed if c.address not in entered]
            else:
                ordered.setdefault(waiting.pop().address, change)
    return list(ordered.values())


def _needed(
    change: PlannedChange, by_name: Mapping[tuple[str, str], PlannedChange]
) -> list[PlannedChange]:
    """Return what a flow refers to, the last to be looked at first."""
    resources = [b.resource for b in change.bound.bindings] if change.bound else []
    found = (by_name.get((r.kind, r.name)) for r in resources if r)
    unique = {c.address: c for c in found if c}
    return sorted(unique.values(), key=lambda c: c.address, reverse=True)
