"""What an action may be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.rules.rule import Note, Rule, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 50
FORBIDDEN_CHARACTERS = frozenset("%:(\\/)=$,;[]{}")
FORBIDDEN_NAMES = frozenset(
    [
        "__defineGetter__",
        "__defineSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    ]
)
_SOURCE = "Flow language in the Amazon Connect API reference"


def _length(subject: Subject) -> Iterator[Note]:
    for action in subject.actions:
        if not 0 < (length := len(action.identifier)) <= LONGEST:
            words = f"the Identifier {action.identifier!r} has {length} characters"
            place = ("Actions", action.index, "Identifier")
            yield Note(place, f"{words}; 1 to {LONGEST} are allowed")


def _characters(subject: Subject) -> Iterator[Note]:
    for action in subject.actions:
        name = action.identifier
        wrong = "".join(sorted(FORBIDDEN_CHARACTERS & {*name}))
        words = f"the Identifier {name!r}"
        if name in FORBIDDEN_NAMES:
            words += " is forbidden"
        elif wrong:
            words += f" holds {wrong}, which is forbidden"
        else:
            continue
        yield Note(("Actions", action.index, "Identifier"), words)


IDENTIFIER_LENGTH = Rule(
    "connect/identifier-length",
    Severity.ERROR,
    "An Identifier is too long, or empty",
    f"An `Identifier` has 1 to {LONGEST} characters.",
    _SOURCE,
    _length,
)
IDENTIFIER_CHARACTERS = Rule(
    "connect/identifier-characters",
    Severity.ERROR,
    "An Identifier holds something that is forbidden",
    "An `Identifier` has none of `% : ( \\ / ) = $ , ; [ ] { }` and is not one of "
    + ", ".join(f"`{name}`" for name in sorted(FORBIDDEN_NAMES))
    + ". Two actions with the same one are refused when the file is read.",
    _SOURCE,
    _characters,
)
