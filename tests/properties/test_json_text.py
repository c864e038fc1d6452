from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from flowops.documents.json_text import (
    JsonValue,
    dump_value,
    find_spans,
    locate,
    locate_all,
    parse_json,
    replace_values,
)
from flowops.documents.source import decode, source_text
from flowops.errors import InputError
from flowops.model import Location, Pointer
from tests.support.json_documents import (
    documents,
    is_same,
    pointers_in,
    value_at,
    with_value,
    written_documents,
)

written = written_documents()


@st.composite
def written_with_pointer(draw: st.DrawFn) -> tuple[str, JsonValue, Pointer]:
    text, value = draw(written)
    return text, value, draw(st.sampled_from([*pointers_in(value)]))


@st.composite
def written_with_leaves(draw: st.DrawFn) -> tuple[str, JsonValue, list[Pointer]]:
    text, value = draw(written)
    leaves = [p for p in pointers_in(value) if not value_at(value, p)]
    chosen = st.lists(st.sampled_from(leaves), unique=True) if leaves else st.just([])
    return text, value, draw(chosen)


@given(written)
def test_every_way_of_writing_a_document_is_read(drawn: tuple[str, JsonValue]) -> None:
    text, value = drawn

    source = decode("a.json", text.encode())

    assert is_same(parse_json(source), value)
    assert source.to_bytes() == text.encode()


@given(written)
def test_spans_cut_out_every_value(drawn: tuple[str, JsonValue]) -> None:
    text, value = drawn
    pointers = [*pointers_in(value)]

    spans = find_spans(text, pointers)

    assert spans.keys() == set(pointers)
    for pointer, (start, end) in spans.items():
        assert is_same(json.loads(text[start:end]), value_at(value, pointer))


@given(written_with_pointer())
def test_a_span_does_not_depend_on_what_else_is_asked_for(
    drawn: tuple[str, JsonValue, Pointer],
) -> None:
    text, value, pointer = drawn

    assert (
        find_spans(text, [pointer])[pointer]
        == (find_spans(text, pointers_in(value))[pointer])
    )


@given(written)
def test_places_are_where_an_editor_shows_them(drawn: tuple[str, JsonValue]) -> None:
    text, value = drawn
    source = source_text("a.json", text)
    pointers = [*pointers_in(value)]

    places = locate_all(source, pointers)

    for pointer, (start, _) in find_spans(text, pointers).items():
        lines = text[:start].removeprefix("\ufeff").split("\n")
        assert places[pointer] == Location("a.json", len(lines), len(lines[-1]) + 1)
        assert locate(source, pointer) == places[pointer]


@given(written_with_pointer())
def test_what_is_missing_is_located_at_its_last_parent(
    drawn: tuple[str, JsonValue, Pointer],
) -> None:
    text, _, pointer = drawn
    source = source_text("a.json", text)

    missing = locate(source, (*pointer, -1, "no such key"))

    assert missing == locate(source, pointer)


@given(written_with_pointer(), documents)
def test_a_replaced_value_is_there_and_all_else_is_untouched(
    drawn: tuple[str, JsonValue, Pointer], new: JsonValue
) -> None:
    text, value, pointer = drawn
    start, end = find_spans(text, [pointer])[pointer]

    replaced = replace_values(text, {pointer: new})

    assert is_same(
        parse_json(source_text("a", replaced)), with_value(value, pointer, new)
    )
    assert replaced == text[:start] + dump_value(new) + text[end:]


@given(written_with_leaves(), documents)
def test_many_values_are_replaced_as_one_after_the_other(
    drawn: tuple[str, JsonValue, list[Pointer]], new: JsonValue
) -> None:
    text, _, pointers = drawn
    one_by_one = text
    for pointer in pointers:
        one_by_one = replace_values(one_by_one, {pointer: new})

    assert replace_values(text, dict.fromkeys(pointers, new)) == one_by_one


@given(written_with_leaves())
def test_the_same_values_keep_the_meaning(
    drawn: tuple[str, JsonValue, list[Pointer]],
) -> None:
    text, value, pointers = drawn

    same = replace_values(text, {p: value_at(value, p) for p in pointers})

    assert is_same(parse_json(source_text("a", same)), value)


@given(documents)
def test_a_written_value_is_read_again(value: JsonValue) -> None:
    assert is_same(json.loads(dump_value(value)), value)


@given(
    st.one_of(
        st.text(),
        st.text('[]{},:"\\ \n\r\t\ufeffab01-.eEu\ud83dnultrfs', max_size=60),
        written.map(lambda drawn: drawn[0][:-1]),
        written.map(lambda drawn: drawn[0] + drawn[0]),
    )
)
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        value = parse_json(source_text("a.json", text))
    except InputError as error:
        place = error.location
    else:
        place = Location("a.json")
        assert is_same(json.loads(text.removeprefix("\ufeff")), value)

    assert place is not None
    assert 1 <= place.line <= text.count("\n") + 1


@given(st.binary())
def test_any_bytes_come_back_or_are_refused(data: bytes) -> None:
    try:
        source = decode("a.json", data)
    except InputError as error:
        place = error.location
    else:
        place = Location("a.json")
        assert source.to_bytes() == data

    assert place is not None
    assert place.line <= data.count(b"\n") + 1


@given(st.text(st.sampled_from("ab\r\n😀\ufeff")), st.data())
def test_places_do_not_depend_on_being_asked_together(
    text: str, data: st.DataObject
) -> None:
    source = source_text("a", text)
    offsets = data.draw(st.lists(st.integers(0, len(text))))

    assert source.places(offsets) == {o: source.place(o) for o in offsets}
