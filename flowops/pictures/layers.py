"""A layered layout for flows whose file does not say where their blocks lie.

Sugiyama's method: turn what leads back, put each block a layer after those that
lead to it, order the layers so that few edges cross, and even out the heights.
Edges that pass a layer hold a place there, one for each block they lead to.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from flowops.pictures.boxes import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flowops.pictures.boxes import Box
    from flowops.pictures.canvas import Point

_Node: TypeAlias = "tuple[str, int]"  # a block, or a place its edges hold in a layer

_SWEEPS = 6
_GAP = 30
_COLUMN = WIDTH + 110
_LANE = 14
_BLOCK = -1


@dataclass(slots=True)
class _Layers:
    """The nodes of each layer, and what each is linked to on either side."""

    rows: list[list[_Node]]
    before: dict[_Node, list[_Node]] = field(default_factory=dict)
    after: dict[_Node, list[_Node]] = field(default_factory=dict)


def layered_places(boxes: Sequence[Box]) -> dict[str, Point]:
    """Return the top left corner of each box."""
    names = [box.block.id for box in sorted(boxes, key=lambda box: not box.starts)]
    known = set(names)
    links = {
        box.block.id: [
            row.target
            for row in box.rows
            if row.target in known and row.target != box.block.id
        ]
        for box in boxes
    }
    forward = _forward(names, links)
    layers = _layers(names, forward)
    _reorder(layers)
    heights = {(box.block.id, _BLOCK): box.height for box in boxes}
    tops = _tops(layers, heights)
    return {
        name: (float(_COLUMN * number), tops[name, step])
        for number, row in enumerate(layers.rows)
        for name, step in row
        if step == _BLOCK
    }


def _forward(
    names: Iterable[str], links: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return the links with those turned round that would close a cycle."""
    state: dict[str, int] = {}
    found: dict[str, list[str]] = {name: [] for name in names}
    for root in found:
        if root in state:
            continue
        state[root] = 1
        path = [(root, iter(links[root]))]
        while path:
            name, targets = path[-1]
            target = next(targets, None)
            if target is None:
                state[name] = 2
                path.pop()
            elif state.get(target) == 1:
                found[target].append(name)
            else:
                found[name].append(target)
                if target not in state:
                    state[target] = 1
                    path.append((target, iter(links[target])))
    return {name: list(dict.fromkeys(targets)) for name, targets in found.items()}


def _depths(
    names: Sequence[str], forward: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Return the layer of each block: the longest way to it."""
    missing = dict.fromkeys(names, 0)
    for targets in forward.values():
        for target in targets:
            missing[target] += 1
    ready = deque(name for name in names if not missing[name])
    depths = dict.fromkeys(names, 0)
    while ready:
        name = ready.popleft()
        for target in forward[name]:
            depths[target] = max(depths[target], depths[name] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return depths


def _layers(names: Sequence[str], forward: Mapping[str, Sequence[str]]) -> _Layers:
    depths = _depths(names, forward)
    layers = _Layers([[] for _ in range(max(depths.values(), default=-1) + 1)])
    for name in names:
        layers.rows[depths[name]].append((name, _BLOCK))
    before: defaultdict[_Node, list[_Node]] = defaultdict(list)
    after: defaultdict[_Node, list[_Node]] = defaultdict(list)
    held: set[_Node] = set()
    for name in names:
        for target in forward[name]:
            last = (name, _BLOCK)
            for layer in range(depths[name] + 1, depths[target] + 1):
                arrives = layer == depths[target]
                node = (target, _BLOCK if arrives else layer)
                after[last].append(node)
                before[node].append(last)
                if node in held:
                    break
                if not arrives:
                    layers.rows[layer].append(node)
                    held.add(node)
                last = node
    layers.before, layers.after = before, after
    return layers


def _reorder(layers: _Layers) -> None:
    """Put each node near the middle of what it is linked to, to and fro."""
    for sweep in range(_SWEEPS):
        rows = layers.rows if sweep % 2 == 0 else layers.rows[::-1]
        near = layers.before if sweep % 2 == 0 else layers.after
        for fixed, row in pairwise(rows):
            place = {node: float(index) for index, node in enumerate(fixed)}
            means = {
                node: _mean([place[n] for n in near.get(node, ()) if n in place], i)
                for i, node in enumerate(row)
            }
            row.sort(key=means.__getitem__)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _tops(layers: _Layers, heights: Mapping[_Node, int]) -> dict[_Node, float]:
    """Return how far down each node is, near the middle of its neighbours."""
    tops: dict[_Node, float] = {}
    for row in layers.rows:
        _stack(row, dict.fromkeys(row, 0.0), heights, tops)
    for sweep in range(_SWEEPS):
        rows = layers.rows if sweep % 2 == 0 else layers.rows[::-1]
        near = layers.before if sweep % 2 == 0 else layers.after
        for row in rows:
            wanted = {
                node: _mean([tops[n] for n in near.get(node, ())], tops[node])
                for node in row
            }
            _stack(row, wanted, heights, tops)
    highest = min(tops.values(), default=0.0)
    return {node: top - highest for node, top in tops.items()}


def _stack(
    row: Sequence[_Node],
    wanted: Mapping[_Node, float],
    heights: Mapping[_Node, int],
    tops: dict[_Node, float],
) -> None:
    """Put a layer's nodes below each other, as near to where they want as may be."""
    bottom = float("-inf")
    found: list[float] = []
    for node in row:
        top = max(wanted[node], bottom)
        found.append(top)
        bottom = top + heights.get(node, _LANE) + _GAP
    excess = [top - wanted[node] for node, top in zip(row, found, strict=True)]
    shift = sum(excess) / len(excess) if excess else 0.0
    tops.update({n: round(t - shift, 1) for n, t in zip(row, found, strict=True)})
