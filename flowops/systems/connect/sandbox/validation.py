"""Holds the values of a request to every rule of the service model.

botocore checks required members, types and minima before it sends; the service,
and so the sandbox, also checks maxima, enums and patterns. A pattern has to match
the whole value.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from flowops.systems.connect.sandbox.refusals import ViolationError
from flowops.systems.connect.sandbox.values import is_encodable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from regex import Pattern

    from flowops.systems.connect.sandbox.model import ServiceModel, Shape
    from flowops.systems.connect.sandbox.values import Json, Value

    _Check: TypeAlias = Callable[[ServiceModel, Shape, Json, str], Value]

PATTERN_SECONDS = 1.0
_INTEGER_LIMITS = {"integer": 2**31, "long": 2**63}


def check_value(model: ServiceModel, shape_name: str, raw: Json, path: str) -> Value:
    """Give a value as Python sees it; raises ``ViolationError`` for a broken rule."""
    shape = model.shape(shape_name)
    if raw is None:
        raise ViolationError(path, "must not be null", malformed=True)
    return _CHECKS[shape.kind](model, shape, raw, path)


def check_members(
    model: ServiceModel, shape: Shape, raw: Mapping[str, Json], path: str = ""
) -> dict[str, Value]:
    """Check the members of a structure, given by their names in the model.

    Raises ``ViolationError`` for an unknown, a missing or a wrong member.
    """
    prefix = f"{path}." if path else ""
    for name in raw:
        if name not in shape.members:
            raise ViolationError(
                prefix + name, "is not a member of the input", malformed=True
            )
    for name, member in shape.members.items():
        if member.required and name not in raw:
            raise ViolationError(prefix + name, "is required", malformed=True)
    if shape.is_union and len(raw) != 1:
        raise ViolationError(path, "must have exactly one member", malformed=True)
    return {
        name: check_value(model, shape.members[name].shape, value, prefix + name)
        for name, value in raw.items()
    }


def _structure(model: ServiceModel, shape: Shape, raw: Json, path: str) -> Value:
    if not isinstance(raw, dict):
        raise _wrong_type(path, "an object")
    names = {member.key: member.name for member in shape.members.values()}
    named = {names.get(key, key): value for key, value in raw.items()}
    return check_members(model, shape, named, path)


def _list(model: ServiceModel, shape: Shape, raw: Json, path: str) -> Value:
    if not isinstance(raw, list):
        raise _wrong_type(path, "a list")
    _check_bounds(shape, len(raw), path, "items")
    return [
        check_value(model, shape.item, item, f"{path}[{index}]")
        for index, item in enumerate(raw)
    ]


def _map(model: ServiceModel, shape: Shape, raw: Json, path: str) -> Value:
    if not isinstance(raw, dict):
        raise _wrong_type(path, "an object")
    _check_bounds(shape, len(raw), path, "entries")
    for key in raw:
        check_value(model, shape.key, key, f"{path} key {key!r}")
    return {
        key: check_value(model, shape.value, value, f"{path}.{key}")
        for key, value in raw.items()
    }


def _string(model: ServiceModel, shape: Shape, raw: Json, path: str) -> Value:
    del model
    if not isinstance(raw, str):
        raise _wrong_type(path, "a string")
    if not is_encodable(raw):
        raise ViolationError(path, "must be UTF-8", malformed=True)
    _check_bounds(shape, len(raw), path, "characters")
    if shape.allowed and raw not in shape.allowed:
        allowed = ", ".join(shape.allowed)
        raise ViolationError(path, f"must be one of {allowed}, {raw!r} was given")
    if shape.pattern is not None and not _matches(shape.pattern, raw):
        raise ViolationError(path, f"must match the pattern {shape.pattern.pattern}")
    return raw


def _matches(pattern: Pattern[str], text: str) -> bool:
    try:
        return pattern.fullmatch(text, timeout=PATTERN_SECONDS) is not None
    except TimeoutError:
        return False


def _integer(model: ServiceModel, shape: Shape, raw: Json, path: str) -> Value:
    del model
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise _wrong_type(path, "an integer")
    limit = _INTEGER_LIMITS[shape.kind]
    if not -limit <= raw < limit:
        raise _wrong_type(path, f"an integer of the type {shape.kind}")
    _check_bounds(shape, raw, path)
    return raw


def _number(model: ServiceModel, shape: Shape, raw: Json, path: str) -> Value:
    del model
    value = _finite(raw, path, "a number")
    _check_bounds(shape, value, path)
    return value


def _boolean(model: ServiceModel, shape: Shape, raw: Json, path: str) -> Value:
    del model, shape
    if not isinstance(raw, bool):
        raise _wrong_type(path, "true or false")
    return raw


def _timestamp(model: ServiceModel, shape: Shape, raw: Json, path: str) -> Value:
    del model, shape
    seconds = _finite(raw, path, "a time in seconds since 1970")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise _wrong_type(path, "a time in seconds since 1970") from None


def _finite(raw: Json, path: str, what: str) -> float:
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        raise _wrong_type(path, what)
    try:
        value = float(raw)
    except OverflowError:
        raise _wrong_type(path, what) from None
    if not math.isfinite(value):
        raise _wrong_type(path, what)
    return value


def _check_bounds(shape: Shape, size: float, path: str, unit: str = "") -> None:
    of = f" {unit}" if unit else ""
    given = f"{size}{of} given"
    if shape.minimum is not None and size < shape.minimum:
        raise ViolationError(path, f"must be at least {shape.minimum}{of}, {given}")
    if shape.maximum is not None and size > shape.maximum:
        raise ViolationError(path, f"must be at most {shape.maximum}{of}, {given}")


def _wrong_type(path: str, what: str) -> ViolationError:
    return ViolationError(path, f"must be {what}", malformed=True)


_CHECKS: Mapping[str, _Check] = {
    "boolean": _boolean,
    "double": _number,
    "float": _number,
    "integer": _integer,
    "list": _list,
    "long": _integer,
    "map": _map,
    "string": _string,
    "structure": _structure,
    "timestamp": _timestamp,
}
