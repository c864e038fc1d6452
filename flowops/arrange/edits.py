"""Write positions into a JSON text with the fewest changes; the rest stays as it is.

A coordinate that is there is replaced in its place. What is missing is put in as the
first member of the nearest object that is there, indented as its members are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.documents.json_text import dump_value, find_spans, replace_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.model import Pointer

_INDENT = re.compile(r"\{(\r?\n[ \t]*)")


def write_positions(
    text: str, root: JsonValue, places: Mapping[Pointer, tuple[int, int]]
) -> str:
    """Return the text with these positions, by the pointers to their objects."""
    replaced: dict[Pointer, JsonValue] = {}
    added: dict[Pointer, dict[str, JsonValue]] = {}
    for pointer, (x, y) in places.items():
        for key, number in (("x", x), ("y", y)):
            _sort((*pointer, key), number, root, replaced, added)
    return _insert(replace_values(text, replaced), added)


def _sort(
    pointer: Pointer,
    number: int,
    root: JsonValue,
    replaced: dict[Pointer, JsonValue],
    added: dict[Pointer, dict[str, JsonValue]],
) -> None:
    """Note a coordinate as one to replace, or as one to add."""
    value = root
    for depth, step in enumerate(pointer):
        if isinstance(value, dict) and step not in value:
            _nest(added.setdefault(pointer[:depth], {}), pointer[depth:], number)
            return
        if not isinstance(value, list if isinstance(step, int) else dict):
            inside: dict[str, JsonValue] = {}
            held = replaced.setdefault(pointer[:depth], inside)
            _nest(held if isinstance(held, dict) else inside, pointer[depth:], number)
            return
        value = _below(value, step)
    if value != number:
        replaced[pointer] = number


def _below(value: JsonValue, step: str | int) -> JsonValue:
    found: JsonValue = None
    if isinstance(value, dict):
        found = value[str(step)]
    elif isinstance(value, list) and isinstance(step, int):
        found = value[step]
    return found


def _nest(target: dict[str, JsonValue], steps: Pointer, number: int) -> None:
    *above, last = (str(step) for step in steps)
    for step in above:
        below = target.setdefault(step, {})
        if isinstance(below, dict):
            target = below
    target[last] = number


def _insert(text: str, added: Mapping[Pointer, Mapping[str, JsonValue]]) -> str:
    """Put members in at the start of objects, the last object in the text first."""
    spans = find_spans(text, added)
    for pointer in sorted(added, key=lambda p: spans[p][0], reverse=True):
        start, end = spans[pointer]
        is_empty = not text[start + 1 : end - 1].strip()
        found = None if is_empty else _INDENT.match(text, start)
        space = found[1] if found else ""
        between = f",{space}" if space else ", "
        members = between.join(
            f"{dump_value(key)}: {dump_value(value)}"
            for key, value in added[pointer].items()
        )
        after = "" if is_empty else ("," if space else ", ")
        text = f"{text[: start + 1]}{space}{members}{after}{text[start + 1 :]}"
    return text
