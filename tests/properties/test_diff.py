from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from flowops.diff import BlockChange, diff_graphs, with_ids
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


def told(change: BlockChange, *, turned: bool) -> tuple[str, str, str]:
    """Return the earlier id, the later one and what happened, there or back."""
    opposite = {"add": "remove", "remove": "add", "change": "change"}
    earlier, later = change.previous or change.block, change.block
    if turned:
        return later, earlier, opposite[change.action]
    return earlier, later, change.action


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

    if meaning(one) == meaning(other):
        assert not found.changes_behaviour
    if not found.changes_behaviour:
        assert meaning(with_ids(one, found.renamed)) == meaning(other)
    assert not found.sealed


@given(graphs, graphs)
def test_there_and_back_are_opposites(one: Graph, other: Graph) -> None:
    there, back = diff_graphs(one, other), diff_graphs(other, one)

    assert sorted(told(c, turned=False)[2] for c in there.blocks) == sorted(
        told(c, turned=True)[2] for c in back.blocks
    )
    assert len(there.edges_added) == len(back.edges_removed)
    assert len(there.edges_removed) == len(back.edges_added)
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

    assert found.renamed == again.renamed
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


# Graphs with edges that lead somewhere, and ids that were made anew.

names = [f"b{number}" for number in range(6)]


@st.composite
def wired(draw: st.DrawFn) -> Graph:
    """Return a flow of up to six blocks, many of them alike."""
    size = draw(st.integers(1, len(names)))
    ids = names[:size]
    contents = st.dictionaries(st.sampled_from(["/x", "/y"]), words, max_size=2)
    types = st.sampled_from(["Play", "End"])
    made = [Block(i, draw(types), "", draw(contents)) for i in ids]
    ends = st.sampled_from(ids)
    edge = st.builds(Edge, ends, st.sampled_from(["next", "error"]), ends)
    found = draw(st.lists(edge, unique=True, max_size=8))
    start = {"StartAction": draw(ends)}
    return Graph(start, tuple(made), tuple(found), {}, "print")


def shuffled(graph: Graph, data: st.DataObject) -> Graph:
    return replace(
        graph,
        blocks=tuple(data.draw(st.permutations(graph.blocks))),
        edges=tuple(data.draw(st.permutations(graph.edges))),
    )


@given(wired(), st.booleans(), st.data())
def test_new_ids_and_another_order_change_no_behaviour(
    graph: Graph, fresh: bool, data: st.DataObject
) -> None:
    ids = [block.id for block in graph.blocks]
    made = [f"new {i}" for i in ids] if fresh else ids
    renaming = dict(zip(ids, data.draw(st.permutations(made)), strict=True))

    found = diff_graphs(graph, shuffled(with_ids(graph, renaming), data))

    assert not found.changes_behaviour
    if fresh:
        assert len(found.renamed) == len(ids)


@given(wired(), st.data())
def test_one_edit_under_new_ids_is_that_one_change(
    graph: Graph, data: st.DataObject
) -> None:
    graph = told_apart(graph)
    ids = [block.id for block in graph.blocks]
    made = data.draw(st.permutations([f"new {i}" for i in ids]))
    renaming = dict(zip(ids, made, strict=True))
    edited = data.draw(st.sampled_from(graph.blocks))
    properties = {**edited.properties, "/x": "edited"}
    after = replace(
        graph,
        blocks=tuple(
            replace(b, properties=properties) if b == edited else b
            for b in graph.blocks
        ),
    )

    found = diff_graphs(graph, shuffled(with_ids(after, renaming), data))

    (change,) = found.blocks
    assert told(change, turned=False) == (edited.id, renaming[edited.id], "change")
    assert [field.path for field in change.fields] == ["/x"]
    assert (found.edges_added, found.edges_removed, found.attributes) == ((), (), ())


def told_apart(graph: Graph) -> Graph:
    """Give each block a property of its own, as most blocks of real flows have."""
    return replace(
        graph,
        blocks=tuple(
            replace(b, properties={**b.properties, "/own": b.id}) for b in graph.blocks
        ),
    )


@given(wired(), wired())
def test_what_is_told_leads_from_the_one_to_the_other(one: Graph, other: Graph) -> None:
    """Nothing is lost and nothing made up, whichever blocks are paired."""
    found = diff_graphs(one, other)
    earlier = with_ids(one, found.renamed)
    edges = (set(earlier.edges) - {*found.edges_removed}) | {*found.edges_added}

    assert edges == set(other.edges)
    actions = {change.block: change.action for change in found.blocks}
    kept = {b.id: b for b in earlier.blocks if actions.get(b.id) != "remove"}
    added = {i for i, action in actions.items() if action == "add"}
    assert kept.keys() | added == {block.id for block in other.blocks}
    assert not kept.keys() & added
    for block in other.blocks:
        if block.id not in actions:
            assert kept[block.id].properties == block.properties
