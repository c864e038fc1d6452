"""Which blocks and edges of two graphs are added, removed or changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from flowops.diff import diff_graphs, with_ids
from flowops.model import Graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.model import Block, Edge


class Mark(StrEnum):
    """What became of a block or an edge, in a word that is shown."""

    SAME = "unchanged"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


SIGNS = {Mark.SAME: "", Mark.ADDED: "+", Mark.REMOVED: "-", Mark.CHANGED: "~"}
"""A sign for each mark: nothing is told by colour alone."""

ACTIONS = {"add": Mark.ADDED, "remove": Mark.REMOVED, "change": Mark.CHANGED}
"""The mark for each word of a comparison."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of what differs; everything else is the same."""

    blocks: Mapping[str, Mark] = field(default_factory=dict)
    edges: Mapping[Edge, Mark] = field(default_factory=dict)

    def of_block(self, block: str) -> Mark:
        """Return the mark of a block by its id."""
        return self.blocks.get(block, Mark.SAME)

    def of_edge(self, edge: Edge) -> Mark:
        """Return the mark of an edge."""
        return self.edges.get(edge, Mark.SAME)


UNMARKED = Marks()


@dataclass(frozen=True, slots=True)
class Compared:
    """Two graphs in which a block has one id, and the marks of what differs."""

    before: Graph | None
    after: Graph | None
    marks: Marks


def compare(before: Graph | None, after: Graph | None) -> Compared:
    """Compare two graphs; a flow that is new or gone is marked as a whole."""
    old, new = before or Graph(), after or Graph()
    diff = diff_graphs(old, new)
    marks = Marks(
        {change.block: ACTIONS[change.action] for change in diff.blocks},
        dict.fromkeys(diff.edges_removed, Mark.REMOVED)
        | dict.fromkeys(diff.edges_added, Mark.ADDED),
    )
    earlier = with_ids(before, diff.renamed) if before else None
    return Compared(earlier, after, marks)


def both(before: Graph | None, after: Graph | None) -> Graph:
    """Return one graph of everything that either has; ``after`` counts more."""
    old, new = before or Graph(), after or Graph()
    blocks: dict[str, Block] = {block.id: block for block in new.blocks}
    for block in old.blocks:
        blocks.setdefault(block.id, block)
    return Graph(
        attributes={**old.attributes, **new.attributes},
        blocks=tuple(blocks.values()),
        edges=tuple(dict.fromkeys((*new.edges, *old.edges))),
        layout=new.layout or old.layout,
    )
