"""Keep a version of what is live before and after a write, where that is possible.

A version is something to fall back on and never a reason to fail: an instance that
does not permit versions, or does not know them, is written without.

Source: CreateContactFlowVersion, CreateContactFlowModuleVersion and
CreateViewVersion in the Amazon Connect API reference. A version is of what is
published, is numbered by the service, and cannot be changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.systems.connect.api import UNKNOWN_OPERATION, RefusedCallError

if TYPE_CHECKING:
    from flowops.model import Resource
    from flowops.systems.connect.api import ConnectApi
    from flowops.systems.connect.families import Family

_FOR_GOOD = frozenset(
    ["AccessDeniedException", "NotImplementedException", UNKNOWN_OPERATION]
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The number of a version, or why there is none."""

    version: str = ""
    why_not: str = ""


class Snapshots:
    """Takes versions; where the instance refuses for good it is asked once a kind."""

    def __init__(self, api: ConnectApi, *, wanted: bool) -> None:
        """Remember which instance to ask, and whether at all."""
        self._api = api
        self._wanted = wanted
        self._refusing: set[str] = set()

    def taken(self, kind: str) -> bool:
        """Tell whether versions of a kind are still asked for."""
        return self._wanted and kind not in self._refusing

    def take(
        self, family: Family, resource: Resource, words: str, content_hash: str
    ) -> Snapshot:
        """Keep what is live as a version with this description."""
        if not self.taken(family.kind):
            return Snapshot()
        try:
            version = family.snapshot(self._api, resource.id, words, content_hash)
        except TargetError as error:
            if isinstance(error, RefusedCallError) and error.code in _FOR_GOOD:
                self._refusing.add(family.kind)
            return Snapshot(why_not=error.message)
        return Snapshot(version)


def in_words(before: Snapshot, after: Snapshot, same_as: str) -> str:
    """Say which versions there are, and ``same_as`` which older one the new one is."""
    words = []
    if after.version:
        words.append(f"version {after.version}")
        if same_as:
            words.append(f"as version {same_as} was")
    elif same_as:
        words.append(f"what version {same_as} holds")
    if before.version:
        words.append(f"before it version {before.version}")
    if why_not := after.why_not or before.why_not:
        words.append(f"warning: no version was kept: {why_not}")
    return ", ".join(words)
