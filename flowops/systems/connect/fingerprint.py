"""One digest for what a flow does, whatever its blocks are called.

Blocks get numbers by a walk from the first one: a ``NextAction``, then the errors by
their type, then the conditions in their order, since the first that fits is taken.
Two flows of one digest have the same blocks with the same ways between them; what
only the designer sees, the order of ``Actions`` and ``Identifier`` are not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flowops.documents.canonical import canonical_json, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.systems.connect.language import Action, ContactFlow

    Way: TypeAlias = tuple[JsonValue, str]

_NEXT = "NextAction"
_BRANCHES = frozenset([_NEXT, "Errors", "Conditions"])


def fingerprint(flow: ContactFlow) -> str:
    """Return the digest of a flow's behaviour."""
    actions = {action.identifier: action for action in flow.actions}
    ways = {name: _ways(action.transitions) for name, action in actions.items()}
    numbers = _numbers(flow.start, actions, ways)
    return digest(
        {
            "start": numbers.get(flow.start, flow.start),
            "settings": flow.settings,
            "actions": [
                [
                    actions[name].type,
                    actions[name].parameters,
                    [[way, numbers.get(to, to)] for way, to in ways[name]],
                    _others(actions[name].transitions),
                ]
                for name in numbers
            ],
        }
    )


def _ways(transitions: Mapping[str, JsonValue]) -> list[Way]:
    """Return what leads out of a block, each with the name of the next one."""
    found: list[Way] = []
    if _NEXT in transitions:
        found.append((_NEXT, str(transitions[_NEXT])))
    if errors := transitions.get("Errors"):
        branches = _branches("Errors", errors)
        found += sorted(branches, key=_error_type) if len(branches) > 1 else branches
    if conditions := transitions.get("Conditions"):
        found += _branches("Conditions", conditions)
    return found


def _branches(key: str, value: JsonValue) -> list[Way]:
    """Return branches without where they lead; reading vouches for their shape."""
    return [
        ([key, {k: v for k, v in branch.items() if k != _NEXT}], str(branch[_NEXT]))
        for branch in (value if isinstance(value, list) else ())
        if isinstance(branch, dict)
    ]


def _error_type(way: Way) -> bytes:
    return canonical_json(way[0])


def _others(transitions: Mapping[str, JsonValue]) -> JsonValue:
    return {k: v for k, v in transitions.items() if k not in _BRANCHES and v != []}


def _numbers(
    start: str, actions: Mapping[str, Action], ways: Mapping[str, list[Way]]
) -> dict[str, int]:
    """Give each block a number on a walk, then those the walk does not reach."""
    numbers: dict[str, int] = {}
    _walk(start, ways, numbers)
    if len(numbers) < len(actions):
        left = (action for name, action in actions.items() if name not in numbers)
        for action in sorted(left, key=_alone):
            _walk(action.identifier, ways, numbers)
    return numbers


def _alone(action: Action) -> tuple[bytes, str]:
    """Order blocks by what they do, and only then by name."""
    return canonical_json([action.type, action.parameters]), action.identifier


def _walk(start: str, ways: Mapping[str, list[Way]], numbers: dict[str, int]) -> None:
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in ways and name not in numbers:
            numbers[name] = len(numbers)
            waiting += [to for _, to in reversed(ways[name])]
