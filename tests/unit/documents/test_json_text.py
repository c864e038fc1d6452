from __future__ import annotations

import json

import pytest

from flowops.documents.json_text import (
    MAXIMUM_DEPTH,
    dump_value,
    find_duplicate,
    find_spans,
    locate,
    locate_all,
    parse_json,
    replace_values,
)
from flowops.documents.source import source_text
from flowops.errors import InputError
from flowops.model import Location, Pointer


def parse(text: str) -> object:
    return parse_json(source_text("a.json", text))


def refusal_of(text: str) -> str:
    with pytest.raises(InputError) as refusal:
        parse(text)
    return str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '"a"',
        "0",
        "-1.5e3",
        "true",
        "null",
        " \r\n\t[1, 2] \r\n",
        '{"a": {"a": {"a": []}}, "": ""}',
        '"\\ud83d\\ude00"',
        '"\\\\ud83d"',
        '{"\\u0000": "\\u007f"}',
        "1e308",
        "123456789012345678901234567890",
    ],
)
def test_json_is_parsed_as_the_standard_library_does(text: str) -> None:
    assert parse(text) == json.loads(text)
    assert parse(f"\ufeff{text}") == json.loads(text)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "1:1", "the file is empty"),
        ("\ufeff", "1:1", "the file is empty"),
        (" \n\t\r\n", "1:1", "the file is empty"),
        ("{", "1:2", "the JSON ends in the middle"),
        ('{"a": [1, 2', "1:12", "the JSON ends in the middle"),
        ('{"a": "b', "1:9", "the JSON ends in the middle"),
        ('{"a":\n "b\n"}', "2:4", "this is not JSON: invalid control character at"),
        ('{"a":\n "b\n', "2:4", "the JSON ends in the middle"),
        ("{'a': 1}", "1:2", "this is not JSON: expecting property name"),
        ('{"a": 1,}', "1:", "this is not JSON"),
        ("[1 2]", "1:4", "this is not JSON: expecting ',' delimiter"),
        ("{}\n{}", "2:1", "text follows the end"),
        ("[] x", "1:4", "text follows the end"),
        ("NaN", "1:1", "this is not JSON: NaN is not JSON"),
        ("[-Infinity]", "1:2", "this is not JSON: -Infinity is not JSON"),
        ("[1e999]", "1:2", "this is not JSON: a number is too large"),
        ('{"1": "9e999",\n "a": [2, -1e999]}', "2:11", "a number is too large"),
        ('["\\"NaN", NaN]', "1:11", "this is not JSON: NaN is not JSON"),
        ("-1e400", "1:1", "this is not JSON: a number is too large"),
        ("9" * 5000, "1:1", "this is not JSON: a number is too large"),
        (f'{{"a":\n  [1, -{"9" * 5000}]}}', "2:7", "a number is too large"),
        (f'{{"{"9" * 5000}": {"9" * 5000}}}', "1:5006", "a number is too large"),
        ('{"a": 1, "a": 2}', "1:10", "the key 'a' stands twice in one object"),
        ('{"a": 1,\r\n "\\u0061": 2}', "2:2", "the key 'a' stands twice"),
        ('[{"b": {"x": 1}}, {"b": 0, "b": 1}]', "1:28", "the key 'b' stands twice"),
        ('\ufeff{"a": 1, "a": 2}', "1:10", "the key 'a' stands twice"),
        ('"\\ud800"', "1:1", "the text holds half a surrogate pair"),
        ('{"a": ["x",\n"\\udc00\\ud800"]}', "2:1", "half a surrogate pair"),
        ('{"\\uD83D": 1}', "1:2", "half a surrogate pair"),
        ("<html>", "1:1", "this is not JSON: expecting value"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(
    text: str, place: str, words: str
) -> None:
    refusal = refusal_of(text)

    assert refusal.startswith(f"a.json:{place}")
    assert words in refusal


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("depth", [MAXIMUM_DEPTH + 1, 900, 100_000])
@pytest.mark.parametrize("closed", [True, False])
def test_deep_nesting_is_refused(opening: str, depth: int, closed: bool) -> None:
    closing = opening.replace('"a":', "").translate({91: "]", 123: "}"})[::-1]
    text = opening * depth + "0" + (closing * depth if closed else "")
    refusal = refusal_of(text)

    assert "nests too deeply" in refusal or "ends in the middle" in refusal
    assert not closed or "nests too deeply" in refusal


def test_nesting_within_the_limit_is_read() -> None:
    text = "[" * MAXIMUM_DEPTH + "]" * MAXIMUM_DEPTH

    assert parse(text) == json.loads(text)
    assert find_spans(text, [(0,) * (MAXIMUM_DEPTH - 1)])


def test_a_wide_document_is_not_deep() -> None:
    assert parse(json.dumps([[[i]] for i in range(1000)]))


def test_a_refusal_quotes_no_value() -> None:
    assert "hunter2" not in refusal_of('{"password": "hunter2" "x"}')
    assert "hunter2" not in refusal_of('{"password": "hunter2", "a": 1, "a": 1}')
    assert "hunter2" not in refusal_of('{"password": "hunter2 \\ud800"}')
    assert "hunter2" not in refusal_of('{"password": "hunter2')


TEXT = '{\r\n  "a": [1, {"b": "x"}],\r\n  "": {"": null},\r\n  "é\\"": true\r\n}\r\n'
SPANS: dict[Pointer, str] = {
    (): TEXT.strip(),
    ("a",): '[1, {"b": "x"}]',
    ("a", 0): "1",
    ("a", 1): '{"b": "x"}',
    ("a", 1, "b"): '"x"',
    ("",): '{"": null}',
    ("", ""): "null",
    ('é"',): "true",
}


@pytest.mark.parametrize("mark", ["", "\ufeff", " \n"])
def test_spans_of_all_values(mark: str) -> None:
    text = mark + TEXT

    spans = find_spans(text, SPANS)

    assert {p: text[start:end] for p, (start, end) in spans.items()} == SPANS


@pytest.mark.parametrize(
    "pointer",
    [("b",), ("a", 2), ("a", "0"), (0,), ("a", 0, "x"), ("a", 1, 0), ("a", -1)],
)
def test_a_pointer_to_nothing_has_no_span(pointer: Pointer) -> None:
    assert find_spans(TEXT, [pointer]) == {}
    assert locate_all(source_text("a", TEXT), [pointer]) == {}
    with pytest.raises(KeyError):
        replace_values(TEXT, {pointer: 1})


@pytest.mark.parametrize(
    ("pointer", "line", "column"),
    [
        ((), 1, 1),
        (("a",), 2, 8),
        (("a", 1, "b"), 2, 18),
        (("", ""), 3, 12),
        (('é"',), 4, 10),
        (("a", 1, "c"), 2, 12),
        (("a", 7, "c", "d"), 2, 8),
        (("zzz",), 1, 1),
    ],
)
@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_value_or_its_last_parent_is_located(
    pointer: Pointer, line: int, column: int, ending: str, mark: str
) -> None:
    source = source_text("a", mark + TEXT.replace("\r\n", ending))

    assert locate(source, pointer) == Location("a", line, column)


def test_only_the_replaced_values_change() -> None:
    replaced = replace_values(TEXT, {("a", 1, "b"): "ü", ("",): {"k": [1, None]}})

    assert replaced == TEXT.replace('"x"', '"ü"').replace(
        '{"": null}', '{"k": [1, null]}'
    )


def test_the_whole_document_can_be_replaced() -> None:
    assert replace_values(" [1] ", {(): "a"}) == ' "a" '


def test_nothing_replaced_changes_nothing() -> None:
    assert replace_values(TEXT, {}) == TEXT


def test_replacing_inside_a_replaced_value_is_refused() -> None:
    with pytest.raises(ValueError, match="inside another"):
        replace_values(TEXT, {("a",): [], ("a", 1, "b"): "y"})


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_not_written(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump_value(number)


def test_a_value_is_written_as_it_reads() -> None:
    assert dump_value({"ü": ["😀", 1, True, None]}) == '{"ü": ["😀", 1, true, null]}'


def test_the_first_duplicate_is_found() -> None:
    assert find_duplicate('{"a": "b", "b": "a", "a": 1, "b": 2}') == (21, "a")
    assert find_duplicate('{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}') == (0, "")


def test_a_long_text_with_an_emoji_is_quick() -> None:
    text = json.dumps({"a": "x" * 1_000_000, "b": "😀"})

    assert parse(text) == json.loads(text)
