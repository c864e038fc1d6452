"""Failures on order, so that tests can see what a client does about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from flowops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

ANY_OPERATION = "*"
CONNECTION_DROPPED = "ConnectionDropped"
"""The connection closes before anything is done."""
ANSWER_LOST = "AnswerLost"
"""The call is done, and the connection closes without an answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error for ``times`` calls of an operation, once ``after`` have passed."""

    operation: str
    error: str
    times: int = 1
    after: int = 0


class Faults:
    """The faults still to come; of several that are due, the oldest strikes."""

    def __init__(
        self,
        operations: Collection[str],
        errors: Collection[str],
        faults: Iterable[Fault] = (),
    ) -> None:
        self._operations = operations
        self._errors = errors
        self._pending: list[Fault] = []
        self._lock = Lock()
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Order a fault; raises ``InputError`` for a name the service does not have."""
        if fault.operation not in (ANY_OPERATION, *self._operations):
            raise InputError(f"no operation is named {fault.operation!r}")
        if fault.error not in (CONNECTION_DROPPED, ANSWER_LOST, *self._errors):
            raise InputError(f"no error is named {fault.error!r}")
        if fault.times < 1 or fault.after < 0:
            raise InputError("a fault strikes at least once, after none or some calls")
        with self._lock:
            self._pending.append(fault)

    def strike(self, operation: str) -> str:
        """Count one call, and give the error that it has to fail with, if any."""
        error = ""
        left: list[Fault] = []
        with self._lock:
            for fault in self._pending:
                if fault.operation not in (ANY_OPERATION, operation):
                    left.append(fault)
                elif fault.after:
                    left.append(replace(fault, after=fault.after - 1))
                elif error:
                    left.append(fault)
                else:
                    error = fault.error
                    if fault.times > 1:
                        left.append(replace(fault, times=fault.times - 1))
            self._pending = left
        return error
