"""Read interval joins, calls of an API, and nodes whose SQL the user wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from flowops.systems.event_processing.pipeline import (
    Api,
    ApiColumn,
    ApiParameter,
    ApiType,
    Interval,
    IntervalJoin,
    JoinColumn,
    OutputColumn,
    SqlNode,
    TimeEvent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowops.systems.event_processing.reading.nodes import Header
    from flowops.systems.event_processing.reading.places import Place

JOIN_KEYS = frozenset(("joinCondition", "timeCondition", "columns"))
SQL_KEYS = frozenset(("statement",))
API_KEYS = frozenset(
    ("info", "servers", "operations", "columns", "configuredUrl", "useApacheConnector")
)
BODY = "body"
_Sql = TypeVar("_Sql", bound=SqlNode)


def read_interval_join(header: Header, configuration: Place) -> IntervalJoin:
    """Read an interval join; the offsets count from the base event."""
    times = configuration.get("timeCondition")
    return IntervalJoin(
        *header,
        condition=configuration.get("joinCondition").text(),
        base=_time_event(times.get("baseTimeEvent")),
        watched=_time_event(times.get("watchedTimeEvent")),
        start=_offset(times.get("start")),
        end=_offset(times.get("end")),
        columns=tuple(_join_column(p) for p in configuration.get("columns").items()),
    )


def _time_event(place: Place) -> TimeEvent:
    return TimeEvent(place.get("table").word(), place.get("column").word())


def _offset(place: Place) -> Interval | None:
    amount, unit = place.get("interval").number(), place.get("timeUnit").word()
    return Interval(amount, unit.upper()) if amount else None


def _join_column(place: Place) -> JoinColumn:
    origin = place.get("input")
    return JoinColumn(
        name=place.get("outputColumn").required_word(),
        table=origin.get("table").word(),
        column=origin.get("column").word(),
    )


def read_sql(
    kind: Callable[..., _Sql],
) -> Callable[[Header, Place], _Sql]:
    """Return a reader of nodes that hold one text of SQL."""

    def read(header: Header, configuration: Place) -> _Sql:
        statement = configuration.get("statement")
        return kind(*header, statement.text(), statement.pointer)

    return read


def read_api(
    header: Header, configuration: Place, column: Callable[[Place], OutputColumn]
) -> Api:
    """Read a call of an API: the operation that is used, and what it is given."""
    operations = [*configuration.get("operations").items()]
    used = [p for p in operations if p.get("usedForApiEnrichment").flag(default=True)]
    operation = used[0] if used else configuration.get("no operation")
    flag = configuration.get("useApacheConnector")
    return Api(
        *header,
        url=configuration.get("configuredUrl").text(),
        path=operation.get("path").word(),
        method=operation.get("lookupMethod").word().upper(),
        parameters=tuple(_parameters(operation)),
        responses=tuple(_named_types(operation.get("responseParameters"))),
        securities=tuple(_securities(operation.get("securityMethods"))),
        columns=tuple(
            _api_column(place, column) for place in configuration.get("columns").items()
        ),
        operations=len(used),
        is_apache=None if flag.value is None else flag.flag(default=False),
        pointers={
            "node": configuration.pointer,
            "url": configuration.get("configuredUrl").pointer,
            "operation": operation.pointer,
        },
    )


def _parameters(operation: Place) -> Iterator[ApiParameter]:
    for place in operation.get("requestBodyParameters").get("parameters").items():
        yield _parameter(place, BODY)
    for place in operation.get("requestParameters").items():
        yield _parameter(place, place.get("in").word())


def _parameter(place: Place, where: str) -> ApiParameter:
    given = place.get("input")
    return ApiParameter(
        name=place.get("name").required_word(),
        place=where,
        type=place.get("type").word(),
        kind=given.get("kind").word(),
        value=given.get("value").text(),
        pointer=given.get("value").pointer
        if given.value is not None
        else place.pointer,
    )


def _named_types(places: Place) -> Iterator[tuple[str, ApiType]]:
    for place in places.items():
        yield place.get("name").required_word(), _api_type(place)


def _api_type(place: Place) -> ApiType:
    items = place.get("items")
    return ApiType(
        type=place.get("type").word(),
        properties=tuple(_named_types(place.get("properties"))),
        items=None if items.value is None else _api_type(items),
    )


def _securities(places: Place) -> Iterator[str]:
    for place in places.items():
        if place.get("usedForApiEnrichment").flag(default=True):
            yield place.get("type").word()


def _api_column(place: Place, column: Callable[[Place], OutputColumn]) -> ApiColumn:
    origin = place.get("input")
    return ApiColumn(
        name=place.get("outputColumn").required_word(),
        table=origin.get("table").word(),
        column=origin.get("column").word(),
        shape=column(place),
    )
