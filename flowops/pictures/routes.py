"""The way each edge takes: along the axes, round the blocks, apart from others.

An edge leaves a block at its right and arrives at a block's left. The shapes that
come into question have three or five parts; the shortest one wins that meets no
block, where to run on top of another edge counts as a long way round.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.pictures.canvas import Point

Rectangle: TypeAlias = "tuple[float, float, float, float]"
Route: TypeAlias = "tuple[Point, ...]"
_Intervals: TypeAlias = "list[tuple[float, float]]"

STUB = 14.0
_CLEAR = 6.0
_TRACK = 8.0
_TRACKS = 3
_BEND = 12.0
_ON_TOP = 90.0
_NEAR = 5.0
_COLUMNS = 7
_LANES = 40
_CHOICE = 4


@dataclass(slots=True)
class Router:
    """Finds routes between rectangles, one after the other.

    Rectangles are left, top, right, bottom. Routes to one place may share their way.
    """

    rectangles: Sequence[Rectangle]
    _down: dict[float, _Intervals] = field(default_factory=dict)
    _across: dict[float, _Intervals] = field(default_factory=dict)
    _used: defaultdict[tuple[bool, int], list[tuple[float, float, Point]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _lefts: list[float] = field(default_factory=list)
    _rights: list[float] = field(default_factory=list)
    _levels: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note where edges may run: beside, above and below the rectangles."""
        tracks = [_TRACK * number for number in range(_TRACKS)]
        sides = {(r[0], r[2]) for r in self.rectangles}
        self._lefts = sorted({left - STUB - t for left, _ in sides for t in tracks})
        self._rights = sorted({right + STUB + t for _, right in sides for t in tracks})
        levels = {(r[1], r[3]) for r in self.rectangles}
        above = {top - STUB + 2 - t for top, _ in levels for t in tracks[:2]}
        below = {bottom + STUB - 2 + t for _, bottom in levels for t in tracks[:2]}
        self._levels = sorted(above | below)

    def route(self, start: Point, end: Point) -> Route:
        """Return the corners from start to end, and keep its way in mind."""
        best, least = _plain(start, end), float("inf")
        leaving = self._columns(self._rights, start[0] + STUB, 1)
        arriving = self._columns(self._lefts, end[0] - STUB, -1)
        for shape in _short_ways(start, end, leaving, arriving):
            if self._is_free(shape):
                cost = self._cost(shape, end, least)
                if cost < least:
                    best, least = shape, cost
        for y in self._lanes(start[1], end[1]):
            around = abs(y - start[1]) + abs(y - end[1])
            if around + abs(end[0] - start[0]) + 4 * _BEND >= least:
                break
            for shape in self._ways_round(start, end, y, leaving, arriving):
                cost = self._cost(shape, end, least)
                if cost < least:
                    best, least = shape, cost
        for one, two in pairwise(best):
            self._use(one, two, end)
        return best

    def _ways_round(
        self,
        start: Point,
        end: Point,
        y: float,
        leaving: Sequence[float],
        arriving: Sequence[float],
    ) -> Iterator[Route]:
        """Give the free ways that run along a height between the blocks."""
        free = (x for x in leaving if self._is_free((start, (x, start[1]), (x, y))))
        outs = [*islice(free, _CHOICE)]
        if not outs:
            return
        free = (
            x
            for x in arriving
            if self._is_clear((x, y), (x, end[1]))
            and self._is_clear((x, end[1]), end, behind=_CLEAR)
        )
        ins = [*islice(free, _CHOICE)]
        for x in outs:
            for x2 in ins:
                if self._is_clear((x, y), (x2, y)):
                    yield start, (x, start[1]), (x, y), (x2, y), (x2, end[1]), end

    def _columns(self, places: list[float], first: float, step: int) -> list[float]:
        """Return a few places for a vertical part, from the nearest on."""
        near = [first + step * _TRACK * number for number in range(_TRACKS)]
        index = bisect_left(places, first)
        far = (
            places[index : index + _COLUMNS]
            if step > 0
            else places[max(0, index - _COLUMNS) : index][::-1]
        )
        return list(dict.fromkeys((*near, *far)))[: _COLUMNS + _TRACKS]

    def _lanes(self, y: float, y2: float) -> list[float]:
        """Return the heights for a horizontal part, with the least way round first.

        The way above everything and the one below it are always among them.
        """
        ordered = sorted(
            self._levels, key=lambda level: abs(level - y) + abs(level - y2)
        )
        ends = [*self._levels[:_TRACKS], *self._levels[-_TRACKS:]]
        return [*ordered[:_LANES], *(e for e in ends if e not in ordered[:_LANES])]

    def _is_free(self, shape: Route) -> bool:
        """Tell whether a way meets no block, the one it starts from aside."""
        for index, (one, two) in enumerate(pairwise(shape)):
            ahead = _CLEAR if index == 0 else 0.0
            behind = _CLEAR if len(shape) in (2, 4) and two == shape[-1] else 0.0
            if not self._is_clear(one, two, ahead, behind):
                return False
        return True

    def _is_clear(
        self, one: Point, two: Point, ahead: float = 0.0, behind: float = 0.0
    ) -> bool:
        if one[0] == two[0]:
            low, high = sorted((one[1], two[1]))
            return not any(a < high and b > low for a, b in self._walls_down(one[0]))
        low, high = sorted((one[0], two[0]))
        # The first and the last part touch the blocks they belong to.
        low, high = low + ahead, high - behind
        return not any(
            a < high - 0.1 and b > low + 0.1 for a, b in self._walls_across(one[1])
        )

    def _walls_down(self, x: float) -> _Intervals:
        if x not in self._down:
            self._down[x] = [
                (top - _CLEAR, bottom + _CLEAR)
                for left, top, right, bottom in self.rectangles
                if left - _CLEAR < x < right + _CLEAR
            ]
        return self._down[x]

    def _walls_across(self, y: float) -> _Intervals:
        if y not in self._across:
            self._across[y] = [
                (left - _CLEAR, right + _CLEAR)
                for left, top, right, bottom in self.rectangles
                if top - _CLEAR < y < bottom + _CLEAR
            ]
        return self._across[y]

    def _cost(self, shape: Route, end: Point, most: float) -> float:
        """Return how long a way is, with bends and running on top of other edges.

        The sum is not finished once it is more than ``most``.
        """
        cost = _BEND * (len(shape) - 2) + _length(shape)
        for one, two in pairwise(shape):
            if cost >= most:
                break
            upright = one[0] == two[0]
            along, place = (1, one[0]) if upright else (0, one[1])
            low, high = sorted((one[along], two[along]))
            lane = int(place // _NEAR)
            for key in (lane - 1, lane, lane + 1):
                for a, b, goal in self._used.get((upright, key), ()):
                    if a < high and b > low and goal != end:
                        cost += _ON_TOP
        return cost

    def _use(self, one: Point, two: Point, end: Point) -> None:
        upright = one[0] == two[0]
        along, place = (1, one[0]) if upright else (0, one[1])
        low, high = sorted((one[along], two[along]))
        self._used[upright, int(place // _NEAR)].append((low, high, end))


def _short_ways(
    start: Point, end: Point, leaving: Sequence[float], arriving: Sequence[float]
) -> Iterator[Route]:
    """Give the ways of one or three parts, for an end that lies ahead."""
    if start[1] == end[1] and start[0] < end[0]:
        yield start, end
    for x in dict.fromkeys((*leaving, *arriving)):
        if start[0] + STUB <= x <= end[0] - STUB:
            yield start, (x, start[1]), (x, end[1]), end


def _length(route: Route) -> float:
    length = 0.0
    for one, two in pairwise(route):
        length += abs(one[0] - two[0]) + abs(one[1] - two[1])
    return length


def _plain(start: Point, end: Point) -> Route:
    """Return a way that looks at nothing, for when there is no free one."""
    if start[0] + 2 * STUB <= end[0]:
        middle = (start[0] + end[0]) / 2
        return start, (middle, start[1]), (middle, end[1]), end
    out, into = start[0] + STUB, end[0] - STUB
    middle = (start[1] + end[1]) / 2
    return start, (out, start[1]), (out, middle), (into, middle), (into, end[1]), end
