"""Digests: of a flow by what it means, and of what a plan would do and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.canonical import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.model import Graph

FORMAT_VERSION = "1.0"


def graph_digest(graph: Graph) -> str:
    """Return the digest of a flow by meaning and layout, whatever its key order."""
    blocks: list[JsonValue] = [
        [b.id, b.type, b.label, b.properties, b.layout]
        for b in sorted(graph.blocks, key=lambda block: block.id)
    ]
    edges: list[JsonValue] = [
        [*ends] for ends in sorted((e.source, e.branch, e.target) for e in graph.edges)
    ]
    return digest([graph.attributes, blocks, edges, graph.layout, graph.fingerprint])


def digest_of(
    environment: str, targets: Mapping[str, str], changes: Iterable[list[str]]
) -> str:
    """Return the digest of what would be done, and where.

    Each change is an address, an action and the digests before and after. Time,
    paths, key order, the tool's version and the commit are not in it.
    """
    return digest(
        {
            "format_version": FORMAT_VERSION,
            "environment": environment,
            "targets": [list(target) for target in sorted(targets.items())],
            "changes": [[*change] for change in sorted(changes)],
        }
    )
