"""SQL of sources and destinations: the tables over topics.

Modelled on the SQL export of Event Processing 1.5: a source is a table of raw
values with the suffix ``___TABLE`` and a view that converts them; a destination
is a table with the columns of what feeds it. In the first form, that of 1.1.4, a
source is one table with the name of its node.
"""

from __future__ import annotations

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
    interval,
    table_head,
    with_options,
    written_options,
)
from flowops.systems.event_processing.compiler.field_types import (
    conversion,
    converted_type,
    declared,
    event_time,
    raw_type,
    selected,
)
from flowops.systems.event_processing.pipeline import (
    AVRO_FORMAT,
    JSON_FORMAT,
    Sink,
    Source,
    Watermark,
    table_of,
)
from flowops.systems.event_processing.settings.connectors import (
    CONNECTOR,
    FORMAT,
    SERVERS,
    TOPIC,
)
from flowops.systems.event_processing.sql.column_types import (
    Column,
    ColumnType,
    nullable,
    timestamp,
    timestamp_ltz,
    with_precision,
)
from flowops.systems.event_processing.sql.text import quote_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.secrets import Text

EVENT_TIME_SUFFIX = "___EVENT_TIME"
_TIME_ATTRIBUTE_DIGITS = 6
_TIMESTAMP_DIGITS = 9
_FIRST_DIGITS = 3


def compile_source(node: Source, task: Task) -> Compiled:
    """Compile a source into a table of raw values and a view that converts them."""
    if task.inputs:
        raise CannotCompileError("is a source and has an input")
    if node.format not in (JSON_FORMAT, AVRO_FORMAT):
        raise CannotCompileError(f"reads {node.format}, which cannot be compiled yet")
    if not selected(node.fields):
        raise CannotCompileError("has no fields", "define its structure in the editor")
    if task.is_first_form:
        return _first_source(node, task)
    is_zoned = task.is_zoned
    lines = [*_table_lines(node, is_zoned=is_zoned)]
    columns = [*_columns(node, is_zoned=is_zoned)]
    check_names([column.name for _, column in columns])
    head = table_head(table_of(node), lines)
    table = with_options(head, with_clause(task.options))
    body = [aligned(value, f"AS {quote_name(c.name)}") for value, c in columns]
    view = create_view(
        node.name,
        compose("SELECT\n", block(body), f"\nFROM {quote_name(table_of(node))}"),
    )
    made = View(node.name, tuple(c for _, c in columns))
    return Compiled(made, (table, view), head=head)


def _first_source(node: Source, task: Task) -> Compiled:
    """Compile a source into one table: nothing in it needs converting."""
    watermark = node.watermark
    if any(not field.is_selected for field in declared(node.fields, node.format)):
        raise _not_in_first_form("leaves out a field of its Avro schema")
    if watermark and not watermark.from_kafka:
        raise _not_in_first_form("takes event time from a property")
    for field in selected(node.fields):
        if conversion(field, quote_name(field.name), node.format) != quote_name(
            field.name
        ):
            raise _not_in_first_form(f"converts {field.name!r} from a text")
    columns = tuple(column for _, column in _columns(node, is_zoned=task.is_zoned))
    check_names([column.name for column in columns])
    lines = [*_table_lines(node, is_zoned=task.is_zoned)]
    head = table_head(node.name, lines)
    table = with_options(head, with_clause(task.options))
    return Compiled(View(node.name, columns), (table,), head=head)


def _not_in_first_form(words: str) -> CannotCompileError:
    return CannotCompileError(
        f"{words}, and no SQL export before 1.1.8 shows how",
        "export the flow as SQL from that Event Processing, or give the target the "
        "version of a newer one",
    )


def _table_lines(node: Source, *, is_zoned: bool) -> Iterator[Text]:
    """Give the columns of a table: raw fields, event time, watermark."""
    fields = declared(node.fields, node.format)
    watermark = node.watermark
    if watermark and not watermark.from_kafka:
        fields += tuple(
            field
            for field in node.fields
            if field.name == watermark.column and field not in fields
        )
    check_names([field.name for field in fields])
    for field in fields:
        yield aligned(quote_name(field.name), raw_type(field, node.format).sql())
    if watermark:
        yield from _watermark_lines(node, watermark, is_zoned=is_zoned)


def _watermark_lines(
    node: Source, watermark: Watermark, *, is_zoned: bool
) -> Iterator[Text]:
    clock = _clock_name(watermark)
    value, found = _event_time(node, watermark, is_zoned=is_zoned)
    if watermark.from_kafka:
        yield aligned(clock, f"{found.sql()} METADATA FROM 'timestamp'")
    else:
        yield aligned(clock, f"AS {value}")
    if watermark.delay:
        span = interval(watermark.delay)
        yield f"    WATERMARK FOR {clock} AS {clock} - {span}"


def _columns(node: Source, *, is_zoned: bool) -> Iterator[tuple[str, Column]]:
    """Give each column of the view with the expression that makes it."""
    watermark = node.watermark
    for field in selected(node.fields):
        if watermark and not watermark.from_kafka and field.name == watermark.column:
            yield _clock_name(watermark), _clock(node, watermark, is_zoned=is_zoned)
            continue
        value = conversion(field, quote_name(field.name), node.format)
        yield value, Column(field.name, converted_type(field, node.format))
    if watermark and watermark.from_kafka:
        yield _clock_name(watermark), _clock(node, watermark, is_zoned=is_zoned)


def _clock(node: Source, watermark: Watermark, *, is_zoned: bool) -> Column:
    found = _event_time(node, watermark, is_zoned=is_zoned)[1]
    return Column(watermark.column, found, is_time_attribute=bool(watermark.delay))


def _clock_name(watermark: Watermark) -> str:
    suffix = "" if watermark.from_kafka else EVENT_TIME_SUFFIX
    return quote_name(watermark.column + suffix)


def _event_time(
    node: Source, watermark: Watermark, *, is_zoned: bool
) -> tuple[str, ColumnType]:
    """Return how event time is made, and its type: one kind for a whole flow."""
    if watermark.from_kafka:
        return "", timestamp_ltz(3) if is_zoned else timestamp(3)
    for field in node.fields:
        if field.name == watermark.column:
            return event_time(field, is_zoned=is_zoned)
    raise CannotCompileError(
        f"takes event time from {watermark.column!r}, which it does not have",
        "choose the event time again in the editor",
    )


def compile_sink(node: Sink, task: Task) -> Compiled:
    """Compile a destination into a table and the INSERT that fills it.

    A time attribute is cast to six digits: Flink refuses several of them in one
    destination, and the product's own export does the same. The first form has no
    cast, and three digits for every other timestamp.
    """
    feeding = task.only_input()
    if not feeding.is_complete:
        raise CannotCompileError(
            f"is fed by {feeding.name}, whose columns cannot be worked out",
            "name the columns of its SELECT, or use an SQL destination",
        )
    digits = _FIRST_DIGITS if task.is_first_form else _TIMESTAMP_DIGITS
    types = [(column, _sink_type(column, digits)) for column in feeding.columns]
    lines = [aligned(quote_name(c.name), found.sql()) for c, found in types]
    head = table_head(node.name, lines)
    table = with_options(head, with_clause(task.options))
    values = ",".join(_inserted(column, found) for column, found in types)
    values = "*" if task.is_first_form else values
    target, origin = quote_name(node.name), quote_name(feeding.name)
    insert = " ".join(("INSERT INTO", target, "SELECT", values, "FROM", f"{origin};"))
    return Compiled(View(node.name, ()), (table,), insert, head)


def _sink_type(column: Column, timestamp_digits: int) -> ColumnType:
    if column.type is None:
        raise CannotCompileError(
            f"receives the column {column.name!r}, whose type cannot be worked out",
            "wrap its expression in CAST(... AS ...) in the editor",
        )
    digits = _TIME_ATTRIBUTE_DIGITS if column.is_time_attribute else timestamp_digits
    return with_precision(nullable(column.type), digits)


def _inserted(column: Column, found: ColumnType) -> str:
    name = quote_name(column.name)
    return f"CAST({name} AS {found.sql()})" if column.is_time_attribute else name


def with_clause(options: Mapping[str, Text]) -> dict[str, Text]:
    """Write connector options, sorted by name.

    Raises ``CannotCompileError`` when one is missing that no table works without.
    """
    written = written_options(options, (CONNECTOR, FORMAT, SERVERS))
    if TOPIC not in options and f"{TOPIC}-pattern" not in options:
        raise CannotCompileError("has no topic", "choose one in the editor")
    return written
