from __future__ import annotations

import pytest
import yaml

from flowops.documents.source import source_text
from flowops.documents.yaml_text import (
    MAXIMUM_DEPTH,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    boolean_of,
    mapping_of,
    parse_yaml,
    plain,
    text_of,
)
from flowops.errors import InputError
from flowops.model import Location


@pytest.fixture(params=["libyaml", "pure Python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with both parsers that PyYAML may come with."""
    if request.param == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


def parse(text: str) -> YamlNode:
    return parse_yaml(source_text("a.yaml", text))


def value_of(typed: str) -> YamlScalar:
    node = parse(f"key: {typed}\n")
    assert isinstance(node, YamlMapping)
    value = node.get("key")
    assert isinstance(value, YamlScalar)
    return value


def refusal_of(text: str) -> str:
    with pytest.raises(InputError) as refusal:
        parse(text)
    assert refusal.value.location is not None
    return str(refusal.value)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        # Booleans are these six words and no others.
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("on", "on"),
        ("Off", "Off"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("y", "y"),
        ("n", "n"),
        ("tRue", "tRue"),
        # Null.
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("nuLL", "nuLL"),
        # Numbers of the core schema; the other spellings of YAML 1.1 are text.
        ("12", 12),
        ("-7", -7),
        ("+7", 7),
        ("0777", 777),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("12345678901234567890", 12345678901234567890),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("1:30", "1:30"),
        ("190:20:30", "190:20:30"),
        ("2020-01-01", "2020-01-01"),
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        (".inf", ".inf"),
        (".NaN", ".NaN"),
        ("=", "="),
        ("<<", "<<"),
        ("1.2.3", "1.2.3"),
        ("arn:aws:connect", "arn:aws:connect"),
        ("x # comment", "x"),
        ("x#y", "x#y"),
        # What is quoted or in a block is text.
        ("'true'", "true"),
        ('"12"', "12"),
        ("''", ""),
        ('"~"', "~"),
        ('"\\u00e9\\t\\x00"', "é\t\0"),
        ("|\n  yes\n", "yes\n"),
        (">-\n  a\n  b\n", "a b"),
    ],
)
def test_scalars_are_read_by_the_core_schema_of_yaml_1_2(
    typed: str, value: object
) -> None:
    found = value_of(typed)

    assert found.value == value
    assert type(found.value) is type(value)


@pytest.mark.parametrize(
    "typed", ["1e3", "0777", "true", "1.50", "+7", "yes", "12345678901234567890"]
)
def test_text_is_kept_as_it_was_typed(typed: str) -> None:
    assert text_of(value_of(typed), "it") == typed


@pytest.mark.parametrize("typed", ["9" * 5000, "-" + "9" * 4001, "1e999", "-1e999"])
def test_a_number_that_is_too_large_is_refused_with_its_place(typed: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(f"a:\n  b: {typed}")
    assert str(caught.value) == (
        "a.yaml:2:6: a number is too large (put it in quotes if it is a text)"
    )
    assert value_of(f"'{typed}'").value == typed


@pytest.mark.parametrize(
    "text", ["", "\n", "# only a comment\n", "\ufeff", "---\n", "--- \n...\n", "{}"]
)
def test_a_file_that_says_nothing_is_an_empty_mapping(text: str) -> None:
    assert mapping_of(parse(text), "it").entries == ()


def test_every_key_and_value_has_its_place() -> None:
    node = parse("a: 1\nb:\n  - x\n  - {c: 'ü', 😀: y}\n")
    assert isinstance(node, YamlMapping)

    a, b = node
    assert isinstance(b.value, YamlSequence)
    inner = b.value.items[1]
    assert isinstance(inner, YamlMapping)
    places = [
        node.location,
        a.location,
        a.value.location,
        b.location,
        b.value.location,
        b.value.items[0].location,
        *(entry.location for entry in inner),
        *(entry.value.location for entry in inner),
    ]
    assert [(p.line, p.column) for p in places] == [
        (1, 1),
        (1, 1),
        (1, 4),
        (2, 1),
        (3, 3),
        (3, 5),
        (4, 6),
        (4, 14),
        (4, 9),
        (4, 17),
    ]
    assert {p.path for p in places} == {"a.yaml"}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_places_do_not_depend_on_line_ends_or_a_mark(ending: str) -> None:
    node = parse("\ufeff" + ending.join(["a: 1", "", "b: 2", ""]))

    assert isinstance(node, YamlMapping)
    assert [e.location for e in node] == [
        Location("a.yaml", 1),
        Location("a.yaml", 3),
    ]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: 1\nb: 2\na: 3", "3:1", "the key 'a' stands twice (first at line 1"),
        ("x: {1: a, '1': b}", "1:11", "the key '1' stands twice"),
        ("a: !!str 5", "1:4", "the tag tag:yaml.org,2002:str is not allowed"),
        ("a: !!binary aGk=", "1:4", "is not allowed"),
        ("a: !!python/object/apply:os.system [ls]", "1:4", "is not allowed"),
        ("a: !Ref x", "1:4", "the tag !Ref is not allowed"),
        ("a: ! x", "1:4", "the tag ! is not allowed"),
        ("!!set {a, b}", "1:1", "is not allowed"),
        ("!!map {a: b}", "1:1", "is not allowed"),
        ("a: &x !t [1]", "1:4", "the tag !t is not allowed"),
        ("a: &x {b: 1}\nc: {<<: *x}", "2:5", "merge keys (<<) are not YAML 1.2"),
        ("a: *x", "1:4", "there is no anchor &x above"),
        ("a: *x\nb: &x 1", "1:4", "there is no anchor &x above"),
        ("a: &x 1\nb: &x 2", "2:4", "the anchor &x stands twice"),
        ("&a [*a]", "1:5", "its anchors repeat without an end"),
        ("&a {b: {c: *a}}", "1:12", "its anchors repeat without an end"),
        ("&a {*a : 1}", "1:5", "its anchors repeat without an end"),
        ("a: 1\n---\nb: 2", "2:1", "a second document starts here"),
        ("a: 1\n--- # empty", "2:1", "a second document starts here"),
        ("? [a]\n: b", "1:3", "a key must be a text"),
        ("{{ name }}: x", "1:2", "a key must be a text"),
        ("\ta: 1", "1:1", "this is not YAML"),
        ("a:\n\t- b", "2:1", "this is not YAML"),
        ("a: 'b", "1:", "this is not YAML"),
        ("a: b: c", "1:5", "this is not YAML"),
        ("a: [1", "1:", "this is not YAML"),
        ("- a\nb: c", "2:1", "this is not YAML"),
        ("a: @b", "1:4", "this is not YAML"),
        ("a: %b", "1:4", "this is not YAML"),
        ("a\0b: 1", "1:1", "this is not YAML"),
        ("a: \x07", "1:1", "this is not YAML"),
        ("%YAML 9.9\n---\na: 1", "1:1", "this is not YAML"),
    ],
)
def test_what_this_reader_refuses(text: str, place: str, words: str) -> None:
    refusal = refusal_of(text)

    assert words in refusal
    if "not YAML:" not in refusal:  # the two parsers differ by a column here
        assert refusal.startswith(f"a.yaml:{place}: ")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "{a: " * 100_000,
        "{? " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "\n".join(" " * i + "a:" for i in range(500)),
    ],
)
def test_deep_nesting_is_refused(text: str) -> None:
    assert "nests too deeply" in refusal_of(text)


def test_nesting_within_the_limit_is_read() -> None:
    text = "[" * MAXIMUM_DEPTH + "]" * MAXIMUM_DEPTH

    assert str(plain(parse(text))) == text


def test_a_wide_file_is_not_deep() -> None:
    text = "".join(f"- {{a: [{n}]}}\n" for n in range(3 * MAXIMUM_DEPTH))

    assert plain(parse(text)) == [{"a": [n]} for n in range(3 * MAXIMUM_DEPTH)]


def test_anchors_repeat_a_value() -> None:
    value = plain(parse("a: &x {b: [1]}\nc: *x\nd: [*x, *x]"))

    assert value == {"a": {"b": [1]}, "c": {"b": [1]}, "d": [{"b": [1]}, {"b": [1]}]}


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [" + ", ".join(["ha"] * 9) + "]"]
    for level in range(1, levels):
        repeated = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} [{repeated}]")
    return "\n".join(lines)


def test_a_few_laughs_are_read() -> None:
    assert len(str(plain(parse(laughs(4))))) > 9**4


@pytest.mark.parametrize("levels", [6, 10, 1000])
def test_exploding_anchors_are_refused_before_they_explode(levels: int) -> None:
    assert "its anchors repeat without an end" in refusal_of(laughs(levels))


def test_a_quoted_merge_key_is_a_key() -> None:
    assert plain(parse("'<<': 1")) == {"<<": 1}


def test_keys_are_text_as_typed() -> None:
    assert plain(parse("on: 1\n1e3: 2\nnull: 3\n~: 4\n'': 5\n=: 6")) == {
        "on": 1,
        "1e3": 2,
        "null": 3,
        "~": 4,
        "": 5,
        "=": 6,
    }


def test_get_gives_the_value_of_a_key() -> None:
    node = mapping_of(parse("a: 1"), "it")

    assert plain(node.get("a") or node) == 1
    assert node.get("b") is None


@pytest.mark.parametrize("text", ["[a]", "a", "'null'", "1"])
def test_a_mapping_is_asked_for(text: str) -> None:
    with pytest.raises(InputError, match=r"1:1: it must be a mapping of keys"):
        mapping_of(parse(text), "it")


@pytest.mark.parametrize("typed", ["", "~", "[a]", "{a: b}"])
def test_a_text_is_asked_for(typed: str) -> None:
    node = mapping_of(parse(f"a: {typed}"), "it").get("a")
    assert node is not None

    with pytest.raises(InputError, match="it must be a text"):
        text_of(node, "it")


@pytest.mark.parametrize("typed", ["yes", "on", "'true'", "1", "", "[true]"])
def test_a_boolean_is_asked_for(typed: str) -> None:
    node = mapping_of(parse(f"a: {typed}"), "it").get("a")
    assert node is not None

    with pytest.raises(InputError, match="it must be true or false"):
        boolean_of(node, "it")


def test_booleans() -> None:
    assert boolean_of(value_of("true"), "it") is True
    assert boolean_of(value_of("False"), "it") is False
