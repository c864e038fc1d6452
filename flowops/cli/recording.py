"""What a run leaves in the project: its name, who ran it, and what it wrote."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowops import __version__
from flowops.cli.situation import in_ci
from flowops.git import revision
from flowops.records import Record, RecordedFlow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flowops.model import Address, Inventory
    from flowops.plan.making import Plan
    from flowops.systems.protocol import FlowState


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


def record_of(
    plan: Plan,
    run: str,
    after: Mapping[Address, FlowState],
    about: Mapping[str, str],
    inventories: Mapping[str, Inventory],
    commits: Mapping[Address, str],
) -> Record:
    """Return the record of a run that ended; ``commits`` are those of its flows."""
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
