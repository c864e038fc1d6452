"""The types of columns as Flink SQL writes them, nested ones included.

The names on the left are those of the export; see the Flink documentation,
"Data Types".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from flowops.systems.event_processing.sql.text import quote_name

TIMESTAMP = "TIMESTAMP"
TIMESTAMP_LTZ = "TIMESTAMP_LTZ"
TO_TIMESTAMP = "TO_TIMESTAMP_UDF"
TO_TIMESTAMP_LTZ = "TO_TIMESTAMP_LTZ_UDF"
FUNCTION_CLASSES = {
    TO_TIMESTAMP: "com.ibm.ei.streamproc.udf.ToTimestampUdf",
    TO_TIMESTAMP_LTZ: "com.ibm.ei.streamproc.udf.ToTimestampLtzUdf",
}


@dataclass(frozen=True, slots=True)
class Plain:
    """A type without parts, such as ``BIGINT`` or ``TIMESTAMP(3)``."""

    name: str

    def sql(self) -> str:
        """Return the type as it stands in SQL."""
        return self.name


@dataclass(frozen=True, slots=True)
class Row:
    """A type with named fields."""

    fields: tuple[tuple[str, ColumnType], ...]

    def sql(self) -> str:
        """Return the type as it stands in SQL."""
        inner = ", ".join(f"{quote_name(n)} {t.sql()}" for n, t in self.fields)
        return f"ROW<{inner}>"

    def field(self, name: str) -> ColumnType | None:
        """Return the type of a field, or nothing."""
        return dict(self.fields).get(name)


@dataclass(frozen=True, slots=True)
class Array:
    """A type of many items."""

    item: ColumnType

    def sql(self) -> str:
        """Return the type as it stands in SQL."""
        return f"ARRAY<{self.item.sql()}>"


@dataclass(frozen=True, slots=True)
class Required:
    """A type that is never null; Avro reads such a field differently."""

    type: ColumnType

    def sql(self) -> str:
        """Return the type as it stands in SQL."""
        return f"{self.type.sql()} NOT NULL"


ColumnType: TypeAlias = Plain | Row | Array | Required

STRING = Plain("STRING")
BOOLEAN = Plain("BOOLEAN")
INT = Plain("INT")
BIGINT = Plain("BIGINT")
FLOAT = Plain("FLOAT")
DOUBLE = Plain("DOUBLE")
DATE = Plain("DATE")
TIME = Plain("TIME")

PLAIN_TYPES = {
    "STRING": STRING,
    "BOOLEAN": BOOLEAN,
    "INTEGER": INT,
    "INT": INT,
    "BIGINT": BIGINT,
    "FLOAT": FLOAT,
    "DOUBLE": DOUBLE,
    "DATE": DATE,
    "TIME": TIME,
}
TIMESTAMP_FUNCTIONS = {
    "TIMESTAMP_UDF": TO_TIMESTAMP,
    "TIMESTAMP_LTZ_UDF": TO_TIMESTAMP_LTZ,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a view: its type, and whether it is a clock, if that is known."""

    name: str
    type: ColumnType | None
    is_time_attribute: bool | None = False


def timestamp(precision: int) -> Plain:
    """Return a timestamp without a zone."""
    return Plain(f"{TIMESTAMP}({precision})")


def timestamp_ltz(precision: int) -> Plain:
    """Return a timestamp on the time line."""
    return Plain(f"{TIMESTAMP_LTZ}({precision})")


def with_precision(column_type: ColumnType, precision: int) -> ColumnType:
    """Return a timestamp with another precision; other types stay as they are."""
    if isinstance(column_type, Plain) and column_type.name.startswith(TIMESTAMP):
        return Plain(f"{column_type.name.partition('(')[0]}({precision})")
    if isinstance(column_type, Row):
        fields = ((n, with_precision(t, precision)) for n, t in column_type.fields)
        return Row(tuple(fields))
    if isinstance(column_type, Array):
        return Array(with_precision(column_type.item, precision))
    return column_type


def nullable(column_type: ColumnType) -> ColumnType:
    """Return a type without its NOT NULL, at every depth."""
    if isinstance(column_type, Required):
        return nullable(column_type.type)
    if isinstance(column_type, Row):
        return Row(tuple((n, nullable(t)) for n, t in column_type.fields))
    if isinstance(column_type, Array):
        return Array(nullable(column_type.item))
    return column_type
