"""botocore's own model of a service, as plain typed values.

This is the only module of the sandbox that touches botocore. What the model says
of routes, members, bounds and errors is taken from there and never repeated here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import regex
from botocore.loaders import create_loader
from botocore.model import OperationModel
from botocore.model import ServiceModel as BotocoreModel
from botocore.model import Shape as BotocoreShape

from flowops.systems.connect.sandbox.refusals import PROTOCOL_STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

BODY = "body"
CONNECT, LEX = "connect", "lexv2-models"
KINDS = frozenset(
    {
        "boolean",
        "double",
        "float",
        "integer",
        "list",
        "long",
        "map",
        "string",
        "structure",
        "timestamp",
    }
)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a structure: where it travels, and under which name."""

    name: str
    key: str
    location: str
    shape: str
    required: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value may be. ``item``, ``key`` and ``value`` name other shapes."""

    name: str
    kind: str
    members: Mapping[str, Member]
    item: str
    key: str
    value: str
    minimum: float | None
    maximum: float | None
    allowed: tuple[str, ...]
    pattern: regex.Pattern[str] | None
    is_union: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its route, its shapes and the errors it declares."""

    name: str
    method: str
    template: str
    input: str
    output: str
    errors: tuple[str, ...]


class ServiceModel:
    """Operations and shapes of one service, read from botocore's data."""

    def __init__(self, service: BotocoreModel) -> None:
        self._service = service
        self._shapes: dict[str, Shape] = {}
        self.operations: Mapping[str, Operation] = {
            name: _operation(service.operation_model(name))
            for name in service.operation_names
        }
        self.statuses: Mapping[str, int] = {
            **PROTOCOL_STATUSES,
            **{
                shape.name: int(shape.metadata["error"]["httpStatusCode"])
                for shape in service.error_shapes
            },
        }

    def shape(self, name: str) -> Shape:
        """Give a shape by its name."""
        if name not in self._shapes:
            self._shapes[name] = _shape(self._service.shape_for(name))
        return self._shapes[name]


@cache
def load_model(service: str = CONNECT) -> ServiceModel:
    """Load the newest model of a service that the installed botocore has."""
    data = create_loader().load_service_model(service, "service-2")
    return ServiceModel(BotocoreModel(data, service))


def _operation(operation: OperationModel) -> Operation:
    return Operation(
        name=operation.name,
        method=operation.http["method"],
        template=operation.http["requestUri"],
        input=operation.input_shape.name if operation.input_shape else "",
        output=operation.output_shape.name if operation.output_shape else "",
        errors=tuple(shape.name for shape in operation.error_shapes),
    )


def _shape(shape: BotocoreShape) -> Shape:
    kind = shape.type_name
    if kind not in KINDS or shape.serialization.get("payload"):
        raise NotImplementedError(f"the sandbox cannot carry shape {shape.name}")
    bounds = shape.metadata
    return Shape(
        name=shape.name,
        kind=kind,
        members=_members(shape) if kind == "structure" else {},
        item=shape.member.name if kind == "list" else "",
        key=shape.key.name if kind == "map" else "",
        value=shape.value.name if kind == "map" else "",
        minimum=bounds.get("min"),
        maximum=bounds.get("max"),
        allowed=tuple(bounds.get("enum", ())),
        pattern=_pattern(bounds["pattern"]) if "pattern" in bounds else None,
        is_union=bool(bounds.get("union")),
    )


def _members(shape: BotocoreShape) -> Mapping[str, Member]:
    return {
        name: Member(
            name=name,
            key=member.serialization.get("name", name),
            location=member.serialization.get("location", BODY),
            shape=member.name,
            required=name in shape.required_members,
        )
        for name, member in shape.members.items()
    }


def _pattern(text: str) -> regex.Pattern[str]:
    r"""Compile a pattern of the model.

    Some are escaped twice (PhoneNumber is ``\\+[1-9]\\d{1,14}$``) or written as
    a JavaScript literal (Password); taken as they stand they refuse every value.
    """
    if text.startswith("/") and text.endswith("/"):
        text = text[1:-1]
    return regex.compile(text.replace("\\\\", "\\"))
