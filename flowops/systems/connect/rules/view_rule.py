"""What a rule about views is: what it looks at, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowops.model import Pointer
    from flowops.systems.connect.language import Action, ContactFlow
    from flowops.systems.connect.rules.rule import Note
    from flowops.systems.connect.views import View


@dataclass(frozen=True, slots=True)
class Shown:
    """A flow, and the views of the same project that its blocks show.

    ``views`` is in the order of the blocks; a block whose view is not in the
    project, or is chosen only while a contact runs, makes ``complete`` false.
    """

    flow: ContactFlow
    views: tuple[tuple[Action, Pointer, View], ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class ViewRule:
    """One fact that a view, or a flow that shows it, is held to.

    As for flows, a rule that rests on what others saw is a warning. ``find`` looks
    at a view and gives places in its content, ``find_shown`` at a flow.
    """

    id: str
    severity: Severity
    title: str
    text: str
    source: str
    find: Callable[[View], Iterator[Note]] | None = None
    find_shown: Callable[[Shown], Iterator[Note]] | None = None

    def finding(self, note: Note) -> Finding:
        """Return what a note says as a finding that has no place yet."""
        return Finding(self.id, self.severity, note.message, hint=note.hint)
