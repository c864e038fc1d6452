"""What a view's template holds: components, inputs, actions and results.

A component is an object with a ``Type`` and an ``_id``, ``Props`` or ``Content``.
A property whose whole value is ``$.Name`` asks the flow for the input ``Name``. A
component that collects something gives it back under its ``Name``.

Source: "Custom views" in the Amazon Connect administrator guide.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, parse_json
from flowops.documents.source import source_text
from flowops.errors import InputError
from flowops.systems.connect.trees import string_leaves
from flowops.systems.connect.views import BODY, TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Pointer
    from flowops.systems.connect.views import View

_INPUT = re.compile(r"\$\.(?P<name>[A-Za-z_][\w-]*)(?:[.\[]\S*)?")
_IN_TEXT = re.compile(r"\$\.[A-Za-z_]")
_COMPONENT_KEYS = ("_id", "Props", "Content")
_ACTION_KEYS = ("Action", "TableAction")


@dataclass(frozen=True, slots=True)
class Component:
    """One component, where it stands in the template, and in what it stands.

    ``id`` is unique: the ``_id``, or the place where that is missing or repeated.
    ``own`` is everything of it that is not a component itself.
    """

    id: str
    type: str
    pointer: Pointer
    parent: str
    slot: str
    own: Mapping[str, JsonValue]


def is_component(value: JsonValue) -> bool:
    """Tell whether a value of a template is a component."""
    if not isinstance(value, dict) or not isinstance(value.get("Type"), str):
        return False
    return any(key in value for key in _COMPONENT_KEYS)


def components(view: View) -> Iterator[Component]:
    """Give every component of a template, each after the one that holds it."""
    taken: set[str] = set()
    waiting = deque((p, v, "") for p, v in _inside(view.template.get(BODY), (BODY,)))
    while waiting:
        pointer, value, parent = waiting.popleft()
        if not isinstance(value, dict):
            continue
        place = "/".join(map(str, pointer))
        found = value.get("_id")
        name = found if isinstance(found, str) and found not in taken else place
        taken.add(name)
        own = {k: _own(v) for k, v in value.items() if k not in ("_id", "Type")}
        yield Component(name, str(value["Type"]), pointer, parent, place, own)
        for key, below in value.items():
            waiting.extend((p, v, name) for p, v in _inside(below, (*pointer, key)))


def _inside(value: JsonValue, pointer: Pointer) -> Iterator[tuple[Pointer, JsonValue]]:
    """Give the components below a value, down to the first on every way."""
    if is_component(value):
        yield pointer, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _inside(below, (*pointer, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _inside(below, (*pointer, index))


def _own(value: JsonValue) -> JsonValue:
    """Return a value without the components in it; what stays keeps its place."""
    if isinstance(value, dict):
        return {k: _own(v) for k, v in value.items() if not is_component(v)}
    if isinstance(value, list) and any(map(is_component, value)):
        kept = enumerate(value)
        return {str(i): _own(v) for i, v in kept if not is_component(v)}
    return [_own(v) for v in value] if isinstance(value, list) else value


def inputs(view: View) -> frozenset[str]:
    """Return what the flow has to give: the schema's word, or the template's.

    A schema that has no properties, or cannot be read, says nothing.
    """
    schema = _parsed(view.input_schema)
    if isinstance(schema, dict) and "properties" in schema:
        wanted = schema.get("required")
        names = wanted if isinstance(wanted, list) else ()
        return frozenset(name for name in names if isinstance(name, str))
    matches = (_INPUT.fullmatch(text) for _, text in string_leaves(view.template))
    return frozenset(match["name"] for match in matches if match)


def _parsed(schema: JsonValue) -> JsonValue:
    """Return a schema, which the service gives as a text."""
    if not isinstance(schema, str):
        return schema
    try:
        return parse_json(source_text("InputSchema", schema))
    except InputError:
        return None


def inputs_in_text(view: View) -> Iterator[tuple[Pointer, str]]:
    """Give each text that has an input inside of it, where nothing fills it in."""
    for pointer, text in string_leaves(view.template, (TEMPLATE,)):
        if _IN_TEXT.search(text) and not _INPUT.fullmatch(text):
            yield pointer, text


def raised(view: View) -> Iterator[tuple[Pointer, str]]:
    """Give each action that a component of the template raises."""
    for pointer, text in string_leaves(view.template, (TEMPLATE,)):
        if pointer[-1] in _ACTION_KEYS and text and not text.startswith("$."):
            yield pointer, text


def results(view: View) -> frozenset[str] | None:
    """Return the names under which a view gives back what was entered.

    ``None`` where the template leaves a name to the flow.
    """
    names: set[str] = set()
    for component in components(view):
        props = component.own.get("Props")
        name = props.get("Name") if isinstance(props, dict) else None
        if isinstance(name, str) and name.startswith("$."):
            return None
        if isinstance(name, str):
            names.add(name)
    return frozenset(names)
