"""How readable a canvas is, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.arrange.canvas import Canvas, Shape, Spot


@dataclass(frozen=True, slots=True)
class Measure:
    """Connections that cross, connections that lead back, blocks over each other.

    Connections are counted as straight lines from a block's right to another's left.
    """

    crossings: int
    backward: int
    overlaps: int


def measure(canvas: Canvas, spots: Mapping[str, Spot]) -> Measure:
    """Measure a canvas with its shapes at these places; the others do not count."""
    shapes = {shape.id: shape for shape in canvas.shapes if shape.id in spots}
    links = [(a, b) for a, b in canvas.links if a in shapes and b in shapes]
    lines = [(_right(shapes[a], spots), _left(shapes[b], spots)) for a, b in links]
    return Measure(
        crossings=sum(
            len({*links[i], *links[j]}) == len(links[i]) + len(links[j])
            and _cross(*lines[i], *lines[j])
            for i, j in combinations(range(len(links)), 2)
        ),
        backward=sum(spots[b][0] <= spots[a][0] for a, b in links),
        overlaps=sum(
            _overlap(one, other, spots)
            for one, other in combinations(shapes.values(), 2)
        ),
    )


def _right(shape: Shape, spots: Mapping[str, Spot]) -> Spot:
    x, y = spots[shape.id]
    return x + shape.width, y + shape.height / 2


def _left(shape: Shape, spots: Mapping[str, Spot]) -> Spot:
    x, y = spots[shape.id]
    return x, y + shape.height / 2


def _cross(a: Spot, b: Spot, c: Spot, d: Spot) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Spot, b: Spot, c: Spot) -> int:
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turn > 0) - (turn < 0)


def _overlap(one: Shape, other: Shape, spots: Mapping[str, Spot]) -> bool:
    x, y = spots[one.id]
    x2, y2 = spots[other.id]
    return (
        x < x2 + other.width
        and x2 < x + one.width
        and y < y2 + other.height
        and y2 < y + one.height
    )
