"""The project as it was at a commit, rendered with the secrets of here and now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowops.cli.workspace import states_at
from flowops.git import tree_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from flowops.model import Address, Inventory
    from flowops.records import Record
    from flowops.systems.protocol import FlowState


def renderer(
    root: Path, environment: str, records: Sequence[Record]
) -> Callable[[str], Mapping[Address, FlowState]]:
    """Return what renders a commit with what existed when a run promoted it.

    It raises ``InputError`` when the commit is not in this clone.
    """
    return partial(_rendered_at, root, environment, records)


def _rendered_at(
    root: Path, environment: str, records: Sequence[Record], commit: str
) -> Mapping[Address, FlowState]:
    known: dict[str, Inventory] = {}
    for record in records:
        if any(flow.commit == commit for flow in record.flows):
            known |= record.inventories
    return states_at(root, environment, tree_at(root, commit), known)
