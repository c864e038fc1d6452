"""Walk JSON values by path: find leaves, follow a path, expand a table's path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.documents.json_text import JsonValue
    from flowops.model import Pointer


def expand(value: JsonValue, path: Pointer) -> Iterator[tuple[Pointer, JsonValue]]:
    """Give every place a table's path leads to, with what stands there.

    ``*`` is any key or index, ``**`` any number of them, none included.
    """
    if not path:
        yield (), value
        return
    step, rest = path[0], path[1:]
    if step == "**":
        yield from expand(value, rest)
        rest = path
    elif step != "*":
        if isinstance(value, dict) and step in value:
            for tail, found in expand(value[str(step)], rest):
                yield (step, *tail), found
        return
    for key, below in _items(value):
        for tail, found in expand(below, rest):
            yield (key, *tail), found


def string_leaves(
    value: JsonValue, path: Pointer = ()
) -> Iterator[tuple[Pointer, str]]:
    """Give every text below a value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, below in value.items():
            if isinstance(below, str):
                yield (*path, key), below
            elif isinstance(below, (dict, list)):
                yield from string_leaves(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from string_leaves(below, (*path, index))


def text_at(value: JsonValue, path: Pointer) -> str:
    """Return the text at a path, or nothing when there is none."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return ""
    return value if isinstance(value, str) else ""


def _items(value: JsonValue) -> Iterator[tuple[str | int, JsonValue]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)
