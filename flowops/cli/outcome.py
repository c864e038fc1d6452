"""Why the last command of this process ended as it did, in one word for programs.

Written where a command ends, read by whoever ran it in the same process. The words
are part of the action's outputs: each stays what it is.
"""

from __future__ import annotations

import re
from enum import StrEnum

from flowops.errors import (
    FlowOpsError,
    InputError,
    RefusedError,
    TargetError,
    UnresolvedError,
    UsageError,
)


class Reason(StrEnum):
    """Why a command did not succeed."""

    FINDINGS = "findings"
    UNRESOLVED = "unresolved"
    REFUSED = "refused"
    CHANGES = "changes"
    DRIFT = "drift"
    INPUT = "input"
    USAGE = "usage"
    TARGET = "target"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    DEFECT = "defect"


_OF_ERRORS: tuple[tuple[type[FlowOpsError], Reason], ...] = (
    (UsageError, Reason.USAGE),
    (RefusedError, Reason.REFUSED),
    (UnresolvedError, Reason.UNRESOLVED),
    (InputError, Reason.INPUT),
    (TargetError, Reason.TARGET),
    (FlowOpsError, Reason.FAILED),
)


def reason_of(error: FlowOpsError) -> Reason:
    """Return the word for an error."""
    return next(reason for kind, reason in _OF_ERRORS if isinstance(error, kind))


# What refuses names itself first: ``plan-edited: plan.json was changed``.
_GUARD = re.compile(r"([a-z]+(?:-[a-z]+)*): ")
_NOTED: list[str] = []


def begin() -> None:
    """Forget why an earlier command ended."""
    _NOTED.clear()


def note(reason: Reason, *words: str) -> None:
    """Keep why this command ends; the first word said counts."""
    if not _NOTED:
        _NOTED.append(":".join((reason, ",".join(words))) if words else str(reason))


def note_error(error: FlowOpsError) -> None:
    """Keep why an error ends this command, with the guard if one refused."""
    guard = _GUARD.match(error.message) if isinstance(error, RefusedError) else None
    note(reason_of(error), *(guard.groups() if guard else ()))


def reason() -> str:
    """Return why the last command ended, or nothing when all went well."""
    return _NOTED[0] if _NOTED else ""
