"""The columns a view gives, worked out from its SELECT as far as that is certain.

Names are needed to go on after a node whose SQL a user wrote, types where a
destination has to declare them. What cannot be told is left open: ``None`` for a
type, a view that is not complete for columns nobody can count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from flowops.systems.event_processing.compiler.compiled import View
from flowops.systems.event_processing.compiler.expressions import Scope
from flowops.systems.event_processing.compiler.select_tables import (
    Relation,
    read_tables,
)
from flowops.systems.event_processing.sql.column_types import Column
from flowops.systems.event_processing.sql.scripts import read_name, top_level
from flowops.systems.event_processing.sql.text import unquote_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flowops.systems.event_processing.sql.text import Token

_SETS = frozenset(("UNION", "INTERSECT", "EXCEPT", "MINUS"))
_CLAUSES = frozenset(
    ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "WINDOW")
)
_NO_ALIAS = frozenset(("END", "NULL", "TRUE", "FALSE", "UNKNOWN"))
_WINDOW_TIME = "window_time"


@dataclass(frozen=True, slots=True)
class _Query:
    """A SELECT in its parts."""

    items: tuple[Sequence[Token], ...]
    tables: tuple[Relation, ...]
    is_distinct: bool
    is_grouped: bool


def view_of_query(
    name: str, sql: str, tokens: Sequence[Token], views: Mapping[str, View]
) -> View:
    """Return the view a query makes; one that cannot be read is not complete."""
    parts = _set_parts(tokens)
    columns = _columns(sql, parts[0], views)
    if columns is None:
        return View(name, (), is_complete=False)
    if len(parts) > 1:  # the other parts may widen a type
        columns = [Column(column.name, None, None) for column in columns]
    return View(name, tuple(columns))


def _set_parts(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    cuts = [index for index, token in top_level(tokens) if token.upper in _SETS]
    edges = [-1, *cuts, len(tokens)]
    return [tokens[a + 1 : b] for a, b in pairwise(edges)]


def _columns(
    sql: str, tokens: Sequence[Token], views: Mapping[str, View]
) -> list[Column] | None:
    query = _read_query(sql, tokens, views)
    if query is None:
        return None
    found: list[Column] = []
    for item in query.items:
        if item and item[-1].text == "*":
            more = _starred(item, query)
        else:
            column = _item(sql, item, query)
            more = [column] if column else None
        if more is None:
            return None
        found += more
    return found


def _read_query(
    sql: str, tokens: Sequence[Token], views: Mapping[str, View]
) -> _Query | None:
    if not tokens or tokens[0].upper != "SELECT":
        return None
    start = 1 + any(t.upper in ("DISTINCT", "ALL") for t in tokens[1:2])
    source = _from(tokens)
    clauses = [i for i, t in top_level(tokens) if i > source and t.upper in _CLAUSES]
    end = min(clauses, default=len(tokens))
    words = {tokens[i].upper for i in clauses}
    return _Query(
        items=tuple(split_commas(tokens[start:source])),
        tables=read_tables(tokens[source + 1 : end], views, _sub_view(sql, views)),
        is_distinct=tokens[1].upper == "DISTINCT" if len(tokens) > 1 else False,
        is_grouped="GROUP" in words or "HAVING" in words,
    )


def _from(tokens: Sequence[Token]) -> int:
    """Return where FROM stands; the one of IS DISTINCT FROM is another."""
    for index, token in top_level(tokens):
        if token.upper == "FROM" and tokens[index - 1].upper != "DISTINCT":
            return index
    return len(tokens)


def _sub_view(sql: str, views: Mapping[str, View]) -> Callable[[Sequence[Token]], View]:
    return lambda tokens: view_of_query("", sql, tokens, views)


def _starred(item: Sequence[Token], query: _Query) -> list[Column] | None:
    """Return all columns, or those of the table before the star."""
    tables = query.tables
    if len(item) > 1:
        wanted, _ = read_name(item, 0)
        tables = tuple(table for table in tables if table.name == wanted)
    found: list[Column] = []
    for table in tables:
        if table.columns is None:
            return None
        found += [replace(c, is_time_attribute=_clock(c, query)) for c in table.columns]
    return found if tables else None


def _item(sql: str, item: Sequence[Token], query: _Query) -> Column | None:
    """Return the column one item of a SELECT gives, or nothing without a name."""
    value, name = _named(item)
    if not name:
        return None
    text = sql[value[0].start : value[-1].start + len(value[-1].text)]
    scope = _scope(query)
    if same := scope.reference(text):
        return Column(name, same.type, _clock(same, query))
    return Column(name, scope.type_of(text), is_time_attribute=False)


def _named(item: Sequence[Token]) -> tuple[Sequence[Token], str]:
    """Split an item into its value and its name: given, or that of its column."""
    last = item[-1] if item else None
    if last is None or last.kind not in ("name", "word") or last.upper in _NO_ALIAS:
        return item, ""
    name = unquote_name(last.text)
    if not item[1:] or item[-2].text == ".":
        _, end = read_name(item, 0)
        return item, name if end == len(item) else ""
    if item[-2].upper == "AS":
        return item[:-2], name
    follows = item[-2].kind in ("name", "word", "number", "text")
    return (item[:-1], name) if follows or item[-2].text in ")]" else (item, "")


def _scope(query: _Query) -> Scope:
    first, *others = [
        (table.name, {c.name: c for c in table.columns or ()}) for table in query.tables
    ] or [("", {})]
    return Scope(*first, others=dict(others))


def _clock(column: Column, query: _Query) -> bool | None:
    """Tell whether a column is still a clock after the query, if that is certain.

    A lookup keeps the clocks of what it is joined to; of other joins that cannot
    be told without their condition.
    """
    if column.is_time_attribute is False or query.is_distinct:
        return False
    if query.is_grouped:
        is_window = any(table.is_window for table in query.tables)
        return column.name == _WINDOW_TIME and is_window
    is_joined = any(not table.is_lookup for table in query.tables[1:])
    return None if is_joined else column.is_time_attribute


def split_commas(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Cut tokens at the commas outside every parenthesis."""
    cuts = [index for index, token in top_level(tokens) if token.text == ","]
    edges = [-1, *cuts, len(tokens)]
    for start, end in pairwise(edges):
        yield tokens[start + 1 : end]
