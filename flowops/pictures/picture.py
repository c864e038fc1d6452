"""Put a flow on a picture: where its boxes lie and which way its edges go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.pictures.boxes import HEAD, TAG, WIDTH, boxes_of
from flowops.pictures.canvas import canvas_places
from flowops.pictures.layers import layered_places
from flowops.pictures.marks import Mark
from flowops.pictures.routes import Router

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.model import Graph
    from flowops.pictures.boxes import Box, Row
    from flowops.pictures.canvas import Point
    from flowops.pictures.marks import Marks
    from flowops.pictures.routes import Route

BORDER = 40


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box and its top left corner."""

    box: Box
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """A row's connection: from which block, along which corners."""

    source: str
    row: Row
    route: Route


@dataclass(frozen=True, slots=True)
class Picture:
    """A flow as it is drawn; sizes are in units of the picture.

    ``is_arranged`` tells that the file gave no positions.
    """

    boxes: tuple[PlacedBox, ...]
    edges: tuple[PlacedEdge, ...]
    width: int
    height: int
    is_arranged: bool


def draw(graph: Graph, marks: Marks) -> Picture:
    """Lay out a graph by the positions of its file, or in layers without them."""
    boxes = boxes_of(graph, marks)
    found = canvas_places(boxes)
    places = layered_places(boxes) if found is None else found
    routes = _routes(boxes, places)
    xs, ys = _reach(boxes, places, routes)
    left, top = BORDER - xs[0], BORDER - ys[0]
    placed = tuple(
        PlacedBox(b, places[b.block.id][0] + left, places[b.block.id][1] + top)
        for b in boxes
    )
    edges = tuple(
        PlacedEdge(source, row, tuple((x + left, y + top) for x, y in route))
        for source, row, route in routes
    )
    width, height = xs[1] - xs[0] + 2 * BORDER, ys[1] - ys[0] + 2 * BORDER
    return Picture(placed, edges, round(width), round(height), found is None)


def _routes(
    boxes: Sequence[Box], places: Mapping[str, Point]
) -> list[tuple[str, Row, Route]]:
    """Route every edge that leads somewhere; short ones first."""
    router = Router(
        [
            (x, y - _tag(box), x + WIDTH, y + box.height)
            for box in boxes
            for x, y in (places[box.block.id],)
        ]
    )
    wanted: list[tuple[str, Row, Point, Point]] = []
    for box in boxes:
        x, y = places[box.block.id]
        for row in box.rows:
            if row.target in places:
                end = places[row.target]
                start = (x + WIDTH, y + row.y)
                wanted.append((box.block.id, row, start, (end[0], end[1] + HEAD // 2)))
    wanted.sort(key=lambda edge: _distance(edge[2], edge[3]))
    return [(b, row, router.route(start, end)) for b, row, start, end in wanted]


def _tag(box: Box) -> int:
    """Return how much room the words above a box take."""
    return TAG if box.starts or box.mark is not Mark.SAME else 0


def _distance(start: Point, end: Point) -> float:
    back = 10_000 if end[0] < start[0] else 0
    return abs(start[0] - end[0]) + abs(start[1] - end[1]) + back


def _reach(
    boxes: Sequence[Box],
    places: Mapping[str, Point],
    routes: Sequence[tuple[str, Row, Route]],
) -> tuple[Point, Point]:
    """Return the least and the greatest of x, and of y."""
    xs, ys = [0.0], [0.0]
    if boxes:
        xs, ys = [], []
    for box in boxes:
        x, y = places[box.block.id]
        xs += [x, x + WIDTH]
        ys += [y, y + box.height]
    for _, _, route in routes:
        xs += [point[0] for point in route]
        ys += [point[1] for point in route]
    return (min(xs), max(xs)), (min(ys), max(ys))
