"""What Flink's built-in functions return, where that does not depend on data.

Only functions whose answer is certain are here; see the Flink documentation,
"System (Built-in) Functions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.column_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    STRING,
    TO_TIMESTAMP,
    TO_TIMESTAMP_LTZ,
    timestamp,
    timestamp_ltz,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.systems.event_processing.sql.column_types import ColumnType

_STRINGS = (
    *("UPPER", "LOWER", "TRIM", "LTRIM", "RTRIM", "BTRIM", "SUBSTRING", "SUBSTR"),
    *("CONCAT", "CONCAT_WS", "REPLACE", "REGEXP_REPLACE", "REGEXP_EXTRACT", "LPAD"),
    *("RPAD", "LEFT", "RIGHT", "INITCAP", "REVERSE", "REPEAT", "SPLIT_INDEX"),
    *("DATE_FORMAT", "FROM_UNIXTIME", "MD5", "SHA1", "SHA224", "SHA256", "SHA384"),
    *("SHA512", "UUID", "JSON_VALUE", "JSON_QUERY", "CHR", "OVERLAY", "ARRAY_JOIN"),
    *("PARSE_URL", "URL_ENCODE", "URL_DECODE", "TO_BASE64", "FROM_BASE64"),
)
_INTEGERS = (
    *("CHAR_LENGTH", "CHARACTER_LENGTH", "POSITION", "LOCATE", "INSTR", "ASCII"),
    *("CARDINALITY", "TIMESTAMPDIFF"),
)
_LONGS = (
    *("YEAR", "QUARTER", "MONTH", "WEEK", "DAYOFYEAR", "DAYOFMONTH", "DAYOFWEEK"),
    *("HOUR", "MINUTE", "SECOND", "EXTRACT", "UNIX_TIMESTAMP"),
)
_DOUBLES = (
    *("SQRT", "LN", "LOG", "LOG2", "LOG10", "EXP", "POWER", "SIN", "COS", "TAN"),
    *("ASIN", "ACOS", "ATAN", "ATAN2", "PI", "RAND", "DEGREES", "RADIANS"),
)
_BOOLEANS = ("ARRAY_CONTAINS", "REGEXP", "JSON_EXISTS", "IS_ALPHA", "IS_DIGIT")

RETURNS: Mapping[str, ColumnType] = {
    **dict.fromkeys(_STRINGS, STRING),
    **dict.fromkeys(_INTEGERS, INT),
    **dict.fromkeys(_LONGS, BIGINT),
    **dict.fromkeys(_DOUBLES, DOUBLE),
    **dict.fromkeys(_BOOLEANS, BOOLEAN),
    TO_TIMESTAMP: timestamp(9),
    TO_TIMESTAMP_LTZ: timestamp_ltz(9),
    "TO_TIMESTAMP": timestamp(3),
    "TO_TIMESTAMP_LTZ": timestamp_ltz(3),
    "TO_DATE": DATE,
    "NOW": timestamp_ltz(3),
    "PROCTIME": timestamp_ltz(3),
    "COUNT": BIGINT,
}
"""Functions that always give the same type."""

RETURNS_ARGUMENT: Mapping[str, int] = {
    "ABS": 0,
    "TIMESTAMPADD": 2,
    **dict.fromkeys(("MIN", "MAX", "FIRST_VALUE", "LAST_VALUE"), 0),
}
"""Functions that give the type of one of their arguments."""

BRANCHES: Mapping[str, int] = {"COALESCE": 0, "IFNULL": 0, "IF": 1}
"""Functions that give one of their arguments, from this one on."""

WORDS: Mapping[str, ColumnType] = {
    "TRUE": BOOLEAN,
    "FALSE": BOOLEAN,
    "CURRENT_DATE": DATE,
    "CURRENT_TIMESTAMP": timestamp_ltz(3),
    "LOCALTIMESTAMP": timestamp(3),
}
"""Words that are values."""
