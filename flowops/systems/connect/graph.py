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
from flowops.secrets import VALUE_REDACTED, is_redaction, mask_user_info
from flowops.systems.connect.canvas import drawing, has_same_parts, names_of_parts
from flowops.systems.connect.fingerprint import Behaviour, behaviour
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


def shown_value(key: str, value: str) -> str:
    """Return a parameter's value as it may be seen: no secret, no login.

    A login that a contact fills in is none. What holds an ARN is hidden whole: the
    ARN may be another one in each environment.
    """
    if is_sensitive(key, value):
        return VALUE_REDACTED
    if "://" not in value:
        return value
    masked = mask_user_info(value, _is_harmless)
    return VALUE_REDACTED if masked != value and "arn:" in value else masked


def _is_harmless(part: str) -> bool:
    return part.startswith("$.") or is_redaction(part)


@lru_cache(maxsize=4096)
def _names_a_secret(key: str) -> bool:
    return SENSITIVE_KEY.search(key) is not None


def describe_flow(flow: ContactFlow, attributes: Mapping[str, str]) -> Graph:
    """Return the graph of a flow with the attributes a target keeps beside it."""
    names = _names(flow)
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
        fingerprint=_behaviour(flow).fingerprint,
    )


def describe_with(graph: Graph, flow: ContactFlow, actions: Sequence[Action]) -> Graph:
    """Return the graph of a flow whose actions have other values, given its own.

    ``actions`` differ in parameters and metadata only; those that are the very same
    objects as the flow's are not described again.
    """
    pairs = zip(flow.actions, actions, strict=True)
    changed = {new.index: (old, new) for old, new in pairs if new is not old}
    known = _behaviour(flow)
    same_parts = all(has_same_parts(old, new) for old, new in changed.values())
    if not same_parts or not known.is_walked:
        return describe_flow(replace(flow, actions=tuple(actions)), graph.attributes)
    names = _names(flow)
    return replace(
        graph,
        blocks=tuple(
            _block(action, names) if action.index in changed else block
            for action, block in zip(actions, graph.blocks, strict=True)
        ),
        fingerprint=known.with_actions(new for _, new in changed.values()).fingerprint,
    )


def _names(flow: ContactFlow) -> Mapping[str, str]:
    if flow.learnt.names is None:
        flow.learnt.names = names_of_parts(flow)
    return flow.learnt.names


def _behaviour(flow: ContactFlow) -> Behaviour:
    if flow.learnt.behaviour is None:
        flow.learnt.behaviour = behaviour(flow)
    return flow.learnt.behaviour


def flatten(value: JsonValue, path: str = "") -> dict[str, str]:
    """Return every leaf below a value by its path, without secrets and logins."""
    leaves: dict[str, str] = {}
    _gather(value, path, leaves)
    return leaves


def _gather(value: JsonValue, path: str, leaves: dict[str, str]) -> None:
    if isinstance(value, str):
        key = path.rpartition("/")[2]
        leaves[path] = shown_value(key, value)
    elif isinstance(value, dict) and value:
        for key, below in value.items():
            if isinstance(below, str):  # which most values are: no call for each
                leaves[f"{path}/{key}"] = shown_value(key.rpartition("/")[2], below)
            else:
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
