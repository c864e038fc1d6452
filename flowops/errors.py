"""The errors a user can meet, and the exit code of each.

FlowOpsError            1   something a person has to mend
├── InputError          1   a file or a value that cannot be used
├── UnresolvedError     1   a resource a flow needs is not on the target
├── TargetError         1   a target refused, failed or could not be reached
├── RefusedError        3   a guard said no; nothing was written
└── UsageError         64   the command line itself is wrong

The command line holds the only ``except`` for this tree. Anything outside the
tree is a defect of FlowOps and ends with exit code 70.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from flowops.model import Location

OK = 0
FAILED = 1
CHANGES = 2
REFUSED = 3
USAGE = 64
INTERNAL = 70
INTERRUPTED = 130


class FlowOpsError(Exception):
    """Something a person has to mend, with the place and the next step."""

    exit_code: ClassVar[int] = FAILED

    def __init__(
        self, message: str, *, hint: str = "", location: Location | None = None
    ) -> None:
        """Keep the sentence, what to do next, and where it went wrong."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.location = location

    def __str__(self) -> str:
        """Give one line: the place, what is wrong, and what to do."""
        place = f"{self.location}: " if self.location else ""
        step = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{step}"


class InputError(FlowOpsError):
    """A file or a value that cannot be used as it is."""


class UnresolvedError(FlowOpsError):
    """A resource a flow needs is not on the target."""


class TargetError(FlowOpsError):
    """A target refused a call, failed, or could not be reached."""


class RefusedError(FlowOpsError):
    """A guard refused; nothing was written."""

    exit_code: ClassVar[int] = REFUSED


class UsageError(FlowOpsError):
    """The command line asks for something that does not exist."""

    exit_code: ClassVar[int] = USAGE
