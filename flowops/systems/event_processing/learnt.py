"""What was worked out of a flow, so that the next environment need not do it again.

Nothing here is text that holds an opened secret: texts are what may be seen, or are
sealed themselves. As two secrets are equal when they look alike, what was made of one
is only used again for the very same one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from flowops.secrets import open_text
from flowops.systems.event_processing.redaction.sensitive import mask_option
from flowops.systems.event_processing.sql.outline import Outline, outline_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.model import Block, Edge
    from flowops.secrets import Text
    from flowops.systems.event_processing.compiler.compiled import Compiled, View
    from flowops.systems.event_processing.compiler.declarations import Facts
    from flowops.systems.event_processing.pipeline import AnyNode, SqlNode
    from flowops.systems.event_processing.sql.retarget import Template
    from flowops.systems.protocol import Setting

    Step: TypeAlias = tuple[AnyNode, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a flow.json says by meaning.

    ``owners`` tell which node makes a table or view, and ``rest`` is what stands
    beside the nodes, the edges and the canvas.
    """

    attributes: Mapping[str, str]
    blocks: tuple[Block, ...]
    edges: tuple[Edge, ...]
    owners: Mapping[str, str]
    rest: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Export:
    """The redacted flow.json of a file, and what it says once somebody asked.

    ``is_settled`` where a search of it would find nothing more to hide.
    """

    original: Text
    text: Text
    is_settled: bool
    drawing: list[Drawing] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Config:
    """A config.yaml, and what may be seen of its options: node, table, name."""

    text: Text
    nodes: Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Made:
    """The SQL of a node, and what it was made of beside the node itself."""

    inputs: tuple[View, ...]
    tables: Mapping[str, Mapping[str, Text]]
    compiled: Compiled


@dataclass(frozen=True, slots=True)
class Applied:
    """The settings that tables get, as they are and sealed, and what they came of."""

    bound: tuple[object, ...]
    settings: tuple[Setting, ...]
    sealed: tuple[Setting, ...]


@dataclass(slots=True)
class Learnt:
    """What is known of one flow.

    ``config`` is the one that was written last. ``made`` is by the id of the node and
    the form of the SQL. ``steps`` are the nodes in the order to compile them, and
    ``tables`` how many of them make each table or view. ``applied`` are the settings
    of the environment that was asked for last, ``facts`` what the parts of the SQL say
    and ``timed`` whether they have event time,
    and ``harmless`` the options that hide nothing, with their values. ``sources`` are
    the tables that are read from, ``listed`` those of each node that have options, and
    ``script`` is what a SQL export is made of, and ``outlines`` are those of the nodes
    whose SQL a user wrote, by id.
    """

    export: Export | None = None
    config: Config | None = None
    made: dict[tuple[str, str, bool, bool], Made] = field(default_factory=dict)
    steps: tuple[Step, ...] | None = None
    tables: Mapping[str, int] | None = None
    applied: Applied | None = None
    facts: dict[str, Facts] = field(default_factory=dict)
    timed: dict[str, bool] = field(default_factory=dict)
    sources: frozenset[tuple[str, str]] | None = None
    listed: Mapping[str, tuple[str, ...]] | None = None
    script: Template | None = None
    outlines: dict[str, Outline] = field(default_factory=dict)

    def outline(self, node: SqlNode) -> Outline:
        """Return what the script of a node is about."""
        if node.id not in self.outlines:
            self.outlines[node.id] = outline_of(open_text(node.statement))
        return self.outlines[node.id]

    harmless: set[tuple[str, str]] = field(default_factory=set)

    def masked_option(self, name: str, value: str) -> str:
        """Return what is shown of an option; only what is all shown is kept."""
        if (name, value) in self.harmless:
            return value
        masked = mask_option(name, value).text
        if masked == value:
            self.harmless.add((name, value))
        return masked
