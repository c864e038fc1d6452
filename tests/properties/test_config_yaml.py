"""A config.yaml is what the YAML library would write, to the byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowops.documents.yaml_edit import dump_yaml
from flowops.systems.event_processing.output.config_lines import write_config

awkward = st.sampled_from(
    [
        *(
            "true",
            "false",
            "yes",
            "No",
            "on",
            "OFF",
            "true",
            "NULL",
            "y",
            "N",
            "nan",
            "e1",
        ),
        *("large orders", "a  b", "a - b", "no yes", "1 a", f"a {'b ' * 30}c", "1e1"),
        *("a:", "a: b", "a:b", ":a", "a #b", "-", "- a", "a-", "?", "~", "", " ", "a "),
        *("x" * 40, "x" * 41, "x" * 130, f"{'word ' * 30}end", "a\nb", "a\u2028b", "é"),
        *("=", "<<", "*a", "&a", "!a", "%a", "@a", "`a", "[a]", "{a}", '"', "'", "a,b"),
        *("kafka.dev:9093", "12:30:45", "2026-01-01", "0x1F", "0o7", ".5", "a/b", "a_"),
    ]
)
pieces = st.from_regex(r"[A-Za-z0-9_./:;=\"<>@$+-]{1,50}", fullmatch=True)
sentences = st.lists(pieces, min_size=2, max_size=8).map(" ".join)
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120)
quoted = st.lists(st.sampled_from(["it's", " ", "\n", "{", "word" * 9]), max_size=30)
lines = st.from_regex(r"[A-Za-z0-9+/= -]{0,66}", fullmatch=True)
certificates = st.lists(lines, min_size=1, max_size=4).map("\n".join)
words = (
    st.text(max_size=6)
    | sentences
    | certificates
    | printable
    | quoted.map("".join)
    | awkward
    | st.from_regex(r"[a-zA-Z0-9_./:-]{1,45}")
)
tables = st.dictionaries(words, st.dictionaries(words, words, max_size=3), max_size=2)


@given(st.dictionaries(words, tables, max_size=2))
def test_a_config_is_what_the_library_writes(
    nodes: dict[str, dict[str, dict[str, str]]],
) -> None:
    assert write_config(nodes) == dump_yaml({"config": nodes})


@given(words, words, words, words)
def test_each_part_of_it_is(node: str, table: str, name: str, value: str) -> None:
    nodes = {node: {table: {name: value}}}
    assert write_config(nodes) == dump_yaml({"config": nodes})
