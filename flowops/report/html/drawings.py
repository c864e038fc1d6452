"""The pictures of a page: before and after, as far as a page can carry them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.pictures.picture import draw
from flowops.pictures.svg import picture_svg
from flowops.report.diagrams import marks_of

if TYPE_CHECKING:
    from flowops.model import Graph
    from flowops.pictures.marks import Marks
    from flowops.report.model import ChangeReport

MOST_BLOCKS = 5_000
"""The most blocks that one page draws; a browser slows down beyond that."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture as SVG, its caption, and whether its layout is FlowOps' own."""

    caption: str
    svg: str
    is_arranged: bool


@dataclass(slots=True)
class Drawer:
    """Draws flows until a page has enough; the rest go without."""

    left: int = MOST_BLOCKS

    def draw(self, change: ChangeReport) -> tuple[Drawing, ...]:
        """Return the pictures of a flow: before and after, or the one there is."""
        graphs = [
            (words, graph)
            for words, graph in (("Before", change.before), ("After", change.after))
            if graph is not None and graph.blocks
        ]
        count = sum(len(graph.blocks) for _, graph in graphs)
        if not count or count > self.left:
            return ()
        self.left -= count
        marks = marks_of(change)
        alone = change.before is None and change.action not in ACTIONS_WITH_PAIRS
        return tuple(
            _drawing("The flow" if alone else words, graph, marks)
            for words, graph in graphs
        )


ACTIONS_WITH_PAIRS = ("create", "update", "replace", "delete", "layout")
"""The actions whose pictures are called before and after."""


def _drawing(words: str, graph: Graph, marks: Marks) -> Drawing:
    picture = draw(graph, marks)
    count = len(graph.blocks)
    name = f"{words}: {count} {'block' if count == 1 else 'blocks'}"
    svg = picture_svg(picture, name, alone=False)
    return Drawing(words, svg, picture.is_arranged)
