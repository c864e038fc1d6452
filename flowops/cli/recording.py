"""What a run leaves in the project: its name, who ran it, and what it wrote."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowops import __version__
from flowops.cli.situation import in_ci
from flowops.errors import InputError, TargetError
from flowops.git import revision
from flowops.journal import Journal
from flowops.model import Finding, Severity
from flowops.plan.findings import said_once
from flowops.plan.making import NOTHING
from flowops.plan.unrecorded import missing_records, unrecorded
from flowops.records import Record, RecordedFlow, last_recorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from flowops.model import Address, Inventory
    from flowops.plan.making import Plan
    from flowops.project import Project
    from flowops.systems.protocol import FlowState, Target


def run_name(now: datetime, digest: str) -> str:
    """Name a run so that names are in the order of time."""
    return f"{now:%Y%m%dT%H%M%S.%f}Z-{digest.removeprefix('sha256:')[:8]}"


def about(root: Path) -> dict[str, str]:
    """Say who runs this, from what, and where that can be looked at."""
    found = revision(root)
    variables = os.environ
    url = "/".join(
        variables.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY")
    )
    run = variables.get("GITHUB_RUN_ID", "")
    return {
        "who": variables.get("GITHUB_ACTOR") or variables.get("USER") or "",
        "when": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "run_url": f"{url}/actions/runs/{run}" if run and in_ci() else "",
        "commit": found.commit if found else "",
        "flowops_version": __version__,
    }


def unrecorded_flows(
    project: Project, plan: Plan, targets: Mapping[str, Target]
) -> tuple[RecordedFlow, ...]:
    """Return what to record of flows that are right, and that no record has so.

    Raises ``InputError`` for a damaged record, and ``TargetError`` when a target does
    not say what is ours.
    """
    return unrecorded(plan, _known(project, plan), targets, project.name)


def cut_off(project: Project, environment: str) -> Iterator[Finding]:
    """Say that a run has left its journal: the next one undoes it before it plans."""
    journal = Journal(project.root, environment).path
    if journal.exists():
        yield Finding(
            "run/cut-off",
            Severity.WARNING,
            f"a promote or rollback of {environment} was cut off here, or is at work "
            f"({journal.relative_to(project.root).as_posix()}): the next one undoes it "
            "first, and its plan may be another",
            hint=f"promote or roll back {environment} here to put right what it left",
        )


def with_missing_records(
    project: Project, plan: Plan, targets: Mapping[str, Target]
) -> Plan:
    """Return a live plan that says which flows a promote would record anew.

    Where no flow has a record at all nobody keeps them, and nothing is said; nor
    while a run that was cut off is still to be undone.
    """
    if Journal(project.root, plan.environment).path.exists():
        return plan
    try:
        known = _known(project, plan)
        found = unrecorded(plan, known, targets, project.name) if known else ()
    except (InputError, TargetError):  # a promote says so
        return plan
    findings = (*plan.findings, *missing_records(found))
    return replace(plan, findings=said_once(findings))


def _known(project: Project, plan: Plan) -> dict[Address, RecordedFlow]:
    right = [c.address for c in plan.changes if c.action == NOTHING and c.before]
    return last_recorded(project.root, plan.environment, right) if right else {}


def record_of(
    plan: Plan,
    run: str,
    after: Mapping[Address, FlowState],
    about: Mapping[str, str],
    inventories: Mapping[str, Inventory],
    commits: Mapping[Address, str],
    anew: Sequence[RecordedFlow] = (),
) -> Record:
    """Return the record of a run that ended; ``commits`` are those of its flows.

    ``anew`` are flows that it found as they should be, and that no record has so.
    """
    flows = [
        RecordedFlow(
            address=change.address,
            action=change.action,
            before=change.before,
            after=after.get(change.address),
            before_digest=change.before_digest,
            after_digest=change.after_digest,
            commit=commits.get(change.address, ""),
        )
        for change in plan.writes
    ]
    flows += [replace(f, commit=commits.get(f.address, "")) for f in anew]
    flows += [
        RecordedFlow(r.address, "delete", r.before, None, r.before_digest)
        for r in plan.removals
    ]
    targets = {identity.system: identity.id for identity in plan.targets}
    return Record(
        run=run,
        environment=plan.environment,
        digest=plan.digest,
        targets=targets,
        flows=tuple(flows),
        about=about,
        inventories=inventories,
    )
