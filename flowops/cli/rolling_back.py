"""The command ``rollback``: a recorded state is put back as a promote would put it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.cli.earlier import renderer
from flowops.cli.showing import report_files
from flowops.cli.workspace import (
    load,
    open_targets,
    open_workspace,
    request_for,
)
from flowops.cli.writing import Session
from flowops.records import read_records
from flowops.rollback import plan_rollback, wanted_states, with_secrets

if TYPE_CHECKING:
    from pathlib import Path

    from flowops.cli.showing import Output
    from flowops.cli.writing import Consent


def rollback_command(
    folder: Path, environment_name: str, to: str, consent: Consent, output: Output
) -> int:
    """Plan the way back to a recorded state, and write it through the guards."""
    report_files(output.files)
    workspace = open_workspace(folder, [])
    environment = load(workspace, environment_name)
    targets = open_targets(workspace.project, environment)
    session = Session(workspace, environment, targets, consent, output, "Put back")
    root = workspace.project.root
    with session.alone():
        session = session.recovered()
        records = read_records(root, environment_name)
        render = renderer(root, environment_name, records)
        wanted = with_secrets(wanted_states(records, to), targets, render)
        plan = plan_rollback(environment_name, wanted, targets)
        session.show(plan)
        request = request_for(workspace, environment)
        return session.write(plan, request, {}, consent.approval(), wanted.commits)
