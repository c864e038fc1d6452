"""Manifests in folders that a GitOps controller reads: which are ours, which not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.files import write_whole
from flowops.errors import TargetError
from flowops.systems.event_processing.manifests.deployments import RUNNER_FILE
from flowops.systems.event_processing.manifests.files import (
    APPLICATION_FILE,
    DEPLOYMENT_FILE,
    HEADER,
    KUSTOMIZATION_FILE,
    MANIFEST_FILES,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_MAIN = (DEPLOYMENT_FILE, APPLICATION_FILE)


def made_files(folder: Path) -> tuple[str, ...]:
    """Return the manifests in a folder that FlowOps made, and the script they run."""
    made = [name for name in MANIFEST_FILES if _is_made(folder / name)]
    runs = any(name in made for name in _MAIN) and (folder / RUNNER_FILE).is_file()
    return (*made, RUNNER_FILE) if runs else tuple(made)


def refuse_strangers(folder: Path, names: Collection[str]) -> None:
    """Raise ``TargetError`` where a manifest would take the place of somebody's own."""
    for name in MANIFEST_FILES:
        path = folder / name
        if name in names and path.exists() and not _is_made(path):
            raise TargetError(
                f"{path} is there, and FlowOps did not make it",
                hint="move it away, or take `manifests` out of the target",
            )


def list_folders(folder: Path) -> None:
    """Write the kustomization above the flows, or remove it when there are none.

    One that a person wrote stays as it is.
    """
    path = folder / KUSTOMIZATION_FILE
    if path.exists() and not _is_made(path):
        return
    below = folder.glob(f"*/{KUSTOMIZATION_FILE}")
    names = sorted(p.parent.name for p in below if not p.parent.name.startswith("."))
    if names:
        kustomization = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": names,
        }
        data = written(dict(kustomization)).encode()
        if not path.exists() or path.read_bytes() != data:
            write_whole(path, data)
    else:
        path.unlink(missing_ok=True)


def _is_made(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(HEADER)) == HEADER.encode()
    except OSError:
        return False
