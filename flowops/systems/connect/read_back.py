"""Compare what an instance holds with what was written to it, by meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import InputError, TargetError
from flowops.secrets import open_text
from flowops.systems.connect.description import describe_state
from flowops.systems.connect.rendering import CONTENT

if TYPE_CHECKING:
    from flowops.systems.protocol import FlowState

_STATUS = "status"


def check_written(wanted: FlowState, found: FlowState) -> None:
    """Raise ``TargetError`` when a state is not the one that was written.

    The wanted status counts where there is one, and every action, parameter and
    transition; how the designer shows them does not. What can be read by nobody has
    to be the same text.
    """
    status = wanted.attributes.get(_STATUS, "")
    if status and found.attributes.get(_STATUS) != status:
        raise _differs(found, f"it is {found.attributes.get(_STATUS)}, not {status}")
    if open_text(found.files[CONTENT]) == open_text(wanted.files[CONTENT]):
        return
    try:
        same = describe_state(found).fingerprint == describe_state(wanted).fingerprint
    except InputError as error:
        raise _differs(found, f"its content cannot be read: {error.message}") from error
    if not same:
        raise _differs(found, "its content is another one")


def _differs(found: FlowState, how: str) -> TargetError:
    return TargetError(
        f"{found.address} was written, and the instance holds something else: {how}",
        hint="somebody may have written it at the same time: plan again",
    )
