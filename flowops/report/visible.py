"""Make text inert: nothing in it can act on a terminal, a log or a page."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 200
"""The most characters that are shown of one value."""

SENTENCE = 2_000
"""The most characters that are shown of what is wrong, or of what to do."""

PATH = 1_000
"""The most characters that are shown of a path and a place in it."""

_LINES = 400
# A runner of GitHub Actions takes "::name::" at the start of a line for a command,
# and "##[name]" anywhere in it.
_OLD_COMMAND = re.compile(r"##(?=\[)")
_COMMAND = re.compile(r"^(\s*):(?=:)")


def visible(text: str) -> str:
    """Return text in which control characters are written as escapes."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def clipped(text: str, most: int = LONGEST) -> str:
    """Return at most so many characters of a text, visible, and how many there are."""
    if len(text) <= most:
        return visible(text)
    return f"{visible(text[:most])}… ({len(text)} characters)"


def sentence(text: str, most: int = SENTENCE) -> str:
    """Return a sentence, visible; the middle of one that is too long is left out.

    Its start says what it is about, its end what is wrong with it.
    """
    if len(text) <= most:
        return visible(text)
    end = most // 4
    head, tail = visible(text[: most - end]), visible(text[-end:])
    return f"{head}… ({len(text)} characters) …{tail}"


def log_line(text: str) -> str:
    """Return a line that a runner of GitHub Actions does not take for a command."""
    return _COMMAND.sub(r"\1\\x3a", _OLD_COMMAND.sub(r"#\\x23", text))


def log_json(text: str) -> str:
    """Return a JSON document, of the same value, that holds no command either."""
    return text.replace("##[", r"##\u005b")


def changed_lines(
    before: str, after: str, most: int, longest: int = LONGEST
) -> Iterator[str]:
    """Give the lines that differ with ``-`` or ``+`` before them, at most so many.

    Texts of many lines are not compared line by line: what they have in common at
    their start and end is left out, and the rest is called different.
    """
    found = _differing(before.splitlines(), after.splitlines())
    if not found:
        yield "only the ends of lines differ"
    yield from (f"{sign} {clipped(line, longest)}" for sign, line in found[:most])
    if len(found) > most:
        yield f"… and {len(found) - most} more lines"


def _differing(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    start = _common(old, new)
    old, new = old[start:], new[start:]
    end = _common(old[::-1], new[::-1])
    old, new = old[: len(old) - end], new[: len(new) - end]
    if len(old) > _LINES or len(new) > _LINES:
        return [*(("-", line) for line in old), *(("+", line) for line in new)]
    found: list[tuple[str, str]] = []
    matcher = SequenceMatcher(None, old, new)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            found += (("-", line) for line in old[i:j])
            found += (("+", line) for line in new[k:m])
    return found


def _common(one: list[str], other: list[str]) -> int:
    """Count the lines that two lists have in common at their start."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def plural(count: int, word: str) -> str:
    """Write a number of things."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
