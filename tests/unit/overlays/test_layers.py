from __future__ import annotations

from flowops.model import Location
from flowops.overlays.layers import Branch, Layer, Leaf, branch_of, chain_of, merge
from tests.support.builders import yaml_mapping

BASE = """\
kept: 1
changed: 1
list: [1, 2]
removed: 1
deep: {kept: 1, changed: 1}
scalar: 1
mapping: {a: 1}
"""
CHILD = """\
changed: 2
list: [3]
removed: null
deep: {changed: 2, added: 2}
scalar: {a: 2}
mapping: 2
added: 2
"""


def branch(text: str, path: str) -> Branch:
    return branch_of(yaml_mapping(text, path))


def merged(*texts: str) -> Branch:
    """Merge texts, the first one the parent; the files are called 0, 1, 2."""
    result: Layer = branch(texts[0], "0")
    for number, text in enumerate(texts[1:], 1):
        result = merge(result, branch(text, str(number)))
    assert isinstance(result, Branch)
    return result


def leaf(layer: Branch, *keys: str) -> Leaf:
    found: Layer | None = layer
    for key in keys:
        assert isinstance(found, Branch)
        found = found.get(key)
    assert isinstance(found, Leaf)
    return found


def places(chain: tuple[Location, ...]) -> list[str]:
    return [f"{place.path}:{place.line}" for place in chain]


def test_a_child_is_laid_over_its_parent() -> None:
    result = merged(BASE, CHILD)

    assert places(leaf(result, "kept").chain) == ["0:1"]
    assert places(leaf(result, "changed").chain) == ["1:1", "0:2"]
    assert places(leaf(result, "list").chain) == ["1:2", "0:3"]
    assert places(leaf(result, "deep", "kept").chain) == ["0:5"]
    assert places(leaf(result, "deep", "changed").chain) == ["1:4", "0:5"]
    assert places(leaf(result, "deep", "added").chain) == ["1:4"]
    assert places(leaf(result, "added").chain) == ["1:7"]


def test_a_null_takes_away_and_leaves_a_mark() -> None:
    result = merged(BASE, CHILD)

    assert result.get("removed") is None
    mark = result.entries["removed"][1]
    assert isinstance(mark, Leaf)
    assert mark.removes
    assert places(mark.chain) == ["1:3", "0:4"]


def test_a_mapping_and_a_value_replace_each_other() -> None:
    result = merged(BASE, CHILD)

    assert places(leaf(result, "scalar", "a").chain) == ["1:5"]
    assert places(leaf(result, "mapping").chain) == ["1:6", "0:7"]


def test_a_chain_runs_from_the_child_to_the_first_parent() -> None:
    result = merged("a: 1", "a: 2", "b: 1", "a: 3")

    assert places(leaf(result, "a").chain) == ["3:1", "1:1", "0:1"]


def test_what_was_taken_away_can_be_given_again() -> None:
    result = merged("a: {b: 1}", "a: null", "a: {c: 2}")

    assert places(leaf(result, "a", "c").chain) == ["2:1"]
    found = result.get("a")
    assert isinstance(found, Branch)
    assert found.get("b") is None


def test_keys_keep_their_order_and_take_the_childs_place() -> None:
    result = merged("a: 1\nb: 1\nc: 1", "d: 2\n\nb: 2")

    assert [(key, str(place)) for key, place, _ in result] == [
        ("a", "0:1:1"),
        ("b", "1:3:1"),
        ("c", "0:3:1"),
        ("d", "1:1:1"),
    ]


def test_a_mapping_has_a_chain_too() -> None:
    assert places(chain_of(branch("\n\na: 1", "0"))) == ["0:3"]


def test_text_that_looks_like_null_does_not_remove() -> None:
    result = merged("a: 1\nb: 1", "a: 'null'\nb: ''")

    assert not leaf(result, "a").removes
    assert not leaf(result, "b").removes
