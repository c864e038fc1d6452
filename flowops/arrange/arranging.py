"""Arrange the file of one flow, and prove that it does what it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.arrange.canvas import ENTRY, canvas_of
from flowops.arrange.edits import write_positions
from flowops.arrange.layout import lay_out
from flowops.arrange.measure import measure
from flowops.diff import diff_graphs
from flowops.documents.json_text import parse_json
from flowops.documents.source import decode, source_text
from flowops.errors import InputError, RefusedError
from flowops.model import Location
from flowops.systems import connect
from flowops.systems.connect.language import ContactFlow
from flowops.systems.connect.legacy.language import LegacyFlow
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.protocol import FlowState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.arrange.canvas import Canvas, Shape, Spot
    from flowops.arrange.measure import Measure
    from flowops.documents.source import SourceText
    from flowops.model import Graph, Pointer


@dataclass(frozen=True, slots=True)
class Arranged:
    """A file as it was and as it is arranged; ``moved`` counts blocks and notes."""

    path: str
    address: str
    data: bytes
    blocks: int
    moved: int
    before: Measure
    after: Measure
    before_graph: Graph
    after_graph: Graph

    @property
    def changes(self) -> bool:
        """Tell whether anything moves."""
        return self.moved > 0


def arrange_file(path: str, data: bytes) -> Arranged:
    """Lay the flow in a file out anew.

    Raises ``InputError`` when it is no flow of Amazon Connect or lies inside another
    document, ``UsageError`` without Graphviz, and ``RefusedError`` when more than
    positions would differ.
    """
    source = decode(path, data)
    address, flow = _read(source)
    root = parse_json(source)
    canvas = canvas_of(flow, root)
    spots = {s.id: s.spot for s in canvas.shapes if s.spot is not None}
    found = lay_out(canvas)
    places = _places(canvas, found)
    text = write_positions(source.text.open(), root, places)
    arranged = source_text(path, text)
    before, after = _graph(source), _graph(arranged)
    prove_equal(path, before, after)
    return Arranged(
        path=path,
        address=address,
        data=arranged.to_bytes(),
        blocks=len(canvas.shapes) - 1 + len(canvas.parts),
        moved=_moved(canvas, places),
        before=measure(canvas, spots),
        after=measure(canvas, {k: (float(x), float(y)) for k, (x, y) in found.items()}),
        before_graph=before,
        after_graph=after,
    )


def _read(source: SourceText) -> tuple[str, ContactFlow | LegacyFlow]:
    root = parse_json(source)
    if not connect.recognises(root):
        raise InputError(
            "this is no flow of Amazon Connect",
            hint="only these can be arranged; name an export of the console",
            location=Location(source.path),
        )
    flow = connect.read(source, root)
    body = flow.body
    if isinstance(body, (ContactFlow, LegacyFlow)) and body.source is source:
        return str(flow.address), body
    raise InputError(
        "the flow lies inside another document",
        hint="arrange the export that the document was made from",
        location=Location(source.path),
    )


def _graph(source: SourceText) -> Graph:
    address = connect.read(source, parse_json(source)).address
    return connect.describe(FlowState(address, {CONTENT: source.text}))


def prove_equal(path: str, before: Graph, after: Graph) -> None:
    """Raise ``RefusedError`` unless two graphs differ in their layout only.

    The digests of what they do are a part of the comparison.
    """
    diff = diff_graphs(before, after)
    if diff.changes_behaviour or diff.renamed:
        raise RefusedError(
            f"{path} would not behave as before; nothing was written",
            hint="this is a defect of FlowOps: please report it with the file",
        )


def _places(
    canvas: Canvas, found: Mapping[str, tuple[int, int]]
) -> dict[Pointer, tuple[int, int]]:
    """Return every position to write: of shapes, of their parts, and of notes."""
    places = {shape.pointer: found[shape.id] for shape in canvas.shapes}
    for part, shape in canvas.parts.items():
        places[shape.pointer] = found[canvas.owners[part]]
    for note in canvas.notes:
        places[note.pointer] = _beside(note, canvas, found)
    return places


def _beside(
    note: Shape, canvas: Canvas, found: Mapping[str, tuple[int, int]]
) -> tuple[int, int]:
    """Return where a note lies when it goes with the block it is nearest to."""
    x, y = note.spot or (0.0, 0.0)
    blocks = [(s.spot, found[s.id]) for s in canvas.shapes if s.spot and s.id != ENTRY]
    if not blocks:
        return round(x), round(y)
    old, new = min(blocks, key=lambda b: abs(b[0][0] - x) + abs(b[0][1] - y))
    return round(x + new[0] - old[0]), round(y + new[1] - old[1])


def _moved(canvas: Canvas, places: Mapping[Pointer, Spot]) -> int:
    shapes = (*canvas.shapes, *canvas.parts.values(), *canvas.notes)
    return sum(shape.spot != places[shape.pointer] for shape in shapes)
