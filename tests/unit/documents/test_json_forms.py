"""The texts of forms are those of ``pretty_json``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.documents.canonical import indented_json, pretty_json
from flowops.documents.json_forms import (
    BOOLEANS,
    array,
    array_pieces,
    filled,
    object_form,
    object_pieces,
    string,
)

TEXTS = st.none() | st.text()
OBJECTS = st.dictionaries(st.text(), TEXTS, min_size=1)


@given(OBJECTS)
def test_a_filled_form_is_the_object(content: dict[str, str | None]) -> None:
    form = object_form(0, *content)
    assert f"{form % tuple(map(string, content.values()))}\n" == pretty_json(content)


@given(st.lists(OBJECTS), st.booleans())
def test_what_is_deep_is_indented_so(
    rows: list[dict[str, str | None]], flag: bool
) -> None:
    items = [object_form(2, *row) % tuple(map(string, row.values())) for row in rows]
    expected = pretty_json({"a": rows, "%s": flag})
    written = object_form(0, "a", "%s") % (array(1, items), BOOLEANS[flag])
    assert f"{written}\n" == expected
    members = {"a": array_pieces(1, items), "%s": [indented_json(flag, 1)]}
    assert "".join((*object_pieces(0, members), "\n")) == expected


@given(OBJECTS)
def test_a_value_is_written_as_deep_as_it_stands(
    content: dict[str, str | None],
) -> None:
    outer = object_form(0, "a") % indented_json({"b": content}, 1)
    assert f"{outer}\n" == pretty_json({"a": {"b": content}})


def test_nothing_in_it() -> None:
    assert array(3, ()) == "".join(array_pieces(3, ())) == "[]"
    assert "".join(object_pieces(0, {})) == "{}"
    assert [filled(""), filled(None), filled("a")] == ["null", "null", '"a"']


def test_a_form_is_not_filled_by_halves() -> None:
    with pytest.raises(TypeError, match="not enough arguments"):
        _ = object_form(0, "a", "b") % ("1",)
