"""A flow of Event Processing as it was read: nodes, edges, connections.

Nothing here holds a credential in the clear: what is sensitive is a ``Secret``,
and ``redactions`` say where in the file such values stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from flowops.systems.event_processing.learnt import Learnt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.model import Location, Pointer
    from flowops.secrets import Text

NAME_POINTER = ("flowDetails", "flowName")
VERSION_POINTER = ("flowDetails", "flowVersion")
TABLE_SUFFIX = "___TABLE"
LOOKUP_SUFFIX = "_lookup__API"
JSON_FORMAT = "json"
AVRO_FORMAT = "avro"


@dataclass(frozen=True, slots=True)
class Redaction:
    """A sensitive place of a document: what it shows, and what stands there."""

    pointer: Pointer
    visible: str
    contents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time as the product keeps it: a number and a unit."""

    amount: str
    unit: str


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a message, with its own properties or items if it has any."""

    name: str
    type: str
    is_selected: bool = True
    is_nullable: bool = True
    fields: tuple[Field, ...] = ()
    items: Field | None = None


@dataclass(frozen=True, slots=True)
class Watermark:
    """Where event time comes from, and how late an event may be."""

    column: str
    from_kafka: bool
    delay: Interval | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a node logs in to Kafka.

    ``type`` is empty when it does not. ``is_redacted`` tells that the file holds
    a placeholder, ``is_quotable`` that both values may stand in double quotes.
    """

    type: str
    mechanism: str
    username: Text
    password: Text
    pointer: Pointer
    is_redacted: bool = False
    is_quotable: bool = True


@dataclass(frozen=True, slots=True)
class Connection:
    """A Kafka cluster and a topic of it, whatever shape the export wrote it in."""

    servers: tuple[Text, ...]
    topic: Text
    protocol: Text
    is_encrypted: bool
    credentials: Credentials
    certificates: tuple[Text, ...]
    accepts_any_certificate: bool
    keys: tuple[str, ...]
    pointers: Mapping[str, Pointer]


@dataclass(frozen=True, slots=True)
class Node:
    """What every node has; ``unknown`` are properties nothing is known about."""

    id: str
    name: str
    type: str
    pointer: Pointer
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source(Node):
    """Reads messages of a topic; ``startup_mode`` is empty where it does not say."""

    connection: Connection
    format: str
    fields: tuple[Field, ...]
    watermark: Watermark | None
    startup_mode: Text


@dataclass(frozen=True, slots=True)
class Sink(Node):
    """Writes events to a topic, always as JSON."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """Lets the events through that an expression is true for."""

    expression: Text


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column a transform gives: a kept one, or one made by an expression."""

    name: str
    source: str
    expression: Text
    type: str = ""
    fields: tuple[OutputColumn, ...] = ()
    items: OutputColumn | None = None


@dataclass(frozen=True, slots=True)
class Transform(Node):
    """Keeps, renames, removes and adds columns."""

    columns: tuple[OutputColumn, ...]


@dataclass(frozen=True, slots=True)
class AggregateFunction:
    """A function over the events of a window."""

    id: str
    name: str
    column: str
    is_distinct: bool


@dataclass(frozen=True, slots=True)
class AggregateColumn:
    """A column an aggregate gives, and the kind of thing it is."""

    name: str
    source: str
    kind: str
    function: str


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """Computes functions over the events of each window of time."""

    functions: tuple[AggregateFunction, ...]
    group_by: tuple[str, ...]
    columns: tuple[AggregateColumn, ...]
    time_column: str
    period: Interval | None


@dataclass(frozen=True, slots=True)
class Opaque(Node):
    """A node that is kept as it is, because FlowOps cannot compile it.

    ``is_known`` tells a type of the product from one nobody has heard of.
    """

    is_known: bool
    is_destination: bool
    has_connector: bool


@dataclass(frozen=True, slots=True)
class TimeEvent:
    """The event time of one side of a join: a table and a column of it."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class JoinColumn:
    """A column a join gives, and the table and the column it comes from."""

    name: str
    table: str
    column: str


@dataclass(frozen=True, slots=True)
class IntervalJoin(Node):
    """Joins events of two streams that happen near each other in time.

    The offsets count from the base event, and may be negative.
    """

    condition: Text
    base: TimeEvent
    watched: TimeEvent
    start: Interval | None
    end: Interval | None
    columns: tuple[JoinColumn, ...]


@dataclass(frozen=True, slots=True)
class ApiParameter:
    """A value sent with a request: a column, or a constant the user typed.

    ``place`` is ``body``, or where the API description says: header, query, path.
    """

    name: str
    place: str
    type: str
    kind: str
    value: Text
    pointer: Pointer


@dataclass(frozen=True, slots=True)
class ApiType:
    """A type of an API description, with its properties or items if it has any."""

    type: str
    properties: tuple[tuple[str, ApiType], ...] = ()
    items: ApiType | None = None


@dataclass(frozen=True, slots=True)
class ApiColumn:
    """A column an API node gives; ``shape`` is the type the export names."""

    name: str
    table: str
    column: str
    shape: OutputColumn


@dataclass(frozen=True, slots=True)
class Api(Node):
    """Calls an operation of an API for each event, and adds what it answers."""

    url: Text
    path: str
    method: str
    parameters: tuple[ApiParameter, ...]
    responses: tuple[tuple[str, ApiType], ...]
    securities: tuple[str, ...]
    columns: tuple[ApiColumn, ...]
    operations: int
    is_apache: bool | None
    pointers: Mapping[str, Pointer]


@dataclass(frozen=True, slots=True)
class SqlNode(Node):
    """A node whose SQL the user wrote."""

    statement: Text
    statement_pointer: Pointer


class SqlSource(SqlNode):
    """Reads whatever its own table reads."""

    __slots__ = ()


class SqlProcessor(SqlNode):
    """Runs its own statements; the last view is what it gives."""

    __slots__ = ()


class SqlSink(SqlNode):
    """Writes to its own table."""

    __slots__ = ()


AnyNode: TypeAlias = (
    Source
    | Sink
    | Filter
    | Transform
    | Aggregate
    | IntervalJoin
    | Api
    | SqlSource
    | SqlProcessor
    | SqlSink
    | Opaque
)


@dataclass(frozen=True, slots=True)
class Link:
    """A connection of two nodes, by their ids."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A whole flow, nodes in the order of the file.

    ``version`` is 0 for an export of 1.0, which does not say one. ``learnt`` keeps
    what somebody worked out: it belongs to this very object and goes with it.
    """

    name: str
    description: str
    version: int
    nodes: tuple[AnyNode, ...]
    links: tuple[Link, ...]
    redactions: tuple[Redaction, ...]
    places: Mapping[Pointer, Location]
    learnt: Learnt = field(
        default_factory=Learnt, init=False, repr=False, compare=False
    )

    def place(self, node: AnyNode) -> Location:
        """Return where a node stands in the file."""
        return self.places[node.pointer]

    def inputs(self) -> Mapping[str, Sequence[AnyNode]]:
        """Return the nodes that feed each node, by its id."""
        nodes = {node.id: node for node in self.nodes}
        feeding: dict[str, list[AnyNode]] = {node: [] for node in nodes}
        for link in self.links:
            feeding[link.target].append(nodes[link.source])
        return feeding


def is_destination(node: AnyNode) -> bool:
    """Tell whether events leave the flow through a node."""
    if isinstance(node, Opaque):
        return node.is_destination
    return isinstance(node, Sink | SqlSink)


def table_of(node: Source | Sink) -> str:
    """Return the name of the table that stands for a node's topic."""
    return node.name + TABLE_SUFFIX if isinstance(node, Source) else node.name
