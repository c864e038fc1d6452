"""How the designer shows a flow, without what it makes anew at each save.

The ids of branch decorations and notes mean nothing to anybody, and an action that
is drawn as part of another one is known by that one. Source: exports of the console.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.value_forms import is_bare_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.systems.connect.language import Action, ContactFlow

_DECORATIONS = frozenset(["Annotations", "conditionMetadata", "conditions"])
_PARTS = frozenset(["children", "fragments"])


def names_of_parts(flow: ContactFlow) -> dict[str, str]:
    """Return what to call the actions that are drawn inside another one, by id.

    Only a UUID is replaced: a name that somebody gave stays.
    """
    types = {action.identifier: action.type for action in flow.actions}
    names: dict[str, str] = {}
    for action in flow.actions:
        count: dict[str, int] = {}
        for part in _parts(action):
            if part in types and part not in names and is_bare_id(part):
                word = f"{action.identifier} / {types[part]}"
                number = count[word] = count.get(word, 0) + 1
                names[part] = f"{word} {number}" if number > 1 else word
    return names


def has_same_parts(one: Action, other: Action) -> bool:
    """Tell whether the same actions are drawn inside of two."""
    return [*_parts(one)] == [*_parts(other)]


def _parts(action: Action) -> Iterator[str]:
    for key in sorted(_PARTS & action.metadata.keys()):
        value = action.metadata[key]
        if isinstance(value, dict):
            value = [*value.values()]
        if isinstance(value, list):
            yield from (part for part in value if isinstance(part, str))


def drawing(
    metadata: Mapping[str, JsonValue], names: Mapping[str, str]
) -> dict[str, JsonValue]:
    """Return the metadata of a flow or a block without what carries nothing."""
    return {key: _drawn(key, value, names) for key, value in metadata.items()}


def _drawn(key: str, value: JsonValue, names: Mapping[str, str]) -> JsonValue:
    if key in _DECORATIONS and isinstance(value, list):
        return [_without_id(item) for item in value]
    if key in _PARTS and isinstance(value, list):
        return [_named(item, names) for item in value]
    if key in _PARTS and isinstance(value, dict):
        return {word: _named(item, names) for word, item in value.items()}
    return value


def _without_id(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        return value
    return {key: below for key, below in value.items() if key != "id"}


def _named(value: JsonValue, names: Mapping[str, str]) -> JsonValue:
    return names.get(value, value) if isinstance(value, str) else value
