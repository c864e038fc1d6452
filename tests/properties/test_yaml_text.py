from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from flowops.documents.source import source_text
from flowops.documents.yaml_edit import dump_yaml, set_yaml_value
from flowops.documents.yaml_text import (
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    mapping_of,
    parse_yaml,
    plain,
    text_of,
)
from flowops.errors import InputError
from flowops.model import Location

# What a YAML file may hold unescaped; NEL, LS and PS are line breaks in YAML 1.1.
shown = st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Zl", "Zp", "Co"))
words = st.one_of(
    st.text(shown, max_size=12),
    st.sampled_from(
        ["", " ", "1e3", "08", "0o17", "yes", "null", "~", "- a", "a: b", "#", "'", '"']
    ),
)
mappings = st.recursive(
    st.dictionaries(words, words, max_size=4),
    lambda below: st.dictionaries(words, st.one_of(words, below), max_size=4),
    max_leaves=10,
)
yaml_like = st.text("[]{}:,-&*!|>'\"%@`#?<=~ \n\tab01.\ufeff", max_size=40)


def parse(text: str) -> YamlNode:
    return parse_yaml(source_text("a.yaml", text))


def places_in(node: YamlNode) -> list[Location]:
    """Return every place, in the order of a reader."""
    if isinstance(node, YamlMapping):
        below = [[e.location, *places_in(e.value)] for e in node]
        return [node.location, *(place for places in below for place in places)]
    if isinstance(node, YamlSequence):
        return [node.location, *(p for item in node.items for p in places_in(item))]
    return [node.location]


@given(st.one_of(st.text(), yaml_like))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        place = places_in(parse(text))[-1]
    except InputError as error:
        place = error.location or Location("nowhere")

    assert place.path == "a.yaml"


@given(mappings)
def test_json_is_read_as_yaml(value: dict[str, object]) -> None:
    assert plain(parse(json.dumps(value, ensure_ascii=False))) == value


@given(mappings, st.sampled_from([None, 2]))
def test_places_follow_the_text(value: dict[str, object], indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)

    places = places_in(parse(text))

    assert places == sorted(places)
    lines = text.split("\n")
    for place in places:
        assert lines[place.line - 1][place.column - 1] in '{"'


@given(
    st.recursive(
        st.dictionaries(st.text(max_size=6), st.text(), max_size=3),
        lambda below: st.dictionaries(st.text(max_size=6), below, max_size=3),
        max_leaves=8,
    )
)
def test_what_is_dumped_is_read_again(value: dict[str, object]) -> None:
    assert plain(parse(dump_yaml(value))) == value


@given(mappings, st.lists(words, min_size=1, max_size=3), words)
def test_a_value_that_is_set_is_read_again(
    value: dict[str, object], keys: list[str], new: str
) -> None:
    try:
        text = set_yaml_value(dump_yaml(value), keys, new)
    except InputError:
        return

    node: YamlNode | None = parse(text)
    for key in keys:
        node = mapping_of(node or parse(""), "it").get(key)
    assert isinstance(node, YamlScalar)
    assert text_of(node, "it") == new


@given(
    st.lists(st.sampled_from("abcdef"), unique=True, min_size=2),
    st.lists(st.text("# xyz", max_size=5), min_size=6, max_size=6),
    words,
)
def test_setting_a_value_leaves_every_other_line(
    names: list[str], remarks: list[str], new: str
) -> None:
    lines = [f"{n}: 1  #{r}z" for n, r in zip(names, remarks, strict=False)]

    written = set_yaml_value("\n".join([*lines, ""]), [names[0]], new)

    assert written.split("\n")[-len(lines) :] == [*lines[1:], ""]
