"""What a shell may complete: the environments and the flows of the project here.

A shell wants words and no errors: where there is no project, there is nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flowops.errors import FlowOpsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowops.project import Project


def environments(begun: str) -> list[str]:
    """Return the environments whose name begins so."""
    project = _project()
    return _beginning(project.environment_names() if project else (), begun)


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
