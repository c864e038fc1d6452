"""Compare two graphs by meaning; where a box is drawn is counted apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING

from flowops.diff.matching import ENDS, ENTRY, match_blocks
from flowops.diff.statements import SQL, diff_statements
from flowops.diff.views import Each
from flowops.model import Edge
from flowops.secrets import REDACTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowops.diff.statements import StatementChange
    from flowops.model import Block, Graph


_MADE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that differs: ``None`` stands for absent.

    ``statements`` are set where both values are SQL.
    """

    path: str
    before: str | None
    after: str | None
    statements: tuple[StatementChange, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockChange:
    """A block that is added, removed, or whose fields differ.

    ``block`` is its id in the later graph, if it is there. ``previous`` is the id it
    had, where that is another one.
    """

    block: str
    type: str
    label: str
    action: str
    fields: tuple[FieldChange, ...] = ()
    previous: str = ""


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """Everything that differs between two graphs.

    ``layout`` counts values of the canvas; ``moved`` are the ids of blocks that are
    drawn elsewhere and do what they did. ``renamed`` maps ids of the earlier graph to
    those that the same blocks have in the later one; edges are written with these.
    ``sealed`` tells of a difference that cannot be seen, and ``hidden`` names the
    values that show a redaction, one of which it may be. ``names`` are what people
    call the blocks of edges and those that moved, by id.
    """

    attributes: tuple[FieldChange, ...] = ()
    blocks: Sequence[BlockChange] = ()
    edges_added: tuple[Edge, ...] = ()
    edges_removed: tuple[Edge, ...] = ()
    layout: int = 0
    moved: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    sealed: bool = False
    hidden: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def changes_behaviour(self) -> bool:
        """Tell whether more than the layout and the ids differs."""
        return bool(
            self.attributes
            or self.blocks
            or self.edges_added
            or self.edges_removed
            or self.sealed
        )

    @property
    def changes_drawing(self) -> bool:
        """Tell whether the layout or the id of a block differs."""
        return bool(self.layout or self.renamed)


def diff_graphs(before: Graph, after: Graph) -> GraphDiff:
    """Compare two graphs; attributes count where ``after`` names them."""
    if before == after:
        return GraphDiff()
    kept = {k: v for k, v in before.attributes.items() if k in after.attributes}
    ids = match_blocks(before, after)
    renamed = _renamed(before, after, ids)
    earlier = with_ids(replace(before, attributes=kept), renamed)
    old = {block.id: block for block in earlier.blocks}
    new = {block.id: block for block in after.blocks}
    moved = sorted(i for i in old.keys() & new.keys() if old[i].layout != new[i].layout)
    gone, added = _edges_of(earlier, after)
    changed = _changed(old, new, renamed)
    other = {change.block for change in changed} if moved else set()
    found = GraphDiff(
        attributes=tuple(_fields(earlier.attributes, after.attributes)),
        blocks=changed,
        edges_added=added,
        edges_removed=gone,
        layout=_layout(before, after, old, new),
        moved=tuple(i for i in moved if i not in other),
        renamed=renamed,
        names=_names((*gone, *added), moved, {**old, **new}),
    )
    if before.fingerprint == after.fingerprint or found.changes_behaviour:
        return found
    return replace(found, sealed=True, hidden=tuple(_hidden(after)))


def _edges_of(before: Graph, after: Graph) -> tuple[tuple[Edge, ...], tuple[Edge, ...]]:
    """Return the edges that only one of two graphs has, in their order."""
    old, new = ({ENDS(edge): edge for edge in g.edges} for g in (before, after))
    return (
        tuple(old[ends] for ends in sorted(old.keys() - new.keys())),
        tuple(new[ends] for ends in sorted(new.keys() - old.keys())),
    )


def _hidden(graph: Graph) -> Iterator[str]:
    for block in graph.blocks:
        for path, value in sorted(block.properties.items()):
            if REDACTION.search(value):
                yield f"{path} of {_name(block)}"


def with_ids(graph: Graph, ids: Mapping[str, str]) -> Graph:
    """Return a graph in which blocks have other ids, by their old ones."""
    if not ids:
        return graph
    attributes = dict(graph.attributes)
    if ENTRY in attributes:
        attributes[ENTRY] = ids.get(attributes[ENTRY], attributes[ENTRY])
    return replace(
        graph,
        attributes=attributes,
        blocks=tuple(replace(b, id=ids.get(b.id, b.id)) for b in graph.blocks),
        edges=tuple(
            Edge(ids.get(e.source, e.source), e.branch, ids.get(e.target, e.target))
            for e in graph.edges
        ),
    )


def _names(
    edges: Iterable[Edge], moved: Iterable[str], blocks: Mapping[str, Block]
) -> dict[str, str]:
    ends = {edge.source for edge in edges} | {edge.target for edge in edges}
    return {i: _name(blocks[i]) for i in sorted(ends.union(moved)) if i in blocks}


def _name(block: Block) -> str:
    """Return what people call a block; an id that a machine made says nothing."""
    if block.label:
        return block.label
    if _MADE.fullmatch(block.id):
        return f"{block.type} {block.id[:8]}"
    return block.id


def _renamed(before: Graph, after: Graph, ids: Mapping[str, str]) -> dict[str, str]:
    """Return the ids that change; a block that goes makes way for one of its id."""
    renamed = {old: new for old, new in sorted(ids.items()) if old != new}
    later = {block.id for block in after.blocks}
    taken = later | {block.id for block in before.blocks}
    for block in before.blocks:
        if block.id not in ids and block.id in later:
            name = f"{block.id} (before)"
            while name in taken:
                name += "'"
            taken.add(name)
            renamed[block.id] = name
    return renamed


def _fields(
    before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[FieldChange]:
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old != new:
            both = path == SQL and old is not None and new is not None
            parts = diff_statements(old or "", new or "") if both else ()
            yield FieldChange(path, old, new, parts)


def _changed(
    old: Mapping[str, Block], new: Mapping[str, Block], renamed: Mapping[str, str]
) -> Sequence[BlockChange]:
    if not old:
        return Each(tuple(new.values()), _added)
    return tuple(_blocks(old, new, {v: k for k, v in renamed.items()}))


def _added(block: Block) -> BlockChange:
    values = [*_nature(block).items(), *block.properties.items()]
    values.sort(key=itemgetter(0))
    fields = tuple([FieldChange(path, None, value) for path, value in values])
    return BlockChange(block.id, block.type, block.label, "add", fields)


def _blocks(
    old: Mapping[str, Block], new: Mapping[str, Block], names: Mapping[str, str]
) -> Iterator[BlockChange]:
    for identifier in [*new, *(i for i in old if i not in new)]:
        before, after = old.get(identifier), new.get(identifier)
        shown = after or before
        if shown is None:
            continue
        fields = _block_fields(before, after)
        if before is None or after is None or fields:
            action = "change" if before and after else ("add" if after else "remove")
            previous = names.get(identifier, "")
            yield BlockChange(
                identifier, shown.type, shown.label, action, fields, previous
            )


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
