from __future__ import annotations

import pytest

from flowops.documents.source import source_text
from flowops.documents.yaml_edit import dump_yaml, set_yaml_value
from flowops.documents.yaml_text import parse_yaml, plain
from flowops.errors import InputError

KEPT = """\
odd :    1    # spaces that a machine would not write


# Who owns this: the platform team.
extends: base   # all that is shared

targets:
    connect: {kind: sandbox,  url: "http://127.0.0.1:8701"}   # local
    other:
        kind: 'directory'

list:
    - one
    - two   # twice

answer: yes
code: 0777
long: x
# the end
""".replace("long: x", "long: " + "word " * 40 + "end")


@pytest.mark.parametrize(
    ("keys", "value", "before", "after"),
    [
        (["extends"], "other", "extends: base ", "extends: other "),
        (["answer"], "no", "answer: yes", "answer: 'no'"),
        (["answer"], "true", "answer: yes", "answer: 'true'"),
        (["targets", "other", "kind"], "x", "kind: 'directory'", "kind: 'x'"),
        (["targets", "connect", "kind"], "another", "{kind: sandbox", "{kind: another"),
        (["code"], "1e3", "code: 0777", "code: '1e3'"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_one_value_changes_and_nothing_else(
    keys: list[str], value: str, before: str, after: str, ending: str
) -> None:
    expected = KEPT.replace(before, after)

    written = set_yaml_value(KEPT.replace("\n", ending), keys, value)

    assert written == expected.replace("\n", ending)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a:\n  b: x\n"),
        ("# only a comment\n", "# only a comment\na:\n  b: x\n"),
        ("a:\n", "a:\n  b: x\n"),
        ("---\na: {b: 1}\n", "---\na: {b: x}\n"),
        ("c: 1\n", "c: 1\na:\n  b: x\n"),
        ("c:\n- 1\n", "c:\n- 1\na:\n  b: x\n"),
        ("c:\n  - 1\n", "c:\n  - 1\na:\n  b: x\n"),
    ],
)
def test_missing_mappings_are_made(text: str, expected: str) -> None:
    assert set_yaml_value(text, ["a", "b"], "x") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:   # why\nc: 1\n", "a:   # why\n  b: x\nc: 1\n"),
        ("z: {y: 1}\na:\n", "z: {y: 1}\na:\n  b: x\n"),
        ("a: {}  # odd\n", "a: {b: x}  # odd\n"),
        ("a: { c:  1,}\n", "a: { c:  1, b: x,}\n"),
        ("a: ~ # odd\n", "a: {b: x} # odd\n"),
        ("{c: 1}", "{c: 1, a: {b: x}}"),
        (
            "a:\n    c : 1 # odd\n\n# end\nd: 2",
            "a:\n    c : 1 # odd\n    b: x\n\n# end\nd: 2",
        ),
        ("a:\n  c: |\n    t\n\n# end\n", "a:\n  c: |\n    t\n  b: x\n\n# end\n"),
        ("a:\n  b: >-\n    t\n    u\n\nd: 2\n", "a:\n  b: x\n\nd: 2\n"),
        ("a:\n  b: t\n    u # odd\n", "a:\n  b: x # odd\n"),
        ("a:\n  b:   # odd\nd: 2\n", "a:\n  b: x   # odd\nd: 2\n"),
        ("a: {b: }", "a: {b: x }"),
        ("a: {}\n...\n", "a: {b: x}\n...\n"),
        ("c: 1\n...\n", "c: 1\na:\n  b: x\n...\n"),
        ("c: 1\r\n# end", "c: 1\r\na:\r\n  b: x\r\n# end"),
        ("\ufeffa: {b: 1}", "\ufeffa: {b: x}"),
        ("ü: 😀 # \u2028\na: {b: '1'}", "ü: 😀 # \u2028\na: {b: 'x'}"),
    ],
)
def test_every_byte_beside_the_value_stays(text: str, expected: str) -> None:
    assert set_yaml_value(text, ["a", "b"], "x") == expected


@pytest.mark.parametrize(
    "text",
    [
        "a: &one {b: 1}\nc: *one",  # b of c would change with it
        "z: &one 1\na: {b: *one}",
        "a:\n  b: &one 1\nc: *one",
        "a:\n  c: *one\nz: &one 1",
        "z: &one 1\na:\n  c: *one",
        "a: {b: &one 1}",
        "a: {b: !!str 1}",
        "a:\n  b: | # why\n    t",
        "a: 1\na: {b: 1}",
        "a: {b: 1}\n---\na: 1",
        "a: {b: {c: 1}}",
        "a: {b: [1]}",
        "a: " + "[" * 2000,
    ],
)
def test_a_value_that_is_not_only_its_own_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"a\.b cannot be set") as caught:
        set_yaml_value(text, ["a", "b"], "x")
    assert caught.value.hint == "set it by hand"


@pytest.mark.parametrize("text", ["a: b", "a: [1]", "[1]", "a: [", "a: *x", "text"])
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"a\.b cannot be set in this YAML"):
        set_yaml_value(text, ["a", "b"], "x")


@pytest.mark.parametrize(
    "value",
    ["1e3", "08", "0o17", "yes", "1:30", "", " a ", "a: b # c", "x\ny", "'", "=", "~"],
)
def test_a_value_is_read_again_as_text(value: str) -> None:
    text = set_yaml_value("a: 1", ["a"], value)

    assert plain(parse_yaml(source_text("a", text))) == {"a": value} or value == "yes"
    assert str(plain(parse_yaml(source_text("a", text)))) == str({"a": value})


def test_whole_files_keep_the_order_of_keys() -> None:
    text = dump_yaml({"config": {"b": {"z": "1", "a": "x y"}, "a": {}}})

    assert text == "config:\n  b:\n    z: '1'\n    a: x y\n  a: {}\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1e3", "'1e3'"),
        ("08123", "'08123'"),
        ("0o17", "'0o17'"),
        ("yes", "'yes'"),
        ("1:30", "'1:30'"),
        ("=", "'='"),
        ("a\u2028b", '"a\\Lb"'),
        ("a\x85b", '"a\\Nb"'),
        ("ü😀", "ü😀"),
        ("kafka:9093", "kafka:9093"),
    ],
)
def test_text_is_quoted_where_another_reader_would_see_something_else(
    value: str, written: str
) -> None:
    assert dump_yaml({"a": value}) == f"a: {written}\n"


def test_numbers_are_not_quoted() -> None:
    assert dump_yaml({"a": 12, "b": 1.5, "c": True}) == "a: 12\nb: 1.5\nc: true\n"
