"""One byte form of a value, whatever its key order or spacing, and its digest."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowops.documents.json_text import JsonValue


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def canonical_json(value: JsonValue) -> bytes:
    """Write a value with sorted keys and no spaces, in UTF-8 (as RFC 8785 does)."""
    return _ENCODER.encode(value).encode("utf-8")


def digest(value: JsonValue) -> str:
    """Return ``sha256:`` and the hash of a value's canonical form."""
    return f"sha256:{hashlib.sha256(canonical_json(value)).hexdigest()}"


def text_digest(text: str) -> str:
    """Return ``sha256:`` and the hash of a text."""
    return f"sha256:{hashlib.sha256(text.encode('utf-8')).hexdigest()}"


def pretty_json(value: JsonValue) -> str:
    """Write a value for people: two spaces, keys as given, a line end."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
