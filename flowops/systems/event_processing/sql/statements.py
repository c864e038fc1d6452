"""Cut a SQL script into statements and tell which table or view each is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.text import split_tokens, unquote_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.systems.event_processing.sql.text import Token

_OBJECTS = frozenset(("TABLE", "VIEW", "INTO"))
_BETWEEN = frozenset(("IF", "NOT", "EXISTS"))
_BODY = frozenset(("AS", "SELECT", "WITH"))


def by_table(sql: str) -> Mapping[str, tuple[str, ...]]:
    """Group statements by the table or view they make or fill.

    A statement about nothing of that kind, such as CREATE FUNCTION, is grouped
    under the empty name. A statement set is taken apart into its INSERTs.
    """
    groups: dict[str, tuple[str, ...]] = {}
    for tokens, end in split_tokens(sql):
        start, name = _subject(tokens)
        text = sql[start:end].rstrip()
        if text.upper() != "END":
            groups[name] = (*groups.get(name, ()), text)
    return groups


def _subject(tokens: Sequence[Token]) -> tuple[int, str]:
    """Return where a statement starts to matter, and what it is about."""
    start = tokens[0].start
    names = iter(tokens)
    for token in names:
        word = token.upper
        if word == "INSERT":
            start = token.start
        if word in _OBJECTS:
            name = next((t for t in names if t.upper not in _BETWEEN), token)
            return start, unquote_name(name.text)
        if word in _BODY:
            break
    return start, ""
