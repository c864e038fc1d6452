from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowops.model import Graph
from flowops.pictures.boxes import HEAD, WIDTH
from flowops.pictures.marks import UNMARKED
from flowops.pictures.picture import Picture, draw
from tests.support.pictures import (
    edges_through_boxes,
    graph,
    hostile,
    numbered,
    overlapping,
    rectangles,
    small_after,
    small_before,
)

numbers = st.integers(0, 11)
coordinates = st.one_of(
    st.integers(-2000, 2000),
    st.sampled_from([0.0, 1e8, -1e8, 1e300, float("nan"), float("inf"), 0.1]),
)


@st.composite
def graphs(draw_: st.DrawFn) -> Graph:
    count = draw_(st.integers(0, 12))
    links = draw_(st.lists(st.tuples(numbers, numbers), max_size=25))
    names = [f"b{number}" for number in range(count)]
    placed = draw_(st.lists(st.tuples(coordinates, coordinates), max_size=count))
    return graph(
        dict.fromkeys(names, "Compare"),
        [(f"b{a}", f"if {b}", f"b{b}") for a, b in links],
        dict(zip(names, placed, strict=False)),
    )


@given(graphs())
@settings(max_examples=150)
def test_whatever_the_flow_boxes_lie_apart_and_edges_join_them(found: Graph) -> None:
    picture = draw(found, UNMARKED)
    assert [box.box.block for box in picture.boxes] == list(found.blocks)
    assert overlapping(picture) == []
    places = rectangles(picture)
    for edge in picture.edges:
        source, target = places[edge.source], places[edge.row.target]
        assert edge.route[0] == pytest.approx((source[2], source[1] + edge.row.y))
        assert edge.route[-1] == pytest.approx((target[0], target[1] + HEAD // 2))
        for one, two in zip(edge.route, edge.route[1:], strict=False):
            assert one[0] == two[0] or one[1] == two[1], "only along the axes"
    inside(picture)
    assert draw(found, UNMARKED) == picture


def inside(picture: Picture) -> None:
    points = [point for edge in picture.edges for point in edge.route]
    points += [p for r in rectangles(picture).values() for p in (r[:2], r[2:])]
    assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in points)


@pytest.mark.parametrize(
    "found",
    [
        small_before(),
        small_after(),
        hostile(),
        numbered(40, [(n, n + 1) for n in range(39)], 240),
    ],
    ids=["before", "after", "hostile", "canvas of 40"],
)
def test_no_edge_runs_through_a_block(found: Graph) -> None:
    assert edges_through_boxes(draw(found, UNMARKED)) == []


def test_blocks_keep_the_order_of_the_canvas() -> None:
    picture = draw(small_after(), UNMARKED)
    places = rectangles(picture)
    assert not picture.is_arranged
    assert (
        places["Welcome"][0] < places["Ask"][0] < places["Queue"][0] < places["Bye"][0]
    )
    assert places["Queue"][1] < places["Welcome"][1] < places["Bye"][1]


@pytest.mark.parametrize(
    ("spots", "arranged"),
    [
        ({}, True),
        ({"a": (0, 0), "b": (0, 0), "c": (0, 0)}, True),
        ({"a": (0, 0)}, True),
        ({"a": (0, 0), "b": (300, 0)}, False),
        ({"a": (-5000, -3000), "b": (-4700, -3000), "c": (-4400, -3000)}, False),
        ({"a": (float("nan"), 0), "b": (0, float("inf")), "c": (1e12, 0)}, True),
    ],
    ids=[
        "none",
        "all at one place",
        "one of three",
        "two of three",
        "negative",
        "no numbers",
    ],
)
def test_a_layout_of_our_own_where_the_file_says_too_little(
    spots: dict[str, tuple[float, float]], arranged: bool
) -> None:
    found = graph(dict.fromkeys("abc", "X"), [("a", "", "b"), ("b", "", "c")], spots)
    picture = draw(found, UNMARKED)
    assert picture.is_arranged is arranged
    assert overlapping(picture) == []


def test_a_block_without_a_place_lies_beside_what_leads_to_it() -> None:
    spots = {"a": (0.0, 0.0), "b": (300.0, 0.0), "c": (600.0, 0.0)}
    edges = [("a", "", "b"), ("a", "", "new"), ("b", "", "c"), ("new", "", "next")]
    found = graph(
        dict.fromkeys(("a", "b", "c", "new", "next", "lost"), "X"), edges, spots
    )
    alone = graph(dict.fromkeys("abc", "X"), edges[:1] + edges[2:3], spots)
    picture = draw(replace_spots(found, 4), UNMARKED)
    places = rectangles(picture)
    assert not picture.is_arranged
    assert overlapping(picture) == []
    assert places["a"][2] < places["new"][0] < places["c"][0]
    assert places["new"][1] > places["b"][1], "what has a place keeps it"
    assert rectangles(draw(alone, UNMARKED))["c"][1] == places["c"][1]


def replace_spots(found: Graph, count: int) -> Graph:
    """Return the first blocks only, so that two of three have a place."""
    return replace(found, blocks=found.blocks[:count])


def test_a_great_distance_is_shortened() -> None:
    far = {"a": (0.0, 0.0), "b": (9e8, -9e8), "c": (100.0, 400.0)}
    picture = draw(graph(dict.fromkeys("abc", "X"), [("a", "", "b")], far), UNMARKED)
    assert picture.width < 10 * WIDTH
    assert picture.height < 2000


def test_a_flow_without_blocks_has_a_picture() -> None:
    picture = draw(Graph(), UNMARKED)
    assert (picture.boxes, picture.edges) == ((), ())
    assert picture.width > 0


@pytest.mark.parametrize("step", [0, 240], ids=["no positions", "a canvas"])
@pytest.mark.parametrize(
    "links",
    [
        [(n, (n * 7) % 250) for n in range(250)],
        [(n, n) for n in range(250)],
        [(n, 249) for n in range(250)],
    ],
    ids=["cycles", "self loops", "one end"],
)
def test_250_blocks(links: list[tuple[int, int]], step: int) -> None:
    picture = draw(numbered(250, links, step), UNMARKED)
    assert len(picture.boxes) == 250
    assert overlapping(picture) == []


def test_blocks_nothing_leads_to_are_drawn_too() -> None:
    found = graph({"a": "X", "lost": "X", "alone": "X"}, [("lost", "next", "lost")])
    assert set(rectangles(draw(found, UNMARKED))) == {"a", "lost", "alone"}


def test_an_edge_to_nowhere_is_left_out() -> None:
    picture = draw(graph({"a": "X"}, [("a", "next", "b"), ("c", "", "a")]), UNMARKED)
    assert picture.edges == ()
