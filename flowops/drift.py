"""The verb ``drift``: the project, the last promote and the target, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flowops.diff import diff_graphs
from flowops.plan.making import BLOCKED, NOTHING, comparable, describe
from flowops.systems.protocol import FAILURE, FlowState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Address
    from flowops.plan.making import Plan, PlannedChange


class Standing(StrEnum):
    """How a flow stands; all but the first two are drift."""

    IN_SYNC = "in sync"
    NOT_PROMOTED = "not promoted yet"
    CHANGED = "changed on the target"
    MISSING = "missing on the target"
    FAILED = "not running on the target"
    DRAFT = "has unpublished edits"
    UNMANAGED = "no longer managed"
    UNKNOWN = "cannot be told"


DRIFT = frozenset([Standing.CHANGED, Standing.MISSING, Standing.FAILED, Standing.DRAFT])


@dataclass(frozen=True, slots=True)
class FlowDrift:
    """One flow and how it stands; one flow may stand in several ways."""

    address: Address
    standings: tuple[Standing, ...]

    @property
    def drifted(self) -> bool:
        """Tell whether somebody changed the target past this project."""
        return any(standing in DRIFT for standing in self.standings)


def find_drift(
    plan: Plan,
    recorded: Mapping[Address, FlowState],
    drafts: Mapping[Address, FlowState],
) -> tuple[FlowDrift, ...]:
    """Compare three ways: a live plan, the states last promoted, and drafts.

    Texts are compared as they may be seen: a record holds no secrets.
    """
    found = [
        FlowDrift(
            change.address,
            tuple(_standings(change, recorded.get(change.address), drafts)),
        )
        for change in plan.changes
    ]
    found += [FlowDrift(address, (Standing.UNMANAGED,)) for address in plan.unmanaged]
    return tuple(sorted(found, key=lambda flow: flow.address))


def _standings(
    change: PlannedChange,
    recorded: FlowState | None,
    drafts: Mapping[Address, FlowState],
) -> Iterator[Standing]:
    live = change.before
    missing = recorded is not None and live is None
    changed = bool(recorded and live and _differ(recorded, live))
    failed = bool(live and FAILURE in live.attributes)
    if missing:
        yield Standing.MISSING
    if changed:
        yield Standing.CHANGED
    if failed:
        yield Standing.FAILED
    if change.address in drafts:
        yield Standing.DRAFT
    if change.action == BLOCKED:
        yield Standing.UNKNOWN
    elif change.action != NOTHING:
        # What the target alone explains says nothing of the project.
        if not (missing or changed or failed) or _moved_on(change, recorded):
            yield Standing.NOT_PROMOTED
    elif change.address not in drafts and not changed:
        yield Standing.IN_SYNC


def _moved_on(change: PlannedChange, recorded: FlowState | None) -> bool:
    """Tell whether the project says something else than was last promoted."""
    if recorded is None or change.bundle is None:
        return True
    after = describe(_visible(change.bundle.state()))
    diff = diff_graphs(comparable(describe(_visible(recorded)), after), after)
    return diff.changes_behaviour or diff.changes_drawing


def _differ(recorded: FlowState, live: FlowState) -> bool:
    diff = diff_graphs(describe(_visible(live)), describe(_visible(recorded)))
    return diff.changes_behaviour or diff.changes_drawing


def _visible(state: FlowState) -> FlowState:
    files = {name: str(text) for name, text in state.files.items()}
    return FlowState(state.address, files, state.attributes)
