"""Say each step of a promote as it is done, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.cli.talking import show_bar, talk
from flowops.progress import Stage
from flowops.promote import PUBLISHED, REMOVED, STAGED
from flowops.report.text import visible

if TYPE_CHECKING:
    from flowops.promote import Step

_COUNTED = (STAGED, PUBLISHED, REMOVED)


@dataclass(slots=True)
class Steps:
    """Says each step of a promote, and how many of all are done."""

    total: int
    done: int = 0

    def __call__(self, step: Step) -> None:
        """Say a step, and count it where it is one of those that are counted."""
        say_step(step)
        if step.done in _COUNTED:
            self.done += 1
        show_bar(Stage("writing", self.done, self.total))


def say_step(step: Step) -> None:
    """Say a step in one line."""
    detail = f"  {step.detail}" if step.detail else ""
    talk(visible(f"{step.done}: {step.address}{detail}"))
