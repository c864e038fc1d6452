"""The size of each block, and the rows on it from which its branches leave.

A block is drawn as both products draw it: a head with its name, and below it one
row for each place it leads to, with the connection leaving at the right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.pictures.marks import SIGNS, Mark
from flowops.pictures.words import clean

if TYPE_CHECKING:
    from flowops.model import Block, Edge, Graph
    from flowops.pictures.marks import Marks

WIDTH = 236
HEAD = 46
ROW = 18
FOOT = 5
TAG = 14


@dataclass(frozen=True, slots=True)
class Row:
    """Branches of one block that lead to one block, with the same mark."""

    words: str
    target: str
    mark: Mark
    y: int
    is_error: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A block with its rows; ``height`` is in units of the picture."""

    block: Block
    mark: Mark
    rows: tuple[Row, ...]
    height: int
    starts: bool


def boxes_of(graph: Graph, marks: Marks) -> tuple[Box, ...]:
    """Return a box for each block, in the order of the graph."""
    leaving: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        leaving[edge.source].append(edge)
    start = graph.attributes.get("StartAction", "")
    return tuple(
        _box(block, leaving[block.id], marks, starts=block.id == start)
        for block in graph.blocks
    )


def _box(block: Block, edges: list[Edge], marks: Marks, *, starts: bool) -> Box:
    groups: dict[tuple[str, Mark], list[str]] = {}
    for edge in edges:
        groups.setdefault((edge.target, marks.of_edge(edge)), []).append(edge.branch)
    plain = all(_is_plain(mark, words) for (_, mark), words in groups.items())
    rows: list[Row] = []
    for (target, mark), words in groups.items():
        y = HEAD // 2 if plain else HEAD + ROW * len(rows) + ROW // 2
        is_error = all(map(_is_error, words))
        rows.append(Row(_row_words(words, mark), target, mark, y, is_error, not plain))
    height = HEAD if plain else HEAD + ROW * len(rows) + FOOT
    return Box(block, marks.of_block(block.id), tuple(rows), height, starts)


def _is_error(branch: str) -> bool:
    return branch.casefold().startswith("error")


def _is_plain(mark: Mark, words: list[str]) -> bool:
    """Tell whether a row would say nothing: one way on, and no change of it."""
    return mark is Mark.SAME and words in ([""], ["next"], ["Success"])


def _row_words(branches: list[str], mark: Mark) -> str:
    words = ", ".join(clean(branch or "next", 80) for branch in branches)
    return f"{SIGNS[mark]} {words}" if SIGNS[mark] else words
