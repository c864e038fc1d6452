"""The proof of a rewrite holds for every right one, and for no other."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flowops.documents.json_text import JsonValue, Span, find_spans, replace_values
from flowops.model import Pointer
from flowops.systems.connect.places import is_rewritten, prove, seek, substituted
from tests.support.json_documents import (
    is_same,
    pointers_in,
    value_at,
    with_value,
    written_documents,
)

Drawn = tuple[str, JsonValue, list[Pointer]]
words = st.text(max_size=5) | st.sampled_from(['", "', "\\", '"', "é", "\ud7ff", "0"])


@st.composite
def with_texts(draw: st.DrawFn) -> Drawn:
    """Return a document, as it is written, and the places of some of its texts."""
    text, value = draw(written_documents())
    text = text.removeprefix("\ufeff")  # as a rewrite does
    places = [p for p in pointers_in(value) if isinstance(value_at(value, p), str)]
    assume(places)
    chosen = st.lists(st.sampled_from(places), min_size=1, unique=True)
    return text, value, draw(chosen)


@given(with_texts(), st.randoms())
def test_each_pointer_is_given_its_span(drawn: Drawn, chance: Random) -> None:
    text, value, pointers = drawn
    spans = find_spans(text, pointers)
    mixed = [*spans.values()]
    chance.shuffle(mixed)

    assert prove(value, text, pointers, mixed) == spans


@given(with_texts())
def test_what_is_sought_is_proved_or_refused(drawn: Drawn) -> None:
    text, value, pointers = drawn
    try:
        found = prove(
            value,
            text,
            pointers,
            seek(text, [str(value_at(value, p)) for p in pointers]),
        )
    except ValueError:
        return
    assert found == find_spans(text, pointers)


@given(with_texts(), st.data())
def test_a_wrong_span_is_refused(drawn: Drawn, data: st.DataObject) -> None:
    text, value, pointers = drawn
    spans = find_spans(text, pointers)
    offsets = st.integers(0, len(text))
    wrong = data.draw(st.tuples(offsets, offsets).filter(lambda o: o[0] <= o[1]))
    place = data.draw(st.sampled_from([*spans]))
    assume(wrong != spans[place])
    moved: dict[Pointer, Span] = {**spans, place: wrong}

    # Only white space around a value may be taken for a part of it.
    inside = text[slice(*wrong)].strip(" \t\r\n") == text[slice(*spans[place])]
    if inside and wrong[0] <= spans[place][0] and spans[place][1] <= wrong[1]:
        return
    with pytest.raises(ValueError, match=r".*"):
        prove(value, text, pointers, moved.values())


@given(with_texts(), st.data())
def test_one_span_too_many_or_too_few_is_refused(
    drawn: Drawn, data: st.DataObject
) -> None:
    text, value, pointers = drawn
    spans = find_spans(text, [*pointers_in(value)])
    others = [p for p in spans if p not in pointers and p]
    chosen = [spans[p] for p in pointers]
    with pytest.raises(ValueError, match="is not where"):
        prove(value, text, pointers, chosen[1:])
    if others:
        more = [*chosen, spans[data.draw(st.sampled_from(others))]]
        with pytest.raises(ValueError, match=r".*"):
            prove(value, text, pointers, more)


@given(with_texts(), st.data())
def test_a_rewrite_has_the_new_values_and_nothing_else(
    drawn: Drawn, data: st.DataObject
) -> None:
    text, value, pointers = drawn
    places = find_spans(text, pointers)
    new: dict[Pointer, JsonValue] = {p: data.draw(words) for p in pointers}
    after = replace_values(text, new, places)
    expected = value
    for pointer, word in new.items():
        expected = with_value(expected, pointer, word)

    assert is_rewritten(text, after, new, places)
    assert is_same(json.loads(after), expected)
    assert is_same(substituted(value, new), expected)


@given(with_texts(), st.data())
def test_a_rewrite_with_any_other_change_is_refused(
    drawn: Drawn, data: st.DataObject
) -> None:
    text, _, pointers = drawn
    places = find_spans(text, pointers)
    new: dict[Pointer, JsonValue] = {p: data.draw(words) for p in pointers}
    right = replace_values(text, new, places)
    start = data.draw(st.integers(0, len(right)))
    end = data.draw(st.integers(start, min(len(right), start + 3)))
    other = right[:start] + data.draw(words) + right[end:]
    assume(other != right)

    assert not is_rewritten(text, other, new, places)
