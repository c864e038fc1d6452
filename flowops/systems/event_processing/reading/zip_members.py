"""Open a zip somebody gave us: small, plain, and with nothing strange in it.

Nothing is ever written to disk, so a path in it can lead nowhere; one that tries to
is a sign of a file nobody should trust.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowops.documents.files import MAXIMUM_BYTES
from flowops.errors import InputError
from flowops.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_MEMBERS = 1000
_ENCRYPTED = 1
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    UnicodeError,
    ValueError,
)
_EXPORT_AGAIN = "export the flow again"


def zip_members(path: str, data: bytes) -> dict[str, bytes]:
    """Return the files of a zip by name.

    Raises ``InputError`` for what is no zip, is damaged or encrypted, is larger than
    a flow can be, names a member twice, or names one that would lie outside.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            entries = [e for e in opened.infolist() if not e.is_dir()]
            _check(path, entries)
            return _read(path, opened, entries)
    except InputError:
        raise
    except _BROKEN:
        raise _error(path, "this is not a zip, or it is damaged") from None


def _check(path: str, entries: Iterable[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if _leads_out(entry.orig_filename) or _leads_out(name):
            raise _error(path, f"the zip holds {name!r}, which lies outside of it")
        if name in seen:
            raise _error(path, f"the zip holds {name!r} twice")
        if entry.flag_bits & _ENCRYPTED:
            raise _error(path, "the zip is encrypted", "export it without a password")
        seen.add(name)
    if len(seen) > _MOST_MEMBERS:
        raise _error(path, f"the zip holds {len(seen)} files", _is_it())


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name)
    return (
        parts.is_absolute() or ".." in parts.parts or bool({"\\", ":", "\0"} & {*name})
    )


def _read(
    path: str, opened: zipfile.ZipFile, entries: Iterable[zipfile.ZipInfo]
) -> dict[str, bytes]:
    """Read members, counting what comes out and not what the zip says of itself."""
    members: dict[str, bytes] = {}
    left = MAXIMUM_BYTES
    for entry in entries:
        with opened.open(entry) as stream:
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0:
            raise _error(path, "the zip holds more than 32 MiB", _is_it())
        members[entry.filename] = content
    return members


def _is_it() -> str:
    return "a flow is far smaller: is this the right file?"


def _error(path: str, message: str, hint: str = _EXPORT_AGAIN) -> InputError:
    return InputError(message, hint=hint, location=Location(path))
