from __future__ import annotations

import json

from hypothesis import assume, given
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


# How people write an entry: its lines, with the path of a value and its line.
ODD: tuple[tuple[list[str], tuple[str, ...], int], ...] = (
    (["{} :    1   # why"], (), 0),
    (["{}: 'one'  "], (), 0),
    (['{}:   "two"\t# why'], (), 0),
    (["", "# above", "{}:  # nothing yet"], (), 2),
    (["{}: {{k:  1,   l : [ 1,2 ]}}   # why"], ("k",), 0),
    (["{}: {{k: {{}} , l: {{m: '1' }}}}"], ("l", "m"), 0),
    (["{}:", "     k:   1", "", "     # below", "     l:  {{m: 2}}"], ("l", "m"), 4),
    (["{}:", "   k :", "      l: x # why", "   m: [1,   2]"], ("k", "l"), 2),
    (["{}:", " -   1", " - k:   2", "other-{}: 1 "], (), -1),
    (["{}: >-", "    one", "    two", "", "other-{}: 1 "], (), -1),
    (["{}: &{}1 yes", "other-{}:   *{}1"], (), -1),
)
entries = st.lists(st.sampled_from(ODD), min_size=1, max_size=6)


def written_oddly(
    chosen: list[tuple[list[str], tuple[str, ...], int]],
) -> tuple[list[str], list[tuple[tuple[str, ...], int]]]:
    """Return lines, and the values in them that stand on a line of their own."""
    lines: list[str] = []
    values: list[tuple[tuple[str, ...], int]] = []
    for letter, (entry, path, line) in zip("abcdef", chosen, strict=False):
        if line >= 0:
            values.append(((letter, *path), len(lines) + line))
        lines += [text.format(*[letter] * text.count("{}")) for text in entry]
    return lines, values


@given(entries, st.data(), st.sampled_from(["\n", "\r\n"]), words)
def test_setting_a_value_leaves_every_other_byte(
    chosen: list[tuple[list[str], tuple[str, ...], int]],
    data: st.DataObject,
    ending: str,
    new: str,
) -> None:
    lines, values = written_oddly(chosen)
    assume(values)
    keys, line = data.draw(st.sampled_from(values))

    written = set_yaml_value(ending.join(lines), keys, new).split(ending)

    assert len(written) == len(lines)
    assert [*written[:line], *written[line + 1 :]] == [
        *lines[:line],
        *lines[line + 1 :],
    ]
    assert (
        written[line].partition(" #")[2] == lines[line].partition(" #")[2] or "#" in new
    )


@given(entries, st.lists(st.sampled_from("axyz"), min_size=1, max_size=3), words)
def test_adding_a_value_only_adds(
    chosen: list[tuple[list[str], tuple[str, ...], int]], keys: list[str], new: str
) -> None:
    text = "\n".join(written_oddly(chosen)[0])
    try:
        written = set_yaml_value(text, ["new", *keys], new)
    except InputError:
        assert "*" in text.splitlines()[-1]  # behind an alias nothing can be added
        return

    pairs = zip(text, written, strict=False)
    start = next((i for i, (a, b) in enumerate(pairs) if a != b), len(text))
    assert written.endswith(text[start:])
    assert len(written) > len(text)
