"""What goes into the body of a request: the SQL of each value, and its type.

The open HTTP connector writes a body as JSON, from columns that are named as the
properties of it. So only what JSON can say in one way is sent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from flowops.secrets import Secret, compose
from flowops.systems.event_processing.compiler.api_calls import sent_type
from flowops.systems.event_processing.compiler.compiled import CannotCompileError
from flowops.systems.event_processing.compiler.expressions import Scope
from flowops.systems.event_processing.compiler.processors import checked_expression
from flowops.systems.event_processing.sql.column_types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    FLOAT,
    INT,
    STRING,
    Array,
    ColumnType,
    Required,
    Row,
    nullable,
)
from flowops.systems.event_processing.sql.text import quote_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowops.secrets import Text
    from flowops.systems.event_processing.compiler.compiled import View
    from flowops.systems.event_processing.pipeline import ApiParameter

LITERAL = "literal"
DIVIDER = ";"  # between the names of what is sent
_IN_JSON = (STRING, BOOLEAN, INT, BIGINT, FLOAT, DOUBLE)
_REST = r"(?P<rest>(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,2})?)"
_NUMBER = re.compile(rf"-?[0-9]{{1,18}}{_REST}")
_TRUTHS = {"true": "TRUE", "false": "FALSE"}
_NOT_WRITTEN = "which is not written for the open HTTP connector"
_WAY_OUT = (
    "end the flow in a topic before the call, call the API in a program of your own, "
    "and read its answers in a second flow"
)
_MAKE_A_TEXT = "make a text of it in a transform before"

_Branch: TypeAlias = "dict[str, ApiParameter | _Branch]"


class Sent(NamedTuple):
    """A value that goes into a request: its SQL, and its type in the table."""

    value: Text
    type: ColumnType


def not_written(words: str) -> CannotCompileError:
    """Make the error for a call that the open HTTP connector is not asked to make."""
    return CannotCompileError(f"{words}, {_NOT_WRITTEN}", _WAY_OUT)


def sent_in_body(body: Iterable[ApiParameter], feeding: View) -> dict[str, Sent]:
    """Return what is sent by the name of the property it is in, nested or not."""
    tree: _Branch = {}
    for parameter in body:
        if DIVIDER in parameter.name:
            words = f"sends {parameter.name!r}, a name with a semicolon"
            raise not_written(words)
        _plant(tree, parameter)
    scope = Scope(feeding.name, {c.name: c for c in feeding.columns})
    if not any(p.kind != LITERAL for p in body):
        words = "sends no column to the API"
        raise CannotCompileError(words, "map at least one parameter")
    return {name: _grown(found, scope) for name, found in tree.items()}


def _plant(tree: _Branch, parameter: ApiParameter) -> None:
    *path, last = parameter.name.split("/")
    for part in path:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            raise _twice(parameter)
        tree = inner
    if last in tree:
        raise _twice(parameter)
    tree[last] = parameter


def _twice(parameter: ApiParameter) -> CannotCompileError:
    return CannotCompileError(f"sends {parameter.name!r} and a part or a whole of it")


def _grown(found: ApiParameter | _Branch, scope: Scope) -> Sent:
    if isinstance(found, dict):
        parts = {name: _grown(inner, scope) for name, inner in found.items()}
        row = Row(tuple((name, part.type) for name, part in parts.items()))
        return Sent(row_of(part.value for part in parts.values()), row)
    if found.kind == LITERAL:
        return _constant(found)
    type_ = nullable(sent_type(found, scope))
    if not is_json(type_):
        words = f"sends {found.name!r}, which is {type_.sql()} and no type of JSON"
        raise CannotCompileError(words, _MAKE_A_TEXT)
    return Sent(checked_expression(found.value), type_)


def row_of(values: Iterable[Text]) -> Text:
    """Write values as one row."""
    parts: list[Text] = []
    for value in values:
        parts += [", ", value]
    return compose("ROW(", *parts[1:], ")")


def _constant(parameter: ApiParameter) -> Sent:
    """Return a constant as the type the API describes; JSON has no other."""
    text = str(parameter.value)
    if parameter.type in ("", "string"):
        return Sent(quote_text(parameter.value), STRING)
    if not isinstance(parameter.value, Secret):
        if parameter.type == "boolean" and text.lower() in _TRUTHS:
            return Sent(_TRUTHS[text.lower()], BOOLEAN)
        if found := _number(text, parameter.type):
            return found
    raise CannotCompileError(f"sends {parameter.name!r}, which is no {parameter.type}")


def _number(text: str, word: str) -> Sent | None:
    """Return a number as it was typed; a whole one stays whole."""
    found = _NUMBER.fullmatch(text) if word in ("integer", "number") else None
    if found and not found["rest"]:
        return Sent(f"CAST({text} AS {BIGINT.sql()})", BIGINT)
    if found and word == "number":
        return Sent(f"CAST({text} AS {DOUBLE.sql()})", DOUBLE)
    return None


def is_json(type_: ColumnType) -> bool:
    """Tell whether there is one way only to write a type in JSON."""
    if isinstance(type_, Row):
        return all(is_json(inner) for _, inner in type_.fields)
    if isinstance(type_, Array):
        return is_json(type_.item)
    return not isinstance(type_, Required) and type_ in _IN_JSON
