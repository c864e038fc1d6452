"""The command that looks for changes made past the project: ``drift``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops import __version__
from flowops.cli.commands.options import Format
from flowops.cli.workspace import (
    drafts_over,
    live_baselines,
    load,
    open_targets,
    open_workspace,
    request_for,
    write_out,
)
from flowops.drift import find_drift
from flowops.errors import CHANGES, OK, InputError
from flowops.plan.making import make_plan
from flowops.records import latest_states, read_records
from flowops.report.json_document import drift_json
from flowops.report.text import drift_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def drift_command(
    folder: Path,
    environment_name: str,
    words: Sequence[str],
    *,
    detailed_exitcode: bool,
    output: Format,
) -> int:
    """Compare project, record and target; 2 with drift when asked for."""
    workspace = open_workspace(folder, words)
    environment = load(workspace, environment_name)
    targets = open_targets(workspace.project, environment)
    if not targets:
        raise InputError(
            f"{environment_name} has no target", location=environment.location
        )
    request = request_for(workspace, environment)
    plan = make_plan(request, live_baselines(request, targets))
    records = read_records(workspace.project.root, environment_name)
    flows = find_drift(plan, latest_states(records), drafts_over(plan.changes, targets))
    rows = [(str(f.address), [str(s) for s in f.standings], f.drifted) for f in flows]
    last = records[-1].run if records else ""
    if output is Format.JSON:
        write_out(drift_json(environment_name, last, rows, __version__))
    else:
        write_out(drift_text(environment_name, last, rows))
    drifted = any(flow.drifted for flow in flows)
    return CHANGES if detailed_exitcode and drifted else OK
