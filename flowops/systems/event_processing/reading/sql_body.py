"""What is kept of a SQL export."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.systems.event_processing.learnt import Learnt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.secrets import Text


@dataclass(frozen=True, slots=True)
class SqlExport:
    """A script as it was read; ``nodes`` says which node each table belongs to.

    ``learnt`` keeps what somebody worked out, as that of a ``Pipeline`` does.
    """

    text: Text
    nodes: Mapping[str, str]
    learnt: Learnt = field(
        default_factory=Learnt, init=False, repr=False, compare=False
    )
