"""What is kept of a SQL export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.secrets import Text


@dataclass(frozen=True, slots=True)
class SqlExport:
    """A script as it was read; ``nodes`` says which node each table belongs to."""

    text: Text
    nodes: Mapping[str, str]
