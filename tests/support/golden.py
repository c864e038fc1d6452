"""Compare whole outputs with files kept in the repository."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
UPDATE = "make goldens (pytest --update-goldens)"


def assert_golden(
    actual: str | bytes, path: Path, update: bool, *, kept: Path = TESTS / "actual"
) -> None:
    """Fail unless the file at path holds exactly these bytes.

    What came out is kept under tests/actual, so that a tool of one's own choice
    can compare the two. With update, the file is written instead.
    """
    __tracebackhide__ = True
    content = actual.encode("utf-8") if isinstance(actual, str) else actual
    if update:
        write(content, path)
        return
    expected = path.read_bytes() if path.exists() else None
    if content == expected:
        return
    copy = kept / place_of(path)
    write(content, copy)
    pytest.fail(explanation(expected, content, path, copy), pytrace=False)


def write(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def place_of(path: Path) -> Path:
    """Return where in tests/actual a golden's counterpart goes."""
    whole = path.resolve()
    return whole.relative_to(TESTS) if whole.is_relative_to(TESTS) else Path(path.name)


def explanation(expected: bytes | None, actual: bytes, path: Path, copy: Path) -> str:
    if expected is None:
        first = f"There is no golden file {path}."
    else:
        first = f"The output differs from {path}.\n{difference(expected, actual)}"
    return f"{first}\nThe output is in {copy}.\nTo accept it: {UPDATE}"


def difference(expected: bytes, actual: bytes) -> str:
    lines = difflib.unified_diff(
        readable_lines(expected), readable_lines(actual), "expected", "actual"
    )
    return "\n".join(line.rstrip("\n") for line in lines)


def readable_lines(content: bytes) -> list[str]:
    """Split into lines that show their endings and the bytes that are not text."""
    lines = content.decode("utf-8", "backslashreplace").split("\n")
    shown = [line.replace("\r", "\\r") for line in lines]
    return shown[:-1] if shown[-1] == "" else [*shown, "(no newline at the end)"]
