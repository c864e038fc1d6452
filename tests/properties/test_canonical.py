from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from flowops.documents.canonical import canonical_json, digest, pretty_json
from flowops.documents.json_text import JsonValue
from tests.support.json_documents import (
    documents,
    is_same,
    pointers_in,
    scalars,
    value_at,
    with_value,
)


def turned_around(value: JsonValue) -> JsonValue:
    """Return the same value with all keys in the opposite order."""
    if isinstance(value, dict):
        return {k: turned_around(value[k]) for k in reversed(value)}
    if isinstance(value, list):
        return [turned_around(below) for below in value]
    return value


@given(documents)
def test_the_order_of_keys_does_not_count(value: JsonValue) -> None:
    assert canonical_json(turned_around(value)) == canonical_json(value)
    assert digest(turned_around(value)) == digest(value)


@given(documents, documents)
def test_digests_agree_where_values_do(one: JsonValue, other: JsonValue) -> None:
    assert (digest(one) == digest(other)) == is_same(one, other)


@given(documents, scalars, st.data())
def test_every_change_of_a_value_counts(
    value: JsonValue, new: JsonValue, data: st.DataObject
) -> None:
    pointer = data.draw(st.sampled_from([*pointers_in(value)]))
    changed = with_value(value, pointer, new)

    expected = is_same(value_at(value, pointer), new)
    assert (digest(changed) == digest(value)) == expected


@given(documents)
def test_people_read_what_the_standard_library_writes(value: JsonValue) -> None:
    wrapped: JsonValue = {"100% %s": [value], "": {"%": value}}
    for document in (value, wrapped):
        expected = json.dumps(document, ensure_ascii=False, indent=2)
        assert pretty_json(document) == f"{expected}\n"


@given(documents)
def test_nothing_is_lost(value: JsonValue) -> None:
    assert is_same(json.loads(canonical_json(value)), value)
    assert is_same(json.loads(pretty_json(value)), value)
