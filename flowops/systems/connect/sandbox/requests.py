"""Reads the arguments of a call out of its HTTP request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.model import BODY
from flowops.systems.connect.sandbox.refusals import ViolationError
from flowops.systems.connect.sandbox.routes import query_pairs
from flowops.systems.connect.sandbox.values import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowops.systems.connect.sandbox.model import (
        Member,
        Operation,
        ServiceModel,
        Shape,
    )
    from flowops.systems.connect.sandbox.routes import Labels
    from flowops.systems.connect.sandbox.values import Json

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_NUMBER = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,19})?")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; the names of its headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """Give the target up to its query, still escaped."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """Give the query, still escaped."""
        return self.target.partition("?")[2]


def read_arguments(
    model: ServiceModel, operation: Operation, labels: Labels, request: Request
) -> dict[str, Json]:
    """Collect what a request says of each member, as JSON and not yet checked.

    Raises ``ViolationError`` for a request that cannot be read, and for a query
    parameter that the operation does not have.
    """
    shape = model.shape(operation.input) if operation.input else None
    members = {} if shape is None else shape.members
    texts = {
        "uri": {key: [text] for key, text in labels.items()},
        "querystring": _query(request.query, members.values()),
        "header": {key: [text] for key, text in request.headers.items()},
    }
    found: dict[str, Json] = {}
    for member in members.values():
        key = member.key.lower() if member.location == "header" else member.key
        given = texts.get(member.location, {}).get(key)
        if given is not None:
            found[member.name] = _from_texts(model, member, given)
    return found | _body(request.body, members.values())


def _query(query: str, members: Iterable[Member]) -> dict[str, list[str]]:
    known = {member.key for member in members if member.location == "querystring"}
    found: dict[str, list[str]] = {}
    for key, text in query_pairs(query):
        if key not in known:
            raise ViolationError(key, "is not a query parameter here", malformed=True)
        found.setdefault(key, []).append(text)
    return found


def _body(body: bytes, members: Iterable[Member]) -> dict[str, Json]:
    """Parse the body, and give its members under the names they have in the model."""
    if not body:
        return {}
    try:
        value = parse_json(body.decode())
    except ValueError as error:
        raise ViolationError(
            "the body", f"is not JSON: {error}", malformed=True
        ) from None
    if not isinstance(value, dict):
        raise ViolationError("the body", "must be a JSON object", malformed=True)
    names = {member.key: member.name for member in members if member.location == BODY}
    for key in value:
        if key not in names:
            raise ViolationError(key, "is not a member of the body", malformed=True)
    return {names[key]: item for key, item in value.items()}


def _from_texts(model: ServiceModel, member: Member, texts: list[str]) -> Json:
    shape = model.shape(member.shape)
    if shape.kind == "list":
        item = model.shape(shape.item)
        return [_from_text(item, text, member.name) for text in texts]
    if len(texts) > 1:
        raise ViolationError(member.name, "is given more than once", malformed=True)
    return _from_text(shape, texts[0], member.name)


def _from_text(shape: Shape, text: str, path: str) -> Json:
    """Read a value that travels as text, in a path, a query or a header."""
    if shape.kind == "string":
        return text
    if shape.kind in ("integer", "long") and _INTEGER.fullmatch(text):
        return int(text)
    if shape.kind in ("float", "double") and _NUMBER.fullmatch(text):
        return float(text)
    if shape.kind == "boolean" and text in _BOOLEANS:
        return _BOOLEANS[text]
    if shape.kind == "timestamp":
        return _from_date(text, path)
    raise ViolationError(path, f"must be of the type {shape.kind}", malformed=True)


def _from_date(text: str, path: str) -> float:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise ViolationError(path, "must be an HTTP date", malformed=True) from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
