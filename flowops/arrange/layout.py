"""Lay a canvas out with Graphviz, which the extra ``graphviz`` brings along.

Nodes have fixed sizes and no text, so that no font of the machine matters: the same
release of Graphviz gives the same layout everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.arrange.canvas import Canvas

_POINTS = 72.0
_EDGE = 40
_MAIN_WAY = "4"
# Without limits dot can take minutes for a large flow full of cycles.
_GRAPH = {
    "rankdir": "LR",
    "nodesep": "0.7",
    "ranksep": "1.3",
    "splines": "false",
    "nslimit": "1",
    "nslimit1": "1",
    "mclimit": "1",
}


def lay_out(canvas: Canvas) -> Mapping[str, tuple[int, int]]:
    """Return the top left corner of every shape, from left to right.

    Raises ``UsageError`` where Graphviz is not installed.
    """
    try:
        from pygraphviz import AGraph
    except ImportError:
        raise UsageError(
            "arranging a flow needs Graphviz, which is not installed",
            hint="install it with pip install 'flowops-cli[graphviz]'",
        ) from None
    graph = AGraph(directed=True, strict=False, **_GRAPH)
    names = {shape.id: f"n{number}" for number, shape in enumerate(canvas.shapes)}
    for shape in canvas.shapes:
        graph.add_node(
            names[shape.id],
            shape="box",
            fixedsize="true",
            label="",
            width=f"{shape.width / _POINTS:.4f}",
            height=f"{shape.height / _POINTS:.4f}",
        )
    led: set[str] = set()
    for source, target in canvas.links:
        weight = "1" if source in led else _MAIN_WAY
        led.add(source)
        graph.add_edge(names[source], names[target], weight=weight)
    graph.layout(prog="dot")
    middles = {
        shape.id: _middle(graph.get_node(names[shape.id]).attr["pos"])
        for shape in canvas.shapes
    }
    graph.close()
    return _corners(canvas, middles)


def _middle(text: str) -> tuple[float, float]:
    x, y = text.split(",")
    return float(x), -float(y)


def _corners(
    canvas: Canvas, middles: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[int, int]]:
    corners = {
        shape.id: (
            middles[shape.id][0] - shape.width / 2,
            middles[shape.id][1] - shape.height / 2,
        )
        for shape in canvas.shapes
    }
    left = min(x for x, _ in corners.values()) - _EDGE
    top = min(y for _, y in corners.values()) - _EDGE
    return {name: (round(x - left), round(y - top)) for name, (x, y) in corners.items()}
