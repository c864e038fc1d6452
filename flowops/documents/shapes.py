"""Take a parsed value as the shape it has to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.documents.json_text import JsonValue


def object_of(value: JsonValue) -> Mapping[str, JsonValue]:
    """Return a value that has to be an object; raises ``TypeError`` if it is none."""
    if isinstance(value, dict):
        return value
    message = "an object is missing"
    raise TypeError(message)


def list_of(value: JsonValue) -> Sequence[JsonValue]:
    """Return a value that has to be a list; raises ``TypeError`` if it is none."""
    if isinstance(value, list):
        return value
    message = "a list is missing"
    raise TypeError(message)


def texts_of(value: JsonValue) -> dict[str, str]:
    """Return an object whose values are texts; raises ``TypeError`` if it is none."""
    return {key: str(text) for key, text in object_of(value).items()}
