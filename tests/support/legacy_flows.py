"""Small flows of the old language, built in code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def parameter(name: str, value: object = "", **fields: object) -> dict[str, Any]:
    return {"name": name, "value": value, **fields}


def module(
    identifier: str,
    kind: str,
    parameters: Sequence[Mapping[str, Any]] = (),
    branches: Mapping[str, str] | Sequence[Mapping[str, Any]] = (),
    **fields: object,
) -> dict[str, Any]:
    """Return a block; branches are ``condition: transition`` or whole objects."""
    if isinstance(branches, Mapping):
        branches = [
            {"condition": word, "transition": target}
            for word, target in branches.items()
        ]
    return {
        "id": identifier,
        "type": kind,
        "branches": list(branches),
        "parameters": list(parameters),
        "metadata": {"position": {"x": 1, "y": 2}},
        **fields,
    }


def legacy_flow(
    modules: Sequence[Mapping[str, Any]], **fields: object
) -> dict[str, Any]:
    metadata = {"name": "Old", "description": "From before", "type": "customerQueue"}
    return {
        "modules": list(modules),
        "version": "1",
        "type": "contactFlow",
        "start": modules[0]["id"] if modules else "",
        "metadata": metadata | {"status": "published", "entryPointPosition": {"x": 0}},
        **fields,
    }


def read_parameters(
    kind: str, *parameters: Mapping[str, Any], **fields: object
) -> dict[str, Any]:
    """Return a legacy flow of one block with these parameters, and its end."""
    block = module("block", kind, parameters, {"Success": "end"}, **fields)
    return legacy_flow([block, module("end", "Disconnect")])
