"""The ways a call can fail: the service's own errors, and the sandbox's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.systems.connect.sandbox.values import Value

PROTOCOL_STATUSES: Mapping[str, int] = {
    "AccessDeniedException": 403,
    "MissingAuthenticationTokenException": 403,
    "NotImplementedException": 501,
    "RequestEntityTooLargeException": 413,
    "SandboxDefectException": 500,
    "UnknownOperationException": 404,
}
"""Errors that come before or beside the service model, with their HTTP status."""


class ApiError(Exception):
    """An error answer, by the name the service model gives it."""

    def __init__(
        self, name: str, message: str = "", members: Mapping[str, Value] | None = None
    ) -> None:
        """Keep the error's name, its sentence and its other members."""
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.members = {} if members is None else members


class ViolationError(Exception):
    """A value in a request breaks a rule of the model.

    ``malformed`` tells a request that cannot be read (an unknown member, a wrong
    type) from one that can be read and is out of bounds.
    """

    def __init__(self, path: str, rule: str, *, malformed: bool = False) -> None:
        """Keep the member, the rule it breaks, and how bad that is."""
        super().__init__(f"{path}: {rule}" if path else rule)
        self.malformed = malformed


class SandboxDefectError(Exception):
    """The sandbox itself is wrong: an answer that the model does not allow."""


class ConnectionDroppedError(Exception):
    """The connection is to be closed without an answer."""


def declared(violation: ViolationError, errors: tuple[str, ...]) -> ApiError:
    """Turn a violation into the closest error that the operation declares."""
    order = ["InvalidParameterException", "InvalidRequestException"]
    if violation.malformed:
        order.reverse()
    order.append("ValidationException")
    name = next((name for name in order if name in errors), "InvalidRequestException")
    return ApiError(name, str(violation))


def not_found(what: str) -> ApiError:
    """Say that something does not exist on this instance."""
    return ApiError("ResourceNotFoundException", f"{what} does not exist")


def not_implemented(what: str) -> ApiError:
    """Say that the real service does this and the sandbox does not."""
    return ApiError("NotImplementedException", f"the sandbox does not do {what}")
