"""Names and patterns: which are for each other, however many there are of both.

A large project says something of each flow by its name, so nobody may compare all that
is said with all flows.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from difflib import get_close_matches
from fnmatch import translate
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_T = TypeVar("_T")


@cache
def expression(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern; a name without a wildcard is none."""
    is_pattern = any(sign in pattern for sign in "*?[")
    return re.compile(translate(pattern)) if is_pattern else None


def matches(pattern: str, name: str) -> bool:
    """Tell whether a pattern, or a name, is for this name."""
    if pattern == name:
        return True
    found = expression(pattern)
    return found is not None and found.match(name) is not None


def did_you_mean(word: str, words: Collection[str], likeness: float = 0.6) -> str:
    """Ask whether the word nearest to another was meant; nothing when none is near.

    Two that look the same may be composed of other characters (Unicode, UAX #15).
    """
    composed = unicodedata.normalize("NFC", word)
    for other in words:
        if other != word and unicodedata.normalize("NFC", other) == composed:
            return (
                f"did you mean {other!r}? It looks the same, but its accents are "
                "composed in another way: copy the name from the export"
            )
    near = get_close_matches(word, list(words), n=1, cutoff=likeness)
    return f"did you mean {near[0]!r}?" if near else ""


class Patterned(Generic[_T]):
    """Things that are for the names a pattern matches."""

    def __init__(self, things: Iterable[tuple[str, _T]]) -> None:
        """Sort things by their patterns, once."""
        self._of_name: defaultdict[str, list[_T]] = defaultdict(list)
        self._of_pattern: list[tuple[str, _T]] = []
        for pattern, thing in things:
            if expression(pattern):
                self._of_pattern.append((pattern, thing))
            else:
                self._of_name[pattern].append(thing)

    def of(self, name: str) -> list[_T]:
        """Return what is for a name: that of patterns first, each in its order."""
        found = [t for pattern, t in self._of_pattern if matches(pattern, name)]
        return [*found, *self._of_name.get(name, ())]


class Named(Generic[_T]):
    """Things with a name, of which several may have the same one."""

    def __init__(self, things: Iterable[tuple[str, _T]]) -> None:
        """Sort things by their names, once."""
        self._things: defaultdict[str, list[_T]] = defaultdict(list)
        for name, thing in things:
            self._things[name].append(thing)

    def matching(self, pattern: str) -> Sequence[_T]:
        """Return the things whose names a pattern, or a name, is for, in their order.

        Those of one name stand together.
        """
        if expression(pattern) is None:
            return self._things.get(pattern, ())
        return [
            thing
            for name, things in self._things.items()
            if matches(pattern, name)
            for thing in things
        ]
