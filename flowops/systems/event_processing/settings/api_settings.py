"""The connector options of an API call, as Event Processing 1.4 writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from flowops.secrets import Secret, Text, compose
from flowops.systems.event_processing.reading.joins_and_calls import BODY
from flowops.systems.event_processing.sql.options import sealed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.model import Pointer
    from flowops.systems.event_processing.pipeline import Api, ApiParameter

REST_LOOKUP = "rest-lookup"
LOOKUP_URL = "url"
_PREFIX = "gid.connector.http."
_LOOKUP = f"{_PREFIX}source.lookup."
_HEADER = f"{_LOOKUP}header."
FORMAT = "format"
QUERY_CREATOR = f"{_LOOKUP}query-creator"
LOGGER = f"{_LOOKUP}request-callback"
REQUEST_PATHS = f"{_PREFIX}request-arg-paths"
RESPONSE_PATHS = f"{_PREFIX}response-json.arg-paths"
_FIXED = {
    "asyncPolling": "true",
    "connector": REST_LOOKUP,
    FORMAT: f"{_PREFIX}response-json",
    f"{_HEADER}Accept": "application/json",
    f"{_HEADER}Content-Type": "application/json",
    f"{_HEADER}Origin": "*",
    f"{_HEADER}X-Content-Type-Options": "nosniff",
    QUERY_CREATOR: "templated-query",
    LOGGER: "rest-lookup-logger",
    f"{_LOOKUP}request.thread-pool.size": "32",
    f"{_LOOKUP}request.timeout": "30",
    f"{_LOOKUP}response.thread-pool.size": "16",
}


class ApiOption(NamedTuple):
    """An option of the lookup table, and where its value stands in the export."""

    name: str
    value: Text
    pointer: Pointer


def api_options(node: Api) -> Iterator[ApiOption]:
    """Give the options of the table that stands for an API."""
    for name, value in _FIXED.items():
        yield ApiOption(name, value, node.pointers["node"])
    operation = node.pointers["operation"]
    yield ApiOption(LOOKUP_URL, compose(node.url, node.path), node.pointers["url"])
    yield ApiOption("lookup-method", node.method, operation)
    body = {
        body_column(parameter): parameter.name
        for parameter in node.parameters
        if parameter.place == BODY and parameter.kind
    }
    answers = {f"response_{name}": name for name, _ in node.responses}
    yield ApiOption(REQUEST_PATHS, _paths(body), operation)
    paths = _paths({**body, **answers})
    yield ApiOption(RESPONSE_PATHS, paths, operation)
    yield from _headers(node)


def body_column(parameter: ApiParameter) -> str:
    """Return the column of the lookup table that a part of the request stands in."""
    return f"requestBody_{parameter.name}"


def _headers(node: Api) -> Iterator[ApiOption]:
    for parameter in node.parameters:
        if parameter.place == "header" and parameter.kind == "literal":
            name = f"{_HEADER}{parameter.name}"
            yield ApiOption(name, _hidden(name, parameter.value), parameter.pointer)


def _hidden(name: str, value: Text) -> Text:
    return value if isinstance(value, Secret) else sealed(name, value)


def _paths(paths: dict[str, str]) -> str:
    return json.dumps(paths, ensure_ascii=False, separators=(",", ":"))
