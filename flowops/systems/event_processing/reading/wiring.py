"""The order of nodes along the edges, and the edges that allow none."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from flowops.systems.event_processing.pipeline import is_destination

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowops.systems.event_processing.pipeline import AnyNode, Link, Pipeline
    from flowops.systems.event_processing.reading.places import Place


def in_order(nodes: Iterable[AnyNode], links: Iterable[Link]) -> list[AnyNode]:
    """Return nodes after their inputs, else as given; those of a cycle are left out."""
    all_nodes = list(nodes)
    index = {node.id: number for number, node in enumerate(all_nodes)}
    followers: dict[int, list[int]] = {number: [] for number in index.values()}
    unmet = [0] * len(all_nodes)
    for link in links:
        followers[index[link.source]].append(index[link.target])
        unmet[index[link.target]] += 1
    ready = [number for number, count in enumerate(unmet) if not count]
    ordered: list[AnyNode] = []
    while ready:
        number = heappop(ready)
        ordered.append(all_nodes[number])
        for follower in followers[number]:
            unmet[follower] -= 1
            if not unmet[follower]:
                heappush(ready, follower)
    return ordered


def refuse_cycles(nodes: tuple[AnyNode, ...], links: Mapping[Link, Place]) -> None:
    """Raise ``InputError`` at an edge of a cycle, if there is one."""
    ordered = {node.id for node in in_order(nodes, links)}
    if len(ordered) == len(nodes):
        return
    for link, place in links.items():
        if link.source not in ordered and _leads(link.target, link.source, links):
            raise place.error("the edges form a cycle", "remove one of its edges")


def on_the_way(pipeline: Pipeline) -> frozenset[str]:
    """Return the ids of nodes that feed a destination; all, if there is none."""
    ends = [node.id for node in pipeline.nodes if is_destination(node)]
    if not ends:
        return frozenset(node.id for node in pipeline.nodes)
    return frozenset(_reached(ends, {(k.target, k.source) for k in pipeline.links}))


def _leads(start: str, end: str, links: Iterable[Link]) -> bool:
    return end in _reached([start], {(link.source, link.target) for link in links})


def _reached(starts: Iterable[str], steps: set[tuple[str, str]]) -> set[str]:
    reached = set(starts)
    while more := {b for a, b in steps if a in reached} - reached:
        reached |= more
    return reached
