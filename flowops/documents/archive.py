"""Zip archives whose bytes depend on their members alone."""

from __future__ import annotations

import io
import stat
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = stat.S_IFREG | 0o644
_LEVEL = 9


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """Pack members in the order given, with one date and one mode for all."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(_entry(name), data, zipfile.ZIP_DEFLATED, _LEVEL)
    return stream.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIRST_DATE)
    entry.create_system = _UNIX
    entry.external_attr = _MODE << 16
    return entry
