"""What lies on the canvas of a contact flow: blocks, notes, and where each one is.

An action that is drawn as part of another one has no place of its own: it lies
where the other one does. Source: exports of the Amazon Connect console.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from flowops.systems.connect.language import ContactFlow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.model import Pointer
    from flowops.systems.connect.language import Action
    from flowops.systems.connect.legacy.language import LegacyFlow

Spot: TypeAlias = "tuple[float, float]"
Link: TypeAlias = "tuple[str, str]"

_WIDTH, _HEIGHT, _BRANCH = 200, 130, 28
_WRITTEN_BRANCHES = 2
ENTRY = "\0entry"
"""What the entry point is called among blocks; no Identifier can be that."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Something that is drawn: its id, where its position stands, and its size."""

    id: str
    pointer: Pointer
    spot: Spot | None
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Canvas:
    """Shapes in the order of the file, their connections, and what follows them.

    ``parts`` maps an action to the one it is drawn in. ``notes`` lie near a block.
    """

    shapes: tuple[Shape, ...]
    links: tuple[Link, ...]
    parts: Mapping[str, Shape]
    owners: Mapping[str, str]
    notes: tuple[Shape, ...]


def canvas_of(flow: ContactFlow | LegacyFlow, root: JsonValue) -> Canvas:
    """Return the canvas of a flow in either language; ``root`` is its document."""
    if isinstance(flow, ContactFlow):
        return _canvas(flow, root)
    shapes = [_entry(root, "metadata")]
    links: list[Link] = [(ENTRY, flow.start)]
    for module in flow.modules:
        pointer = ("modules", module.index, "metadata")
        shapes.append(_block(module.id, pointer, root, len(module.branches)))
        links += ((module.id, b.transition) for b in module.branches if b.transition)
    return Canvas(tuple(shapes), _known(links, shapes), {}, {}, ())


def _canvas(flow: ContactFlow, root: JsonValue) -> Canvas:
    owners = _owners(flow)
    shapes = [_entry(root, "Metadata")]
    parts: dict[str, Shape] = {}
    links: list[Link] = [(ENTRY, owners.get(flow.start, flow.start))]
    for action in flow.actions:
        pointer = ("Metadata", "ActionMetadata", action.identifier)
        targets = list(_targets(action))
        shape = _block(action.identifier, pointer, root, len(targets))
        if action.identifier in owners:
            parts[action.identifier] = shape
        else:
            shapes.append(shape)
        source = owners.get(action.identifier, action.identifier)
        links += ((source, owners.get(target, target)) for target in targets)
    notes = tuple(_notes(root))
    return Canvas(tuple(shapes), _known(links, shapes), parts, owners, notes)


def _known(links: list[Link], shapes: list[Shape]) -> tuple[Link, ...]:
    """Return each connection of two different shapes once."""
    known = {shape.id for shape in shapes}
    return tuple(
        dict.fromkeys((a, b) for a, b in links if a != b and a in known and b in known)
    )


def _targets(action: Action) -> Iterator[str]:
    """Give where an action leads: its main way, its conditions, its errors."""
    if isinstance(target := action.transitions.get("NextAction"), str):
        yield target
    for key in ("Conditions", "Errors"):
        branches = action.transitions.get(key)
        for branch in branches if isinstance(branches, list) else ():
            yield str(branch["NextAction"])


def _owners(flow: ContactFlow) -> dict[str, str]:
    """Return which action each hidden one is drawn in; the outermost counts."""
    known = {action.identifier for action in flow.actions}
    owners: dict[str, str] = {}
    for action in flow.actions:
        for part in _hidden(action):
            if part in known and part != action.identifier:
                owners.setdefault(part, action.identifier)
    found = {part: _outermost(part, owners) for part in owners}
    return {part: owner for part, owner in found.items() if owner not in owners}


def _outermost(part: str, owners: Mapping[str, str]) -> str:
    seen = {part}
    while part in owners and owners[part] not in seen:
        part = owners[part]
        seen.add(part)
    return part


def _hidden(action: Action) -> Iterator[str]:
    for key in ("children", "fragments"):
        value = action.metadata.get(key)
        found: Iterable[JsonValue] = ()
        if isinstance(value, (dict, list)):
            found = value.values() if isinstance(value, dict) else value
        yield from (part for part in found if isinstance(part, str))


def _entry(root: JsonValue, metadata: str) -> Shape:
    """Return the entry point; the samples of the vendor write it in capitals."""
    for key in ("entryPointPosition", "EntryPointPosition"):
        if _at(root, (metadata, key)) is not None:
            break
    else:
        key = "entryPointPosition"
    pointer = (metadata, key)
    return Shape(ENTRY, pointer, _spot(root, pointer), 100, 60)


def _block(identity: str, above: Pointer, root: JsonValue, branches: int) -> Shape:
    capital = _at(root, (*above, "Position")) is not None
    pointer = (*above, "Position" if capital else "position")
    height = _HEIGHT + _BRANCH * max(0, branches - _WRITTEN_BRANCHES)
    return Shape(identity, pointer, _spot(root, pointer), _WIDTH, height)


def _notes(root: JsonValue) -> Iterator[Shape]:
    """Give the notes that belong to no block but lie near one."""
    notes = _at(root, ("Metadata", "Annotations"))
    for index, note in enumerate(notes if isinstance(notes, list) else ()):
        pointer = ("Metadata", "Annotations", index, "position")
        spot = _spot(root, pointer)
        if spot is not None and isinstance(note, dict) and not note.get("actionId"):
            yield Shape(f"note {index}", pointer, spot, 0, 0)


def _spot(root: JsonValue, pointer: Pointer) -> Spot | None:
    place = _at(root, pointer)
    if not isinstance(place, dict):
        return None
    x, y = place.get("x"), place.get("y")
    if isinstance(x, (int, float)) and isinstance(y, (int, float)):
        return float(x), float(y)
    return None


def _at(root: JsonValue, pointer: Pointer) -> JsonValue:
    """Return the value at a place, or nothing where there is no such place."""
    value = root
    for step in pointer:
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
        else:
            return None
    return value
