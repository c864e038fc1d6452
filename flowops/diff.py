"""Compare two graphs by meaning; where a box is drawn is counted apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.model import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Block, Edge

SEALED = "(sensitive value)"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that differs: ``None`` stands for absent."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class BlockChange:
    """A block that is added, removed, or whose fields differ."""

    block: str
    type: str
    label: str
    action: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """Everything that differs between two graphs; ``layout`` counts values."""

    attributes: tuple[FieldChange, ...] = ()
    blocks: tuple[BlockChange, ...] = ()
    edges_added: tuple[str, ...] = ()
    edges_removed: tuple[str, ...] = ()
    layout: int = 0
    sealed: bool = False

    @property
    def changes_behaviour(self) -> bool:
        """Tell whether more than the layout differs."""
        return bool(
            self.attributes
            or self.blocks
            or self.edges_added
            or self.edges_removed
            or self.sealed
        )


def diff_graphs(before: Graph, after: Graph) -> GraphDiff:
    """Compare two graphs; attributes count where ``after`` names them."""
    kept = {k: v for k, v in before.attributes.items() if k in after.attributes}
    old = {block.id: block for block in before.blocks}
    new = {block.id: block for block in after.blocks}
    edges_before, edges_after = set(before.edges), set(after.edges)
    found = GraphDiff(
        attributes=tuple(_fields(kept, after.attributes)),
        blocks=tuple(_blocks(old, new)),
        edges_added=tuple(_words(e) for e in sorted(edges_after - edges_before)),
        edges_removed=tuple(_words(e) for e in sorted(edges_before - edges_after)),
        layout=_layout(before, after, old, new),
    )
    sealed = before.fingerprint != after.fingerprint and not found.changes_behaviour
    return GraphDiff(
        found.attributes,
        found.blocks,
        found.edges_added,
        found.edges_removed,
        found.layout,
        sealed,
    )


def _words(edge: Edge) -> str:
    branch = f" [{edge.branch}]" if edge.branch else ""
    return f"{edge.source}{branch} -> {edge.target}"


def _fields(
    before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[FieldChange]:
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old != new:
            yield FieldChange(path, old, new)


def _blocks(
    old: Mapping[str, Block], new: Mapping[str, Block]
) -> Iterator[BlockChange]:
    for identifier in [*new, *(i for i in old if i not in new)]:
        before, after = old.get(identifier), new.get(identifier)
        shown = after or before
        if shown is None:
            continue
        fields = _block_fields(before, after)
        if before is None or after is None or fields:
            action = "change" if before and after else ("add" if after else "remove")
            yield BlockChange(identifier, shown.type, shown.label, action, fields)


def _block_fields(before: Block | None, after: Block | None) -> tuple[FieldChange, ...]:
    changes = [
        *_fields(_nature(before), _nature(after)),
        *_fields(
            before.properties if before else {}, after.properties if after else {}
        ),
    ]
    return tuple(sorted(changes, key=lambda change: change.path))


def _nature(block: Block | None) -> dict[str, str]:
    """Return what a block is, apart from properties that may have the same names."""
    if block is None:
        return {}
    label = {"label": block.label} if block.label else {}
    return {"type": block.type, **label}


def _layout(
    before: Graph, after: Graph, old: Mapping[str, Block], new: Mapping[str, Block]
) -> int:
    count = sum(1 for _ in _fields(before.layout, after.layout))
    for identifier in old.keys() & new.keys():
        fields = _fields(old[identifier].layout, new[identifier].layout)
        count += sum(1 for _ in fields)
    return count
