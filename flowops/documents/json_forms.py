"""Objects that share their keys, written into one text with no tree of values between.

The text is the one that ``pretty_json`` gives. A report of thousands of flows has
hundreds of thousands of objects of a dozen forms: to make each as a mapping first
takes more time and memory than to write it. A form is made once, and filled with
``%`` by one text for each key. ``depth`` is how many values are around the one meant.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

NULL = "null"
BOOLEANS = ("false", "true")
"""The texts of truth values, by what they count for."""

_STEP = "  "


def object_form(depth: int, *keys: str) -> str:
    """Return the text of an object of these keys, with ``%s`` for each value."""
    end = f"\n{_STEP * depth}"
    names = (quoted(key).replace("%", "%%") for key in keys)
    members = ",".join(f"{end}{_STEP}{name}: %s" for name in names)
    return f"{{{members}{end}}}"


def array(depth: int, items: Iterable[str]) -> str:
    """Return the text of an array of values that are text already."""
    end = f"\n{_STEP * depth}"
    inner = f",{end}{_STEP}".join(items)
    return f"[{end}{_STEP}{inner}{end}]" if inner else "[]"


def array_pieces(depth: int, items: Iterable[str]) -> Iterator[str]:
    """Give the text of ``array`` in pieces, for items too large to hold twice."""
    end, sign = f"\n{_STEP * depth}", "["
    for item in items:
        yield f"{sign}{end}{_STEP}"
        yield item
        sign = ","
    yield "[]" if sign == "[" else f"{end}]"


def object_pieces(depth: int, members: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Give the text of an object in pieces; each of its values is in pieces too."""
    end, sign = f"\n{_STEP * depth}", "{"
    for key, value in members.items():
        yield f"{sign}{end}{_STEP}{quoted(key)}: "
        yield from value
        sign = ","
    yield "{}" if sign == "{" else f"{end}}}"


def string(value: str | None) -> str:
    """Return the text of a string, or of null."""
    return NULL if value is None else quoted(value)


def filled(value: str | None) -> str:
    """Return the text of a string, or of null where it is empty."""
    return quoted(value) if value else NULL
