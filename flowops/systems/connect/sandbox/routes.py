"""Which operation a request asks for, by the templates of the service model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl, unquote

from flowops.systems.connect.sandbox.refusals import ApiError, ViolationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowops.systems.connect.sandbox.model import Operation

Labels: TypeAlias = "Mapping[str, str]"
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Router:
    """Finds the operation of a method and a path; a literal beats a label."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._routes: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}
        for operation in operations:
            segments = operation.template.split("/")
            if any(part in operation.template for part in ("+}", "?", "#")):
                raise NotImplementedError(f"the sandbox cannot route {operation.name}")
            key = (operation.method, len(segments))
            self._routes.setdefault(key, []).append((segments, operation))
        for routes in self._routes.values():
            routes.sort(key=lambda route: [_is_label(part) for part in route[0]])

    def match(self, method: str, path: str) -> tuple[Operation, Labels]:
        """Give the operation and the values of its labels.

        Raises ``ApiError`` for a path that no operation has.
        """
        parts = path.split("/")
        for segments, operation in self._routes.get((method, len(parts)), ()):
            if all(map(_fits, segments, parts)):
                labels = {
                    segment[1:-1]: unescape(part, segment[1:-1])
                    for segment, part in zip(segments, parts, strict=True)
                    if _is_label(segment)
                }
                return operation, labels
        raise ApiError(
            "UnknownOperationException", f"no operation has the route {method} {path}"
        )


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Split a query string; raises ``ViolationError`` when it cannot be read."""
    unescape(query, "the query string")
    try:
        return parse_qsl(
            query, keep_blank_values=True, strict_parsing=bool(query), errors="strict"
        )
    except ValueError as error:
        raise ViolationError("the query string", str(error), malformed=True) from None


def unescape(text: str, place: str) -> str:
    """Undo percent-escapes; raises ``ViolationError`` for broken ones."""
    if _BROKEN_ESCAPE.search(text) or not text.isascii():
        raise ViolationError(place, "must be percent-encoded", malformed=True)
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ViolationError(place, "must be UTF-8", malformed=True) from None


def _is_label(segment: str) -> bool:
    return segment.startswith("{")


def _fits(segment: str, part: str) -> bool:
    return bool(part) if _is_label(segment) else segment == part
