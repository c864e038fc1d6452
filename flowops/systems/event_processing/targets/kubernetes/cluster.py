"""The few calls a target makes to a cluster, whoever answers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from flowops.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.systems.event_processing.manifests.deployments import Manifest

FIELD_OWNER = "flowops"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object: its API, and its plural as addresses have it."""

    api: str
    plural: str

    @property
    def prefix(self) -> str:
        """Return where the API of this kind begins."""
        return f"/apis/{self.api}" if "/" in self.api else f"/api/{self.api}"


DEPLOYMENTS = Kind("flink.apache.org/v1beta1", "flinkdeployments")
SECRETS = Kind("v1", "secrets")


class MovedError(TargetError):
    """An object is not, or no longer, at the version that a write names."""


class Cluster(Protocol):
    """One namespace of a cluster; every method raises ``TargetError``."""

    @property
    def server(self) -> str:
        """Return the address of the API server that would be asked."""
        ...

    def get(self, kind: Kind, name: str) -> Manifest | None:
        """Return an object, or nothing."""
        ...

    def list(self, kind: Kind, selector: str) -> Sequence[Manifest]:
        """Return the objects with these labels, in the order of their names."""
        ...

    def create(self, kind: Kind, manifest: Manifest, *, dry: bool = False) -> None:
        """Create an object; unknown fields are refused, ``dry`` only asks."""
        ...

    def apply(self, kind: Kind, manifest: Manifest, *, dry: bool = False) -> Manifest:
        """Apply an object server-side as ``flowops``, and return what there is then.

        Takes the fields of ours that somebody edited; refused where another program
        applies the same fields. Raises ``MovedError`` where the manifest names a
        ``uid`` or a ``resourceVersion`` that is not what is there.
        """
        ...

    def delete(self, kind: Kind, name: str, *, version: str = "") -> None:
        """Delete an object and what hangs on it; nothing when it is not there.

        Raises ``MovedError`` where it is at another ``version`` than is named.
        """
        ...
