"""The command that makes a first project from exports: ``init``."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from flowops.cli.talking import talk
from flowops.cli.workspace import write_out
from flowops.errors import OK
from flowops.report.text import visible
from flowops.scaffold.files import plan_project, write_project

if TYPE_CHECKING:
    from flowops.scaffold.exports import Exports


def init_command(folder: Path) -> int:
    """Write flowops.yaml and two environments for the exports below a folder."""
    project = plan_project(folder)
    for left in project.exports.left_out:
        talk(f"left out {visible(left.path)}: {visible(left.reason)}")
    talk(f"Found {_counted(project.exports)}")
    write_out("".join(f"{path}\n" for path in write_project(project)))
    place = "" if folder == Path() else f" --project {shlex.quote(str(folder))}"
    talk(f"Next: flowops check{visible(place)}")
    return OK


def _counted(exports: Exports) -> str:
    count = Counter(flow.address.system for flow in exports.flows)
    words = ", ".join(
        f"{number} of {system}" for system, number in sorted(count.items())
    )
    return f"{len(exports.flows)} flow{'s' * (len(exports.flows) != 1)}: {words}"
