"""How a flow runs: what a person changed past us is said in our own manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.manifests.files import (
    DEPLOYMENT_FILE,
    read_manifest,
    written,
)
from flowops.systems.event_processing.targets.kubernetes.pointing import (
    notes_of,
    pointing,
)
from flowops.systems.event_processing.targets.kubernetes.revisions import SECRET_NOTE
from flowops.systems.protocol import FlowState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Address
    from flowops.secrets import Text
    from flowops.systems.event_processing.manifests.deployments import Manifest
    from flowops.systems.event_processing.targets.kubernetes.revisions import Revision

_SHOWN = ("apiVersion", "kind", "spec")


def live_state(
    address: Address, live: Manifest, revisions: Mapping[str, Revision]
) -> FlowState:
    """Return a flow as it runs: the files of its Secret, the spec that is live."""
    notes = notes_of(live)
    secret = notes.get(SECRET_NOTE, "")
    revision = revisions.get(secret)
    if revision is None:
        shown: Manifest = {k: v for k, v in live.items() if k in _SHOWN}
        return FlowState(address, {DEPLOYMENT_FILE: written(shown)})
    files: dict[str, Text] = dict(revision.files)
    applied = pointing(revision.deployment, secret, {})
    text = str(files.get(DEPLOYMENT_FILE, ""))
    files[DEPLOYMENT_FILE] = as_it_is(text, applied, live)
    return FlowState(address, dict(_in_order(files)), revision.attributes)


def _in_order(files: Mapping[str, Text]) -> Iterator[tuple[str, Text]]:
    """Give the file first that a reader would open first."""
    first = [name for name in ("flow.sql", "config.yaml", "flow.json") if name in files]
    for name in [*first, *sorted(files.keys() - set(first))]:
        yield name, files[name]


def as_it_is(text: str, applied: object, live: object) -> str:
    """Return a manifest's text with the values that are live now.

    ``text`` is the manifest as a bundle has it, ``applied`` what was sent to the
    cluster for it, ``live`` what is there. Where the last two agree, the text stays;
    what the cluster or its operator added is not ours and is left out.
    """
    sent, there = _spec(applied), _spec(live)
    if _agree(sent, there):
        return text
    manifest = read_manifest(text)
    manifest["spec"] = _merged(manifest.get("spec"), sent, there)
    return written(manifest)


def _spec(manifest: object) -> object:
    return manifest.get("spec") if isinstance(manifest, dict) else None


def _merged(made: object, applied: object, live: object) -> object:
    if _agree(applied, live):
        return made
    if isinstance(made, dict) and isinstance(applied, dict) and isinstance(live, dict):
        return {
            key: _merged(value, applied.get(key), live.get(key))
            for key, value in made.items()
            if key in live or applied.get(key) is None
        }
    return live


def _agree(applied: object, live: object) -> bool:
    """Tell whether everything that was applied is there as it was applied."""
    if isinstance(applied, dict):
        return isinstance(live, dict) and all(
            _agree(below, live.get(key)) for key, below in applied.items()
        )
    if isinstance(applied, list):
        return (
            isinstance(live, list)
            and len(applied) == len(live)
            and all(map(_agree, applied, live))
        )
    return applied == live
