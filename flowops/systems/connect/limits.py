"""What the service takes as a name, a description and a type.

The figures and the patterns are those of botocore's own model of the Create
operations, kept here so that a check need not load it; a test holds the two together.
A pattern has to match the whole text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.systems.connect.arns import VIEW
from flowops.systems.connect.flow_types import API_TYPES, CONTACT_FLOW, FLOW_MODULE

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a text may be, which pattern it has, or which words there are."""

    least: int | None = None
    most: int | None = None
    pattern: str = ""
    words: frozenset[str] = frozenset()

    def refusal(self, text: str) -> str:
        """Say why the service does not take a text, or nothing."""
        if len(text) < (self.least or 0):
            return f"has {len(text)} characters; at least {self.least} are needed"
        if self.most is not None and len(text) > self.most:
            return f"has {len(text)} characters; at most {self.most} are taken"
        if self.words and text not in self.words:
            return f"is none of {', '.join(sorted(self.words))}"
        if self.pattern and not _matches(self.pattern, text):
            return "is blank" if not text.strip() else "holds what is not taken there"
        return ""


def _matches(pattern: str, text: str) -> bool:
    import regex

    try:
        found = regex.fullmatch(pattern, text, timeout=_SECONDS)
    except TimeoutError:
        return False
    return found is not None


_NAME = r"""^([\p{L}\p{N}_.:\/=+\-@()']+[\p{L}\p{Z}\p{N}_.:\/=+\-@()']*)$"""
_WORDS = r"""^([\p{L}\p{N}_.:\/=+\-@,()']+[\p{L}\p{Z}\p{N}_.:\/=+\-@,()']*)$"""
LIMITS: Mapping[str, Mapping[str, Limit]] = {
    CONTACT_FLOW: {
        "Name": Limit(1),
        "Description": Limit(),
        "Type": Limit(words=API_TYPES),
    },
    FLOW_MODULE: {
        "Name": Limit(1, 127, r".*\S.*"),
        "Description": Limit(0, 500, r".*\S.*"),
    },
    VIEW: {
        "Name": Limit(1, 255, _NAME),
        "Description": Limit(1, 4096, _WORDS),
    },
}
