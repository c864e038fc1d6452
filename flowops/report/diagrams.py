"""The Mermaid diagram of a change, as it stands in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Edge
from flowops.pictures.marks import ACTIONS, Mark, Marks, both
from flowops.pictures.mermaid import MAXIMUM_TEXT, graph_mermaid

if TYPE_CHECKING:
    from flowops.report.model import ChangeReport


def diagram(change: ChangeReport, most: int = MAXIMUM_TEXT) -> str:
    """Return a fenced diagram of at most about so many bytes, or nothing to draw.

    What a large flow leaves out is said in a line below. No word in the diagram can
    end the fence: Mermaid's own escapes stand for every sign.
    """
    if change.before is None and change.after is None:
        return ""
    found = graph_mermaid(both(change.before, change.after), marks_of(change), most)
    note = f"\n{found.note}\n" if found.note else ""
    return f"\n```mermaid\n{found.text}```\n{note}"


def marks_of(change: ChangeReport) -> Marks:
    """Return the marks of what a report says of a flow."""
    removed = (Edge(e.source, e.branch, e.target) for e in change.edges_removed)
    added = (Edge(e.source, e.branch, e.target) for e in change.edges_added)
    return Marks(
        {block.block: ACTIONS[block.action] for block in change.blocks},
        dict.fromkeys(removed, Mark.REMOVED) | dict.fromkeys(added, Mark.ADDED),
    )
