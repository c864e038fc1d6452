"""Write a flow as Mermaid, which GitHub draws where it stands in Markdown.

Source of the limits: Mermaid's configuration, ``maxTextSize`` and ``maxEdges``,
which GitHub leaves as they are. A diagram beyond them is not drawn at all, so a
larger flow is cut down to the changes and what lies around them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.pictures.boxes import Box, boxes_of
from flowops.pictures.marks import SIGNS, UNMARKED, Mark, both, compare
from flowops.pictures.words import fit, subtitle, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.model import Graph
    from flowops.pictures.boxes import Row
    from flowops.pictures.marks import Marks

MAXIMUM_TEXT = 50_000
MAXIMUM_EDGES = 500
_COLUMNS = 40
_PLAIN = frozenset(" ,:")
_ARROWS = {
    Mark.SAME: "-->",
    Mark.ADDED: "==>",
    Mark.REMOVED: "-.->",
    Mark.CHANGED: "-->",
}
_CLASSES = """\
classDef added fill:#dafbe1,stroke:#116329,stroke-width:3px,color:#1f2328
classDef removed fill:#ffebe9,stroke:#a40e26,stroke-width:3px,color:#1f2328
classDef changed fill:#fff8c5,stroke:#7d4e00,stroke-width:3px,color:#1f2328
""".splitlines()


@dataclass(frozen=True, slots=True)
class Diagram:
    """A Mermaid text without its fence; ``note`` says what was left out."""

    text: str
    note: str = ""


def mermaid(before: Graph | None, after: Graph | None) -> Diagram:
    """Write both graphs as one diagram, each difference with its sign and word."""
    found = compare(before, after)
    return graph_mermaid(both(found.before, found.after), found.marks)


def graph_mermaid(
    graph: Graph, marks: Marks = UNMARKED, most: int = MAXIMUM_TEXT
) -> Diagram:
    """Write one graph in at most so many bytes, and never more than Mermaid takes.

    A larger one is cut to the neighbourhood of its marks.
    """
    most = min(most, MAXIMUM_TEXT)
    boxes = boxes_of(graph, marks)
    text = _text(boxes)
    if _is_allowed(text, boxes, most):
        return Diagram(text)
    ordered = _by_nearness(boxes)
    low, high = 0, len(boxes)
    while high - low > 1:
        middle = (low + high) // 2
        tried = _kept(boxes, ordered[:middle])
        if _is_allowed(_text(tried), tried, most):
            low = middle
        else:
            high = middle
    kept = _kept(boxes, ordered[:low])
    around = "the changes and what is next to them" if marks.blocks else "the beginning"
    note = f"Only {around}: {len(kept)} of {len(boxes)} blocks are drawn."
    return Diagram(_text(kept), note)


def _is_allowed(text: str, boxes: Sequence[Box], most: int) -> bool:
    edges = sum(len(box.rows) for box in boxes)
    return len(text.encode()) <= most and edges <= MAXIMUM_EDGES


def _by_nearness(boxes: Sequence[Box]) -> list[str]:
    """Return the blocks, marked ones first, then those that are ever further away."""
    near: defaultdict[str, list[str]] = defaultdict(list)
    for box in boxes:
        for row in box.rows:
            near[box.block.id].append(row.target)
            near[row.target].append(box.block.id)
    known = {box.block.id for box in boxes}
    seeds = [box.block.id for box in boxes if _is_marked(box)]
    seeds = seeds or [b.block.id for b in boxes if b.starts]
    waiting = deque([*seeds, *(box.block.id for box in boxes[:1])])
    found: dict[str, None] = dict.fromkeys(waiting)
    while waiting:
        for other in near[waiting.popleft()]:
            if other in known and other not in found:
                found[other] = None
                waiting.append(other)
    return [*found, *(box.block.id for box in boxes if box.block.id not in found)]


def _is_marked(box: Box) -> bool:
    return box.mark is not Mark.SAME or any(r.mark is not Mark.SAME for r in box.rows)


def _kept(boxes: Sequence[Box], names: Sequence[str]) -> list[Box]:
    """Return these boxes with the edges between them."""
    wanted = set(names)
    return [
        Box(
            box.block,
            box.mark,
            tuple(row for row in box.rows if row.target in wanted),
            box.height,
            box.starts,
        )
        for box in boxes
        if box.block.id in wanted
    ]


def _text(boxes: Sequence[Box]) -> str:
    return "".join(f"{line}\n" for line in _lines(boxes))


def _lines(boxes: Sequence[Box]) -> Iterator[str]:
    yield "flowchart LR"
    names = {box.block.id: f"b{number}" for number, box in enumerate(boxes)}
    for box in boxes:
        yield f"  {names[box.block.id]}{_node(box)}"
    for box in boxes:
        for row in box.rows:
            if row.target in names:
                yield f"  {names[box.block.id]} {_arrow(row)} {names[row.target]}"
    yield from (f"  {line}" for line in _CLASSES if line.split()[1] in _marks(boxes))


def _marks(boxes: Sequence[Box]) -> set[str]:
    return {box.mark.value for box in boxes}


def _node(box: Box) -> str:
    words = [_plain(fit(title(box.block), _COLUMNS))]
    if under := fit(subtitle(box.block), _COLUMNS):
        words.append(_plain(under))
    if box.starts:
        words.insert(0, "Start")
    if box.mark is Mark.SAME:
        return f'["{"<br/>".join(words)}"]'
    words.insert(0, f"{_plain(SIGNS[box.mark])} {box.mark}")
    return f'["{"<br/>".join(words)}"]:::{box.mark}'


def _arrow(row: Row) -> str:
    arrow = _ARROWS[row.mark]
    words = fit(row.words, _COLUMNS)
    return f'{arrow}|"{_plain(words)}"|' if words and row.is_shown else arrow


def _plain(text: str) -> str:
    """Write text so that nothing in it means anything to Mermaid or to HTML."""
    return "".join(c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in text)
