"""SQL of filters, transforms and aggregates: views over one other view.

Layout as in the SQL export of Event Processing 1.5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.secrets import compose
from flowops.systems.event_processing.compiler.compiled import (
    CannotCompileError,
    Compiled,
    Task,
    View,
    aligned,
    block,
    check_names,
    create_view,
    no_column,
    rebuilt,
)
from flowops.systems.event_processing.compiler.expressions import Scope
from flowops.systems.event_processing.sql.column_types import (
    PLAIN_TYPES,
    Array,
    Column,
    ColumnType,
    Row,
)
from flowops.systems.event_processing.sql.text import (
    ends_in_comment,
    is_one_expression,
    quote_name,
)

if TYPE_CHECKING:
    from flowops.secrets import Text
    from flowops.systems.event_processing.pipeline import (
        Filter,
        OutputColumn,
        Transform,
    )


def compile_filter(node: Filter, task: Task) -> Compiled:
    """Compile a filter; its expression stays as the user wrote it."""
    feeding = task.only_input()
    where = checked_expression(node.expression)
    body = compose("SELECT * FROM ", quote_name(feeding.name), "\nWHERE ", where)
    view = View(node.name, feeding.columns, feeding.is_complete)
    return Compiled(view, (create_view(node.name, body),))


def compile_transform(node: Transform, task: Task) -> Compiled:
    """Compile a transform: kept, renamed and new columns, in its own order."""
    feeding = task.only_input()
    if not node.columns:
        raise CannotCompileError("has no columns", "keep at least one")
    check_names([column.name for column in node.columns])
    scope = Scope(feeding.name, {c.name: c for c in feeding.columns})
    made = [_column(column, scope, feeding) for column in node.columns]
    lines = [aligned(value, f"AS {quote_name(c.name)}") for value, c in made]
    body = compose("SELECT\n", block(lines), f"\nFROM {quote_name(feeding.name)}")
    view = View(node.name, tuple(column for _, column in made))
    return Compiled(view, (create_view(node.name, body),))


def _column(column: OutputColumn, scope: Scope, feeding: View) -> tuple[Text, Column]:
    if column.source:
        is_open = column.source not in scope.columns and not feeding.is_complete
        return _unseen(column) if is_open else _kept(column, scope)
    text = str(column.expression)
    if same := scope.reference(text):
        return checked_expression(column.expression), replace(same, name=column.name)
    found = PLAIN_TYPES.get(column.type) or scope.type_of(text)
    return checked_expression(column.expression), Column(column.name, found)


def _kept(column: OutputColumn, scope: Scope) -> tuple[str, Column]:
    path, origin = _resolved(column.source, scope)
    if origin.type is None:
        found = _unseen(column)[1].type
        return path, replace(origin, name=column.name, type=found)
    value, found = _reshaped(column, path, origin.type)
    return value, replace(origin, name=column.name, type=found)


def _unseen(column: OutputColumn) -> tuple[str, Column]:
    """Keep a column of a view whose columns are not known; the export names types."""
    if exported_type(column) is None and (column.fields or column.items):
        raise CannotCompileError(
            f"changes parts of {column.source!r}, whose type cannot be worked out"
        )
    return quote_name(column.source), Column(column.name, exported_type(column), None)


def exported_type(column: OutputColumn) -> ColumnType | None:
    """Return the type an export names for a column, parts and all, if it does.

    There is none where a part has another name than what it is made of.
    """
    if column.type == "ARRAY" and column.items:
        item = exported_type(column.items)
        return Array(item) if item else None
    if not column.fields:
        return PLAIN_TYPES.get(column.type)
    fields: list[tuple[str, ColumnType]] = []
    for part in column.fields:
        found = exported_type(part)
        if found is None or part.name != part.source:
            return None
        fields.append((part.name, found))
    return Row(tuple(fields))


def _reshaped(
    column: OutputColumn, path: str, found: ColumnType | None
) -> tuple[str, ColumnType | None]:
    """Return a kept value, built anew if properties inside it went or moved."""
    if isinstance(found, Array):
        _check_items(column, found)
    if not column.fields or not isinstance(found, Row):
        return path, found
    check_names([part.name for part in column.fields])
    parts: list[str] = []
    fields: list[tuple[str, ColumnType]] = []
    for part in column.fields:
        inner = found.field(part.source)
        value, kept = _reshaped(part, f"{path}.{quote_name(part.source)}", inner)
        if kept is None:
            raise CannotCompileError(
                f"keeps {column.source}.{part.source}, which is not there"
            )
        parts.append(value)
        fields.append((part.name, kept))
    wanted = Row(tuple(fields))
    return (path, found) if wanted == found else (rebuilt(path, parts, wanted), wanted)


def _check_items(column: OutputColumn, found: Array) -> None:
    """Refuse a list whose items lose or rename properties."""
    if column.items and _reshaped(column.items, "", found.item)[1] != found.item:
        raise CannotCompileError(
            f"changes the items of {column.source!r}", "unpack the list first"
        )


def _resolved(name: str, scope: Scope) -> tuple[str, Column]:
    """Find a column by its name, or a nested one by the path to it."""
    if column := scope.columns.get(name):
        return quote_name(name), column
    for separator in ("/", "."):
        first, *rest = name.split(separator)
        found = scope.columns[first].type if first in scope.columns else None
        for step in rest:
            found = found.field(step) if isinstance(found, Row) else None
        if found and rest:
            return ".".join(map(quote_name, (first, *rest))), Column(rest[-1], found)
    raise no_column(name, scope.view)


def checked_expression(text: Text) -> Text:
    """Return a user's expression, once it is sure to end where it should."""
    visible = str(text)
    if not is_one_expression(visible):
        raise CannotCompileError(
            "has an expression that is empty or does not end",
            "look for an open quote or parenthesis, or a semicolon",
        )
    return compose(text, "\n") if ends_in_comment(visible) else text
