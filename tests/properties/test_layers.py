from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from flowops.documents.yaml_text import plain
from flowops.overlays.layers import Branch, Layer, Leaf, branch_of, merge
from tests.support.builders import yaml_mapping

Value: TypeAlias = "Mapping[str, Value] | list[int] | int | str | None"

leaves: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.integers(0, 9), st.sampled_from(["x", "", "null"]), st.just([1])
)


def trees(
    keys: st.SearchStrategy[str], values: st.SearchStrategy[Value]
) -> st.SearchStrategy[Mapping[str, Value]]:
    first = st.dictionaries(keys, values, max_size=4)
    second = st.dictionaries(keys, st.one_of(values, first), max_size=4)
    return st.dictionaries(keys, st.one_of(values, second), max_size=4)


anything = trees(st.sampled_from("abc"), leaves)


@st.composite
def of_one_shape(draw: st.DrawFn, depth: int = 3) -> Mapping[str, Value]:
    """Draw mappings in which a key is a mapping everywhere, or nowhere."""
    tree: dict[str, Value] = dict(
        draw(st.dictionaries(st.sampled_from("abc"), leaves, max_size=3))
    )
    if depth:
        for key in draw(st.sets(st.sampled_from("MN"))):
            tree[key] = draw(of_one_shape(depth - 1))
    return tree


def layer(tree: Mapping[str, Value], name: str = "file") -> Branch:
    return branch_of(yaml_mapping(json.dumps(tree, indent=1), name))


def unwrapped(merged: Layer) -> object:
    """Return the bare values, with the nulls that mark what is taken away."""
    if isinstance(merged, Leaf):
        return plain(merged.node)
    return {key: unwrapped(below) for key, _, below in merged}


def laid_over(parent: object, child: object) -> object:
    """Say in four lines what merging means."""
    if not isinstance(parent, dict) or not isinstance(child, dict):
        return child
    both = {k: laid_over(v, child[k]) for k, v in parent.items() if k in child}
    return {**parent, **child, **both}


def chains(merged: Layer) -> list[str]:
    if isinstance(merged, Leaf):
        return [" ".join(place.path for place in merged.chain)]
    return [chain for _, _, below in merged for chain in chains(below)]


@given(anything, anything)
def test_a_child_is_laid_over_its_parent(
    parent: Mapping[str, Value], child: Mapping[str, Value]
) -> None:
    merged = merge(layer(parent), layer(child))

    assert unwrapped(merged) == laid_over(parent, child)


@given(anything)
def test_nothing_laid_over_or_under_changes_nothing(tree: Mapping[str, Value]) -> None:
    assert unwrapped(merge(layer({}), layer(tree))) == tree
    assert unwrapped(merge(layer(tree), layer({}))) == tree
    assert unwrapped(merge(layer(tree), layer(tree))) == tree


@given(of_one_shape(), of_one_shape(), of_one_shape())
def test_the_grouping_does_not_count_while_shapes_stay(
    base: Mapping[str, Value], middle: Mapping[str, Value], top: Mapping[str, Value]
) -> None:
    a, b, c = layer(base, "a"), layer(middle, "b"), layer(top, "c")

    left, right = merge(merge(a, b), c), merge(a, merge(b, c))

    assert unwrapped(left) == unwrapped(right)
    assert sorted(chains(left)) == sorted(chains(right))


@given(of_one_shape(), of_one_shape(), of_one_shape())
def test_a_chain_runs_from_the_child_to_the_first_parent(
    base: Mapping[str, Value], middle: Mapping[str, Value], top: Mapping[str, Value]
) -> None:
    merged = merge(merge(layer(base, "a"), layer(middle, "b")), layer(top, "c"))

    for chain in chains(merged):
        assert chain in {"a", "b", "c", "b a", "c a", "c b", "c b a"}


@given(anything, anything)
def test_a_value_is_the_one_at_the_start_of_its_chain(
    parent: Mapping[str, Value], child: Mapping[str, Value]
) -> None:
    def check(merged: Layer) -> None:
        if isinstance(merged, Leaf):
            assert merged.node.location == merged.chain[0]
            return
        for _, _, below in merged:
            check(below)

    check(merge(layer(parent, "a"), layer(child, "b")))


@given(anything, anything)
def test_get_hides_what_is_taken_away(
    parent: Mapping[str, Value], child: Mapping[str, Value]
) -> None:
    merged = merge(layer(parent), layer(child))
    assert isinstance(merged, Branch)

    for key in "abc":
        shown = child[key] if key in child else parent.get(key)
        assert (merged.get(key) is None) == (shown is None)
