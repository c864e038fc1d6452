"""Nodes whose SQL a user wrote: kept as it is, read as far as needed."""

from __future__ import annotations

import pytest

from flowops.secrets import Secret, open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.compiler.compiled import View
from flowops.systems.event_processing.compiler.select_columns import view_of_query
from flowops.systems.event_processing.sql.column_types import BIGINT, STRING, Column
from flowops.systems.event_processing.sql.scripts import read_script
from flowops.systems.event_processing.sql.text import code
from flowops.systems.protocol import BoundFlow, Setting
from tests.unit.systems.event_processing.builders import (
    Json,
    aggregate,
    document,
    kept,
    made,
    node,
    read,
    refusal_of,
    render,
    sink,
    source,
    sql_of,
    transform,
)

JDBC = """-- it isn't here
CREATE TEMPORARY TABLE `towns` ( `town` STRING, `people` BIGINT )
WITH (
    'connector' = 'jdbc',
    'password' = 'marker-password',
    'url' = 'jdbc:postgresql://db.example:5432/towns' -- a note; and one more
);
CREATE TEMPORARY VIEW `timed` AS SELECT *, PROCTIME() AS `now` FROM `readings`;
CREATE TEMPORARY VIEW `people` AS
    SELECT `timed`.`city`, `timed`.`time`, t.people AS people
    FROM `timed` LEFT JOIN `towns` FOR SYSTEM_TIME AS OF `timed`.`now` AS t
    ON `timed`.`city` = t.`town`"""


def processor(statement: str, name: str = "people") -> Json:
    return node(name, "sqlProcessor", {"statement": statement})


def view(query: str, name: str = "people") -> str:
    return f"CREATE TEMPORARY VIEW `{name}` AS {query};"


def sql_sink(statement: str) -> Json:
    return node("copy", "sqlSink", {"statement": statement})


COPY = "CREATE TABLE `copy` (`city` STRING, `time` TIMESTAMP(9)) WITH ('connector'='x')"


def test_a_processor_stays_as_it_is_written() -> None:
    sql = sql_of(source(), processor(JDBC), sink())
    masked = JDBC.replace("marker-password", "<password_redacted>")
    assert f"\n{masked};\n" in sql
    assert "`people`                       BIGINT" in sql
    assert "CAST(`time` AS TIMESTAMP(6))" in sql


def test_its_connector_is_listed_and_its_secret_sealed() -> None:
    flow = read(document(source(), processor(JDBC), sink()))
    own = {s.name: s.value for s in flow.settings if s.table == "towns"}
    assert [*own] == ["connector", "password", "url"]
    assert isinstance(own["password"], Secret)
    config = render(flow).files["config.yaml"]
    assert "  people:\n    towns:\n      password: <password_redacted>\n" in str(config)
    assert "marker-password" in open_text(config)


def test_an_environment_changes_its_options_and_nothing_else() -> None:
    flow = read(document(source(), processor(JDBC), sink()))
    before = open_text(render(flow).files["flow.sql"])

    def changed(setting: Setting) -> Setting:
        value = "jdbc:x://prod/it's" if setting.name == "url" else setting.value
        return Setting(setting.node, setting.table, setting.name, value, setting.origin)

    settings = tuple(map(changed, flow.settings))
    bundle = event_processing.render(BoundFlow(flow, settings=settings))
    after = open_text(bundle.files["flow.sql"])
    old, new = "'jdbc:postgresql://db.example:5432/towns'", "'jdbc:x://prod/it''s'"
    assert after == before.replace(old, new)
    assert "marker-" not in str(bundle.files["flow.sql"])


def test_a_destination_gets_the_columns_of_the_same_names() -> None:
    computed = "CREATE TABLE `copy` (`time` TIMESTAMP(9) METADATA FROM 'timestamp', "
    computed += (
        "`city` STRING, `x` AS 1, `p` INT METADATA VIRTUAL, PRIMARY KEY (`city`)"
    )
    computed += " NOT ENFORCED) WITH ('connector' = 'kafka')"
    sql = sql_of(source(), sql_sink(computed))
    assert "INSERT INTO `copy` SELECT `time`,`city` FROM `readings`;" in sql
    assert f"{computed};" in sql


def test_a_source_gives_its_table_or_its_last_view() -> None:
    table = (
        "CREATE TABLE `own` (`city` STRING NOT NULL, `time` TIMESTAMP(3), "
        "`where` ROW<`x` INT, `y` DECIMAL(3, 1)>, "
        "WATERMARK FOR `time` AS `time`) WITH ('connector' = 'datagen')"
    )
    own = node("own", "sqlSource", {"statement": table})
    sql = sql_of(own, sink())
    assert "`city`                         STRING,\n" in sql
    assert "ROW<`x` INT, `y` DECIMAL(3, 1)>" in sql
    assert "SELECT `city`,CAST(`time` AS TIMESTAMP(6)),`where` FROM `own`" in sql
    last = f"{table};{view('SELECT `city` FROM `own`', 'only')}"
    sql = sql_of(node("own", "sqlSource", {"statement": last}), sink())
    assert "SELECT `city` FROM `only`" in sql


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("", "has no SQL"),
        ("-- nothing", "has no SQL"),
        ("CREATE TABLE `x` (`a` INT)", "makes no view"),
        ("CREATE VIEW `x` AS SELECT 'open", "does not end"),
        ("CREATE VIEW `x` AS SELECT 1 /* open", "does not end"),
        ("INSERT INTO x SELECT 1", "starts with INSERT INTO"),
        ("SELECT 1", "starts with SELECT 1"),
        ("EXECUTE STATEMENT SET BEGIN END", "starts with EXECUTE"),
        ("CREATE TABLE `x` WITH ('a'='b') AS SELECT 1", "starts with CREATE TABLE"),
        ("CREATE OR REPLACE TABLE `x` AS SELECT 1", "starts with CREATE OR"),
        ("REPLACE TABLE `x` AS SELECT 1", "starts with REPLACE TABLE"),
        (view("SELECT 1 AS `a`", "results"), "makes 'results', which another node"),
    ],
)
def test_processors_that_cannot_be_compiled(statement: str, reason: str) -> None:
    assert reason in refusal_of(source(), processor(statement), sink())


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (f"{COPY};{COPY.replace('copy', 'two')}", "makes 2 tables"),
        (view("SELECT 1 AS `a`", "copy"), "makes no tables"),
        ("CREATE TABLE `copy` LIKE `readings`", "a table without columns"),
        (COPY.replace("city", "town"), "uses the column 'town'"),
    ],
)
def test_destinations_that_cannot_be_compiled(statement: str, reason: str) -> None:
    assert reason in refusal_of(source(), sql_sink(statement))


def test_sources_that_cannot_be_compiled() -> None:
    two = node("own", "sqlSource", {"statement": f"{COPY};{COPY.replace('copy', 'x')}"})
    assert "makes 2 tables" in refusal_of(two, sink())
    fed = node("own", "sqlSource", {"statement": COPY})
    assert "is a source and has an input" in refusal_of(source(), fed, sink())
    alone = processor(view("SELECT 1 AS `a`"))
    assert "has no inputs and takes at least one" in refusal_of(
        alone, sink(), edges=[("people", "results")]
    )


def test_unknown_columns_matter_at_a_destination_only() -> None:
    hidden = processor(view("SELECT 1 + 1, `time` FROM `readings`"))
    assert "whose columns cannot be worked out" in refusal_of(source(), hidden, sink())
    sql = sql_of(source(), hidden, sql_sink(COPY))
    assert "SELECT `city`,`time` FROM `people`" in sql
    shaped = transform(made("n", "CAST(`x` AS INT)"), kept("time"))
    typed = {**kept("time"), "outputType": "STRING"}
    sql = sql_of(source(), hidden, transform(made("n", "1"), typed), sink())
    assert "`time`                         STRING" in sql
    reason = refusal_of(source(), hidden, shaped, sink())
    assert "receives the column 'time', whose type cannot be worked out" in reason
    aggregated = aggregate(timeEvent={"column": "time"})
    assert "DESCRIPTOR(`time`)" in sql_of(source(), hidden, aggregated, sink())


A = View("a", (Column("x", STRING), Column("t", None, is_time_attribute=True)))
B = View("b", (Column("y", BIGINT), Column("x", BIGINT)))


WINDOWED = (
    "SELECT window_time, window_start s "
    "FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(t), INTERVAL '1' HOUR)) "
    "GROUP BY window_time, window_start"
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * FROM a", "x STRING, t - clock"),
        ("SELECT DISTINCT x FROM a", "x STRING"),
        ("SELECT a.* FROM a, b", "x STRING, t - ?"),
        (
            "SELECT b.x, y AS `the y`, y + 1 two FROM a JOIN b ON TRUE",
            "x BIGINT, the y BIGINT, two BIGINT",
        ),
        ("SELECT q.x FROM a AS q", "x STRING"),
        ("SELECT * FROM (SELECT y FROM b) q", "y BIGINT"),
        ("SELECT COUNT(*) AS n, MAX(y) AS m FROM b GROUP BY x", "n BIGINT, m BIGINT"),
        ("SELECT t FROM a GROUP BY t", "t -"),
        (
            WINDOWED,
            "window_time - clock, s TIMESTAMP(3)",
        ),
        ("SELECT x FROM a UNION ALL SELECT y FROM b", "x - ?"),
        ("SELECT CASE WHEN y = 1 THEN 'a' ELSE 'b' END FROM b", None),
        ("SELECT y + 1 FROM b", None),
        ("SELECT * FROM nobody", None),
        ("SELECT * FROM a, UNNEST(z) AS u (v)", None),
        ("SELECT x, v FROM a CROSS JOIN UNNEST(z) AS u (v)", "x STRING, v -"),
        ("WITH q AS (SELECT 1) SELECT * FROM q", None),
        ("VALUES (1)", None),
        ("SELECT y IS DISTINCT FROM x AS d FROM b", "d BOOLEAN"),
        ("SELECT EXTRACT(HOUR FROM t) AS h FROM a WHERE x = 'y, z'", "h BIGINT"),
        ("SELECT", None),
        ("SELECT FROM a", None),
        ("", None),
    ],
)
def test_the_columns_of_a_query(query: str, expected: str | None) -> None:
    found = view_of_query("v", query, code(query), {"a": A, "b": B})
    assert found.is_complete is (expected is not None)
    if expected is not None:
        assert ", ".join(map(shown, found.columns)) == expected


def shown(column: Column) -> str:
    kind = column.type.sql() if column.type else "-"
    marks = {None: " ?", True: " clock", False: ""}
    return f"{column.name} {kind}{marks[column.is_time_attribute]}"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE x (a INT) WITH ('a' = 'b', 'c' = '')", "TABLE x a=b c="),
        (
            "create temporary table if not exists `x` with ('a'='it''s')",
            "TABLE x a=it's",
        ),
        (
            "CREATE TABLE c.`d`.x (a INT) PARTITIONED BY (a) WITH ('a'='b',)",
            "TABLE c.d.x a=b",
        ),
        ("CREATE TABLE x WITH ('a'='b'", "TABLE x a=b"),
        ("CREATE TABLE x WITH (", "TABLE x"),
        ("CREATE TABLE", "TABLE "),
        ("CREATE", " "),
        (
            "CREATE OR REPLACE TEMPORARY VIEW v AS WITH q AS (SELECT 1) SELECT 1",
            "VIEW v",
        ),
        ("CREATE TEMPORARY SYSTEM FUNCTION f AS 'g'", "FUNCTION f"),
        ("DROP TABLE x", " "),
    ],
)
def test_a_statement_says_what_it_makes(sql: str, expected: str) -> None:
    (found,) = read_script(sql)
    options = "".join(f" {o.name}={o.value}" for o in found.options)
    assert f"{found.makes} {found.name}{options}" == expected
    for option in found.options:
        assert sql[option.value_start : option.end].startswith("'")
