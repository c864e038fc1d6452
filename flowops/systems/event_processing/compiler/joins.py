"""SQL of interval joins: two streams whose events happen near each other.

Layout and bounds as in the SQL export of Event Processing: the base stream stands
first, and both bounds are part of the interval. Source for the offsets: "Joins" of
the Event Processing documentation.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from flowops.secrets import compose
from flowops.systems.event_processing.compiler.compiled import (
    CannotCompileError,
    Compiled,
    MixedClocksError,
    Task,
    View,
    aligned,
    block,
    check_names,
    create_view,
    interval,
)
from flowops.systems.event_processing.compiler.processors import checked_expression
from flowops.systems.event_processing.pipeline import Interval
from flowops.systems.event_processing.sql.column_types import Plain
from flowops.systems.event_processing.sql.text import quote_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.secrets import Text
    from flowops.systems.event_processing.pipeline import (
        IntervalJoin,
        JoinColumn,
        TimeEvent,
    )
    from flowops.systems.event_processing.sql.column_types import Column

_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400}
_SIDES = 2


def compile_interval_join(node: IntervalJoin, task: Task) -> Compiled:
    """Compile an interval join into a join with a condition on both clocks."""
    sides = {view.name: view for view in task.inputs}
    if len(task.inputs) != _SIDES or len(sides) != _SIDES:
        raise CannotCompileError(
            f"has {len(sides) or 'no'} inputs and joins two",
            "connect two nodes to it and export the flow again",
        )
    base, watched = _clock(node.base, sides), _clock(node.watched, sides)
    _check_clocks(node, base, watched)
    check_names([column.name for column in node.columns])
    made = [(_path(c.table, c.column), _column(c, sides)) for c in node.columns]
    if not made:
        raise CannotCompileError("has no columns", "keep at least one")
    lines = [aligned(value, f"AS {quote_name(c.name)}") for value, c in made]
    body = compose("SELECT\n", block(lines), "\n", *_joined(node))
    view = View(node.name, tuple(column for _, column in made))
    return Compiled(view, (create_view(node.name, body),))


def _clock(event: TimeEvent, sides: Mapping[str, View]) -> Column:
    column = _side(event.table, sides).column(event.column)
    if column.is_time_attribute is False:
        raise CannotCompileError(
            f"takes event time from {event.column!r} of {event.table}, which is not "
            "the event time of its source",
            "keep the event time through the nodes before it",
        )
    return column


def _side(name: str, sides: Mapping[str, View]) -> View:
    if name not in sides:
        raise CannotCompileError(
            f"reads {name!r}, which is none of its inputs",
            "mend the node in the editor and export the flow again",
        )
    return sides[name]


def _check_clocks(node: IntervalJoin, base: Column, watched: Column) -> None:
    """Refuse a join of one stream with itself, and clocks of two kinds.

    Flink compares only clocks of the same type with each other.
    """
    if node.base.table == node.watched.table:
        raise CannotCompileError(
            f"takes both event times from {node.base.table}", "choose one of each input"
        )
    kinds = {_kind(column) for column in (base, watched)} - {""}
    if len(kinds) > 1:
        raise MixedClocksError(
            f"joins event times of two kinds: {' and '.join(sorted(kinds))}",
            "give both sources the same type of event time",
        )


def _kind(column: Column) -> str:
    if not isinstance(column.type, Plain):
        return ""
    return column.type.name.partition("(")[0]


def _column(column: JoinColumn, sides: Mapping[str, View]) -> Column:
    found = _side(column.table, sides).column(column.column)
    return replace(found, name=column.name)


def _path(table: str, column: str) -> str:
    return f"{quote_name(table)}.{quote_name(column)}"


def _joined(node: IntervalJoin) -> tuple[Text, ...]:
    base, watched = node.base, node.watched
    start, end = _bounds(node)
    clock = _path(base.table, base.column)
    return (
        f"FROM {quote_name(base.table)} JOIN {quote_name(watched.table)} ON\n    ",
        checked_expression(node.condition),
        f"\nWHERE {_path(watched.table, watched.column)}",
        f"\n    BETWEEN {clock} {start}\n    AND {clock} {end}",
    )


def _bounds(node: IntervalJoin) -> tuple[str, str]:
    if node.start is None or node.end is None:
        raise CannotCompileError("has no time window", "set one in the editor")
    bounds = _signed(node.start), _signed(node.end)
    if _seconds(node.start) > _seconds(node.end):
        raise CannotCompileError(
            "has a time window that ends before it starts",
            "set its end later than its start",
        )
    return bounds


def _signed(offset: Interval) -> str:
    """Write an offset after its sign."""
    sign = "-" if offset.amount.startswith("-") else "+"
    return f"{sign} {interval(replace(offset, amount=offset.amount.lstrip('-')))}"


def _seconds(offset: Interval) -> Decimal:
    unit = offset.unit.removesuffix("S")
    return Decimal(offset.amount) * Decimal(_SECONDS.get(unit, Decimal("0.001")))
