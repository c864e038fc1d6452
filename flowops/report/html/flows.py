"""One flow as a page shows it: its report, its pictures and what a search finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.report.visible import plural, visible

if TYPE_CHECKING:
    from flowops.report.html.drawings import Drawer, Drawing
    from flowops.report.model import ChangeReport

_SEARCHED = 2_000


@dataclass(frozen=True, slots=True)
class FlowView:
    """What a template needs of one flow.

    ``left_out`` tells that the page had no room for the pictures; ``search`` is what
    a reader can look for, in small letters.
    """

    number: int
    change: ChangeReport
    drawings: tuple[Drawing, ...]
    left_out: bool
    measure: str
    search: str


def view_flow(change: ChangeReport, drawer: Drawer, number: int) -> FlowView:
    """Return a flow with its pictures."""
    drawings = drawer.draw(change)
    blocks = bool(
        (change.before and change.before.blocks)
        or (change.after and change.after.blocks)
    )
    return FlowView(
        number=number,
        change=change,
        drawings=drawings,
        left_out=blocks and not drawings,
        measure=_measure(change),
        search=_search(change),
    )


def _measure(change: ChangeReport) -> str:
    counts = (
        (len(change.attributes), "attribute"),
        (len(change.blocks), "block"),
        (len(change.edges_added) + len(change.edges_removed), "connection"),
    )
    return ", ".join(plural(count, word) for count, word in counts if count)


def _search(change: ChangeReport) -> str:
    words = [change.address, change.path, change.state_safety]
    for block in change.blocks:
        words += (block.label, block.block, block.type)
    return visible(" ".join(words).casefold())[:_SEARCHED]
