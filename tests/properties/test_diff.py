from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from flowops.diff import BlockChange, diff_graphs
from flowops.model import Block, Edge, Graph

words = st.sampled_from(["", "a", "b"])
texts = st.dictionaries(
    st.sampled_from(["/x", "/y", "type", "label"]), words, max_size=3
)
blocks = st.lists(
    st.builds(Block, st.sampled_from(["b1", "b2", "b3"]), words, words, texts, texts),
    max_size=3,
    unique_by=lambda block: block.id,
).map(tuple)
edges = st.lists(st.builds(Edge, words, words, words), unique=True, max_size=3)
graphs = st.builds(Graph, texts, blocks, edges.map(tuple), texts, st.just(""))


def meaning(graph: Graph) -> tuple[object, ...]:
    """Return all that a graph does, without where anything is drawn."""
    nodes = {b.id: (b.type, b.label, b.properties) for b in graph.blocks}
    return nodes, set(graph.edges), graph.attributes


def action_of(change: BlockChange) -> tuple[str, str]:
    opposite = {"add": "remove", "remove": "add", "change": "change"}
    return change.block, opposite[change.action]


@given(graphs)
def test_nothing_differs_from_itself(graph: Graph) -> None:
    found = diff_graphs(graph, graph)

    assert not found.changes_behaviour
    assert found.layout == 0


@given(graphs, graphs)
def test_whatever_differs_is_found(one: Graph, other: Graph) -> None:
    one = replace(one, attributes={k: one.attributes.get(k, "") for k in ("/x", "/y")})
    other = replace(other, attributes=dict.fromkeys(("/x", "/y"), "a"))

    found = diff_graphs(one, other)

    assert found.changes_behaviour == (meaning(one) != meaning(other))
    assert not found.sealed


@given(graphs, graphs)
def test_there_and_back_are_opposites(one: Graph, other: Graph) -> None:
    there, back = diff_graphs(one, other), diff_graphs(other, one)

    assert {(c.block, c.action) for c in there.blocks} == {
        action_of(change) for change in back.blocks
    }
    assert there.edges_added == back.edges_removed
    assert there.edges_removed == back.edges_added
    assert there.layout == back.layout
    fields = [(f.path, f.before, f.after) for c in there.blocks for f in c.fields]
    turned = [(f.path, f.after, f.before) for c in back.blocks for f in c.fields]
    assert sorted(fields, key=str) == sorted(turned, key=str)


@given(graphs, texts, texts)
def test_where_things_are_drawn_changes_no_behaviour(
    graph: Graph, canvas: dict[str, str], place: dict[str, str]
) -> None:
    moved = tuple(replace(block, layout=place) for block in graph.blocks)

    found = diff_graphs(graph, replace(graph, blocks=moved, layout=canvas))

    assert not found.changes_behaviour


@given(graphs, graphs)
def test_the_order_of_blocks_and_edges_does_not_count(one: Graph, other: Graph) -> None:
    turned = replace(other, blocks=other.blocks[::-1], edges=other.edges[::-1])
    found, again = diff_graphs(one, other), diff_graphs(one, turned)

    assert set(found.blocks) == set(again.blocks)
    assert (found.edges_added, found.edges_removed, found.layout) == (
        again.edges_added,
        again.edges_removed,
        again.layout,
    )


@given(graphs, graphs)
def test_a_difference_that_cannot_be_shown_is_never_lost(
    one: Graph, other: Graph
) -> None:
    found = diff_graphs(one, replace(other, fingerprint="another"))

    assert found.changes_behaviour
    assert found.sealed == (not diff_graphs(one, other).changes_behaviour)
