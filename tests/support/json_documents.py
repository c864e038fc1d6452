"""Random JSON documents, and how they may be written, for Hypothesis."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hypothesis import strategies as st

from flowops.documents.json_text import JsonValue
from flowops.model import Pointer

texts = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.sampled_from(
        ["", '"', "\\", "\\u0041", "\ud7ff", "😀", "\u2028", "\r\n", "/", "a"]
    ),
)
scalars: st.SearchStrategy[JsonValue] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
documents: st.SearchStrategy[JsonValue] = st.recursive(
    scalars,
    lambda below: st.one_of(
        st.lists(below, max_size=4), st.dictionaries(texts, below, max_size=4)
    ),
    max_leaves=25,
)


@st.composite
def written_documents(draw: st.DrawFn) -> tuple[str, JsonValue]:
    """Draw a document and one of the many texts that mean it."""
    value = draw(documents)
    text = json.dumps(
        value,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 2, "\t"])),
        separators=draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")])),
    ).replace("\n", draw(st.sampled_from(["\n", "\r\n", "\n \n"])))
    before, after = draw(st.sampled_from([("", ""), ("\ufeff", "\n"), (" \r\n", " ")]))
    return f"{before}{text}{after}", value


def pointers_in(value: JsonValue, here: Pointer = ()) -> Iterator[Pointer]:
    """Give the pointer of every value, parents before what is below."""
    yield here
    if isinstance(value, dict):
        for key, below in value.items():
            yield from pointers_in(below, (*here, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from pointers_in(below, (*here, index))


def value_at(value: JsonValue, pointer: Pointer) -> JsonValue:
    for step in pointer:
        if isinstance(value, dict) and isinstance(step, str):
            value = value[step]
        else:
            assert isinstance(value, list)
            assert isinstance(step, int)
            value = value[step]
    return value


def with_value(value: JsonValue, pointer: Pointer, new: JsonValue) -> JsonValue:
    """Return a copy in which the value at a pointer is another one."""
    if not pointer:
        return new
    step, rest = pointer[0], pointer[1:]
    if isinstance(value, dict):
        return {
            k: with_value(v, rest, new) if k == step else v for k, v in value.items()
        }
    assert isinstance(value, list)
    return [with_value(v, rest, new) if i == step else v for i, v in enumerate(value)]


def is_same(one: JsonValue, other: JsonValue) -> bool:
    """Compare as JSON: ``1``, ``1.0`` and ``true`` are three values."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            is_same(one[k], other[k]) for k in one
        )
    if isinstance(one, list) and isinstance(other, list):
        same = all(is_same(a, b) for a, b in zip(one, other, strict=False))
        return len(one) == len(other) and same
    return type(one) is type(other) and repr(one) == repr(other)
