"""The command that looks for changes made past the project: ``drift``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.cli.commands.options import DriftFormat
from flowops.cli.outcome import Reason, note
from flowops.cli.recording import cut_off
from flowops.cli.showing import show_drift
from flowops.cli.workspace import (
    drafts_over,
    live_baselines,
    load,
    open_targets,
    open_workspace,
    request_for,
)
from flowops.drift import find_drift
from flowops.errors import CHANGES, FAILED, OK, InputError
from flowops.model import Severity
from flowops.plan.making import make_plan
from flowops.records import latest_states, read_records
from flowops.report.model import DriftReport, StandingReport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def drift_command(
    folder: Path,
    environment_name: str,
    words: Sequence[str],
    *,
    detailed_exitcode: bool,
    output: DriftFormat,
    reports: Sequence[str],
) -> int:
    """Compare project, record and target; 2 with drift when asked for.

    Where a file of the project could not be read nobody knows, which is 1.
    """
    workspace = open_workspace(folder, words)
    environment = load(workspace, environment_name)
    targets = open_targets(workspace.project, environment)
    if not targets:
        raise InputError(
            f"{environment_name} has no target",
            hint="name one under `targets` of the environment",
            location=environment.location,
        )
    request = request_for(workspace, environment)
    plan = make_plan(request, live_baselines(request, targets))
    records = read_records(workspace.project.root, environment_name)
    flows = find_drift(plan, latest_states(records), drafts_over(plan.changes, targets))
    last = records[-1].run if records else ""
    rows = [
        StandingReport(str(f.address), tuple(map(str, f.standings)), f.drifted)
        for f in flows
    ]
    errors = [f for f in plan.findings if f.severity is Severity.ERROR]
    findings = (*errors, *cut_off(workspace.project, environment_name))
    report = DriftReport(environment_name, last, tuple(rows), findings)
    show_drift(report, output, reports)
    unread = {*workspace.read.unread}
    if any(e.location and e.location.path in unread for e in errors):
        note(Reason.FINDINGS)
        return FAILED
    if detailed_exitcode and any(flow.drifted for flow in flows):
        note(Reason.DRIFT)
        return CHANGES
    return OK
