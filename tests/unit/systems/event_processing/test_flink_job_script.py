"""A script becomes one job, and no secret of it comes back in an answer."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.errors import InputError
from flowops.model import Address
from flowops.systems.event_processing.targets.flink.job_jar import (
    is_of,
    jar_name,
    jar_prefix,
    job_id,
    job_jar,
)
from flowops.systems.event_processing.targets.flink.job_script import hide, job_script
from flowops.systems.event_processing.targets.flink.marks import (
    JobMark,
    parameters,
    read_mark,
)

FLOW = Address("event_processing", "flow", "Large orders")
TABLES = "CREATE TABLE a (n INT);\nCREATE VIEW v AS SELECT n FROM a;\n"


def set_of(*inserts: str) -> str:
    lines = "".join(f"{insert};\n" for insert in inserts)
    return f"EXECUTE STATEMENT SET\nBEGIN\n{lines}END"


@pytest.mark.parametrize(
    ("sql", "query"),
    [
        ("INSERT INTO b SELECT n FROM v;", "INSERT INTO b SELECT n FROM v"),
        ("EXECUTE INSERT INTO b SELECT 1", "INSERT INTO b SELECT 1"),
        (
            "EXECUTE STATEMENT SET BEGIN INSERT INTO b SELECT 1; END;",
            "INSERT INTO b SELECT 1",
        ),
        (
            set_of("INSERT INTO b SELECT 1", " -- and\nINSERT INTO c SELECT ';'"),
            set_of("INSERT INTO b SELECT 1", "INSERT INTO c SELECT ';'"),
        ),
        (
            "BEGIN STATEMENT SET; INSERT INTO b SELECT 1; END; INSERT INTO c SELECT 2",
            set_of("INSERT INTO b SELECT 1", "INSERT INTO c SELECT 2"),
        ),
    ],
)
def test_all_destinations_become_one_statement(sql: str, query: str) -> None:
    script = job_script(f"{TABLES}SET 'parallelism.default' = '2';\n{sql}")
    assert script.query == query
    assert script.before == (
        "CREATE TABLE a (n INT)",
        "CREATE VIEW v AS SELECT n FROM a",
    )
    assert script.statements == (*script.before, query)
    assert script.settings == {"parallelism.default": "2"}


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (TABLES, "no INSERT"),
        ("-- nothing", "no INSERT"),
        ("EXECUTE STATEMENT SET BEGIN END;", "no INSERT"),
        ("SET parallelism.default = 2; INSERT INTO a SELECT 1", "a SET that cannot"),
        ("SET; INSERT INTO a SELECT 1", "a SET that cannot"),
    ],
)
def test_a_script_that_runs_nothing_is_refused(sql: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        job_script(sql)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_nul_cannot_get_into_a_jar() -> None:
    with pytest.raises(InputError, match="NUL"):
        job_jar(job_script("INSERT INTO a SELECT '\0'"), {})


def test_a_jar_holds_the_runner_the_settings_and_the_statements() -> None:
    data = job_jar(job_script(f"{TABLES}INSERT INTO b SELECT 'é'"), {"k": "v"})
    assert data == job_jar(job_script(f"{TABLES}INSERT INTO b SELECT 'é'"), {"k": "v"})
    with zipfile.ZipFile(io.BytesIO(data)) as jar:
        assert jar.namelist() == [
            "META-INF/MANIFEST.MF",
            "flowops/runner/SqlRunner.class",
            "flowops/settings",
            "flowops/statements",
        ]
        assert jar.read("flowops/settings") == b"k\0v\0"
        assert jar.read("flowops/statements").decode().split("\0")[:-1] == [
            "CREATE TABLE a (n INT)",
            "CREATE VIEW v AS SELECT n FROM a",
            "INSERT INTO b SELECT 'é'",
        ]


def test_the_name_of_a_jar_says_whose_it_is() -> None:
    name = jar_name("shop", FLOW, "20250101T000000.1Z-ab")
    assert name.startswith(jar_prefix("shop"))
    assert is_of(name, FLOW, "20250101T000000.1Z-ab")
    assert not is_of(name, FLOW, "20250101T000000.1Z-cd")
    assert not is_of(name, Address(FLOW.system, "flow", "x"), "20250101")
    assert not is_of("somebody-elses.jar", FLOW, "1")
    assert not name.startswith(jar_prefix("other"))
    long = jar_name("shop", FLOW, "é/" * 300)
    assert len(long) < 200
    assert long.isascii()
    assert "/" not in long


def test_an_id_is_that_of_a_job_and_no_other() -> None:
    ids = {job_id(r, FLOW, p) for r in ("1", "2") for p in ("publish", "restore 0")}
    assert len(ids) == 4
    assert all(len(i) == 32 and int(i, 16) >= 0 for i in ids)


SQL = (
    "CREATE TABLE t (n INT) WITH ('connector' = 'kafka',"
    " 'properties.sasl.jaas.config' = 'x.LoginModule required"
    ' username="{user}" password="{password}";\');'
    "INSERT INTO t SELECT 1;"
)
VISIBLE = SQL.format(user="<username_redacted>", password="<password_redacted>")


def test_a_secret_is_taken_out_of_an_answer() -> None:
    opened = SQL.format(user="marker-user", password="marker-p'word".replace("'", "''"))
    said = f"cannot connect with marker-p'word; options: {opened}"
    shown = hide(said, opened, VISIBLE)
    assert "marker" not in shown
    assert "<password_redacted>" in shown
    assert shown.startswith("cannot connect with")


def test_an_answer_is_withheld_where_nobody_can_tell_what_is_secret() -> None:
    opened = SQL.format(user="a", password="'; DROP TABLE t; --")
    assert "hidden" not in hide("hidden", opened, VISIBLE)
    assert hide("seen", VISIBLE, VISIBLE) == "seen"


_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="'\"\\\0"), min_size=4)


@given(_WORDS, _WORDS)
def test_no_secret_is_ever_shown(user: str, password: str) -> None:
    opened = SQL.format(user=f"u-{user}", password=f"p-{password}")
    shown = hide(f"failed for p-{password} in {opened}", opened, VISIBLE)
    assert f"p-{password}" not in shown


_TEXTS = st.dictionaries(st.text(min_size=1), st.text(), max_size=3)


@given(st.text(), st.text(), _TEXTS, _TEXTS)
def test_a_mark_survives_the_cluster(
    project: str, flow: str, files: dict[str, str], attributes: dict[str, str]
) -> None:
    mark = JobMark(project, flow, "run 1", "sha256:ab", "a.jar", files, attributes)
    written = parameters(mark)
    pairs = dict(pair.split(":", 1) for pair in written.split(","))
    found = read_mark(dict(pairs))
    assert found == mark
    assert [*found.files] == [*files]
    assert not {"'", '"', "\n", "{", "="} & set(written)


@pytest.mark.parametrize(
    "packed", ["", "x", "nonsense!", "eJwDAAAAAAE", "eJyrrgUAAXUA-Q", None, 7]
)
def test_a_damaged_mark_marks_nothing(packed: str | int | None) -> None:
    assert read_mark({"flowops": packed}) is None
