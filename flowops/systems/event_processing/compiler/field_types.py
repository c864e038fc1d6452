"""The types of a source's fields: as they arrive, and after conversion.

Timestamps written as text arrive as strings and are converted in the view by
the vendor's functions, which return nine digits (README of ``timestamp-udf``).
Avro carries no names: every field of the schema has to be declared, selected or
not, and a field that is never null has to say so (Flink documentation, "Avro
Format", data type mapping).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.compiler.compiled import (
    CannotCompileError,
    rebuilt,
)
from flowops.systems.event_processing.pipeline import AVRO_FORMAT, Field
from flowops.systems.event_processing.sql.column_types import (
    PLAIN_TYPES,
    STRING,
    TIMESTAMP,
    TIMESTAMP_FUNCTIONS,
    TIMESTAMP_LTZ,
    TO_TIMESTAMP_LTZ,
    Array,
    ColumnType,
    Required,
    Row,
    nullable,
    timestamp,
    timestamp_ltz,
)
from flowops.systems.event_processing.sql.text import quote_name

if TYPE_CHECKING:
    from collections.abc import Iterable

_AVRO_DIGITS = 3
_DIGITS = 9


def declared(fields: Iterable[Field], message_format: str) -> tuple[Field, ...]:
    """Return the fields a table has to declare."""
    return tuple(f for f in fields if f.is_selected or message_format == AVRO_FORMAT)


def selected(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Return the fields a view offers."""
    return tuple(field for field in fields if field.is_selected)


def raw_type(field: Field, message_format: str) -> ColumnType:
    """Return the type a field has in a message of this format.

    Raises ``CannotCompileError`` for a type that is not known.
    """
    is_avro = message_format == AVRO_FORMAT
    found = _raw_type(field, message_format)
    return Required(found) if is_avro and not field.is_nullable else found


def _raw_type(field: Field, message_format: str) -> ColumnType:
    if field.type in TIMESTAMP_FUNCTIONS:
        return STRING
    if field.type == TIMESTAMP:
        digits = _AVRO_DIGITS if message_format == AVRO_FORMAT else _DIGITS
        return timestamp(digits)
    if field.type in PLAIN_TYPES:
        return PLAIN_TYPES[field.type]
    if field.type == "ROW" and (parts := declared(field.fields, message_format)):
        return Row(tuple((part.name, raw_type(part, message_format)) for part in parts))
    if field.type == "ARRAY" and field.items:
        return Array(raw_type(_typed(field.items), message_format))
    raise CannotCompileError(
        f"has the field {field.name!r} of type {field.type or 'nothing'}, which is "
        "not known",
        "choose another type for it in the editor and export the flow again",
    )


def converted_type(field: Field, message_format: str) -> ColumnType:
    """Return the type a field has in the view of its source."""
    if field.type in TIMESTAMP_FUNCTIONS:
        is_ltz = TIMESTAMP_FUNCTIONS[field.type] == TO_TIMESTAMP_LTZ
        return timestamp_ltz(_DIGITS) if is_ltz else timestamp(_DIGITS)
    if field.type == "ROW":
        parts = selected(field.fields)
        return Row(tuple((p.name, converted_type(p, message_format)) for p in parts))
    if field.type == "ARRAY" and field.items:
        return Array(converted_type(_typed(field.items), message_format))
    return nullable(raw_type(field, message_format))


def conversion(field: Field, path: str, message_format: str) -> str:
    """Return the expression that converts a field; often just its name.

    Raises ``CannotCompileError`` for items of a list that need converting.
    """
    if field.type in TIMESTAMP_FUNCTIONS:
        return f"{TIMESTAMP_FUNCTIONS[field.type]}({path})"
    wanted = converted_type(field, message_format)
    if wanted == nullable(raw_type(field, message_format)):
        return path
    if not isinstance(wanted, Row):
        raise CannotCompileError(
            f"has the list {field.name!r} with items that need converting",
            "unpack the list in the flow first",
        )
    parts = (
        conversion(part, f"{path}.{quote_name(part.name)}", message_format)
        for part in selected(field.fields)
    )
    return rebuilt(path, parts, wanted)


def event_time(field: Field, *, is_zoned: bool = False) -> tuple[str, ColumnType]:
    """Return how a field becomes event time, and the type it then has.

    ``is_zoned`` asks for a clock on the time line, whatever the text says; one
    without a zone is then read in the zone of the session. Raises
    ``CannotCompileError`` when the field is no timestamp.
    """
    name = quote_name(field.name)
    function = TIMESTAMP_FUNCTIONS.get(field.type)
    if not function and field.type != TIMESTAMP:
        raise CannotCompileError(
            f"takes event time from {field.name!r}, which is no timestamp",
            "choose a timestamp in the editor and export the flow again",
        )
    is_ltz = is_zoned or function == TO_TIMESTAMP_LTZ
    clock = TIMESTAMP_LTZ if is_ltz else TIMESTAMP
    value = f"{function}({name})" if function else name
    return f"CAST ({value} AS {clock}(3))", _clock(clock)


def _clock(name: str) -> ColumnType:
    return timestamp_ltz(3) if name == TIMESTAMP_LTZ else timestamp(3)


def _typed(items: Field) -> Field:
    """Return items with a type, which an object among them may leave out."""
    if items.type or not items.fields:
        return items
    return Field(items.name, "ROW", fields=items.fields, is_nullable=items.is_nullable)
