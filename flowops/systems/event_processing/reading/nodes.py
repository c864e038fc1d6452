"""Read each type of node; a type without a reader is kept as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowops.systems.event_processing.pipeline import (
    JSON_FORMAT,
    Aggregate,
    AggregateColumn,
    AggregateFunction,
    AnyNode,
    Api,
    Field,
    Filter,
    Interval,
    Opaque,
    OutputColumn,
    Sink,
    Source,
    SqlProcessor,
    SqlSink,
    SqlSource,
    Transform,
    Watermark,
)
from flowops.systems.event_processing.reading.connection import (
    CONNECTION_KEYS,
    read_connection,
)
from flowops.systems.event_processing.reading.joins_and_calls import (
    API_KEYS,
    JOIN_KEYS,
    SQL_KEYS,
    read_api,
    read_interval_join,
    read_sql,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowops.model import Pointer
    from flowops.systems.event_processing.reading.places import Place

_SOURCE_KEYS = CONNECTION_KEYS | {
    *("sampleMessage", "topicPayload", "fields", "watermark", "format", "startUpMode"),
    *("configureNewSource", "topicIdForReuse", "persistSourceTopic"),
    *("isSourceEditable", "hasSourcePersisted"),
}
_NODE_KEYS = frozenset(("viewName", "nodeId", "nodeType", "configuration"))
_KNOWN_KEYS: Mapping[str, frozenset[str]] = {
    "source": _SOURCE_KEYS,
    "sink": CONNECTION_KEYS,
    "filter": frozenset(("statement",)),
    "transform": frozenset(("columns",)),
    "aggregate": frozenset(
        ("functions", "groupBy", "columns", "timeEvent", "aggregationPeriod")
    ),
    "intervalJoin": JOIN_KEYS,
    "api": API_KEYS,
    "sqlSource": SQL_KEYS,
    "sqlProcessor": SQL_KEYS,
    "sqlSink": SQL_KEYS,
}


# Named by the vendor, with a shape nobody has published; kept as they are.
_KEPT = frozenset(("deduplicate",))


class Header(NamedTuple):
    """What stands beside the configuration of every node."""

    id: str
    name: str
    type: str
    pointer: Pointer
    unknown: tuple[str, ...]


def read_node(place: Place) -> AnyNode:
    """Read one node; raises ``InputError`` for a field of the wrong type."""
    header = Header(
        id=place.get("nodeId").required_word(),
        name=place.get("viewName").required_word(),
        type=place.get("nodeType").required_word(),
        pointer=place.pointer,
        unknown=place.unknown(_NODE_KEYS),
    )
    configuration = place.get("configuration")
    if known := _KNOWN_KEYS.get(header.type):
        unknown = (*header.unknown, *configuration.unknown(known))
        header = header._replace(unknown=unknown)
    return NODE_READERS.get(header.type, _read_opaque)(header, configuration)


def _read_source(header: Header, configuration: Place) -> Source:
    return Source(
        *header,
        connection=read_connection(configuration),
        format=configuration.get("format").word() or JSON_FORMAT,
        fields=tuple(_field(place) for place in configuration.get("fields").items()),
        watermark=_watermark(configuration.get("watermark")),
        startup_mode=configuration.get("startUpMode").text(),
    )


def _field(place: Place) -> Field:
    items = place.get("items")
    return Field(
        name=place.get("name").required_word(),
        type=place.get("type").word().upper(),
        is_selected=place.get("selected").flag(default=True),
        is_nullable=place.get("nullable").flag(default=True),
        fields=tuple(_field(child) for child in place.get("fields").items()),
        items=None if items.value is None else _items(items),
    )


def _items(place: Place) -> Field:
    """Read what a list holds; the word for its type is not always the same."""
    inner = place.get("items")
    return Field(
        name="",
        type=place.first("type", "outputType").word().upper(),
        is_nullable=place.get("nullable").flag(default=True),
        fields=tuple(_field(child) for child in place.get("fields").items()),
        items=None if inner.value is None else _items(inner),
    )


def _watermark(place: Place) -> Watermark | None:
    column = place.get("watermarkColumn").word()
    if not column:
        return None
    from_kafka = place.get("topicLocalTimeRequired").flag(default=False)
    is_wanted = place.get("watermarkWithEventSource").flag(default=True)
    return Watermark(column, from_kafka, _interval(place) if is_wanted else None)


def _interval(place: Place) -> Interval | None:
    amount, unit = place.get("interval").number(), place.get("timeUnit").word()
    return Interval(amount, unit.upper()) if amount else None


def _read_sink(header: Header, configuration: Place) -> Sink:
    return Sink(*header, connection=read_connection(configuration))


def _read_filter(header: Header, configuration: Place) -> Filter:
    return Filter(*header, expression=configuration.get("statement").text())


def _read_transform(header: Header, configuration: Place) -> Transform:
    columns = tuple(_output_column(p) for p in configuration.get("columns").items())
    return Transform(*header, columns=columns)


def _output_column(place: Place) -> OutputColumn:
    items = place.get("items")
    return OutputColumn(
        name=place.get("outputColumn").required_word(),
        source=place.get("input").get("column").word(),
        expression=place.get("expression").text(),
        type=place.get("outputType").word().upper(),
        fields=tuple(_output_column(child) for child in place.get("fields").items()),
        items=None if items.value is None else _output_items(items),
    )


def _output_items(place: Place) -> OutputColumn:
    inner = place.get("items")
    return OutputColumn(
        name="",
        source="",
        expression="",
        type=place.get("outputType").word().upper(),
        fields=tuple(_output_column(child) for child in place.get("fields").items()),
        items=None if inner.value is None else _output_items(inner),
    )


def _read_aggregate(header: Header, configuration: Place) -> Aggregate:
    columns = configuration.get("columns").items()
    return Aggregate(
        *header,
        functions=tuple(_function(p) for p in configuration.get("functions").items()),
        group_by=tuple(
            place.get("column").required_word()
            for place in configuration.get("groupBy").items()
        ),
        columns=tuple(_aggregate_column(place) for place in columns),
        time_column=configuration.get("timeEvent").get("column").word(),
        period=_interval(configuration.get("aggregationPeriod")),
    )


def _function(place: Place) -> AggregateFunction:
    return AggregateFunction(
        id=place.get("id").required_word(),
        name=place.get("name").required_word().upper(),
        column=place.get("source").get("column").word(),
        is_distinct=place.get("distinct").flag(default=False),
    )


def _aggregate_column(place: Place) -> AggregateColumn:
    return AggregateColumn(
        name=place.get("outputColumn").required_word(),
        source=place.get("input").get("column").word(),
        kind=place.get("kind").word().upper(),
        function=place.get("aggregateFunctionId").word(),
    )


def _read_api(header: Header, configuration: Place) -> Api:
    return read_api(header, configuration, _output_column)


def _read_opaque(header: Header, configuration: Place) -> Opaque:
    statement = configuration.mapping().get("statement")
    return Opaque(
        *header,
        is_known=header.type in _KEPT,
        is_destination=False,
        has_connector="'connector'" in str(statement),
    )


NODE_READERS: Mapping[str, Callable[[Header, Place], AnyNode]] = {
    "source": _read_source,
    "sink": _read_sink,
    "filter": _read_filter,
    "transform": _read_transform,
    "aggregate": _read_aggregate,
    "intervalJoin": read_interval_join,
    "api": _read_api,
    "sqlSource": read_sql(SqlSource),
    "sqlProcessor": read_sql(SqlProcessor),
    "sqlSink": read_sql(SqlSink),
}
"""A type that is compiled has a reader here, and a compiler in ``compiler.script``."""
