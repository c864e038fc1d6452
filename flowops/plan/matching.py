"""Whether a flow is as a run left it, as far as records and targets can tell.

Both hold text that may be seen, so that is what is compared, by meaning. Neither says
anything of a secret, and what became of a job since says nothing of its flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.diff import diff_graphs
from flowops.errors import InputError
from flowops.plan.making import comparable, describe
from flowops.systems.protocol import FAILURE, KEPT, VERSION, FlowState

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSING = (FAILURE, KEPT)
"""The attributes that tell what became of a flow, and are not of the next one."""


def is_as_left(left: FlowState | None, found: FlowState | None) -> bool:
    """Tell whether a flow that was found is as it was left; absent is never so."""
    if left is None or found is None:
        return False
    before, after = _seen(found), _seen(left)
    if before.files == after.files and after.attributes.items() <= (
        before.attributes.items()
    ):
        return True
    try:
        wanted = describe(after)
        diff = diff_graphs(comparable(describe(before), wanted), wanted)
    except InputError:  # nobody can read what somebody wrote by hand
        return False
    return not (diff.changes_behaviour or diff.changes_drawing)


def without_passing(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of a flow without what became of it."""
    return {k: v for k, v in attributes.items() if k not in PASSING}


def _seen(state: FlowState) -> FlowState:
    files = {name: str(text) for name, text in state.files.items()}
    kept = without_passing(state.attributes)
    kept.pop(VERSION, None)
    return FlowState(state.address, files, kept)
