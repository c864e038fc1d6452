"""Take a SQL script apart: what each statement makes, and its connector options.

Places are offsets in the text, so that a value can be replaced and every other
byte stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.text import (
    CLOSING,
    OPENING,
    code,
    split_code,
    unquote_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowops.systems.event_processing.sql.text import Token

TABLE = "TABLE"
VIEW = "VIEW"
FUNCTION = "FUNCTION"
_MAKES = frozenset((TABLE, VIEW, FUNCTION))
_VISIBLE = re.compile(r"[^\n]")
_MODIFIERS = frozenset(("TEMPORARY", "SYSTEM"))


@dataclass(frozen=True, slots=True)
class SqlOption:
    """A connector option: its value, and where name and value stand."""

    name: str
    value: str
    start: int
    value_start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement: the word it starts with, and what it makes if it makes something.

    ``options_end`` is where the closing parenthesis of its options stands.
    """

    tokens: tuple[Token, ...]
    verb: str
    makes: str = ""
    name: str = ""
    name_end: int = 0  # the index of the first token after the name
    is_replacing: bool = False
    options: tuple[SqlOption, ...] = ()
    options_end: int = -1

    @property
    def connector(self) -> str:
        """Return the connector of a table, or nothing."""
        found = (o.value for o in self.options if o.name == "connector")
        return next(found, "")


def read_script(sql: str) -> tuple[Statement, ...]:
    """Take a script apart; a text with an open quote ends where that opens."""
    return read_tokens(code(sql))


def read_tokens(tokens: Iterable[Token]) -> tuple[Statement, ...]:
    """Take a script apart whose tokens are known, as ``read_script`` does."""
    return tuple(_statement(statement) for statement, _ in split_code(tokens, -1))


def open_end(tokens: Iterable[Token]) -> int:
    """Return where a quote or a comment opens that never closes, or -1."""
    return next((token.start for token in tokens if token.kind == "broken"), -1)


def without_options(sql: str, script: Iterable[Statement]) -> str:
    """Return a text with spaces for its options, so that places stay the same."""
    pieces: list[str] = []
    position = 0
    for option in (option for statement in script for option in statement.options):
        blank = _VISIBLE.sub(" ", sql[option.start : option.end])
        pieces += [sql[position : option.start], blank]
        position = option.end
    return "".join([*pieces, sql[position:]])


def top_level(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """Give the tokens outside every parenthesis, with their index."""
    depth = 0
    for index, token in enumerate(tokens):
        depth -= token.text in CLOSING
        if not depth:
            yield index, token
        depth += token.text in OPENING


def read_name(tokens: Sequence[Token], index: int) -> tuple[str, int]:
    """Return the name at an index, its parts joined by dots, and where it ends."""
    parts: list[str] = []
    while index < len(tokens) and tokens[index].kind in ("name", "word"):
        parts.append(unquote_name(tokens[index].text))
        index += 1
        if index >= len(tokens) or tokens[index].text != ".":
            break
        index += 1
    return ".".join(parts), index


def _statement(tokens: Sequence[Token]) -> Statement:
    verb = tokens[0].upper
    if verb != "CREATE":
        return Statement(tuple(tokens), verb)
    words = [token.upper for token in tokens[:8]]
    index, is_replacing = 1, words[1:3] == ["OR", "REPLACE"]
    index += 2 * is_replacing
    while index < len(words) and words[index] in _MODIFIERS:
        index += 1
    if index >= len(words) or words[index] not in _MAKES:
        return Statement(tuple(tokens), verb)
    makes, index = words[index], index + 1
    if words[index : index + 3] == ["IF", "NOT", "EXISTS"]:
        index += 3
    name, end = read_name(tokens, index)
    options, close = _options(tokens, end) if makes == TABLE else ((), -1)
    return Statement(
        *(tuple(tokens), verb, makes, name, end, is_replacing, options, close)
    )


def _options(tokens: Sequence[Token], start: int) -> tuple[tuple[SqlOption, ...], int]:
    """Read the options after the WITH of a CREATE TABLE."""
    for index, token in top_level(tokens):
        follows = index >= start and token.upper == "WITH"
        if follows and tokens[index + 1 : index + 2] and tokens[index + 1].text == "(":
            return _read_options(tokens, index + 2)
    return (), -1


def _read_options(
    tokens: Sequence[Token], index: int
) -> tuple[tuple[SqlOption, ...], int]:
    options: list[SqlOption] = []
    while index < len(tokens) and tokens[index].text != ")":
        item = tokens[index : index + 3]
        if [t.kind for t in item] == ["text", "sign", "text"] and item[1].text == "=":
            name, value = (unquote_text(t.text) for t in (item[0], item[2]))
            end = item[2].start + len(item[2].text)
            options.append(SqlOption(name, value, item[0].start, item[2].start, end))
            index += 2
        index += 1
    close = tokens[index].start if index < len(tokens) else -1
    return tuple(options), close


def unquote_text(literal: str) -> str:
    """Read a string literal; two quotes in it are one."""
    return literal[1:-1].replace("''", "'")
