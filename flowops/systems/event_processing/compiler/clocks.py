"""Whether a flow goes by one clock: event time, or the time of its processing.

A window by processing time holds what came in meanwhile, so a second run over the same
events gives other results ("Notions of Time" of the Flink documentation). A lookup
needs such a clock, and does no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.text import code, unquote_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.systems.event_processing.sql.text import Token

PROCESSING_TIME, WINDOW = "PROCTIME", "DESCRIPTOR"
_EVENT_TIME = "WATERMARK"
_NOW = [PROCESSING_TIME, "(", ")"]


def has_event_time(sql: str) -> bool:
    """Tell whether a script has a table with event time."""
    is_named = _EVENT_TIME in sql.upper()
    return is_named and any(token.upper == _EVENT_TIME for token in code(sql))


def clocks_made(tokens: Sequence[Token]) -> frozenset[str]:
    """Return the columns that a script makes of the time of processing."""
    return frozenset(_made(tokens))


def _made(tokens: Sequence[Token]) -> Iterator[str]:
    for index in range(len(tokens) - len(_NOW)):
        if [token.upper for token in tokens[index : index + 3]] != _NOW:
            continue
        follows = tokens[index + 3 : index + 5]
        if len(follows) > 1 and follows[0].upper == "AS":  # in a SELECT
            yield unquote_name(follows[1].text)
        elif index > 1 and tokens[index - 1].upper == "AS":  # in a CREATE TABLE
            yield unquote_name(tokens[index - 2].text)


def windowed_columns(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Return the columns that a script gathers windows by."""
    names = (
        unquote_name(tokens[index + 2].text)
        for index, token in enumerate(tokens[:-2])
        if token.upper == WINDOW
    )
    return tuple(dict.fromkeys(names))
