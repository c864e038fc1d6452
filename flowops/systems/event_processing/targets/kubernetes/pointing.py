"""Point a deployment to the Secret of a run, and say on it whose it is."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from flowops.systems.event_processing.manifests.deployments import FLOW_VOLUME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.systems.event_processing.manifests.deployments import Manifest


def pointing(made: Manifest, secret: str, notes: Mapping[str, str]) -> Manifest:
    """Return a manifest whose job reads this Secret, with these notes on it."""
    manifest = deepcopy(made)
    about = manifest.setdefault("metadata", {})
    if isinstance(about, dict):
        about["annotations"] = {**notes_of(manifest), **notes}
    for volume in _volumes(manifest):
        if isinstance(volume, dict) and volume.get("name") == FLOW_VOLUME:
            volume["secret"] = {"secretName": secret}
    return manifest


def dropping_state(made: Manifest) -> Manifest:
    """Allow a job to start without the state that no node of it reads any more."""
    allowed = deepcopy(made)
    spec = allowed["spec"]
    job = spec.get("job") if isinstance(spec, dict) else None
    if isinstance(job, dict):
        job["allowNonRestoredState"] = True
    return allowed


def is_going(live: Manifest) -> bool:
    """Tell whether an object is deleted, and there until somebody lets go of it."""
    about = live.get("metadata")
    return isinstance(about, dict) and bool(about.get("deletionTimestamp"))


def notes_of(manifest: Manifest) -> dict[str, str]:
    """Return the annotations of an object."""
    about = manifest.get("metadata")
    notes = about.get("annotations") if isinstance(about, dict) else None
    found = notes.items() if isinstance(notes, dict) else ()
    return {str(key): str(value) for key, value in found}


def _volumes(manifest: Manifest) -> list[object]:
    place: object = manifest
    for key in ("spec", "podTemplate", "spec", "volumes"):
        place = place.get(key) if isinstance(place, dict) else None
    return place if isinstance(place, list) else []
