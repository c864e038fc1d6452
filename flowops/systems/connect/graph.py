"""Describe a flow by meaning: blocks, edges, parameters; the canvas set apart.

Only ``Version``, ``StartAction``, ``Actions`` and ``Settings`` act on a contact;
everything in ``Metadata`` is how the designer shows it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from flowops.documents.canonical import canonical_json
from flowops.model import Block, Edge, Graph
from flowops.secrets import VALUE_REDACTED
from flowops.systems.connect.canvas import drawing, names_of_parts
from flowops.systems.connect.fingerprint import fingerprint
from flowops.systems.connect.value_forms import is_dynamic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowops.documents.json_text import JsonValue
    from flowops.systems.connect.language import Action, ContactFlow

SENSITIVE_KEY = re.compile(
    r"pass(word|wd|phrase)|secret|token|api[-_ ]?key|credential|authori[sz]ation"
    r"|private[-_ ]?key",
    re.IGNORECASE,
)
_CONSOLE_ONLY = {"name", "type", "status", "hash", "description", "ActionMetadata"}


def is_sensitive(key: str, value: str) -> bool:
    """Tell whether a parameter's name says that its fixed value is a secret."""
    return bool(value and _names_a_secret(key) and not is_dynamic(value))


@lru_cache(maxsize=4096)
def _names_a_secret(key: str) -> bool:
    return SENSITIVE_KEY.search(key) is not None


def describe_flow(flow: ContactFlow, attributes: Mapping[str, str]) -> Graph:
    """Return the graph of a flow with the attributes a target keeps beside it."""
    names = names_of_parts(flow)
    start = names.get(flow.start, flow.start)
    meaning = dict(attributes) | {"StartAction": start}
    if flow.settings is not None:
        meaning["Settings"] = canonical_json(flow.settings).decode()
    canvas = {k: v for k, v in flow.metadata.items() if k not in _CONSOLE_ONLY}
    return Graph(
        attributes=meaning,
        blocks=tuple(_block(action, names) for action in flow.actions),
        edges=tuple([edge for a in flow.actions for edge in _edges(a, names)]),
        layout=flatten(drawing(canvas, names)),
        fingerprint=fingerprint(flow),
    )


def describe_with(graph: Graph, flow: ContactFlow, actions: Sequence[Action]) -> Graph:
    """Return the graph of a flow whose actions have other values, given its own.

    ``actions`` differ in parameters and metadata only; those that are the very same
    objects as the flow's are not described again.
    """
    later = replace(flow, actions=tuple(actions))
    names = names_of_parts(later)
    if names != names_of_parts(flow):
        return describe_flow(later, graph.attributes)
    pairs = zip(flow.actions, actions, graph.blocks, strict=True)
    return replace(
        graph,
        blocks=tuple(b if old is a else _block(a, names) for old, a, b in pairs),
        fingerprint=fingerprint(later),
    )


def flatten(value: JsonValue, path: str = "") -> dict[str, str]:
    """Return every leaf below a value by its path, secrets masked by their name."""
    leaves: dict[str, str] = {}
    _gather(value, path, leaves)
    return leaves


def _gather(value: JsonValue, path: str, leaves: dict[str, str]) -> None:
    if isinstance(value, str):
        key = path.rpartition("/")[2]
        leaves[path] = VALUE_REDACTED if is_sensitive(key, value) else value
    elif isinstance(value, dict) and value:
        for key, below in value.items():
            _gather(below, f"{path}/{key}", leaves)
    elif isinstance(value, list) and value:
        for index, below in enumerate(value):
            _gather(below, f"{path}/{index}", leaves)
    elif type(value) is int:  # most of a canvas is numbers, and a bool is none
        leaves[path] = str(value)
    else:
        leaves[path] = canonical_json(value).decode()


def _block(action: Action, names: Mapping[str, str]) -> Block:
    properties = flatten(action.parameters)
    properties.pop("", None)
    if order := _condition_order(action):
        properties["/Conditions"] = order
    return Block(
        id=names.get(action.identifier, action.identifier),
        type=action.type,
        properties=properties,
        layout=flatten(drawing(action.metadata, names)) if action.metadata else {},
    )


def _condition_order(action: Action) -> str:
    conditions = action.transitions.get("Conditions")
    words = [_condition(c) for c in conditions] if isinstance(conditions, list) else []
    return ", ".join(words) if len(words) > 1 else ""


def _edges(action: Action, names: Mapping[str, str]) -> list[Edge]:
    source = names.get(action.identifier, action.identifier)
    ways = _ways(action.transitions)
    return [Edge(source, branch, names.get(target, target)) for branch, target in ways]


def _ways(transitions: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Give each branch in words, and the block it leads to."""
    if isinstance(target := transitions.get("NextAction"), str):
        yield "next", target
    for branch in _branches(transitions.get("Errors")):
        yield f"error {branch.get('ErrorType', '')}", str(branch["NextAction"])
    for branch in _branches(transitions.get("Conditions")):
        yield f"if {_condition(branch)}", str(branch["NextAction"])


def _branches(value: JsonValue) -> Iterator[Mapping[str, JsonValue]]:
    for branch in value if isinstance(value, list) else ():
        if isinstance(branch, dict):
            yield branch


def _condition(branch: JsonValue) -> str:
    """Write a condition as a reader would say it: ``Equals 1``."""
    condition = branch.get("Condition") if isinstance(branch, dict) else None
    if not isinstance(condition, dict):
        return "?"
    operands = condition.get("Operands")
    if isinstance(operands, list) and all(isinstance(o, str) for o in operands):
        return f"{condition.get('Operator')} {' '.join(map(str, operands))}"
    return canonical_json(condition).decode()
