"""SQL for plain Apache Flink: nothing of the vendor's is in it, or there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.errors import InputError
from flowops.model import Location
from flowops.secrets import Secret, open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.compiler.compiled import CannotCompileError
from flowops.systems.event_processing.compiler.dialects import in_dialect
from flowops.systems.protocol import BoundFlow, Bundle, Flow, TargetSettings
from tests.unit.systems.event_processing.builders import (
    Json,
    document,
    made,
    node,
    read,
    sink,
    source,
    transform,
)
from tests.unit.systems.event_processing.test_exports import NEW, OLD

SQL = "flow.sql"
VIEW = "CREATE VIEW p AS SELECT city FROM readings"
PLAIN: list[object] = [
    {"name": "city", "type": "STRING"},
    {"name": "time", "type": "TIMESTAMP"},
]


def flink(flow: Flow) -> Bundle:
    bound = BoundFlow(flow, settings=flow.settings)
    return event_processing.render(replace(bound, target={"dialect": "flink"}))


def refusal(*nodes: Json) -> str:
    bundle = flink(read(document(*nodes)))
    assert "flow.sql" not in bundle.files
    (found,) = [f for f in bundle.findings if f.rule.endswith("no-sql")]
    return found.message


def test_a_flow_without_the_vendors_functions_is_the_same_in_both() -> None:
    flow = read(document(source(fields=PLAIN), sink()))
    bound = BoundFlow(flow, settings=flow.settings)
    assert flink(flow).files == event_processing.render(bound).files


def test_the_vendors_timestamp_functions_become_flinks_own() -> None:
    """What they mean is compared with the functions in tests/flink."""
    sql = str(flink(read(document(source(), sink()))).files["flow.sql"])
    assert "_UDF" not in sql
    assert "AS CAST (TRY_CAST(REGEXP_EXTRACT(`time`, '^(" in sql
    assert " AS TIMESTAMP(9)) AS TIMESTAMP(3))" in sql
    zoned = [{"name": "time", "type": "TIMESTAMP_LTZ_UDF"}, *PLAIN[:1]]
    sql = str(flink(read(document(source(fields=zoned), sink()))).files["flow.sql"])
    assert "AS CAST (TO_TIMESTAMP_LTZ(EXTRACT(EPOCH FROM TRY_CAST(" in sql
    assert "* 3600000 - COALESCE(" in sql
    assert "_UDF" not in sql


def test_a_call_in_an_expression_is_written_anew_and_nothing_else() -> None:
    shaped = transform(made("t", "to_timestamp_udf(`city`) /* TO_TIMESTAMP_UDF( */"))
    sql = str(flink(read(document(source(fields=PLAIN), shaped, sink()))).files[SQL])
    assert "TRY_CAST(REGEXP_EXTRACT(`city`, " in sql
    assert ":00') AS TIMESTAMP(9)) /* TO_TIMESTAMP_UDF( */" in sql


@pytest.mark.parametrize("word", ["TO_TIMESTAMP_UDF", "TO_TIMESTAMP_LTZ_UDF"])
def test_a_call_that_has_no_exact_form_is_refused_by_name(word: str) -> None:
    start = source(fields=PLAIN)

    def reason(expression: str) -> str:
        return refusal(start, transform(made("t", expression)), sink())

    no_column = f"shaped calls {word} with UPPER(`city`), which is no column"
    assert reason(f"{word}(UPPER(`city`))").startswith(no_column)
    assert reason(f"{word}('x')").startswith(f"shaped calls {word} with 'x'")
    assert reason(f"`{word}`()").startswith(f"shaped calls {word} with nothing")


@pytest.mark.parametrize(
    "expression",
    [
        "TO_TIMESTAMP_LTZ_UDF(`city`)",
        "CAST(TO_TIMESTAMP_LTZ_UDF(`city`) AS TIMESTAMP_LTZ(9))",
        "CAST(TO_TIMESTAMP_LTZ_UDF(`city`) AS TIMESTAMP(3))",
        "CAST(TO_TIMESTAMP_LTZ_UDF(`city`) AS TIMESTAMP_LTZ)",
        "CAST(`x` + TO_TIMESTAMP_LTZ_UDF(`city`) AS TIMESTAMP_LTZ(3))",
    ],
)
def test_nothing_reads_an_offset_to_the_nanosecond(expression: str) -> None:
    shaped = transform(made("t", expression))
    reason = refusal(source(fields=PLAIN), shaped, sink())
    assert reason.startswith("shaped reads `city` by TO_TIMESTAMP_LTZ_UDF")


def test_what_only_the_vendor_has_is_refused_by_name() -> None:
    start = source(fields=PLAIN)
    options = "'format' = 'gid.connector.http.response-json'"
    table = f"CREATE TABLE t (x INT) WITH ({options})"
    own = node("p", "sqlProcessor", {"statement": f"{table};{VIEW}"})
    assert refusal(start, own, sink()).startswith("p needs 'gid.connector.http.respon")
    own = node(
        "p",
        "sqlProcessor",
        {"statement": f"CREATE FUNCTION f AS 'com.ibm.x.F';{VIEW}"},
    )
    assert refusal(start, own, sink()).startswith("p needs 'com.ibm.x.F'")
    trusting = source(fields=PLAIN, securityProtocol="SSL", certificatesAccepted=True)
    assert "com.ibm.ep.kafka.ssl.TrustAll" in refusal(trusting, sink())


@pytest.mark.parametrize(
    "word",
    [
        "gid.connector.http.source.lookup.header.Accept",
        "gid.connector.http.security.cert.server",
        "gid.connector.http.request.url-map",
        "generic-json-query",
    ],
)
def test_the_open_connector_is_no_part_of_the_vendors(word: str) -> None:
    sql = f"CREATE TABLE t (x INT) WITH ('{word}' = 'x')"
    assert in_dialect(sql, "flink") == sql


@pytest.mark.parametrize(
    ("word", "way"),
    [
        ("'gid.connector.http.x'", "write it for the open HTTP connector"),
        ("'templated-query'", "write it for the open HTTP connector"),
        ("'rest-lookup-logger'", "write it for the open HTTP connector"),
        ("'com.ibm.ep.kafka.ssl.TrustAll'", "give the node the certificates"),
        ("'com.ibm.x.F'", "write it for Apache Flink"),
    ],
)
def test_a_refusal_says_what_to_do(word: str, way: str) -> None:
    with pytest.raises(CannotCompileError) as caught:
        in_dialect(f"CREATE FUNCTION f AS {word}", "flink")
    assert caught.value.reason == f"needs {word}, which Apache Flink does not have"
    assert caught.value.hint.startswith(way)


PIECES = st.sampled_from(
    [
        *(
            "TO_TIMESTAMP_UDF(`a`)",
            "CAST(TO_TIMESTAMP_LTZ_UDF(a.b) AS TIMESTAMP_LTZ(3))",
        ),
        *(
            "'TO_TIMESTAMP_UDF(x)'",
            "-- TO_TIMESTAMP_UDF(x)\n",
            "`TO_TIMESTAMP_UDF`",
            "(",
        ),
        *(
            ")",
            ";",
            "''",
            "SELECT",
            "to_timestamp_udf ( x )",
            "/*",
            "*/",
            "'",
            "é",
            " ",
        ),
    ]
)


@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_writing_sql_anew_twice_changes_nothing_more(sql: str) -> None:
    try:
        once = str(in_dialect(sql, "flink"))
    except CannotCompileError:
        return
    assert in_dialect(once, "flink") == once
    assert in_dialect(sql, "event-processing") == sql


def test_a_function_of_the_same_name_is_not_taken_for_the_vendors() -> None:
    with pytest.raises(CannotCompileError, match="TO_TIMESTAMP_UDF of another class"):
        in_dialect("CREATE FUNCTION to_timestamp_udf AS 'org.x.Mine';", "flink")


def test_a_secret_stays_one_in_either_dialect() -> None:
    sql = "SELECT TO_TIMESTAMP_UDF(x), '{}' FROM t"
    written = in_dialect(Secret(sql.format("marker"), sql.format("hidden")), "flink")
    assert isinstance(written, Secret)
    assert "marker" not in str(written)
    assert "'marker' FROM t" in open_text(written)
    assert "_UDF" not in open_text(written)


def test_a_sql_export_is_given_or_refused_whole() -> None:
    plain = event_processing.read_file("a.sql", OLD.encode())
    assert str(flink(plain).files["flow.sql"]) == OLD
    declared = (
        "CREATE FUNCTION TO_TIMESTAMP_UDF AS 'com.ibm.ei.streamproc.udf.ToTimestampUdf'"
        ";\n\n"
    )
    sql = NEW.replace("`x` = 'kafka:9092'", "TO_TIMESTAMP_UDF(`x`) IS NULL")
    sql = sql.replace("CREATE TABLE", f"{declared}CREATE TABLE", 1)
    flow = event_processing.read_file("a.sql", sql.encode())
    written = str(flink(flow).files["flow.sql"])
    assert "_UDF" not in written
    assert written.replace("\n", "").startswith(
        NEW[: NEW.index("CREATE")].replace("\n", "")
    )
    sql = sql.replace("_UDF(`x`)", "_LTZ_UDF(`x`)")
    flow = event_processing.read_file("a.sql", sql.encode())
    with pytest.raises(InputError, match="the SQL reads `x` by TO_TIMESTAMP_LTZ_UDF"):
        flink(flow)


@pytest.mark.parametrize(
    ("dialect", "words"), [("flnk", "did you mean flink?"), ("x", "write event-proc")]
)
def test_a_dialect_that_does_not_exist_is_refused(
    dialect: str, words: str, tmp_path: Path
) -> None:
    values = {"path": "out", "dialect": dialect}
    place = Location("environments/test.yaml", 3)
    settings = TargetSettings(
        "event_processing", "directory", values, place, tmp_path, "test"
    )
    with pytest.raises(InputError) as caught:
        event_processing.open_target(settings)
    assert words in caught.value.hint
    assert caught.value.location == place
