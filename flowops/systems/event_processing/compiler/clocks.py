"""Whether a flow goes by one clock: event time, or the time of its processing.

A window by processing time holds what came in meanwhile, so a second run over the same
events gives other results ("Notions of Time" of the Flink documentation). A lookup
needs such a clock, and does no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.text import code, unquote_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowops.systems.event_processing.sql.text import Token

_NOW = ["PROCTIME", "(", ")"]


def has_event_time(sql: str) -> bool:
    """Tell whether a script has a table with event time."""
    return any(token.upper == "WATERMARK" for token in code(sql))


def processing_clocks(scripts: Iterable[str]) -> frozenset[str]:
    """Return the columns that scripts make of the time of processing."""
    made = (sql for sql in scripts if _NOW[0] in sql.upper())
    return frozenset(name for sql in made for name in _made(code(sql)))


def _made(tokens: Sequence[Token]) -> Iterator[str]:
    for index in range(len(tokens) - len(_NOW)):
        if [token.upper for token in tokens[index : index + 3]] != _NOW:
            continue
        follows = tokens[index + 3 : index + 5]
        if len(follows) > 1 and follows[0].upper == "AS":  # in a SELECT
            yield unquote_name(follows[1].text)
        elif index > 1 and tokens[index - 1].upper == "AS":  # in a CREATE TABLE
            yield unquote_name(tokens[index - 2].text)


def windows_by(clocks: frozenset[str], sql: str) -> tuple[str, ...]:
    """Return which of these columns a script gathers windows by."""
    tokens = code(sql)
    found: dict[str, None] = {}
    for index, token in enumerate(tokens[:-2]):
        if token.upper == "DESCRIPTOR":
            name = unquote_name(tokens[index + 2].text)
            found |= {name: None} if name in clocks else {}
    return tuple(found)
