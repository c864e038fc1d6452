"""Write YAML line by line, so that comments can stand between the entries."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z_](?:(?:[A-Za-z0-9_./,@ -]|:(?! ))*[A-Za-z0-9_/])?")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_BLOCK = re.compile(r"(?:[!-~](?:[ -~]*[!-~])?\n)+(?:[!-~](?:[ -~]*[!-~])?\n?)?")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_LONGEST_KEY = 1000
_STEP = "  "


def entry_lines(depth: int, key: str, value: str | None = None) -> list[str]:
    """Write a key with its value, or one whose value follows on deeper lines."""
    name = scalar(key)
    if len(name) > _LONGEST_KEY:  # YAML 1.2.2, 7.4.2: a longer one must say `?`
        first, start = [_STEP * depth + f"? {name}"], _STEP * depth + ":"
    else:
        first, start = [], _STEP * depth + f"{name}:"
    if value is None:
        return [*first, start]
    if _BLOCK.fullmatch(value):
        sign = "|" if value.endswith("\n") else "|-"
        below = [_STEP * (depth + 1) + line for line in value.splitlines()]
        return [*first, f"{start} {sign}", *below]
    return [*first, f"{start} {scalar(value)}"]


def scalar(text: str) -> str:
    """Write a text on one line, quoted where YAML 1.1 or 1.2 would misread it."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if not text.isprintable():
        return f'"{"".join(map(_escaped, text))}"'
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def comment_out(lines: list[str], depth: int = 0) -> list[str]:
    """Put a ``#`` in front of lines; without it, they are as they were."""
    start = _STEP * depth
    return [f"{start}# {line.removeprefix(start)}".rstrip() for line in lines]


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if sign.isprintable():
        return sign
    return f"\\U{ord(sign):08X}"
