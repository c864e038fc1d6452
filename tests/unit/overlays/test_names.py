"""What is for a name is found in one step, in the order a search would find it in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowops.overlays.names import Named, Patterned, matches

words = st.text("ab*?[", max_size=3)
many = st.lists(words, max_size=8)


@given(many, words)
def test_what_is_for_a_name_is_what_a_search_finds(
    patterns: list[str], name: str
) -> None:
    things = list(enumerate(patterns))
    found = Patterned((pattern, number) for number, pattern in things).of(name)
    assert sorted(found) == [n for n, pattern in things if matches(pattern, name)]


@given(many, words)
def test_what_a_pattern_is_for_is_what_a_search_finds(
    names: list[str], pattern: str
) -> None:
    things = list(enumerate(names))
    found = Named((name, number) for number, name in things).matching(pattern)
    assert sorted(found) == [n for n, name in things if matches(pattern, name)]


def test_a_name_counts_after_a_pattern_and_each_in_the_order_given() -> None:
    patterned = Patterned([("x", 1), ("*", 2), ("x", 3), ("?", 4)])
    assert patterned.of("x") == [2, 4, 1, 3]
