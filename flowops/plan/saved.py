"""Read a plan that was saved, and say how another plan differs from it.

The file carries its own digest, so an edit or a cut is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.shapes import list_of, object_of, texts_of
from flowops.documents.source import decode
from flowops.errors import InputError, RefusedError
from flowops.model import Location
from flowops.plan.digests import digest_of
from flowops.plan.making import REPLACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.plan.making import Plan

_MAJOR = "1."
_TARGET = "target: "
_AGAIN = "make it again with `flowops plan … --save FILE`"


@dataclass(frozen=True, slots=True)
class SavedChange:
    """What a saved plan says of one flow."""

    address: str
    action: str
    before_digest: str
    after_digest: str


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan as it was reviewed."""

    environment: str
    digest: str
    targets: Mapping[str, str]
    changes: tuple[SavedChange, ...]
    errored: bool

    @property
    def replaced(self) -> frozenset[str]:
        """Return the addresses that were to be replaced."""
        return frozenset(c.address for c in self.changes if c.action == REPLACE)

    def drifted(self, plan: Plan) -> tuple[str, ...]:
        """Return the flows that differ, if only their state on the target does."""
        if not all(line.startswith(_TARGET) for line in self.differences(plan)):
            return ()
        now = {change.address: change.before_digest for change in _changes_of(plan)}
        return tuple(
            c.address for c in self.changes if now[c.address] != c.before_digest
        )

    def differences(self, plan: Plan) -> Iterator[str]:
        """Give a line for each thing that is not as it was reviewed."""
        then = {change.address: change for change in self.changes}
        now = {change.address: change for change in _changes_of(plan)}
        for address in sorted(then.keys() | now.keys()):
            yield from _difference(address, then.get(address), now.get(address))


def _difference(
    address: str, then: SavedChange | None, now: SavedChange | None
) -> Iterator[str]:
    if then is None or now is None:
        yield f"plan: {address} is {'not ' if now is None else ''}in the plan now"
    elif then.after_digest != now.after_digest:
        yield f"plan: {address} would become something else than was reviewed"
    elif then.before_digest != now.before_digest:
        yield f"{_TARGET}{address} is not on the target as it was"
    elif then.action != now.action:
        yield f"plan: {address} was {then.action} and is {now.action}"


def _changes_of(plan: Plan) -> Iterator[SavedChange]:
    for change in plan.changes:
        yield SavedChange(
            str(change.address),
            change.action,
            change.before_digest,
            change.after_digest,
        )
    for removal in plan.removals:
        yield SavedChange(str(removal.address), "delete", removal.before_digest, "")


def read_saved_plan(path: str, data: bytes) -> SavedPlan:
    """Read a saved plan.

    Raises ``InputError`` for a file that is not one, and ``RefusedError`` for one
    that was changed after it was made.
    """
    document = parse_json(decode(path, data), _AGAIN)
    try:
        saved = _read(document)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "this is not a plan that this FlowOps can read",
            hint=_AGAIN,
            location=Location(path),
        ) from error
    changes = [
        [c.address, c.action, c.before_digest, c.after_digest] for c in saved.changes
    ]
    if digest_of(saved.environment, saved.targets, changes) != saved.digest:
        raise RefusedError(
            f"plan-edited: {path} was changed after it was made",
            hint=_AGAIN,
        )
    if saved.errored:
        raise RefusedError(
            f"plan-errored: {path} has errors, so it cannot have been approved",
            hint="mend them and plan again",
        )
    return saved


def _read(document: JsonValue) -> SavedPlan:
    plan = object_of(document)
    if not str(plan["format_version"]).startswith(_MAJOR):
        message = "another format version"
        raise ValueError(message)
    return SavedPlan(
        environment=str(plan["environment"]),
        digest=str(plan["digest"]),
        targets=texts_of(plan["targets"]),
        changes=tuple(
            _change(object_of(change)) for change in list_of(plan["changes"])
        ),
        errored=bool(plan["errored"]),
    )


def _change(change: Mapping[str, JsonValue]) -> SavedChange:
    (action,) = list_of(change["actions"])
    return SavedChange(
        str(change["address"]),
        str(action),
        str(change["before_digest"] or ""),
        str(change["after_digest"] or ""),
    )
