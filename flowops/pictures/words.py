"""What a picture says of a block: clean, short, and how wide it comes out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from flowops.model import Block

LONGEST = 200
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_PREFERRED = ("/Text", "/SSML", "statement", "topic", "/Name", "/Message")


def clean(text: str, longest: int = LONGEST) -> str:
    """Return text on one line, its control and direction characters as escapes.

    A longer text is cut and says how long it is.
    """
    cut = text[:longest]
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in _SPACES.sub(" ", cut).strip()
    )
    return f"{shown}… ({len(text)} characters)" if len(text) > longest else shown


def width(text: str) -> int:
    """Return how many columns a text takes; wide characters take two."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def fit(text: str, columns: int) -> str:
    """Return what fits into so many columns, with an ellipsis when cut."""
    shown = clean(text, 4 * columns) if len(text) > 4 * columns else clean(text)
    if width(shown) <= columns:
        return shown
    kept, taken = [], 1
    for character in shown:
        taken += _columns(character)
        if taken > columns:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def title(block: Block) -> str:
    """Return what people call a block: its label, its own name, or its type."""
    return called(block.id, block.type, block.label)


def called(identity: str, sort: str, label: str) -> str:
    """Return what people call the block with this id, type and label."""
    if label:
        return label
    return sort if _UUID.fullmatch(identity) or not identity else identity


def subtitle(block: Block) -> str:
    """Return what sets a block apart: its type, or its first telling value."""
    if title(block) != block.type:
        return block.type
    for ending in _PREFERRED:
        for path, value in block.properties.items():
            if path.endswith(ending) and value:
                return value
    found = next((_short(v) for v in block.properties.values() if _tells(v)), "")
    return found or next((p.rpartition("/")[2] for p in block.properties), "")


def _tells(value: str) -> bool:
    short = _short(value)
    return any(c.isalpha() for c in short) and not _UUID.fullmatch(short)


def _short(value: str) -> str:
    """Return the name in an ARN; other values as they are."""
    if value.startswith("arn:"):
        return re.split(r"[:/]", value)[-1]
    return value
