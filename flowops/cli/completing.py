"""What a shell may complete: the environments and the flows of the project here.

A shell wants words and no errors: where there is no project, there is nothing.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from flowops.errors import FlowOpsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowops.project import Project

_SETTINGS = "flowops.yaml"
_WORD = "environments"
_FOLDER = re.compile(rf"{_WORD}:[ ]+([\w-]+)[ ]*(?:[ ]#.*)?", re.ASCII)
_NAME = re.compile(r"([^.].*)\.yaml", re.DOTALL)


def environments(begun: str) -> list[str]:
    """Return the environments whose name begins so."""
    found = _plain_environments(Path())
    if found is None:
        project = _project()
        found = project.environment_names() if project else ()
    return _beginning(found, begun)


def _plain_environments(start: Path) -> tuple[str, ...] | None:
    """Return the environments of a project whose settings name the folder plainly.

    To load a reader of YAML takes longer than all else that a shell waits for.
    Nothing is returned where it may be needed: no project here, or another notation.
    """
    try:
        place = start.resolve()
        for root in (place, *place.parents):
            if (root / _SETTINGS).is_file():
                folder = _folder(root)
                return None if folder is None else tuple(_names(folder))
            if (root / ".git").exists():
                return None
    except (OSError, RuntimeError, ValueError):
        return None
    return None


def _folder(root: Path) -> Path | None:
    """Return the folder of the environments, if the settings' text is clear of it."""
    text = (root / _SETTINGS).read_text("utf-8")
    told = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    # An escape could spell the key; what stands elsewhere could be part of a value.
    lines = [line for line in told if _WORD in line or "\\" in line]
    found = _FOLDER.fullmatch(lines[0]) if len(lines) == 1 else None
    if lines and not found:
        return None
    folder = root / (found[1] if found else _WORD)
    return None if folder.is_symlink() else folder


def _names(folder: Path) -> Iterable[str]:
    """Give the names of the files in a folder that are environments."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if not entry.is_dir()]
    for name in names:
        if found := _NAME.fullmatch(name):
            yield found[1]


def flows(begun: str) -> list[str]:
    """Return the flows whose name begins so; files that cannot be read have none."""
    from flowops.project import read_flows

    project = _project()
    found = read_flows(project).flows if project else ()
    return _beginning((flow.address.name for flow in found), begun)


def _project() -> Project | None:
    from flowops.project import find_root, open_project

    try:
        return open_project(find_root(Path()))
    except FlowOpsError:
        return None


def _beginning(names: Iterable[str], begun: str) -> list[str]:
    return sorted({name for name in names if name.startswith(begun)})
