"""Where blocks lie by the positions of their file, with no two over each other."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from flowops.pictures.boxes import WIDTH

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from flowops.model import Block
    from flowops.pictures.boxes import Box

Point: TypeAlias = tuple[float, float]

_KEYS = (("/position/x", "/position/y"), ("x", "y"))
_SCALES = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 1.8, 2.0)
_FLATTER = (0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 1.0)
_MARGIN = (44, 22)
_ROOM = 34
_WIDEST_GAP = (WIDTH + 160, 320)
_LARGEST = 1e9


def position(block: Block) -> Point | None:
    """Return where a block lies on its canvas, if the file says it."""
    for keys in _KEYS:
        x, y = (_number(block.layout.get(key, "")) for key in keys)
        if x is not None and y is not None:
            return x, y
    return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and abs(number) < _LARGEST else None


def canvas_places(boxes: Sequence[Box]) -> dict[str, Point] | None:
    """Return the top left corner of each box; nothing where the file says too little.

    Too little are positions for fewer than two blocks of three, or the same one for
    most. Blocks without one come beside what leads to them, or below the others.
    """
    found = {box.block.id: position(box.block) for box in boxes}
    known = {block: point for block, point in found.items() if point is not None}
    if 3 * len(known) < 2 * len(found) or 3 * len(set(known.values())) < 2 * len(known):
        return None
    scaled = _scaled(known, boxes)
    for block in found:
        if block not in known and (near := _leading(block, boxes, scaled)):
            scaled[block] = (near[0] + WIDTH + _MARGIN[0] + _ROOM, near[1])
    placed = _apart(scaled, _heights(boxes), known)
    bottom = max((y + _heights(boxes)[b] for b, (_, y) in placed.items()), default=0)
    for number, block in enumerate(block for block in found if block not in placed):
        placed[block] = ((WIDTH + _MARGIN[0]) * number, bottom + 60)
    return placed


def _leading(
    block: str, boxes: Sequence[Box], placed: Mapping[str, Point]
) -> Point | None:
    """Return where a block lies that leads to this one."""
    return next(
        (
            placed[box.block.id]
            for box in boxes
            if box.block.id in placed and any(r.target == block for r in box.rows)
        ),
        None,
    )


def _heights(boxes: Sequence[Box]) -> dict[str, int]:
    return {box.block.id: box.height for box in boxes}


def _scaled(points: Mapping[str, Point], boxes: Sequence[Box]) -> dict[str, Point]:
    """Return the positions at the scale that keeps boxes apart, and edges short."""
    heights = _heights(boxes)
    links = [
        (points[box.block.id][0], points[row.target][0])
        for box in boxes
        for row in box.rows
        if box.block.id in points and row.target in points
    ]

    def cost(scale: float) -> tuple[float, float]:
        overlaps = _overlaps(_at(points, scale, scale), heights)
        cramped = sum(_is_cramped(one * scale, two * scale) for one, two in links)
        return 4 * overlaps + cramped + len(links) * scale / 4, scale

    best = min(_SCALES, key=cost)
    least = _overlaps(_at(points, best, best), heights)
    flatter = (_at(points, best, best * flat) for flat in _FLATTER)
    return next(p for p in flatter if _overlaps(p, heights) <= least)


def _is_cramped(start: float, end: float) -> bool:
    """Tell whether an edge ahead has to turn back for want of room."""
    return WIDTH / 4 < end - start < WIDTH + _ROOM


def _at(points: Mapping[str, Point], x: float, y: float) -> dict[str, Point]:
    across = _squeezed({p[0] * x for p in points.values()}, _WIDEST_GAP[0])
    down = _squeezed({p[1] * y for p in points.values()}, _WIDEST_GAP[1])
    return {b: (across[p[0] * x], down[p[1] * y]) for b, p in points.items()}


def _squeezed(values: set[float], widest: float) -> dict[float, float]:
    """Return new places for values, from 0, with no gap wider than this."""
    found: dict[float, float] = {}
    last, place = None, 0.0
    for value in sorted(values):
        place += min(value - last, widest) if last is not None else 0
        found[value] = place
        last = value
    return found


def _overlaps(points: Mapping[str, Point], heights: Mapping[str, int]) -> int:
    ordered = sorted((x, y, heights[b]) for b, (x, y) in points.items())
    count = 0
    for index, (x, y, height) in enumerate(ordered):
        for x2, y2, height2 in ordered[index + 1 :]:
            if x2 >= x + WIDTH + _MARGIN[0]:
                break
            count += y < y2 + height2 + _MARGIN[1] and y2 < y + height + _MARGIN[1]
    return count


def _apart(
    points: Mapping[str, Point], heights: Mapping[str, int], known: Container[str]
) -> dict[str, Point]:
    """Move boxes down until none is over another; known places are kept first."""
    placed: dict[str, Point] = {}
    for block in sorted(points, key=lambda b: (b not in known, points[b][::-1], b)):
        x, y = points[block]
        above = sorted(
            (py, py + heights[other])
            for other, (px, py) in placed.items()
            if abs(px - x) < WIDTH + _MARGIN[0]
        )
        for top, bottom in above:
            if y + heights[block] + _MARGIN[1] > top and y < bottom + _MARGIN[1]:
                y = bottom + _MARGIN[1]
        placed[block] = (x, y)
    return placed
