"""Read what a server answers: no more than so many bytes, and nothing but good JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowops.documents.json_text import JsonValue

MAXIMUM_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 64 * 1024


class TooLargeError(Exception):
    """An answer is larger than any that is expected."""


def read_whole(chunks: Iterable[bytes], most: int = MAXIMUM_BYTES) -> bytes:
    """Put the chunks of an answer together; raises ``TooLargeError`` for too many."""
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > most:
            raise TooLargeError
    return bytes(found)


def parse_answer(data: bytes) -> JsonValue:
    """Return what an answer says; nothing where it is no JSON that can be used.

    What ``parse_json`` refuses counts as none: what nests too deeply, half a
    surrogate pair, a number that is none or has thousands of digits.
    """
    try:
        return parse_json(decode("answer", data))
    except InputError:
        return None
