"""What the script of a node is about: the names in it, and none of its text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.options import LISTED_CONNECTORS
from flowops.systems.event_processing.sql.scripts import TABLE, VIEW, read_tokens
from flowops.systems.event_processing.sql.text import code, unquote_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.systems.event_processing.sql.text import Token

_READS = frozenset(("FROM", "JOIN", "TABLE"))


@dataclass(frozen=True, slots=True)
class Outline:
    """The names in a script, in their order.

    ``made`` are tables and views, ``tables`` the former alone, ``listed`` those whose
    options config.yaml lists, and ``read`` what a query reads that the script does not
    make itself.
    """

    made: tuple[str, ...]
    tables: tuple[str, ...]
    listed: tuple[str, ...]
    read: tuple[str, ...]


def outline_of(sql: str) -> Outline:
    """Read what a script is about, all in one pass."""
    tokens = code(sql)
    script = read_tokens(tokens)
    made = tuple(s.name for s in script if s.makes in (TABLE, VIEW))
    tables = [s for s in script if s.makes == TABLE]
    listed = (s.name for s in tables if s.connector in LISTED_CONNECTORS and s.options)
    return Outline(
        made=made,
        tables=tuple(s.name for s in tables),
        listed=tuple(dict.fromkeys(listed)),
        read=tuple(name for name in _read(tokens) if name not in made),
    )


def _read(tokens: Sequence[Token]) -> Iterator[str]:
    for before, token in pairwise(tokens):
        if token.kind in ("name", "word") and before.upper in _READS:
            yield unquote_name(token.text)
