"""Flows to draw: a small one before and after a change, large ones, hostile ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flowops.model import Block, Edge, Graph
from flowops.pictures.boxes import WIDTH
from flowops.pictures.picture import Picture
from flowops.plan.reporting import report_difference
from flowops.report.model import ChangeReport

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

HOSTILE = (
    "<img src=x onerror=\"document.title='broken'\">",
    "</script><script>document.title='broken'</script>",
    "]]></style><style>*{display:none}</style>",
    '--> x["y"]\nclick b0 href "javascript:document.title=\'broken\'"',
    '"];b0-->b0;%%{init: {"theme":"x"}}%%',
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "zero\0byte\x1b[31m and \ud7ff",
    "x" * 10_000,
    "\U0001f600\U0001f469\u200d\U0001f469\u200d\U0001f467 \u4f60\u597d " * 20,
    "`end` #quot; &lt;b&gt; 1. - {{ 7*7 }} ${x} %s",
    "",
)
"""Labels that break what does not write them as text."""

Spots = Mapping[str, tuple[float, float]]


def graph(
    blocks: Mapping[str, str],
    edges: Iterable[tuple[str, str, str]],
    spots: Spots | None = None,
    **properties: str,
) -> Graph:
    """Return a graph of blocks by id and type, the first of which starts."""
    placed = spots or {}
    return Graph(
        attributes={"StartAction": next(iter(blocks), "")},
        blocks=tuple(
            Block(
                id=name,
                type=sort,
                properties={"/Text": properties[name]} if name in properties else {},
                layout=_layout(*placed[name]) if name in placed else {},
            )
            for name, sort in blocks.items()
        ),
        edges=tuple(Edge(*edge) for edge in edges),
    )


def _layout(x: float, y: float) -> dict[str, str]:
    return {"/position/x": str(x), "/position/y": str(y)}


def small_before() -> Graph:
    return graph(
        {"Welcome": "MessageParticipant", "Ask": "GetParticipantInput", "Bye": "End"},
        [
            ("Welcome", "next", "Ask"),
            ("Welcome", "error NoMatchingError", "Bye"),
            ("Ask", "if Equals 1", "Welcome"),
            ("Ask", "next", "Bye"),
            ("Ask", "error NoMatchingError", "Bye"),
        ],
        {"Welcome": (160, 40), "Ask": (420, 40), "Bye": (720, 120)},
        Welcome="Hello",
    )


def small_after() -> Graph:
    """The same flow with one block more, another greeting and another way."""
    return graph(
        {
            "Welcome": "MessageParticipant",
            "Ask": "GetParticipantInput",
            "Queue": "TransferContactToQueue",
            "Bye": "End",
        },
        [
            ("Welcome", "next", "Ask"),
            ("Welcome", "error NoMatchingError", "Bye"),
            ("Ask", "if Equals 1", "Queue"),
            ("Ask", "next", "Bye"),
            ("Ask", "error NoMatchingError", "Bye"),
            ("Queue", "next", "Bye"),
        ],
        {
            "Welcome": (160, 40),
            "Ask": (420, 40),
            "Queue": (720, -120),
            "Bye": (980, 120),
        },
        Welcome="Hello & welcome",
    )


def hostile() -> Graph:
    """A flow whose every word means something to somebody."""
    blocks = tuple(
        Block(label or "nothing", label, label, {label: label}) for label in HOSTILE
    )
    names = [block.id for block in blocks]
    edges = tuple(
        Edge(a, label, b)
        for a, b, label in zip(names, names[1:] + names[:1], HOSTILE, strict=True)
    )
    loop = Edge(names[0], HOSTILE[0], names[0])
    return Graph({"StartAction": names[0]}, blocks, (*edges, loop))


def numbered(count: int, links: Iterable[tuple[int, int]], step: int = 0) -> Graph:
    """Return a graph of so many blocks; ``step`` is how far apart they are drawn."""
    return graph(
        {f"b{number}": "Compare" for number in range(count)},
        [(f"b{a}", f"if Equals {b}", f"b{b}") for a, b in links],
        {f"b{n}": (step * (n % 12), step * (n // 12)) for n in range(count)}
        if step
        else None,
    )


def changed(before: Graph, after: Graph, name: str = "Main IVR") -> ChangeReport:
    path = f"flows/{name}.json"
    return report_difference(f"connect/contact-flow/{name}", path, before, after)


def rectangles(picture: Picture) -> dict[str, tuple[float, float, float, float]]:
    """Return left, top, right and bottom of each box, by the block's id."""
    return {
        p.box.block.id: (p.x, p.y, p.x + WIDTH, p.y + p.box.height)
        for p in picture.boxes
    }


def overlapping(picture: Picture) -> list[tuple[str, str]]:
    found = list(rectangles(picture).items())
    return [
        (name, other)
        for i, (name, a) in enumerate(found)
        for other, b in found[i + 1 :]
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


def edges_through_boxes(picture: Picture) -> list[str]:
    """Return the edges that run through a block, their own ones included."""
    boxes = list(rectangles(picture).values())
    found = []
    for edge in picture.edges:
        for (x, y), (x2, y2) in zip(edge.route, edge.route[1:], strict=False):
            low, high = sorted((x, x2))
            top, bottom = sorted((y, y2))
            if any(
                low < b[2] - 1
                and high > b[0] + 1
                and top < b[3] - 1
                and bottom > b[1] + 1
                for b in boxes
            ):
                found.append(f"{edge.source} -> {edge.row.target}")
                break
    return found


LARGE = (
    (
        "aws-samples__amazon-connect-step-by-step-guides-module-library"
        "/examples_Financial_contactFlow.json"
    ),
    "aws-samples__amazon-connect-callbackmgmt/flows_cfSetCallBackflow.json",
    (
        "amazon-connect__amazon-connect-salesforce-scv"
        "/Examples_AWSSCV-SampleContactFlows_Code_awsscv_samples"
        "_AWS_Sample_SCV_Inbound_Flow_with_Transcription__e0.json"
    ),
)
"""Three real flows that make one of more than 90 blocks; none of them is so large."""


def large_flow() -> dict[str, Any]:
    """Put the three real flows below each other on one canvas, and link them."""
    whole: dict[str, Any] = {}
    top = 0
    for number, name in enumerate(LARGE):
        text = (CORPUS / "connect" / name).read_text("utf-8")
        part = json.loads(text)
        if number:
            for action in part["Actions"]:
                old = action["Identifier"]
                text = text.replace(f'"{old}"', f'"{old}-{number}"')
            part = json.loads(text)
        shown = part["Metadata"]["ActionMetadata"]
        heights = [block["position"]["y"] for block in shown.values()]
        for block in shown.values():
            block["position"]["y"] += top - min(heights)
        top += max(heights) - min(heights) + 400
        if whole:
            whole["Actions"][5]["Transitions"]["NextAction"] = part["StartAction"]
            whole["Actions"] += part["Actions"]
            whole["Metadata"]["ActionMetadata"] |= shown
        else:
            whole = part
    return whole
