"""The types of expressions; each answer here is what Flink's planner says too."""

from __future__ import annotations

import pytest

from flowops.systems.event_processing.compiler.expressions import Scope
from flowops.systems.event_processing.sql.column_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    STRING,
    Array,
    Column,
    Row,
    timestamp,
    timestamp_ltz,
)

LOCATION = Row((("lat", DOUBLE), ("at", Array(STRING))))
SCOPE = Scope(
    "src",
    {
        column.name: column
        for column in (
            Column("s", STRING),
            Column("l", BIGINT),
            Column("i", INT),
            Column("d", DOUBLE),
            Column("f", FLOAT),
            Column("b", BOOLEAN),
            Column("t", timestamp(3), is_time_attribute=True),
            Column("u", timestamp_ltz(9)),
            Column("a", LOCATION),
            Column("list", Array(LOCATION)),
            Column("none", None),
        )
    },
)

KNOWN = {
    "`s`": "STRING",
    "s": "STRING",
    "(( `l` ))": "BIGINT",
    "`src`.`l`": "BIGINT",
    "a.lat": "DOUBLE",
    "`a`.`at`[1]": "STRING",
    "list[2].`at`[1]": "STRING",
    "`a`": "ROW<`lat` DOUBLE, `at` ARRAY<STRING>>",
    "'text'": "STRING",
    "5": "INT",
    "3000000000": "BIGINT",
    "1.5": "DECIMAL(2, 1)",
    "0.05": "DECIMAL(3, 2)",
    "1e3": "DOUBLE",
    "TRUE": "BOOLEAN",
    "`l` + 1": "BIGINT",
    "`i` / 2": "INT",
    "`l` * `d`": "DOUBLE",
    "-`d`": "DOUBLE",
    "`i` * -1": "INT",
    "`d` * 1.5": "DOUBLE",
    "`f` + `f`": "FLOAT",
    "(`l` + 1) * 2": "BIGINT",
    "`s` || 'x'": "STRING",
    "`l` > 1 AND `s` LIKE 'a%'": "BOOLEAN",
    "NOT `b`": "BOOLEAN",
    "`s` IS NOT NULL": "BOOLEAN",
    "`l` BETWEEN 1 AND 2": "BOOLEAN",
    "CAST(`l` AS STRING)": "STRING",
    "CAST(`l` AS DECIMAL(10, 2))": "DECIMAL(10, 2)",
    "try_cast(`s` as integer)": "INT",
    "CAST(`s` AS TIMESTAMP)": "TIMESTAMP(6)",
    "CAST(`a` AS ROW<`x` INT, y ARRAY<DATE>>)": "ROW<`x` INT, `y` ARRAY<DATE>>",
    "UPPER(`s`)": "STRING",
    "SUBSTRING(`s` FROM 1 FOR 2)": "STRING",
    "CHAR_LENGTH(`s`) + 1": "INT",
    "YEAR(`t`) - 2011": "BIGINT",
    "POWER(`l`, 2)": "DOUBLE",
    "TO_TIMESTAMP_UDF(`s`)": "TIMESTAMP(9)",
    "TO_TIMESTAMP_LTZ_UDF(`s`)": "TIMESTAMP_LTZ(9)",
    "TIMESTAMPADD(HOUR, 1, `t`)": "TIMESTAMP(3)",
    "`u` - INTERVAL '1' DAY": "TIMESTAMP_LTZ(9)",
    "COALESCE(`s`, 'x')": "STRING",
    "IF(`b`, 'high', 'low')": "STRING",
    "CASE WHEN `b` THEN UPPER('x') ELSE 'yy' END": "STRING",
    "CASE WHEN `b` THEN CASE WHEN `b` THEN 1 ELSE 2 END ELSE 3 END": "INT",
    "CASE WHEN `b` THEN 1 ELSE 2 END + `l`": "BIGINT",
    "DATE '2020-01-01'": "DATE",
    "CURRENT_TIMESTAMP": "TIMESTAMP_LTZ(3)",
    "`s` -- a comment": "STRING",
}

UNKNOWN = [
    "",
    "MY_FUNCTION(`s`)",
    "`nobody`",
    "`a`.`nobody`",
    "`a`.`lat`.`deep`",
    "`s`[1]",
    "`none`",
    "`none` + 1",
    "`s` + 1",
    "`t` - `t`",
    "`l` * MY_FUNCTION(1)",
    "COALESCE(`l`, 0)",
    "CASE WHEN `b` THEN 1 END + MY()",
    "CASE WHEN `b` THEN 1 ELSE 'x' END",
    "CAST(`s` AS MY_TYPE)",
    "CAST(`s` AS DECIMAL(x))",
    "CAST(`s` AS ROW<`a`>)",
    "CAST(`s` AS ARRAY<INT)",
    "INTERVAL '1' DAY",
    "UPPER(`s`",
    "ABS()",
    "a..b",
    "list[",
    "CASE",
    "9" * 5000,
    "9999999999999999999",
]


@pytest.mark.parametrize("expression", KNOWN, ids=str)
def test_types_that_are_certain(expression: str) -> None:
    found = SCOPE.type_of(expression)
    assert found is not None
    assert found.sql() == KNOWN[expression]


@pytest.mark.parametrize("expression", UNKNOWN, ids=str)
def test_types_that_are_not(expression: str) -> None:
    assert SCOPE.type_of(expression) is None


def test_an_expression_without_end_is_unknown() -> None:
    assert SCOPE.type_of("ABS(" * 3000 + "1" + ")" * 3000) is None


@pytest.mark.parametrize("expression", ["`t`", "t", "src.t", " `t` -- same"])
def test_a_reference_keeps_its_clock(expression: str) -> None:
    found = SCOPE.reference(expression)
    assert found is not None
    assert found.is_time_attribute


@pytest.mark.parametrize(
    "expression", ["`t` + INTERVAL '1' DAY", "a.lat", "nobody", ""]
)
def test_anything_else_is_no_reference(expression: str) -> None:
    assert SCOPE.reference(expression) is None


def test_a_view_can_be_named_like_a_column() -> None:
    scope = Scope("a", {"a": Column("a", Row((("x", DATE),)))})
    assert scope.type_of("a.x") == DATE
