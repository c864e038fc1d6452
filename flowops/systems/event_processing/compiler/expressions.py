"""Work out the type of an expression a user wrote, as far as that is certain.

The export names no type for a new column of a transform, yet a destination has
to declare one. What is not certain is unknown: a guess would be planned, and
then fail at the destination. See the Flink documentation, "System (Built-in)
Functions".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.systems.event_processing.compiler.functions import (
    BRANCHES,
    RETURNS,
    RETURNS_ARGUMENT,
    WORDS,
)
from flowops.systems.event_processing.sql.column_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    STRING,
    TIMESTAMP,
    Array,
    Column,
    ColumnType,
    Plain,
    Row,
    nullable,
    timestamp,
)
from flowops.systems.event_processing.sql.text import (
    CLOSING,
    OPENING,
    Token,
    code,
    unquote_name,
)
from flowops.systems.event_processing.sql.type_names import read_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_COMPARISONS = frozenset(("=", "<>", "!=", "<", ">", "<=", ">="))
_CONDITIONS = frozenset(("AND", "OR", "NOT", "LIKE", "IN", "BETWEEN", "IS", "SIMILAR"))
_OPERATORS = frozenset("+-*/")
_RANKS = (INT, BIGINT)
_INTERVAL = Plain("INTERVAL")
_LONGEST = 10_000  # characters; nobody writes more, and looking costs the square
_LARGEST_INT = 2**31 - 1
_LONG_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can name: the columns of a view, and the view.

    ``others`` are the columns of further views a query reads, by view.
    """

    view: str
    columns: Mapping[str, Column]
    others: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)

    def reference(self, expression: str) -> Column | None:
        """Return the column an expression names and does nothing else with."""
        tokens = code(expression) if len(expression) <= _LONGEST else []
        columns, path = self._columns(_path(tokens))
        return columns.get(path[0]) if len(path) == 1 else None

    def _columns(
        self, path: Sequence[str]
    ) -> tuple[Mapping[str, Column], Sequence[str]]:
        """Return the columns a path starts in, and the path without their view."""
        if not path or path[0] in self.columns:
            return self.columns, path
        if len(path) > 1 and path[0] == self.view:
            return self.columns, path[1:]
        if len(path) > 1 and path[0] in self.others:
            return self.others[path[0]], path[1:]
        found = [columns for columns in self.others.values() if path[0] in columns]
        return (found[0] if len(found) == 1 else {}), path

    def type_of(self, expression: str) -> ColumnType | None:
        """Return the type of an expression, or nothing where it is not certain."""
        tokens = code(expression) if len(expression) <= _LONGEST else []
        try:
            found = self._infer(tokens)
        except RecursionError:
            return None
        return None if found == _INTERVAL else found

    def _infer(self, tokens: Sequence[Token]) -> ColumnType | None:
        tokens = _without_parentheses(tokens)
        if not tokens:
            return None
        top = {token.upper for token in _top_level(tokens)}
        if top & (_COMPARISONS | _CONDITIONS):
            return BOOLEAN
        if "||" in top:
            return STRING
        for signs in (("+", "-"), ("*", "/")):
            if len(parts := _split(tokens, signs)) > 1:
                return _arithmetic([self._infer(part) for part in parts])
        if tokens[0].text == "-":
            return self._infer(tokens[1:])
        return self._term(tokens)

    def _term(self, tokens: Sequence[Token]) -> ColumnType | None:
        first = tokens[0]
        if first.upper == "CASE":
            return _same([self._infer(branch) for branch in _case_results(tokens)])
        if first.upper == "INTERVAL":
            return _INTERVAL
        if len(tokens) > 1 and tokens[1].text == "(":
            return self._call(first.upper, tokens)
        if len(tokens) == 1 and (literal := _literal(first)):
            return literal
        if [token.kind for token in tokens] == ["word", "text"]:  # such as DATE '…'
            return {"DATE": DATE, TIMESTAMP: timestamp(9)}.get(first.upper)
        return self._path_type(tokens)

    def _call(self, name: str, tokens: Sequence[Token]) -> ColumnType | None:
        if not _closes_at_end(tokens[1:]):
            return None
        inner = tokens[2:-1]
        if name in ("CAST", "TRY_CAST"):
            return read_type(_after_as(inner))
        arguments = _split(inner, (",",))
        if name in RETURNS_ARGUMENT:
            index = RETURNS_ARGUMENT[name]
            known = index < len(arguments)
            return self._infer(arguments[index]) if known else None
        if name == "ARRAY_AGG" and len(arguments) == 1:
            item = self._infer(arguments[0])
            return Array(item) if item else None
        if name in BRANCHES:
            return _same([self._infer(part) for part in arguments[BRANCHES[name] :]])
        return RETURNS.get(name)

    def _path_type(self, tokens: Sequence[Token]) -> ColumnType | None:
        columns, path = self._columns(_path(tokens))
        if not path or path[0] not in columns:
            return None
        found = columns[path[0]].type
        for step in path[1:]:
            found = _step(found, step)
        return nullable(found) if found else None


def _step(found: ColumnType | None, step: str) -> ColumnType | None:
    if step == "[]":
        return found.item if isinstance(found, Array) else None
    return found.field(step) if isinstance(found, Row) else None


def _path(tokens: Sequence[Token]) -> list[str]:
    """Return the steps of ``a.b[1].c``, or nothing when the tokens are not that."""
    path: list[str] = []
    rest = list(tokens)
    while rest:
        if rest[0].kind not in ("word", "name"):
            return []
        path.append(unquote_name(rest.pop(0).text))
        while rest and rest[0].text == "[":
            end = next((i for i, t in enumerate(rest) if t.text == "]"), 0)
            if not end:
                return []
            path.append("[]")
            rest = rest[end + 1 :]
        if rest and (rest.pop(0).text != "." or not rest):
            return []
    return path


def _literal(token: Token) -> ColumnType | None:
    if token.kind == "text":
        return STRING
    if token.kind == "number":
        return _number(token.text)
    return WORDS.get(token.upper) if token.kind == "word" else None


def _number(text: str) -> ColumnType | None:
    if "e" in text.lower():
        return DOUBLE
    whole, _, fraction = text.partition(".")
    if fraction or "." in text:
        digits = max(len(whole.lstrip("0")), 1) + len(fraction)
        return Plain(f"DECIMAL({digits}, {len(fraction)})")
    if len(whole) > _LONG_DIGITS:
        return None
    return INT if int(whole) <= _LARGEST_INT else BIGINT


def _arithmetic(types: Iterable[ColumnType | None]) -> ColumnType | None:
    """Return the type of a sum or a product, by the operands it is made of."""
    operands = list(types)
    clocks = [t for t in operands if isinstance(t, Plain) and TIMESTAMP in t.name]
    if clocks:
        rest = [t for t in operands if t not in clocks]
        is_moved = len(clocks) == 1 and all(t == _INTERVAL for t in rest)
        return clocks[0] if is_moved else None
    if DOUBLE in operands:
        return DOUBLE if all(map(_is_number, operands)) else None
    if all(t == FLOAT for t in operands):
        return FLOAT
    if not all(t in _RANKS for t in operands):
        return None
    return BIGINT if BIGINT in operands else INT


def _is_number(found: ColumnType | None) -> bool:
    return found in (INT, BIGINT, FLOAT, DOUBLE) or (
        isinstance(found, Plain) and found.name.startswith("DECIMAL")
    )


def _same(types: Sequence[ColumnType | None]) -> ColumnType | None:
    """Return the type all branches share; NULL has no type of its own."""
    different = set(types)
    return types[0] if types and len(different) == 1 else None


def _top_level(tokens: Sequence[Token]) -> Iterator[Token]:
    """Give the tokens outside every parenthesis and outside CASE … END."""
    depth = 0
    for token in tokens:
        opens = token.text in OPENING or token.upper == "CASE"
        closes = token.text in CLOSING or token.upper == "END"
        if not depth and not opens:
            yield token
        depth += opens - closes


def _split(tokens: Sequence[Token], signs: tuple[str, ...]) -> list[Sequence[Token]]:
    """Cut tokens at these signs, where they stand between two operands."""
    starts = {
        token.start
        for token in _top_level(tokens)
        if token.text in signs and token is not tokens[0]
    }
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.start in starts and _is_operand_end(parts[-1]):
            parts.append([])
        else:
            parts[-1].append(token)
    return [*parts] if parts[-1] else []


def _is_operand_end(part: Sequence[Token]) -> bool:
    """Tell whether an operator may follow, so that ``a * -b`` is cut once."""
    return bool(part) and part[-1].text not in _OPERATORS


def _without_parentheses(tokens: Sequence[Token]) -> Sequence[Token]:
    while tokens and tokens[0].text == "(" and _closes_at_end(tokens):
        tokens = tokens[1:-1]
    return tokens


def _closes_at_end(tokens: Sequence[Token]) -> bool:
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if not depth:
            return index == len(tokens) - 1
    return False


def _after_as(tokens: Sequence[Token]) -> Sequence[Token]:
    places = [token.start for token in _top_level(tokens) if token.upper == "AS"]
    return [token for token in tokens if places and token.start > places[-1]]


def _case_results(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Give what follows each THEN and the ELSE of a CASE that is the whole."""
    if tokens[-1].upper != "END":
        return
    inner = tokens[1:-1]
    cuts = [t for t in _top_level(inner) if t.upper in ("WHEN", "THEN", "ELSE")]
    for cut, after in zip(cuts, [*cuts[1:], None], strict=True):
        end = after.start if after else tokens[-1].start
        if cut.upper != "WHEN":
            yield [token for token in inner if cut.start < token.start < end]
