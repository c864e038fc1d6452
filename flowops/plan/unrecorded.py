"""Flows that are as a promote leaves them, and of which no record says so.

The promote that wrote them was killed at its very end, and its journal is gone, as on a
runner that is thrown away; or its record was not kept. The next one writes the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Finding, Severity
from flowops.plan.making import NOTHING
from flowops.plan.matching import is_as_left
from flowops.promote import versioned
from flowops.records import RecordedFlow
from flowops.systems.protocol import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowops.model import Address
    from flowops.plan.making import Plan, PlannedChange
    from flowops.systems.protocol import FlowState, Target

RECORDED = "recorded"
"""What such a run does to a flow: nothing but to record it."""


def unrecorded(
    plan: Plan,
    known: Mapping[Address, RecordedFlow],
    targets: Mapping[str, Target],
    project: str,
) -> tuple[RecordedFlow, ...]:
    """Return what to record of flows that are right, and are not what is recorded.

    Only those count that bear the mark of the project. ``known`` is what was recorded
    of each last. Raises ``TargetError`` when a target does not say what is ours.
    """
    found = [
        (change, change.before)
        for change in plan.changes
        if change.action == NOTHING
        and change.before
        and not is_as_left(_left(known, change.address), change.before)
    ]
    systems = {change.address.system for change, _ in found} & targets.keys()
    ours = {a for system in systems for a in targets[system].managed(project)}
    return tuple(
        _recorded(change, live, known.get(change.address))
        for change, live in found
        if change.address in ours
    )


def _left(known: Mapping[Address, RecordedFlow], address: Address) -> FlowState | None:
    return known[address].after if address in known else None


def _recorded(
    change: PlannedChange, live: FlowState, known: RecordedFlow | None
) -> RecordedFlow:
    """Record a flow as the run would have that wrote it.

    Where nothing is known of what was there before, a way back leads nowhere else.
    """
    left = change.bundle.state() if change.bundle else live
    after = versioned(left, live.attributes.get(VERSION, ""))
    return RecordedFlow(
        address=change.address,
        action=RECORDED,
        before=known.after if known else after,
        after=after,
        before_digest=known.after_digest if known else change.after_digest,
        after_digest=change.after_digest,
    )


def missing_records(flows: Sequence[RecordedFlow]) -> Iterator[Finding]:
    """Say of each flow that the next promote records it anew."""
    for flow in flows:
        yield Finding(
            "record/missing",
            Severity.INFO,
            f"{flow.address} is as the project has it, and the last record of it says "
            "otherwise",
            address=flow.address,
            hint="the next promote records it anew; nothing on the target changes",
        )
