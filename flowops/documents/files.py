"""Read files with a limit, and write them whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flowops.errors import InputError, TargetError
from flowops.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

MAXIMUM_BYTES = 32 * 1024 * 1024
PRIVATE = 0o600
PUBLIC = 0o644
MAXIMUM_NAME_BYTES = 200
_UNSAFE = re.compile(r"[^\w ().-]|\A\.")


def read_bytes(path: Path, shown: str) -> bytes:
    """Read a file.

    ``shown`` is how messages call it. Raises ``InputError`` when it is missing,
    is not a file, may not be read, or is larger than 32 MiB.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would wait for its writer
            raise InputError("this is not a file", location=Location(shown))
        with path.open("rb") as stream:
            data = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise InputError(
            f"cannot read the file: {reason}", location=Location(shown)
        ) from error
    check_size(len(data), shown)
    return data


def is_file(path: Path) -> bool:
    """Tell whether a file is there; nothing can be at a path the system refuses."""
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a folder that may not be looked into
        return False


def refuse_misnamed(path: Path, wanted: str) -> None:
    """Raise ``InputError`` where a file is there under a name that is nearly right."""
    if is_file(path):
        raise InputError(
            f"there is no {wanted}, but a {path.name}",
            hint=f"rename {path.name} to {wanted}",
            location=Location(path.name),
        )


def is_folder(path: Path) -> bool:
    """Tell whether a folder is there; nothing can be at a path the system refuses."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_inside(folder: Path, path: Path) -> bool:
    """Tell whether a path, its links followed, lies below a folder.

    One that cannot be followed does not: links in a circle, a NUL in it.
    """
    try:
        return folder.resolve() in path.resolve().parents
    except (OSError, RuntimeError, ValueError):
        return False


def check_size(size: int, shown: str) -> None:
    """Raise ``InputError`` for a file that is larger than 32 MiB."""
    if size > MAXIMUM_BYTES:
        raise InputError(
            "the file is larger than 32 MiB",
            hint="a flow is far smaller: is this the right file?",
            location=Location(shown),
        )


def write_whole(path: Path, data: bytes, mode: int = PUBLIC) -> None:
    """Write a file beside its place and move it there, so no half of it is seen.

    Raises ``TargetError`` when the folder cannot be made or written, and where
    something lies that is no file, such as ``/dev/null``: it would be replaced.
    """
    _refuse_device(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".flowops-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        raise TargetError(f"cannot write {path}: {reason}") from error


def write_new(path: Path, data: bytes, mode: int = PUBLIC) -> None:
    """Write a file where none is, or one with the very same bytes.

    Raises ``InputError`` for any other that is there, and else as ``write_whole``.
    """
    if is_file(path) and read_bytes(path, str(path)) != data:
        raise InputError(
            f"{path} is there already, and something else is in it",
            hint="name another file, or take that one away first",
        )
    write_whole(path, data, mode)


def _refuse_device(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError:  # nothing is there, or writing says what is wrong
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise TargetError(
            f"cannot write {path}: this is not a file",
            hint="name a file; stdout carries what --format says",
        )


def files_below(folder: Path) -> Iterator[Path]:
    """Give every regular file below a folder, in order of its path."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(".flowops-"):
            yield path


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold a file for this process alone; tell whether nobody else had it.

    The operating system lets go when the process ends, however it ends.
    """
    import fcntl

    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def safe_name(name: str) -> str:
    """Turn any text into a file name; different texts give different names.

    Letters, digits, spaces and ``_ . - ( )`` stay; the rest, and a dot in front,
    is percent-encoded. A name that grows too long is cut and ends in its hash.
    """
    safe = _UNSAFE.sub(_percent, name) or "%"
    if len(safe.encode("utf-8")) <= MAXIMUM_NAME_BYTES:
        return safe
    kept = safe.encode("utf-8")[: MAXIMUM_NAME_BYTES // 2].decode("utf-8", "ignore")
    return f"{kept}%~{hashlib.sha256(name.encode('utf-8')).hexdigest()}"


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8"))
