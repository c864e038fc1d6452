from __future__ import annotations

from dataclasses import replace

import pytest

from flowops.diff import (
    BlockChange,
    Each,
    FieldChange,
    StatementChange,
    diff_graphs,
    with_ids,
)
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

    assert found.edges_added == (Edge("b0", "x", "b1"), Edge("b1", "error", "b2"))
    assert found.edges_removed == (Edge("b1", "next", "b2"),)
    assert found.names == {"b1": "Welcome", "b2": "b2"}
    assert found.changes_behaviour


def test_edges_that_read_alike_are_not_the_same() -> None:
    before = replace(GRAPH, edges=(Edge("a", "b", "c"),))
    after = replace(GRAPH, edges=(Edge("a [b]", "", "c"),))

    found = diff_graphs(before, after)

    assert found.edges_added == after.edges
    assert found.edges_removed == before.edges
    assert found.changes_behaviour


def test_moving_boxes_is_counted_apart() -> None:
    moved = replace(BLOCK, layout={"/x": "2", "/y": "2"})
    after = replace(with_block(moved), layout={"/zoom": "2"})

    found = diff_graphs(GRAPH, after)

    assert found.layout == 3
    assert found.moved == ("b1",)
    assert found.names == {"b1": "Welcome"}
    assert found.changes_drawing
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
    assert found.hidden == ()
    assert found.changes_behaviour
    assert (found.blocks, found.attributes) == ((), ())


def test_what_may_not_be_seen_is_named() -> None:
    sealed = with_block(replace(BLOCK, properties={"/Key": "<value_redacted>"}))

    found = diff_graphs(sealed, replace(sealed, fingerprint="two"))

    assert found.sealed
    assert found.hidden == ("/Key of Welcome",)


def test_what_can_be_seen_is_shown_instead_of_sealed() -> None:
    after = replace(with_block(replace(BLOCK, type="Say")), fingerprint="two")

    found = diff_graphs(GRAPH, after)

    assert not found.sealed
    assert found.changes_behaviour


def test_everything_is_new_after_nothing() -> None:
    found = diff_graphs(Graph(), GRAPH)

    assert [change.action for change in found.blocks] == ["add", "add"]
    assert not found.renamed
    assert [change.path for change in found.attributes] == ["name", "status"]
    assert len(found.edges_added) == 2
    assert not found.sealed


# Ids that were made anew.

CHAIN = Graph(
    attributes={"StartAction": "a", "name": "Main"},
    blocks=(
        Block("a", "Play", "", {"/Text": "hello"}, {"/x": "1"}),
        Block("b", "Check", "", {"/Hours": "office"}),
        Block("c", "Play", "", {"/Text": "closed"}),
        Block("d", "End"),
        Block("e", "End"),
    ),
    edges=(
        Edge("a", "next", "b"),
        Edge("b", "True", "d"),
        Edge("b", "False", "c"),
        Edge("c", "next", "e"),
    ),
    fingerprint="one",
)


def anew(graph: Graph, **others: str) -> Graph:
    """Give every block an id of its own making, as a console does when it saves."""
    ids = {block.id: f"new {block.id}" for block in graph.blocks}
    return with_ids(graph, ids | others)


def test_new_ids_for_everything_change_nothing() -> None:
    found = diff_graphs(CHAIN, anew(CHAIN))

    assert not found.changes_behaviour
    assert found.changes_drawing
    assert found.renamed == {i: f"new {i}" for i in "abcde"}


def test_ids_that_are_handed_round_change_nothing() -> None:
    round_robin = dict(zip("abcde", "bcdea", strict=True))

    assert not diff_graphs(CHAIN, with_ids(CHAIN, round_robin)).changes_behaviour


def test_two_blocks_that_do_the_same_may_change_places() -> None:
    swapped = with_ids(CHAIN, {"d": "e", "e": "d"})

    assert not diff_graphs(CHAIN, swapped).changes_behaviour


def test_one_edit_under_new_ids_is_one_change() -> None:
    after = anew(CHAIN)
    blocks = list(after.blocks)
    blocks[2] = replace(blocks[2], properties={"/Text": "we open at nine"})

    found = diff_graphs(CHAIN, replace(after, blocks=tuple(blocks)))

    assert found.blocks == (
        BlockChange(
            "new c",
            "Play",
            "",
            "change",
            (FieldChange("/Text", "closed", "we open at nine"),),
            "c",
        ),
    )
    assert (found.edges_added, found.edges_removed) == ((), ())
    assert found.attributes == ()


def test_one_edit_under_ids_that_are_handed_round_is_one_change() -> None:
    after = with_ids(CHAIN, dict(zip("abcde", "bcdea", strict=True)))
    blocks = list(after.blocks)
    blocks[2] = replace(blocks[2], properties={"/Text": "we open at nine"})

    found = diff_graphs(CHAIN, replace(after, blocks=tuple(blocks)))

    assert [(c.previous, c.block, c.action) for c in found.blocks] == [
        ("c", "d", "change")
    ]
    assert (found.edges_added, found.edges_removed) == ((), ())


def test_blocks_that_are_alike_are_told_by_what_leads_to_them() -> None:
    plays = (
        Block("p1", "Play", "", {"/Text": "a"}),
        Block("p2", "Play", "", {"/T": "b"}),
    )
    edited = tuple(replace(b, properties={"/Text": b.id}) for b in plays)
    before = Graph(
        blocks=(*plays, Block("e1", "End"), Block("e2", "End")),
        edges=(Edge("p1", "next", "e1"), Edge("p2", "next", "e2")),
    )
    after = Graph(
        blocks=(*edited, Block("x", "End"), Block("y", "End")),
        edges=(Edge("p1", "next", "y"), Edge("p2", "next", "x")),
    )

    found = diff_graphs(before, after)

    assert found.renamed == {"e1": "y", "e2": "x"}
    assert [c.block for c in found.blocks] == ["p1", "p2"]
    assert (found.edges_added, found.edges_removed) == ((), ())


def test_a_block_is_told_by_its_place_when_nothing_else_is_left() -> None:
    after = anew(CHAIN)
    blocks = list(after.blocks)
    blocks[2] = Block("new c", "Play", "Closed", {"/Prompt": "closed.wav"})

    found = diff_graphs(CHAIN, replace(after, blocks=tuple(blocks)))

    assert [(c.previous, c.action) for c in found.blocks] == [("c", "change")]
    assert found.edges_added == found.edges_removed == ()


def test_another_first_block_is_a_change_under_new_ids_too() -> None:
    after = anew(replace(CHAIN, attributes={"StartAction": "b", "name": "Main"}))

    found = diff_graphs(CHAIN, after)

    assert found.attributes == (FieldChange("StartAction", "new a", "new b"),)
    assert found.blocks == ()


def test_a_rewired_edge_is_a_change_under_new_ids_too() -> None:
    edges = (*CHAIN.edges[:3], Edge("c", "next", "a"))

    found = diff_graphs(CHAIN, anew(replace(CHAIN, edges=edges)))

    assert found.edges_added == (Edge("new c", "next", "new a"),)
    assert found.edges_removed == (Edge("new c", "next", "new e"),)
    assert found.blocks == ()


def test_an_id_given_to_something_else_keeps_both_apart() -> None:
    blocks = (
        *CHAIN.blocks[:2],
        Block("moved", "Play", "", {"/Text": "closed"}),
        *CHAIN.blocks[3:],
        Block("c", "Transfer", "", {"/Queue": "q"}),
    )
    edges = (*CHAIN.edges[:2], Edge("b", "False", "moved"), Edge("moved", "next", "c"))

    found = diff_graphs(CHAIN, replace(CHAIN, blocks=blocks, edges=edges))

    assert found.renamed == {"c": "moved"}
    assert [(c.block, c.action) for c in found.blocks] == [("c", "add")]
    assert found.edges_added == (Edge("moved", "next", "c"),)
    assert found.edges_removed == (Edge("moved", "next", "e"),)


def test_a_block_that_goes_makes_way_for_one_of_its_id() -> None:
    before = Graph(blocks=(Block("a", "Play", "", {"/T": "x"}), Block("b", "End")))
    after = Graph(blocks=(Block("b", "Play", "", {"/T": "x"}),))

    found = diff_graphs(before, after)

    assert found.renamed == {"a": "b", "b": "b (before)"}
    assert [(c.block, c.action) for c in found.blocks] == [("b (before)", "remove")]


def test_machine_made_ids_are_told_by_their_type() -> None:
    made = "1c9d0e72-8b4f-4f0e-9f6a-2a0d5a6f9a11"
    before = Graph(blocks=(Block(made, "Play"), Block("Say bye", "End")))
    after = replace(before, edges=(Edge(made, "next", "Say bye"),))

    names = diff_graphs(before, after).names

    assert names == {made: "Play 1c9d0e72", "Say bye": "Say bye"}


# SQL, statement by statement.


def sql_diff(before: str, after: str) -> tuple[StatementChange, ...]:
    graphs = [Graph(blocks=(Block("n", "t", "", {"sql": s}),)) for s in (before, after)]
    (block,) = diff_graphs(*graphs).blocks
    (field,) = block.fields
    return field.statements


def test_statements_are_compared_by_what_they_make() -> None:
    view = "CREATE TEMPORARY VIEW `v` AS SELECT 1"
    table = "CREATE TABLE `t` (a INT) WITH ('connector' = 'kafka')"
    insert = "INSERT INTO `s` SELECT * FROM `v`"

    found = sql_diff(
        f"{table};\n\n{view};\n\nDROP VIEW x",
        f"{view.replace('1', '2')};\n\n{insert};\n\n{table}",
    )

    assert found == (
        StatementChange("VIEW v", "change", view, view.replace("1", "2")),
        StatementChange("INSERT INTO s", "add", None, insert),
        StatementChange("DROP x", "remove", "DROP VIEW x", None),
    )


@pytest.mark.parametrize(
    ("after", "options"),
    [
        ("CREATE TABLE t (a INT) WITH ('x' = '1', 'y' = '3')", ("y",)),
        ("CREATE TABLE t (a INT) WITH ('z' = '4', 'x' = '1')", ("y", "z")),
        ("CREATE TABLE t (a INT) WITH ('x' = '1')", ("y",)),
        ("CREATE TABLE t (b INT) WITH ('x' = '1', 'y' = '3')", ()),
        ("CREATE TABLE t (a INT) WITH ('x' = '1', 'y' = '3') -- why", ()),
        ("CREATE TABLE t (a INT)", ()),
    ],
)
def test_a_table_in_which_only_options_differ(
    after: str, options: tuple[str, ...]
) -> None:
    before = "CREATE TABLE t (a INT) WITH ('x' = '1', 'y' = '2')"

    (found,) = sql_diff(before, after)

    assert found.options == options
    assert found.table == ("t" if options else "")


def test_statements_in_another_order_are_the_same_statements() -> None:
    assert (
        sql_diff(
            "CREATE VIEW a AS SELECT 1; SELECT 2", "SELECT 2; CREATE VIEW a AS SELECT 1"
        )
        == ()
    )


def test_several_statements_of_one_name_are_told_apart() -> None:
    found = sql_diff(
        "INSERT INTO s SELECT 1; INSERT INTO s SELECT 2",
        "INSERT INTO s SELECT 2; INSERT INTO s SELECT 3; INSERT INTO s SELECT 4",
    )

    assert [(s.name, s.action) for s in found] == [
        ("INSERT INTO s", "change"),
        ("INSERT INTO s", "add"),
    ]


@pytest.mark.parametrize("text", ["'open", "/* open", ";;", "no sql at all", "END"])
def test_what_is_no_sql_is_compared_too(text: str) -> None:
    before = Graph(blocks=(Block("n", "t", "", {"sql": "SELECT 1"}),))
    after = Graph(blocks=(Block("n", "t", "", {"sql": text}),))

    (block,) = diff_graphs(before, after).blocks

    assert block.fields[0].after == text


def test_what_is_new_is_made_when_somebody_looks() -> None:
    looked: list[int] = []

    def double(number: int) -> int:
        looked.append(number)
        return 2 * number

    view = Each((1, 2, 3), double)

    assert (len(view), bool(view), looked) == (3, True, [])
    assert (view[0], view[-1], view[1:]) == (2, 6, (4, 6))
    assert [*view] == [2, 4, 6]
    assert (view == (2, 4, 6), view == (2, 4), view == [2, 4, 6]) == (
        True,
        False,
        False,
    )
    assert hash(view) == hash((2, 4, 6))
    assert not Each((), double)
