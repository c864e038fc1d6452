"""Cut a SQL script into statements and tell which table or view each is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.text import (
    code_between,
    statement_spans,
    unquote_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.systems.event_processing.sql.text import Token

# How statements start that are made here; others are read token by token.
_USUAL = re.compile(r"CREATE (?:TEMPORARY )?(?:TABLE|VIEW) `([^`\n\r]+)`(?!`)")
_OBJECTS = frozenset(("TABLE", "VIEW", "INTO"))
_BETWEEN = frozenset(("IF", "NOT", "EXISTS"))
_BODY = frozenset(("AS", "SELECT", "WITH"))


def by_table(sql: str) -> Mapping[str, tuple[str, ...]]:
    """Group statements by the table or view they make or fill.

    A statement about nothing of that kind, such as CREATE FUNCTION, is grouped
    under the empty name. A statement set is taken apart into its INSERTs.
    """
    groups: dict[str, tuple[str, ...]] = {}
    for first, end in statement_spans(sql):
        if usual := _USUAL.match(sql, first, end):
            start, name = first, usual[1]
        else:
            start, name = _subject(code_between(sql, first, end), first)
        text = sql[start:end].rstrip()
        if text.upper() != "END":
            groups[name] = (*groups.get(name, ()), text)
    return groups


def _subject(tokens: Iterator[Token], start: int) -> tuple[int, str]:
    """Return where a statement starts to matter, and what it is about."""
    for token in tokens:
        word = token.upper
        if word == "INSERT":
            start = token.start
        if word in _OBJECTS:
            name = next((t for t in tokens if t.upper not in _BETWEEN), token)
            return start, unquote_name(name.text)
        if word in _BODY:
            break
    return start, ""
