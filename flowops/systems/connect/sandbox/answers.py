"""Writes answers as the service model says, and refuses those it does not allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from flowops.systems.connect.sandbox.refusals import (
    PROTOCOL_STATUSES,
    ApiError,
    SandboxDefectError,
)
from flowops.systems.connect.sandbox.values import dump_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowops.systems.connect.sandbox.model import Operation, ServiceModel, Shape
    from flowops.systems.connect.sandbox.values import Json, Value

    _Writer: TypeAlias = Callable[[ServiceModel, Shape, Value, str], Json]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"


def write_output(
    model: ServiceModel, operation: Operation, output: Mapping[str, Value]
) -> Answer:
    """Write what a handler gave.

    Raises ``SandboxDefectError`` for a member that the operation does not have, a
    required one that is missing, and a value of the wrong type.
    """
    if not operation.output:
        if output:
            raise SandboxDefectError(f"{operation.name} has no output")
        return Answer(200)
    body = _json(model, operation.output, output, operation.name)
    return Answer(200, body=dump_json(body).encode())


def write_error(model: ServiceModel, error: ApiError) -> Answer:
    """Write an error in the shape the model gives it, or with a ``Message``.

    Raises ``SandboxDefectError`` for an error that the service does not have.
    """
    if error.name not in model.statuses:
        raise SandboxDefectError(f"the service has no error {error.name}")
    members: dict[str, Value] = dict(error.members)
    if error.name in PROTOCOL_STATUSES:
        body: Json = {"Message": error.message}
    else:
        words = {"Message", "message"} & model.shape(error.name).members.keys()
        members |= dict.fromkeys(words, error.message)
        body = _json(model, error.name, members, error.name)
    return Answer(
        model.statuses[error.name],
        {"x-amzn-ErrorType": error.name},
        dump_json(body).encode(),
    )


def _json(model: ServiceModel, shape_name: str, value: Value, path: str) -> Json:
    shape = model.shape(shape_name)
    return _WRITERS[shape.kind](model, shape, value, path)


def _structure(model: ServiceModel, shape: Shape, value: Value, path: str) -> Json:
    if not isinstance(value, Mapping):
        raise _wrong(path, "a structure", value)
    for name in value:
        if name not in shape.members:
            raise SandboxDefectError(f"{path}.{name} is not in {shape.name}")
    for name, member in shape.members.items():
        if member.required and name not in value:
            raise SandboxDefectError(f"{path}.{name} is required and missing")
    if shape.is_union and len(value) != 1:
        raise SandboxDefectError(f"{path} must have exactly one member")
    return {
        shape.members[name].key: _json(
            model, shape.members[name].shape, item, f"{path}.{name}"
        )
        for name, item in value.items()
    }


def _list(model: ServiceModel, shape: Shape, value: Value, path: str) -> Json:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise _wrong(path, "a list", value)
    return [
        _json(model, shape.item, item, f"{path}[{index}]")
        for index, item in enumerate(value)
    ]


def _map(model: ServiceModel, shape: Shape, value: Value, path: str) -> Json:
    if not isinstance(value, Mapping):
        raise _wrong(path, "a map", value)
    return {
        key: _json(model, shape.value, item, f"{path}.{key}")
        for key, item in value.items()
    }


def _string(model: ServiceModel, shape: Shape, value: Value, path: str) -> Json:
    del model
    if not isinstance(value, str):
        raise _wrong(path, "a string", value)
    if shape.allowed and value not in shape.allowed:
        raise _wrong(path, f"one of {', '.join(shape.allowed)}", value)
    return value


def _integer(model: ServiceModel, shape: Shape, value: Value, path: str) -> Json:
    del model, shape
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(path, "an integer", value)
    return value


def _number(model: ServiceModel, shape: Shape, value: Value, path: str) -> Json:
    del model, shape
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong(path, "a number", value)
    return value


def _boolean(model: ServiceModel, shape: Shape, value: Value, path: str) -> Json:
    del model, shape
    if not isinstance(value, bool):
        raise _wrong(path, "a boolean", value)
    return value


def _timestamp(model: ServiceModel, shape: Shape, value: Value, path: str) -> Json:
    del model, shape
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _wrong(path, "a time with its zone", value)
    return value.timestamp()


def _wrong(path: str, what: str, value: Value) -> SandboxDefectError:
    return SandboxDefectError(f"{path} must be {what}, {value!r} was given")


_WRITERS: Mapping[str, _Writer] = {
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
