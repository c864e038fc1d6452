"""Read the name of a type out of SQL, as it stands in a CAST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.column_types import (
    PLAIN_TYPES,
    Array,
    ColumnType,
    Plain,
    Row,
)
from flowops.systems.event_processing.sql.text import unquote_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.systems.event_processing.sql.text import Token

_SIZED = frozenset(
    (
        *("BINARY", "BYTES", "CHAR", "DECIMAL", "NUMERIC", "SMALLINT", "TIME"),
        *("TIMESTAMP", "TIMESTAMP_LTZ", "TINYINT", "VARBINARY", "VARCHAR"),
    )
)
_DEFAULT_SIZES = {"TIMESTAMP": "(6)", "TIMESTAMP_LTZ": "(6)"}


def read_type(tokens: Sequence[Token]) -> ColumnType | None:
    """Return the type these tokens name, or nothing if it is not a known one."""
    reader = _Reader(tokens)
    found = reader.read()
    return found if reader.is_done() else None


class _Reader:
    """Walks the tokens of one type; any surprise makes it unknown."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = list(tokens)
        self._at = 0

    def is_done(self) -> bool:
        return self._at == len(self._tokens)

    def read(self) -> ColumnType | None:
        word = self._next().upper()
        if word == "ARRAY" and self._take("<"):
            item = self.read()
            return Array(item) if item and self._take(">") else None
        if word == "ROW" and self._take("<"):
            return self._row()
        if word in PLAIN_TYPES and not self._sees("("):
            return PLAIN_TYPES[word]
        return self._sized(word) if word in _SIZED else None

    def _row(self) -> ColumnType | None:
        fields: list[tuple[str, ColumnType]] = []
        while True:
            name = unquote_name(self._next())
            if not (field := self.read()):
                return None
            fields.append((name, field))
            if self._take(">"):
                return Row(tuple(fields))
            if not self._take(","):
                return None

    def _sized(self, word: str) -> ColumnType | None:
        if not self._take("("):
            return Plain(word + _DEFAULT_SIZES.get(word, ""))
        sizes = [self._next()]
        while self._take(","):
            sizes.append(self._next())
        if not all(size.isdecimal() for size in sizes) or not self._take(")"):
            return None
        return Plain(f"{word}({', '.join(sizes)})")

    def _sees(self, text: str) -> bool:
        return not self.is_done() and self._tokens[self._at].text == text

    def _take(self, text: str) -> bool:
        if not self._sees(text):
            return False
        self._at += 1
        return True

    def _next(self) -> str:
        if self.is_done():
            return ""
        self._at += 1
        return self._tokens[self._at - 1].text
