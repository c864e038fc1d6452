from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

import pytest

from flowops.cli.picturing import flow_graph
from flowops.errors import FlowOpsError
from flowops.model import Graph
from flowops.pictures.marks import UNMARKED
from flowops.pictures.mermaid import graph_mermaid
from flowops.pictures.picture import draw
from flowops.pictures.svg import picture_svg
from flowops.project import WorkingTree, read_flow
from tests.support.pictures import CORPUS, edges_through_boxes, overlapping

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not on this machine"),
]


def graphs() -> Iterator[tuple[str, Graph]]:
    tree = WorkingTree(CORPUS)
    for path in sorted(CORPUS.rglob("*.json")):
        name = path.relative_to(CORPUS).as_posix()
        try:
            flow = read_flow(name, tree)
        except FlowOpsError:
            continue
        yield name, flow_graph(flow)


def test_every_real_flow_is_drawn_legibly(
    record_property: Callable[[str, object], None],
) -> None:
    """No box over another one, no edge through a box, whatever people have drawn."""
    flows, edges = 0, 0
    for name, graph in graphs():
        picture = draw(graph, UNMARKED)
        assert overlapping(picture) == [], name
        assert edges_through_boxes(picture) == [], name
        assert ET.fromstring(picture_svg(picture, name)) is not None
        assert graph_mermaid(graph).note == "", name
        flows, edges = flows + 1, edges + len(picture.edges)
    record_property("flows drawn", flows)
    record_property("edges routed", edges)
    assert flows >= 200
