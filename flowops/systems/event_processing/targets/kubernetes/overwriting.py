"""Write over a deployment only as it was read, which the cluster itself checks.

A plan is made of what was read. Until that is written, another run or a person may have
changed the deployment; its operator writes its status all the time, which is no change.
So what is there is compared right before, and the write names the version that was
compared: the cluster refuses it where there is another by then.

Sources: "Concurrency control and consistency" of Kubernetes' API conventions, and
"Preconditions" of its ``DeleteOptions``.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.errors import RefusedError, TargetError
from flowops.systems.event_processing.targets.kubernetes.cluster import (
    DEPLOYMENTS,
    MovedError,
)
from flowops.systems.event_processing.targets.kubernetes.pointing import (
    is_going,
    notes_of,
)
from flowops.systems.event_processing.targets.kubernetes.revisions import RUN_NOTE
from flowops.systems.event_processing.targets.kubernetes.status import generation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowops.systems.event_processing.manifests.deployments import Manifest
    from flowops.systems.event_processing.targets.kubernetes.cluster import Cluster

_TRIES = 20  # an operator writes a status a few times in a second at most
# No object has it: the first write to a new cluster makes no object.
_NO_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Seen:
    """Which deployment was read: the object, its spec, and the run that wrote it."""

    uid: str
    generation: int
    run: str


def seen_of(live: Manifest | None) -> Seen | None:
    """Return what tells a deployment from a later one; nothing where none is."""
    if live is None:
        return None
    run = notes_of(live).get(RUN_NOTE, "")
    return Seen(_about(live, "uid"), generation_of(live), run)


def apply_over(cluster: Cluster, manifest: Manifest, seen: Seen | None) -> Manifest:
    """Apply a deployment where what is there is still what was seen.

    Raises ``RefusedError`` where it is another by now, and ``TargetError`` where the
    cluster does not take it.
    """
    name = _about(manifest, "name")

    def apply(live: Manifest | None) -> Manifest:
        return cluster.apply(DEPLOYMENTS, _pinned(manifest, live))

    return _over(cluster, name, seen, apply)


def delete_over(cluster: Cluster, name: str, seen: Seen | None) -> None:
    """Delete a deployment where it is still the one that was seen.

    Raises ``RefusedError`` where it is another by now.
    """

    def delete(live: Manifest | None) -> Manifest:
        if live is not None:
            version = _about(live, "resourceVersion")
            cluster.delete(DEPLOYMENTS, name, version=version)
        return {}

    _over(cluster, name, seen, delete)


def _over(
    cluster: Cluster,
    name: str,
    seen: Seen | None,
    write: Callable[[Manifest | None], Manifest],
) -> Manifest:
    """Compare and write, again where only the status has moved in between."""
    said = ""
    for _ in range(_TRIES):
        live = cluster.get(DEPLOYMENTS, name)
        _refuse_another(name, live, seen)
        try:
            return write(live)
        except MovedError as error:
            said = error.message
    raise TargetError(
        f"the FlinkDeployment {name} was changed by another program at each of "
        f"{_TRIES} tries to write it: {said}",
        hint="find out which: kubectl get flinkdeployment --show-managed-fields",
    )


def _refuse_another(name: str, live: Manifest | None, seen: Seen | None) -> None:
    if live is not None and is_going(live):
        raise TargetError(
            f"the FlinkDeployment {name} is marked as deleted, and not gone yet",
            hint="promote again when it is; its operator has to let go of it",
        )
    now = seen_of(live)
    if now == seen:
        return
    raise RefusedError(
        f"target-drifted: since the plan was made, {_who(now, seen)} the "
        f"FlinkDeployment {name}",
        hint="plan again, and look at what is different",
    )


def _who(now: Seen | None, seen: Seen | None) -> str:
    if now is None:
        return "somebody deleted"
    if seen is None or now.run != seen.run:
        return f"run {now.run} wrote" if now.run else "somebody made"
    return "somebody changed" if now.uid == seen.uid else "somebody replaced"


def _pinned(manifest: Manifest, live: Manifest | None) -> Manifest:
    """Name the version in a manifest that it may be written over.

    The ``uid`` is for one that is gone: the cluster would make it anew.
    """
    pinned = deepcopy(manifest)
    about = pinned["metadata"]
    if isinstance(about, dict):
        about["resourceVersion"] = _NO_VERSION
        if live is not None:
            about["uid"] = _about(live, "uid")
            about["resourceVersion"] = _about(live, "resourceVersion")
    return pinned


def _about(manifest: Manifest, key: str) -> str:
    about: object = manifest.get("metadata")
    found: Mapping[str, object] = about if isinstance(about, dict) else {}
    return str(found.get(key, ""))
