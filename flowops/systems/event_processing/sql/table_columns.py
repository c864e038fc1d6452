"""The columns a CREATE TABLE declares; see the Flink documentation, "CREATE"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.column_types import (
    Column,
    ColumnType,
    Required,
)
from flowops.systems.event_processing.sql.text import (
    CLOSING,
    OPENING,
    unquote_name,
)
from flowops.systems.event_processing.sql.type_names import read_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.systems.event_processing.sql.scripts import Statement
    from flowops.systems.event_processing.sql.text import Token

_NO_COLUMN = frozenset(("PRIMARY", "CONSTRAINT", "WATERMARK", "UNIQUE", "DISTRIBUTED"))
_TYPE_ENDS = frozenset(("METADATA", "NOT", "NULL", "COMMENT", "PRIMARY", "CONSTRAINT"))
_OPENS = OPENING | {"<"}
_CLOSES = CLOSING | {">"}


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table: what it is read as, and whether it can be written."""

    column: Column
    is_written: bool


def table_columns(table: Statement) -> tuple[TableColumn, ...]:
    """Return the columns of a table, those with a watermark as clocks."""
    items = [item for item in _items(table) if item]
    clocks = {
        unquote_name(token.text)
        for item in items
        if item[0].upper == "WATERMARK"
        for token in item[2:3]  # WATERMARK FOR `name`
    }
    return tuple(
        _column(item, clocks) for item in items if item[0].upper not in _NO_COLUMN
    )


def _column(item: Sequence[Token], clocks: set[str]) -> TableColumn:
    name = unquote_name(item[0].text)
    words = [token.upper for token in item]
    is_computed = len(words) > 1 and words[1] == "AS"
    found = None if is_computed else _declared(item[1:])
    is_virtual = "VIRTUAL" in words or is_computed
    return TableColumn(Column(name, found, name in clocks), not is_virtual)


def _declared(tokens: Sequence[Token]) -> ColumnType | None:
    end = next((i for i, t in enumerate(_flat(tokens)) if t in _TYPE_ENDS), len(tokens))
    found = read_type(tokens[:end])
    rest = [token.upper for token in tokens[end : end + 2]]
    return Required(found) if found and rest == ["NOT", "NULL"] else found


def _flat(tokens: Sequence[Token]) -> Iterator[str]:
    """Give each word in capitals, nothing for those inside a nested type."""
    depth = 0
    for token in tokens:
        depth -= token.text in _CLOSES
        yield "" if depth else token.upper
        depth += token.text in _OPENS


def _items(table: Statement) -> list[list[Token]]:
    """Return the tokens of each item in the first parentheses after the name."""
    tokens = table.tokens[table.name_end :]
    if not tokens or tokens[0].text != "(":
        return []
    items: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth -= token.text in _CLOSES
        if depth == 1 and token.text == ",":
            items.append([])
        elif depth:
            items[-1].append(token)
        elif token.text == ")":
            break
        depth += token.text in _OPENS
    return items
