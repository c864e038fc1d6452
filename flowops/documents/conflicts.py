"""Find the marks that Git leaves in a file when a merge needs a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.errors import InputError

if TYPE_CHECKING:
    from flowops.documents.source import SourceText

# https://git-scm.com/docs/git-merge#_how_conflicts_are_presented
_MARK = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?= |\r?$)", re.MULTILINE)


def conflict_in(source: SourceText) -> InputError | None:
    """Return the error of a text with an unresolved conflict, at its first mark."""
    found = _MARK.search(source.text.open())
    if found is None:
        return None
    return InputError(
        "a conflict of a merge is not resolved: here is a mark of Git",
        hint="keep one of the two sides, and take the marks out",
        location=source.place(found.start()),
    )
