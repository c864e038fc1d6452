"""Walk a parsed document with types checked and every complaint located."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.documents.json_text import locate
from flowops.errors import InputError
from flowops.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.documents.source import SourceText
    from flowops.model import Pointer
    from flowops.secrets import Text

MAXIMUM_DEPTH = 64
_EXPORT_AGAIN = "export the flow again, or mend the file"


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file, and what its sensitive places show instead."""

    source: SourceText
    root: JsonValue = field(repr=False)
    visible: Mapping[Pointer, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A value of a document; methods that read it raise ``InputError``."""

    document: Document
    value: JsonValue = field(repr=False)
    pointer: Pointer = ()

    def error(self, message: str, hint: str = _EXPORT_AGAIN) -> InputError:
        """Make an error that points at this value, or at where it is missing."""
        location = locate(self.document.source, self.pointer)
        return InputError(message, hint=hint, location=location)

    def get(self, key: str) -> Place:
        """Return the value of a key of a mapping; a missing one is null."""
        return Place(self.document, self.mapping().get(key), (*self.pointer, key))

    def first(self, *keys: str) -> Place:
        """Return the value of the first of these keys that is there."""
        present = (key for key in keys if key in self.mapping())
        return self.get(next(present, keys[0]))

    def mapping(self) -> Mapping[str, JsonValue]:
        """Return a mapping; null is an empty one."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self._wrong("an object")
        if len(self.pointer) > MAXIMUM_DEPTH:
            raise self.error("the document nests too deeply")
        return self.value

    def items(self) -> Iterator[Place]:
        """Give the items of a list; null is an empty one."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self._wrong("a list")
        for index, item in enumerate(self.value):
            yield Place(self.document, item, (*self.pointer, index))

    def text(self) -> Text:
        """Return a text, sealed if it is sensitive; null is an empty one."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self._wrong("a text")
        visible = self.document.visible.get(self.pointer)
        return self.value if visible is None else Secret(self.value, visible)

    def word(self) -> str:
        """Return the visible form of a text, for names; null is an empty one."""
        return str(self.text())

    def required_word(self) -> str:
        """Return a text that has to be there and not be blank."""
        word = self.word()
        if not word.strip():
            raise self.error(f"{self.title} is missing or empty")
        return word

    def flag(self, *, default: bool) -> bool:
        """Return a boolean, or the default for null."""
        if self.value is None:
            return default
        if not isinstance(self.value, bool):
            raise self._wrong("true or false")
        return self.value

    def number(self) -> str:
        """Return a number as it would be written, or nothing for null."""
        if self.value is None:
            return ""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self._wrong("a number")
        return repr(self.value)

    def unknown(self, known: frozenset[str]) -> tuple[str, ...]:
        """Return the keys of a mapping that are not among the known ones."""
        return tuple(key for key in self.mapping() if key not in known)

    @property
    def title(self) -> str:
        """Return what messages call this value: its last two steps."""
        steps = [str(step) for step in self.pointer[-2:]] or ["document"]
        return f"`{'/'.join(steps)}`"

    def _wrong(self, wanted: str) -> InputError:
        return self.error(f"{self.title} must be {wanted}")
