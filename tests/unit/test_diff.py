from __future__ import annotations

from dataclasses import replace

import pytest

from flowops.diff import BlockChange, FieldChange, diff_graphs
from flowops.model import Block, Edge, Graph

BLOCK = Block("b1", "Play", "Welcome", {"/Text": "hello", "/Prompt": "p"}, {"/x": "1"})
OTHER = Block("b2", "End")
GRAPH = Graph(
    attributes={"name": "Main", "status": "published"},
    blocks=(BLOCK, OTHER),
    edges=(Edge("b1", "next", "b2"), Edge("b1", "", "b1")),
    layout={"/zoom": "1"},
    fingerprint="one",
)


def with_block(block: Block) -> Graph:
    return replace(GRAPH, blocks=(block, OTHER))


def test_a_graph_does_not_differ_from_itself() -> None:
    found = diff_graphs(GRAPH, GRAPH)

    assert not found.changes_behaviour
    assert found.layout == 0
    assert (found.blocks, found.attributes) == ((), ())


def test_the_order_of_blocks_and_edges_does_not_count() -> None:
    turned = replace(GRAPH, blocks=GRAPH.blocks[::-1], edges=GRAPH.edges[::-1])

    assert not diff_graphs(GRAPH, turned).changes_behaviour


def test_a_block_is_added() -> None:
    new = Block("b3", "Wait", "Pause", {"/Seconds": "3"})

    found = diff_graphs(GRAPH, replace(GRAPH, blocks=(*GRAPH.blocks, new)))

    assert found.blocks == (
        BlockChange(
            "b3",
            "Wait",
            "Pause",
            "add",
            (
                FieldChange("/Seconds", None, "3"),
                FieldChange("label", None, "Pause"),
                FieldChange("type", None, "Wait"),
            ),
        ),
    )
    assert found.changes_behaviour


def test_a_block_is_removed() -> None:
    found = diff_graphs(GRAPH, replace(GRAPH, blocks=(BLOCK,)))

    assert found.blocks == (
        BlockChange("b2", "End", "", "remove", (FieldChange("type", "End", None),)),
    )


@pytest.mark.parametrize(
    ("after", "fields"),
    [
        (
            replace(BLOCK, properties={"/Text": "bye", "/Prompt": "p"}),
            [FieldChange("/Text", "hello", "bye")],
        ),
        (
            replace(BLOCK, properties={"/Prompt": "p", "/New": ""}),
            [FieldChange("/New", None, ""), FieldChange("/Text", "hello", None)],
        ),
        (replace(BLOCK, type="Say"), [FieldChange("type", "Play", "Say")]),
        (replace(BLOCK, label=""), [FieldChange("label", "Welcome", None)]),
    ],
)
def test_a_block_changes(after: Block, fields: list[FieldChange]) -> None:
    (found,) = diff_graphs(GRAPH, with_block(after)).blocks

    assert (found.action, found.block, found.type) == ("change", "b1", after.type)
    assert list(found.fields) == fields


@pytest.mark.parametrize(
    "after", [replace(BLOCK, type="Say"), replace(BLOCK, label="Other")]
)
def test_a_property_called_type_or_label_hides_nothing(after: Block) -> None:
    properties = {"type": "x", "label": "y"}
    before = with_block(replace(BLOCK, properties=properties))

    found = diff_graphs(before, with_block(replace(after, properties=properties)))

    assert found.changes_behaviour
    assert not found.sealed
    (change,) = found.blocks
    assert len(change.fields) == 1


def test_edges_are_added_and_removed() -> None:
    edges = (Edge("b1", "", "b1"), Edge("b1", "error", "b2"), Edge("b0", "x", "b1"))

    found = diff_graphs(GRAPH, replace(GRAPH, edges=edges))

    assert found.edges_added == ("b0 [x] -> b1", "b1 [error] -> b2")
    assert found.edges_removed == ("b1 [next] -> b2",)
    assert found.changes_behaviour


def test_edges_that_read_alike_are_not_the_same() -> None:
    before = replace(GRAPH, edges=(Edge("a", "b", "c"),))
    after = replace(GRAPH, edges=(Edge("a [b]", "", "c"),))

    found = diff_graphs(before, after)

    assert found.edges_added == found.edges_removed == ("a [b] -> c",)
    assert found.changes_behaviour


def test_moving_boxes_is_counted_apart() -> None:
    moved = replace(BLOCK, layout={"/x": "2", "/y": "2"})
    after = replace(with_block(moved), layout={"/zoom": "2"})

    found = diff_graphs(GRAPH, after)

    assert found.layout == 3
    assert not found.changes_behaviour


def test_the_place_of_a_new_block_is_not_a_move() -> None:
    new = Block("b3", "Wait", layout={"/x": "1"})

    assert diff_graphs(GRAPH, replace(GRAPH, blocks=(*GRAPH.blocks, new))).layout == 0


@pytest.mark.parametrize(
    ("attributes", "changes"),
    [
        ({"name": "Main", "status": "saved"}, ["status"]),
        ({"name": "Main"}, []),
        ({}, []),
        ({"name": "Main", "status": "published", "type": "x"}, ["type"]),
    ],
)
def test_attributes_count_where_the_later_graph_names_them(
    attributes: dict[str, str], changes: list[str]
) -> None:
    found = diff_graphs(GRAPH, replace(GRAPH, attributes=attributes))

    assert [change.path for change in found.attributes] == changes
    assert found.changes_behaviour == bool(changes)


def test_a_difference_that_may_not_be_seen_is_a_change() -> None:
    found = diff_graphs(GRAPH, replace(GRAPH, fingerprint="two"))

    assert found.sealed
    assert found.changes_behaviour
    assert (found.blocks, found.attributes) == ((), ())


def test_what_can_be_seen_is_shown_instead_of_sealed() -> None:
    after = replace(with_block(replace(BLOCK, type="Say")), fingerprint="two")

    found = diff_graphs(GRAPH, after)

    assert not found.sealed
    assert found.changes_behaviour


def test_everything_is_new_after_nothing() -> None:
    found = diff_graphs(Graph(), GRAPH)

    assert [change.action for change in found.blocks] == ["add", "add"]
    assert [change.path for change in found.attributes] == ["name", "status"]
    assert len(found.edges_added) == 2
    assert not found.sealed
