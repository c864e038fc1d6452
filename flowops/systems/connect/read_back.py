"""What an instance holds, and whether it is what was written, by meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import InputError, TargetError
from flowops.secrets import open_text
from flowops.systems.connect.description import describe_state
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.connect.tags import owned_attribute
from flowops.systems.protocol import SAVED, VERSION, FlowState

if TYPE_CHECKING:
    from flowops.model import Address
    from flowops.systems.connect.families import Described, Family

_KEPT_BESIDE = ("status", "state")


def check_written(wanted: FlowState, found: FlowState) -> None:
    """Raise ``TargetError`` when a state is not the one that was written.

    The wanted status and state count where there are any, and every action, parameter
    and transition; how the designer shows them does not. What can be read by nobody
    has to be the same text.
    """
    for key in _KEPT_BESIDE:
        word = wanted.attributes.get(key, "")
        if word and found.attributes.get(key) != word:
            raise _differs(found, f"it is {found.attributes.get(key)}, not {word}")
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


def state_of(
    family: Family, address: Address, found: Described, *, draft: bool
) -> FlowState:
    """Return what an instance holds; what was asked for as a draft is one.

    The service shows what is live where no draft differs from it, and so a draft that
    equals what is live is what ``saved`` wants.
    """
    attributes = dict(found.attributes)
    if draft:
        attributes["status"] = SAVED
    elif found.version:
        attributes[VERSION] = found.version
    attributes |= owned_attribute(found.tags)
    return FlowState(
        address, {CONTENT: family.seal(address, found.content)}, attributes
    )
