from __future__ import annotations

import pytest

from flowops.documents.canonical import (
    canonical_json,
    digest,
    pretty_json,
    text_digest,
)
from flowops.documents.json_text import JsonValue


def test_the_canonical_form_has_sorted_keys_and_no_spaces() -> None:
    value: JsonValue = {"b": [1, 2.5, True, None], "a": {"ü": "😀", "": "\n"}}

    assert canonical_json(value) == (
        '{"a":{"":"\\n","ü":"😀"},"b":[1,2.5,true,null]}'.encode()
    )


def test_a_digest_says_how_it_was_made() -> None:
    assert digest({}) == (
        "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    )
    assert text_digest("{}") == digest({})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": None}, {}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": ""}, {"": "a"}),
        (["a,b"], ["a", "b"]),
        ({"a": "é"}, {"a": "e\u0301"}),
    ],
)
def test_different_values_have_different_digests(
    one: JsonValue, other: JsonValue
) -> None:
    assert digest(one) != digest(other)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_say_has_no_digest(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest({"a": number})


def test_json_for_people_keeps_the_order_and_ends_its_line() -> None:
    assert pretty_json({"b": 1, "a": ["ü"]}) == (
        '{\n  "b": 1,\n  "a": [\n    "ü"\n  ]\n}\n'
    )
