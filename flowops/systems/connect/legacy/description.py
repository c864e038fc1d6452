"""Describe a legacy flow by meaning: blocks, edges, parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.canonical import canonical_json, digest
from flowops.model import Block, Edge, Graph
from flowops.systems.connect.graph import flatten, shown_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.systems.connect.legacy.language import (
        Branch,
        LegacyFlow,
        Module,
        Parameter,
    )

_CONSOLE_ONLY = {"name", "type", "status", "hash", "description"}


def describe_legacy_flow(flow: LegacyFlow, attributes: Mapping[str, str]) -> Graph:
    """Return the graph of a legacy flow with the attributes beside it."""
    canvas = {k: v for k, v in flow.metadata.items() if k not in _CONSOLE_ONLY}
    return Graph(
        attributes={**attributes, "StartAction": flow.start},
        blocks=tuple(_block(module) for module in flow.modules),
        edges=tuple(edge for module in flow.modules for edge in _edges(module)),
        layout=flatten(canvas),
        fingerprint=digest([flow.start, {m.id: _meaning(m) for m in flow.modules}]),
    )


def _meaning(module: Module) -> JsonValue:
    return [
        module.word,
        [dict(parameter.fields) for parameter in module.parameters],
        [[b.condition, b.operator, b.operand, b.transition] for b in module.branches],
    ]


def _block(module: Module) -> Block:
    return Block(
        id=module.id,
        type=module.word,
        properties=dict(_properties(module)),
        layout=flatten(module.metadata),
    )


def _properties(module: Module) -> Iterator[tuple[str, str]]:
    seen: dict[str, int] = {}
    for parameter in module.parameters:
        path = f"/{parameter.name}/{parameter.key}".rstrip("/")
        number = seen.get(path, 0)
        seen[path] = number + 1
        yield f"{path}/{number}" if number else path, _shown(parameter)


def _shown(parameter: Parameter) -> str:
    if parameter.namespace:
        return f"{parameter.namespace}: {parameter.text}"
    word = parameter.key or parameter.name
    shown = shown_value(word, parameter.text)
    if isinstance(parameter.value, str) or shown != parameter.text:
        return shown
    return canonical_json(parameter.value).decode()


def _edges(module: Module) -> Iterator[Edge]:
    for branch in module.branches:
        yield Edge(module.id, _branch(branch), branch.transition)


def _branch(branch: Branch) -> str:
    words = (branch.condition, branch.operator, branch.operand)
    return " ".join(word for word in words if word)
