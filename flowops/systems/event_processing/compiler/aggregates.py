"""SQL of aggregates: functions over tumbling windows.

Layout as in the SQL export of Event Processing 1.5. All three columns of the
window are grouped by, even if only some of them are given out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.systems.event_processing.compiler.compiled import (
    CannotCompileError,
    Compiled,
    Task,
    View,
    block,
    check_names,
    create_view,
    interval,
)
from flowops.systems.event_processing.sql.column_types import (
    BIGINT,
    DOUBLE,
    FLOAT,
    INT,
    STRING,
    Column,
    ColumnType,
    timestamp,
)
from flowops.systems.event_processing.sql.text import quote_name

if TYPE_CHECKING:
    from flowops.systems.event_processing.pipeline import (
        Aggregate,
        AggregateColumn,
        AggregateFunction,
    )

_FUNCTION_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
_WINDOW_COLUMNS = {
    "WINDOW_START": "window_start",
    "WINDOW_END": "window_end",
    "WINDOW_TIME": "window_time",
}
_RESERVED = frozenset(_WINDOW_COLUMNS.values())
_SAME_AS_ARGUMENT = frozenset(("MIN", "MAX", "FIRST_VALUE", "LAST_VALUE"))
_NUMERIC = frozenset(("SUM", "AVG"))
_FIXED = {"COUNT": BIGINT, "LISTAGG": STRING}


def compile_aggregate(node: Aggregate, task: Task) -> Compiled:
    """Compile an aggregate into nested SELECTs over a tumbling window."""
    feeding = task.only_input()
    reserved = [c.name for c in feeding.columns if c.name in _RESERVED]
    if reserved:
        raise CannotCompileError(
            f"reads a column named {reserved[0]!r}, which windows use themselves",
            "rename it in the node before",
        )
    clock = feeding.column(node.time_column)
    if clock.is_time_attribute is False:
        raise CannotCompileError(
            f"takes event time from {clock.name!r}, which is not the event time of "
            "its source",
            "keep the event time through the nodes before it",
        )
    check_names([column.name for column in node.columns])
    made = [_made(node, column, feeding, clock) for column in node.columns]
    if not made:
        raise CannotCompileError("has no columns", "keep at least one")
    body = _select(node, feeding, [(value, column.name) for value, column in made])
    view = View(node.name, tuple(column for _, column in made))
    return Compiled(view, (create_view(node.name, body),))


def _select(node: Aggregate, feeding: View, made: list[tuple[str, str]]) -> str:
    outer = block(f"    {quote_name(name)}" for _, name in made)
    inner = block(f"    {value} AS {quote_name(name)}" for value, name in made)
    table, clock = quote_name(feeding.name), quote_name(node.time_column)
    span = interval(node.period)
    keys = [*_WINDOW_COLUMNS.values(), *node.group_by]
    return (
        f"SELECT\n{outer}\nFROM (\nSELECT\n{inner}\nFROM TABLE (\n"
        f"    TUMBLE( TABLE {table}, DESCRIPTOR({clock}), {span} )\n)\n"
        f"GROUP BY\n{block(f'    {quote_name(key)}' for key in keys)}\n)"
    )


def _made(
    node: Aggregate, column: AggregateColumn, feeding: View, clock: Column
) -> tuple[str, Column]:
    """Return the expression of an output column, and the column it makes."""
    if window := _WINDOW_COLUMNS.get(column.kind):
        is_time = column.kind == "WINDOW_TIME"
        found = clock.type if is_time else timestamp(3)
        return quote_name(window), Column(column.name, found, is_time)
    if column.kind == "GROUP_BY":
        if column.source not in node.group_by:
            raise CannotCompileError(
                f"gives {column.source!r} and does not group by it"
            )
        found = feeding.column(column.source).type
        return quote_name(column.source), Column(column.name, found)
    if column.kind == "AGGREGATE_RESULT":
        function = _function(node, column)
        call, found = _call(function, feeding)
        return call, Column(column.name, found)
    raise CannotCompileError(
        f"has a column of kind {column.kind!r}, which is not known"
    )


def _function(node: Aggregate, column: AggregateColumn) -> AggregateFunction:
    wanted = column.function or column.source
    for function in node.functions:
        if function.id == wanted:
            return function
    raise CannotCompileError(f"has no function {wanted!r} for {column.name!r}")


def _call(function: AggregateFunction, feeding: View) -> tuple[str, ColumnType | None]:
    if not _FUNCTION_NAME.fullmatch(function.name):
        raise CannotCompileError(f"has a function named {function.name!r}")
    argument = feeding.column(function.column)
    distinct = "DISTINCT " if function.is_distinct else ""
    call = f"{function.name}({distinct}{quote_name(argument.name)})"
    return call, _result_type(function.name, argument.type)


def _result_type(name: str, argument: ColumnType | None) -> ColumnType | None:
    """Return what a function gives; a sum and a mean keep the type they are of."""
    if name in _SAME_AS_ARGUMENT:
        return argument
    if name in _NUMERIC:
        return argument if argument in (INT, BIGINT, FLOAT, DOUBLE) else None
    return _FIXED.get(name)
