"""One digest for what a flow does, whatever its blocks are called.

Blocks get numbers by a walk from the first one: a ``NextAction``, then the errors by
their type, then the conditions in their order, since the first that fits is taken.
Two flows of one digest have the same blocks with the same ways between them; what
only the designer sees, the order of ``Actions`` and ``Identifier`` are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from flowops.documents.canonical import canonical_json, canonical_text, text_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.systems.connect.language import Action, ContactFlow

    Way: TypeAlias = tuple[JsonValue, str]

_NEXT = "NextAction"
_BRANCHES = frozenset([_NEXT, "Errors", "Conditions"])


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a flow does, in canonical text: a piece for each block, by its name.

    ``numbers`` are those of the blocks on the walk. ``is_walked`` tells whether the
    walk from the first block reaches all of them, so that no content counts in it.
    """

    start: str
    settings: JsonValue
    numbers: Mapping[str, int]
    pieces: Mapping[str, str]
    is_walked: bool

    @property
    def fingerprint(self) -> str:
        """Return the digest of the whole."""
        actions = ",".join(self.pieces.values())
        settings = canonical_text(self.settings)
        start = canonical_text(self.numbers.get(self.start, self.start))
        return text_digest(
            f'{{"actions":[{actions}],"settings":{settings},"start":{start}}}'
        )

    def with_actions(self, changed: Iterable[Action]) -> Behaviour:
        """Return that of the same flow with other parameters in some blocks.

        Raises ``ValueError`` where parameters count for the numbers of blocks.
        """
        if not self.is_walked:
            message = "the numbers of blocks hang on their parameters"
            raise ValueError(message)
        pieces = {
            action.identifier: _piece(action, _ways(action.transitions), self.numbers)
            for action in changed
        }
        return replace(self, pieces={**self.pieces, **pieces})


def behaviour(flow: ContactFlow) -> Behaviour:
    """Return what a flow does."""
    actions = {action.identifier: action for action in flow.actions}
    ways = {name: _ways(action.transitions) for name, action in actions.items()}
    numbers: dict[str, int] = {}
    _walk(flow.start, ways, numbers)
    is_walked = len(numbers) == len(actions)
    if not is_walked:
        left = (action for name, action in actions.items() if name not in numbers)
        for action in sorted(left, key=_alone):
            _walk(action.identifier, ways, numbers)
    pieces = {name: _piece(actions[name], ways[name], numbers) for name in numbers}
    return Behaviour(flow.start, flow.settings, numbers, pieces, is_walked)


def _piece(action: Action, ways: Iterable[Way], numbers: Mapping[str, int]) -> str:
    return canonical_text(
        [
            action.type,
            action.parameters,
            [[way, numbers.get(to, to)] for way, to in ways],
            _others(action.transitions),
        ]
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
