"""Append-only files: every line is on disk before the next thing happens."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowops.documents.canonical import canonical_json
from flowops.documents.files import PRIVATE
from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.errors import InputError, TargetError

if TYPE_CHECKING:
    from pathlib import Path

    from flowops.documents.json_text import JsonValue


def append_entry(path: Path, entry: JsonValue) -> None:
    """Append one JSON value as a line and wait until the disk has it.

    The file can be read by its owner only. Raises ``TargetError`` when it cannot
    be written.
    """
    line = canonical_json(entry) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
        try:
            rest = memoryview(line)
            while rest:  # a disk that is nearly full takes a part, and no more
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        raise TargetError(f"cannot write {path}: {reason}") from error


def read_entries(shown: str, data: bytes) -> list[JsonValue]:
    """Return the entries of a log; a last line that was cut off is left out.

    Raises ``InputError`` for any other line that is not JSON.
    """
    lines = data.split(b"\n")
    entries: list[JsonValue] = []
    for number, line in enumerate(lines[:-1], start=1):
        try:
            entries.append(parse_json(decode(f"{shown}:{number}", line)))
        except InputError as error:
            raise InputError(
                f"line {number} of {shown} is damaged: {error.message}"
            ) from error
    return entries
