"""Options inside a SQL text change; every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.secrets import Secret, open_text
from flowops.systems.event_processing.sql.retarget import retargeted
from flowops.systems.event_processing.sql.scripts import read_script

SQL = """-- 'topic' = 'no'
CREATE TABLE `a` (
    `x` STRING -- WITH ('topic' = 'no')
) WITH (
    'connector' = 'kafka', -- a comment
    'topic' = 'it''s',
    'properties.sasl.jaas.config' = 'x.PlainLoginModule required password="marker-p";'
);
CREATE TABLE b WITH ('connector'='kafka','topic'='t');
"""
OWN = {s.name: {o.name: o.value for o in s.options} for s in read_script(SQL)}


def test_nothing_changes_when_nothing_is_changed() -> None:
    assert open_text(retargeted(SQL, OWN)) == SQL
    assert open_text(retargeted(SQL, {})) == SQL
    assert "marker-p" not in str(retargeted(SQL, OWN))


def test_one_value_changes() -> None:
    found = retargeted(SQL, {"a": {**OWN["a"], "topic": "o'clock"}})
    assert open_text(found) == SQL.replace("'it''s'", "'o''clock'")


@pytest.mark.parametrize(
    ("table", "wanted", "old", "new"),
    [
        (
            "a",
            {"group": "g"},
            'password="marker-p";\'\n',
            "password=\"marker-p\";',\n    'group' = 'g'\n",
        ),
        (
            "b",
            {"group": "g", "z": ""},
            "'topic'='t')",
            "'topic'='t', 'group' = 'g', 'z' = '')",
        ),
    ],
)
def test_options_are_added_as_the_last_one_stands(
    table: str, wanted: dict[str, str], old: str, new: str
) -> None:
    found = retargeted(SQL, {table: {**OWN[table], **wanted}})
    assert open_text(found) == SQL.replace(old, new)


@pytest.mark.parametrize(
    ("gone", "old", "new"),
    [
        ({"topic"}, "'connector'='kafka','topic'='t'", "'connector'='kafka'"),
        ({"connector"}, "'connector'='kafka','topic'='t'", "'topic'='t'"),
        ({"connector", "topic"}, "'connector'='kafka','topic'='t'", ""),
    ],
)
def test_options_are_removed(gone: set[str], old: str, new: str) -> None:
    kept = {name: value for name, value in OWN["b"].items() if name not in gone}
    assert open_text(retargeted(SQL, {"b": kept})) == SQL.replace(old, new)


def test_all_options_can_be_replaced() -> None:
    found = retargeted(SQL, {"b": {"c": "d", "e": "f"}})
    assert "WITH ('c' = 'd', 'e' = 'f');" in open_text(found)


def test_a_secret_value_is_written_and_not_shown() -> None:
    value = Secret("marker-new", "<password_redacted>")
    found = retargeted(SQL, {"b": {**OWN["b"], "password": value}})
    assert "'password' = 'marker-new'" in open_text(found)
    assert "'password' = '<password_redacted>'" in str(found)
    assert "marker" not in str(found)


def test_a_key_without_an_end_hides_the_rest() -> None:
    sql = "CREATE TABLE b WITH ('a'='-----BEGIN PRIVATE KEY-----x','topic'='marker')"
    found = retargeted(sql, {"b": {"a": "y", "topic": "marker"}})
    assert open_text(found) == sql.replace("-----BEGIN PRIVATE KEY-----x", "y")


NAMES = st.sampled_from(["connector", "topic", "a.b", "c"])
VALUES = st.text(st.sampled_from("ab'`;- \n()="), max_size=6)


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.dictionaries(NAMES, VALUES)))
def test_retargeting_gives_what_was_asked_for_and_then_nothing_new(
    wanted: dict[str, dict[str, str]],
) -> None:
    once = open_text(retargeted(SQL, wanted))
    assert open_text(retargeted(once, wanted)) == once
    found = {s.name: {o.name: o.value for o in s.options} for s in read_script(once)}
    for table, options in wanted.items():
        assert found[table] == options
