"""What a FROM clause reads: views, windows over them, and tables looked up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.column_types import Column, timestamp
from flowops.systems.event_processing.sql.scripts import read_name, top_level
from flowops.systems.event_processing.sql.text import unquote_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flowops.systems.event_processing.compiler.compiled import View
    from flowops.systems.event_processing.sql.column_types import ColumnType
    from flowops.systems.event_processing.sql.text import Token

_JOIN_WORDS = frozenset(
    ("JOIN", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "NATURAL", ",")
)
_WINDOWS = frozenset(("TUMBLE", "HOP", "CUMULATE", "SESSION"))
_BEFORE_NAME = frozenset(("TABLE", "(", "DATA", "=>"))


@dataclass(frozen=True, slots=True)
class Relation:
    """One thing a query reads; ``columns`` is nothing where they are not known."""

    name: str
    columns: tuple[Column, ...] | None
    is_window: bool = False
    is_lookup: bool = False


def read_tables(
    tokens: Sequence[Token],
    views: Mapping[str, View],
    read_query: Callable[[Sequence[Token]], View],
) -> tuple[Relation, ...]:
    """Read the tables of a FROM clause, in their order."""
    return tuple(_relation(part, views, read_query) for part in _parts(tokens) if part)


def _parts(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    cuts = [i for i, token in top_level(tokens) if token.upper in _JOIN_WORDS]
    edges = [-1, *cuts, len(tokens)]
    for start, end in pairwise(edges):
        yield tokens[start + 1 : end]


def _relation(
    tokens: Sequence[Token],
    views: Mapping[str, View],
    read_query: Callable[[Sequence[Token]], View],
) -> Relation:
    head = [t for _, t in top_level(tokens)]
    is_lookup = any(
        (a.upper, b.upper) == ("FOR", "SYSTEM_TIME") for a, b in pairwise(head)
    )
    first = tokens[0].upper
    if first in _WINDOWS or (first == "TABLE" and len(tokens) > 1):
        found = _window(tokens, views)
    elif first == "(" and len(tokens) > 1:
        inner = read_query(_inside(tokens))
        found = Relation("", inner.columns if inner.is_complete else None)
    elif first in ("LATERAL", "UNNEST"):
        found = Relation("", None)
    else:
        name, _ = read_name(tokens, 0)
        view = views.get(name)
        known = view.columns if view and view.is_complete else None
        found = Relation(name, known)
    return replace(found, name=_alias(tokens) or found.name, is_lookup=is_lookup)


def _inside(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return what stands in the parentheses that open first."""
    closes = [i for i, t in top_level(tokens) if t.text == ")"]
    return tokens[1 : closes[0]] if closes else tokens[1:]


def _alias(tokens: Sequence[Token]) -> str:
    """Return the name a table is given in its query, or nothing."""
    outside = [token for _, token in top_level(tokens)]
    ends = [i for i, t in enumerate(outside) if t.upper in ("ON", "USING")]
    outside = outside[: ends[0]] if ends else outside
    if not outside[1:] or outside[-1].kind not in ("name", "word"):
        return ""
    before = outside[-2]
    is_alias = before.upper == "AS" or (
        before.kind in ("name", "word") or before.text == ")"
    )
    is_time = any(t.upper == "SYSTEM_TIME" for t in outside[-4:-1])
    return unquote_name(outside[-1].text) if is_alias and not is_time else ""


def _window(tokens: Sequence[Token], views: Mapping[str, View]) -> Relation:
    """Read a window over a view: its columns, and those of the window."""
    words = [token.upper for token in tokens]
    if not any(word in _WINDOWS for word in words):
        return Relation("", None)
    start = next(i for i, word in enumerate(words) if word in _WINDOWS)
    inner = start + 1
    while inner < len(words) and words[inner] in _BEFORE_NAME:
        inner += 1
    name, _ = read_name(tokens, inner)
    view = views.get(name)
    if view is None or not view.is_complete:
        return Relation("", None, is_window=True)
    clock = _clock(tokens, words, view)
    window = (
        Column("window_start", timestamp(3)),
        Column("window_end", timestamp(3)),
        Column("window_time", clock, is_time_attribute=True),
    )
    return Relation("", (*view.columns, *window), is_window=True)


def _clock(
    tokens: Sequence[Token], words: Sequence[str], view: View
) -> ColumnType | None:
    if "DESCRIPTOR" not in words:
        return None
    name, _ = read_name(tokens, words.index("DESCRIPTOR") + 2)
    found = {column.name: column for column in view.columns}.get(name)
    return found.type if found else None
