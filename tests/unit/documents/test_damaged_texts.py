"""What is said of a text that is damaged: the cause, and what to do next."""

from __future__ import annotations

import pytest

from flowops.documents.json_text import parse_json
from flowops.documents.source import source_text
from flowops.documents.yaml_text import parse_yaml
from flowops.errors import InputError

QUOTES = '(put a text with a template in quotes: "{{ name }}")'
CONFLICT = "{0}<<<<<<< HEAD\n{1}\n=======\n{2}\n>>>>>>> other\n{3}"


def yaml_refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_yaml(source_text("a.yaml", text))
    return str(caught.value)


def json_refusal(text: str, *hint: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_json(source_text("a.json", text), *hint)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: {{ x }}\n", "a.yaml:1:5"),
        ("a: {{ x }}:9092\n", "a.yaml:1:5"),
        ("- {{ x }}\n", "a.yaml:1:4"),
        ("a: {% if x %}\n", "a.yaml:1:5"),
    ],
)
def test_a_template_without_quotes_is_told(text: str, place: str) -> None:
    found = yaml_refusal(text)

    assert found.startswith(f"{place}: ")
    assert found.endswith(QUOTES)


@pytest.mark.parametrize("text", ["a: [\n", 'a: "x\n', "a: [b]: c\n", "a:\n b: 1\nc"])
def test_what_is_no_template_is_not_called_one(text: str) -> None:
    assert "template" not in yaml_refusal(text)


def test_a_tab_is_called_a_tab() -> None:
    assert yaml_refusal("a:\n\tb: 1\n") == (
        "a.yaml:2:1: this is not YAML: a tab stands where only spaces may "
        "(indent with spaces)"
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_marks_of_a_merge_are_told_by_their_name(end: str) -> None:
    words = (
        ":2:1: a conflict of a merge is not resolved: here is a mark of Git "
        "(keep one of the two sides, and take the marks out)"
    )
    yaml = CONFLICT.format("x: 1\n", "a: 1", "a: 2", "b: 3\n").replace("\n", end)
    json = CONFLICT.format("{\n", '"a": 1', '"a": 2', "}\n").replace("\n", end)

    assert yaml_refusal(yaml) == f"a.yaml{words}"
    assert json_refusal(json) == f"a.json{words}"


def test_a_line_of_signs_in_a_good_text_is_no_mark() -> None:
    assert parse_json(source_text("a.json", '"<<<<<<< HEAD"')) == "<<<<<<< HEAD"
    parse_yaml(source_text("a.yaml", "a: |\n  <<<<<<< HEAD\n"))
    assert "conflict" not in yaml_refusal("a: [\n<<<<<<<< x\n")


@pytest.mark.parametrize("text", ["", "{", "{x}", '{"a'])
def test_what_to_do_about_a_damaged_text_is_for_its_reader_to_say(text: str) -> None:
    assert json_refusal(text).endswith(" again)")
    assert json_refusal(text, "make it anew").endswith("(make it anew)")
