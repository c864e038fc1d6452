"""One byte form of a value, whatever its key order or spacing, and its digest."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowops.documents.json_text import JsonValue


_LINE_END = "\n"
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def canonical_json(value: JsonValue) -> bytes:
    """Write a value with sorted keys and no spaces, in UTF-8 (as RFC 8785 does)."""
    return _ENCODER.encode(value).encode("utf-8")


def canonical_text(value: JsonValue) -> str:
    """Write a value as ``canonical_json`` does, as text."""
    return _ENCODER.encode(value)


def digest(value: JsonValue) -> str:
    """Return ``sha256:`` and the hash of a value's canonical form."""
    return f"sha256:{hashlib.sha256(canonical_json(value)).hexdigest()}"


def text_digest(text: str) -> str:
    """Return ``sha256:`` and the hash of a text."""
    return f"sha256:{hashlib.sha256(text.encode('utf-8')).hexdigest()}"


def pretty_json(value: JsonValue) -> str:
    """Write a value for people: two spaces, keys as given, a line end.

    The text is that of ``json.dumps`` with an indent, which takes ten times as long.
    """
    return f"{_written(value, _LINE_END)}\n"


def indented_json(value: JsonValue, depth: int) -> str:
    """Write a value as ``pretty_json`` does where so many values are around it."""
    return _written(value, f"{_LINE_END}{'  ' * depth}")


def _written(value: JsonValue, margin: str) -> str:
    """Return the text of a value; ``margin`` is the line end and spaces before it."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, dict) and value:
        texts = [
            encode_basestring(item)
            if isinstance(item, str)
            else "null"
            if item is None
            else _written(item, f"{margin}  ")
            for item in value.values()
        ]
        return _object(tuple(value), margin) % tuple(texts)
    if isinstance(value, (list, tuple)):
        inner = f"{margin}  "
        items = f",{inner}".join([_written(item, inner) for item in value])
        return f"[{inner}{items}{margin}]" if items else "[]"
    if value is True or value is False:
        return "true" if value else "false"
    return json.dumps(value)


@lru_cache(maxsize=1024)
def _object(keys: tuple[str, ...], margin: str) -> str:
    """Return the text of an object with ``%s`` for each value; many have one shape."""
    named = [json.dumps({key: 0}, ensure_ascii=False)[1:-4] for key in keys]
    members = [f"{margin}  {name.replace('%', '%%')}: %s" for name in named]
    return f"{{{','.join(members)}{margin}}}"
