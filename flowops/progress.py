"""How far long work is, told to whoever shows it. Nothing here shows anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done or waited for; ``total`` is 0 where nobody knows it."""

    what: str
    done: int = 0
    total: int = 0


Progress: TypeAlias = Callable[[Stage], None]
"""Called as often as there is news; whoever shows it leaves out what is too much."""


def silent(stage: Stage) -> None:
    """Show nothing."""
    del stage
