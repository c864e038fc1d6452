"""Quoting, tokens and statements."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.secrets import Secret
from flowops.systems.event_processing.compiler.expressions import Scope
from flowops.systems.event_processing.redaction.sensitive import mask_text
from flowops.systems.event_processing.sql.statements import by_table
from flowops.systems.event_processing.sql.text import (
    can_be_name,
    code,
    ends_in_comment,
    is_one_expression,
    quote_name,
    quote_text,
    scan,
    split_statements,
    unquote_name,
)

NAMES = st.text(min_size=1, max_size=50).filter(can_be_name)
SQL_PIECES = st.lists(
    st.sampled_from(
        ["a", "`", "'", ";", "--", "/*", "*/", "\n", " ", "(", ")", "=", "1"]
    ),
    max_size=20,
).map("".join)


@given(NAMES)
def test_a_quoted_name_reads_back(name: str) -> None:
    quoted = quote_name(name)
    assert unquote_name(quoted) == name
    (token,) = code(quoted)
    assert (token.kind, token.text) == ("name", quoted)


@given(NAMES, NAMES)
def test_a_quoted_name_cannot_take_in_what_follows(one: str, other: str) -> None:
    tokens = code(f"{quote_name(one)}.{quote_name(other)}")
    assert [unquote_name(t.text) for t in tokens] == [one, ".", other]


@given(st.text(max_size=50))
def test_a_quoted_text_is_one_token(text: str) -> None:
    quoted = str(quote_text(text))
    (token,) = code(quoted)
    assert (token.kind, token.text) == ("text", quoted)
    assert quoted[1:-1].replace("''", "'") == text


def test_a_secret_is_quoted_on_both_faces() -> None:
    quoted = quote_text(Secret("it's", "<it's_redacted>"))
    assert isinstance(quoted, Secret)
    assert quoted.open() == "'it''s'"
    assert str(quoted) == "'<it''s_redacted>'"


@given(SQL_PIECES)
def test_scanning_loses_nothing(sql: str) -> None:
    assert "".join(token.text for token in scan(sql)) == sql


@given(SQL_PIECES)
def test_one_expression_stays_one_when_put_in_its_place(sql: str) -> None:
    if not is_one_expression(sql):
        return
    end = "\n" if ends_in_comment(sql) else ""
    whole = f"CREATE VIEW a AS SELECT 1 WHERE {sql}{end}; SELECT 2"
    assert len(split_statements(whole)) == 2


@pytest.mark.parametrize("name", ["", "a\nb", "a\rb", "a" * 257])
def test_names_the_grammar_cannot_write(name: str) -> None:
    assert not can_be_name(name)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("`a` = 'x'", True),
        ("a -- why", True),
        ("a /* why; */ + 1", True),
        ("f(a[1], (b))", True),
        ("'it''s; fine'", True),
        ("", False),
        ("-- nothing", False),
        ("a; DROP TABLE b", False),
        ("a = 'open", False),
        ("`open", False),
        ("(a", False),
        ("a)", False),
        ("a /* open", False),
        ("1) OR (1", False),
    ],
)
def test_what_one_expression_is(sql: str, expected: bool) -> None:
    assert is_one_expression(sql) is expected


def test_a_script_is_cut_at_its_semicolons() -> None:
    script = "-- a; b\nA 'x;y' `p;q` /* ; */; ;B\n;\n-- end"
    assert split_statements(script) == ["A 'x;y' `p;q` /* ; */", "B"]


def test_statements_belong_to_tables() -> None:
    script = """-- header
CREATE FUNCTION F AS 'a.B';
CREATE TABLE IF NOT EXISTS `a``b` (x INT) WITH ('x' = 'y');
CREATE TEMPORARY VIEW v AS SELECT * FROM TABLE (TUMBLE(TABLE `a``b`));
EXECUTE STATEMENT SET
BEGIN
    INSERT INTO `s 1` SELECT * FROM v;
    INSERT INTO `s 2` SELECT * FROM v;
END;
SET 'a' = 'b';
"""
    groups = by_table(script)
    assert list(groups) == ["", "a`b", "v", "s 1", "s 2"]
    assert groups["s 1"] == ("INSERT INTO `s 1` SELECT * FROM v",)
    assert groups[""] == ("CREATE FUNCTION F AS 'a.B'", "SET 'a' = 'b'")


CRAFTED = {
    "dots": "LoginModule " + "a." * 9000,
    "oracle": "jdbc:oracle:t:u/" * 3000,
    "quotes": "'" * 30_001,
    "ticks": "`" * 30_001,
    "comments": "/*" * 30_000,
    "addresses": "://a" * 9000,
    "options": "'a'='" * 9000,
    "login quotes": 'LoginModule "' * 3000,
    "parentheses": "(" * 9000 + ")" * 9000,
    "sums": "+".join("1" * 9000),
    "spaces": "'a'" + " " * 30_000,
    "keys": "-----BEGIN " * 3000 + " PRIVATE KEY",
}


@pytest.mark.parametrize("case", CRAFTED)
def test_a_crafted_text_costs_no_more_than_its_length(case: str) -> None:
    """A pattern that looks back again and again would not end within the day."""
    text = CRAFTED[case]
    scope = Scope("view", {})
    looks = (mask_text, is_one_expression, split_statements, by_table, scope.type_of)
    start = process_time()
    for look in looks:
        look(text)
    assert process_time() - start < 5
