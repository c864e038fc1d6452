"""One flow as a page shows it: its report, its pictures and what a search finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.report.html.tables import changes_html, references_html
from flowops.report.visible import plural, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.report.html.drawings import Drawer, Drawing
    from flowops.report.model import BlockReport, ChangeReport

_SEARCHED = 2_000


@dataclass(frozen=True, slots=True)
class FlowView:
    """What a template needs of one flow.

    ``left_out`` tells that the page had no room for the pictures; ``search`` is what
    a reader can look for, in small letters. ``changes`` and ``references`` are markup.
    """

    number: int
    change: ChangeReport
    drawings: tuple[Drawing, ...]
    left_out: bool
    measure: str
    search: str
    changes: str
    references: str


def view_flow(change: ChangeReport, drawer: Drawer, number: int) -> FlowView:
    """Return a flow with its pictures."""
    drawings = drawer.draw(change)
    blocks = tuple(change.blocks)
    is_drawable = bool(
        (change.before and change.before.blocks)
        or (change.after and change.after.blocks)
    )
    return FlowView(
        number=number,
        change=change,
        drawings=drawings,
        left_out=is_drawable and not drawings,
        measure=_measure(change),
        search=_search(change, blocks),
        changes=changes_html(change, blocks),
        references=references_html(tuple(change.references)),
    )


def _measure(change: ChangeReport) -> str:
    counts = (
        (len(change.attributes), "attribute"),
        (len(change.blocks), "block"),
        (len(change.edges_added) + len(change.edges_removed), "connection"),
    )
    return ", ".join(plural(count, word) for count, word in counts if count)


def _search(change: ChangeReport, blocks: Sequence[BlockReport]) -> str:
    words = dict.fromkeys((change.address, change.path, change.state_safety))
    for block in blocks:
        words |= dict.fromkeys((block.label, block.block, block.type))
    return visible(" ".join(words).casefold())[:_SEARCHED]
