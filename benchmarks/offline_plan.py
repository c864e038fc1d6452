"""How long an offline plan takes, as a multiple of reading and parsing the same files.

Usage: python -m benchmarks.offline_plan [FLOWS ...] [--rounds N] [--format FORMAT].
Plans each number of flows for three environments, from files to the report, and
prints the ratio, and how much longer a flow takes than in the first row.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.projects import ENVIRONMENTS, write_project
from benchmarks.timing import least_seconds, tell
from flowops.cli.workspace import load, offline_baselines, open_workspace, request_for
from flowops.plan.making import make_plan
from flowops.plan.reporting import report_plan
from flowops.project import open_project, read_flows
from flowops.report.formats import PLAN_FORMATS
from flowops.report.model import ReportOptions


def read(root: Path) -> int:
    """Read and parse every flow once."""
    return len(read_flows(open_project(root)).flows)


def plan(root: Path, report: str) -> int:
    """Plan for every environment and write each plan as a report."""
    workspace = open_workspace(root, [])
    written = 0
    for name in ENVIRONMENTS:
        request = request_for(workspace, load(workspace, name))
        made = make_plan(request, offline_baselines(request))
        page = PLAN_FORMATS[report](report_plan(made), ReportOptions(version="0"))
        written += len(page)
    return written


def measure(flows: int, rounds: int, report: str) -> tuple[float, float]:
    """Return the seconds that reading and planning take."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        write_project(root, flows)
        reading, planning = least_seconds(
            [partial(read, root), partial(plan, root, report)], rounds
        )
    return reading, planning


def main() -> None:
    """Print a line for each number of flows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flows", type=int, nargs="*", default=[1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--format", choices=sorted(PLAN_FORMATS), default="text")
    words = parser.parse_args()
    first = 0.0
    for flows in words.flows:
        reading, planning = measure(flows, words.rounds, words.format)
        first = first or planning / flows
        tell(
            f"{flows:6} flows: reading {reading:.2f} s, three plans {planning:.2f} s, "
            f"ratio {planning / reading:.2f}; "
            f"a flow takes {planning / flows / first:.2f} of the first row's time"
        )


if __name__ == "__main__":
    main()
