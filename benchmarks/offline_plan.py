"""How long an offline plan takes, as a multiple of reading and parsing the same files.

Usage: python -m benchmarks.offline_plan [FLOWS ...] [--rounds N] [--format FORMAT ...]
[--project KIND] [--exports FOLDER]. Plans each number of flows for three environments,
from files to the report, and prints the ratio, and how much longer a flow takes than in
the first row.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING

from benchmarks import stream_projects
from benchmarks.projects import ENVIRONMENTS, PROJECTS
from benchmarks.timing import least_seconds, tell
from flowops.cli.workspace import (
    load,
    offline_baselines,
    open_workspace,
    request_for,
    snapshot_of,
)
from flowops.plan.making import make_plan
from flowops.plan.reporting import report_plan
from flowops.project import open_project, read_flows
from flowops.report.formats import PLAN_FORMATS
from flowops.report.model import ReportOptions

if TYPE_CHECKING:
    from collections.abc import Sequence


def read(root: Path) -> int:
    """Read and parse every flow once."""
    return len(read_flows(open_project(root)).flows)


def plan(root: Path, report: str) -> int:
    """Plan for every environment and write each plan as a report."""
    workspace = open_workspace(root, [])
    written = 0
    for name in ENVIRONMENTS:
        request = request_for(workspace, load(workspace, name))
        snapshot = snapshot_of(workspace.project, name)
        known = snapshot.systems if snapshot else {}
        made = make_plan(request, offline_baselines(request, known))
        page = PLAN_FORMATS[report](report_plan(made), ReportOptions(version="0"))
        written += len(page)
    return written


def measure(flows: int, rounds: int, reports: Sequence[str], kind: str) -> list[float]:
    """Return the seconds that reading takes, and planning with each report."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        PROJECTS[kind](root, flows)
        plans = [partial(plan, root, report) for report in reports]
        return least_seconds([partial(read, root), *plans], rounds)


def main() -> None:
    """Print a line for each number of flows and each report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flows", type=int, nargs="*", default=[1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--format", choices=sorted(PLAN_FORMATS), nargs="+", default=["text"]
    )
    parser.add_argument("--project", choices=PROJECTS, default="connect")
    parser.add_argument("--exports", type=Path, default=stream_projects.EXPORTS)
    words = parser.parse_args()
    stream_projects.EXPORTS = words.exports
    first: dict[str, float] = {}
    for flows in words.flows:
        reading, *times = measure(flows, words.rounds, words.format, words.project)
        for report, planning in zip(words.format, times, strict=True):
            of_first = planning / flows / first.setdefault(report, planning / flows)
            tell(
                f"{flows:6} flows as {report}: reading {reading:.2f} s, "
                f"three plans {planning:.2f} s, ratio {planning / reading:.2f}; "
                f"a flow takes {of_first:.2f} of the first row's time"
            )
        memory = getrusage(RUSAGE_SELF).ru_maxrss // 1024
        tell(f"{flows:6} flows: at most {memory} MiB of memory so far")


if __name__ == "__main__":
    main()
