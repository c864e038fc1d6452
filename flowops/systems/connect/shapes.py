"""Hold a parsed document to its shape, and say where it differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, locate
from flowops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.documents.source import SourceText
    from flowops.model import Pointer


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document that can say where a value of the wrong shape stands."""

    source: SourceText

    def wrong(self, pointer: Pointer, message: str, hint: str = "") -> InputError:
        """Return the error for a value at this place."""
        return InputError(message, hint=hint, location=locate(self.source, pointer))

    def mapping(self, value: JsonValue, pointer: Pointer) -> Mapping[str, JsonValue]:
        """Return an object; raises ``InputError`` for anything else."""
        if isinstance(value, dict):
            return value
        raise self.wrong(pointer, f"{_last(pointer)} must be an object")

    def sequence(self, value: JsonValue, pointer: Pointer) -> Sequence[JsonValue]:
        """Return a list; raises ``InputError`` for anything else."""
        if isinstance(value, list):
            return value
        raise self.wrong(pointer, f"{_last(pointer)} must be a list")

    def text(self, value: JsonValue, pointer: Pointer) -> str:
        """Return a text; raises ``InputError`` for anything else."""
        if isinstance(value, str):
            return value
        raise self.wrong(pointer, f"{_last(pointer)} must be a text")


def optional_text(mapping: Mapping[str, JsonValue], key: str) -> str:
    """Return the text at a key, or nothing when there is none."""
    value = mapping.get(key)
    return value if isinstance(value, str) else ""


def _last(pointer: Pointer) -> str:
    return str(pointer[-1]) if pointer else "the document"


def given_text(fields: Mapping[str, JsonValue], key: str) -> str | None:
    """Return a text, which may be empty; nothing where there is none."""
    value = fields.get(key)
    return value if isinstance(value, str) else None
