"""A text with its path, as it was read, so that it can be given back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.model import Location
from flowops.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of one file; sealed, because an export may hold passwords."""

    path: str
    text: Secret

    def place(self, offset: int) -> Location:
        """Turn an offset in the text into a line and a column."""
        return self.places([offset])[offset]

    def places(self, offsets: Iterable[int]) -> dict[int, Location]:
        """Turn many offsets into places; each part of the text is counted once."""
        text = self.text.open()
        found: dict[int, Location] = {}
        line, counted = 1, 0
        for offset in sorted(set(offsets)):
            line += text.count("\n", counted, offset)
            counted = offset
            start = text.rfind("\n", 0, offset) + 1
            hidden = start == 0 < offset and text.startswith(BYTE_ORDER_MARK)
            found[offset] = Location(self.path, line, offset - start - hidden + 1)
        return found

    def to_bytes(self) -> bytes:
        """Give back the very bytes that were read."""
        return self.text.open().encode("utf-8")


def source_text(path: str, text: str) -> SourceText:
    """Seal a text that is already decoded."""
    return SourceText(path, Secret(text, f"<text of {path}>"))


def decode(path: str, data: bytes) -> SourceText:
    """Decode the bytes of a file.

    Raises ``InputError`` with the place of the first byte that is not UTF-8.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(
            "the file is UTF-16, not UTF-8",
            hint="save it again as UTF-8",
            location=Location(path),
        )
    try:
        return source_text(path, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise InputError(
            "the file is not UTF-8",
            hint="save it again as UTF-8",
            location=source_text(path, before).place(len(before)),
        ) from None
