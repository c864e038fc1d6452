"""The command that writes to targets: ``promote``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from flowops import __version__
from flowops.cli.app import Format
from flowops.cli.workspace import (
    binder_after,
    live_baselines,
    load,
    open_targets,
    open_workspace,
    request_for,
    talk,
    write_out,
)
from flowops.errors import FAILED, OK
from flowops.git import revision
from flowops.model import Inventory
from flowops.plan.making import make_plan
from flowops.plan.reporting import report_plan
from flowops.promote import Approval, Step, check_guards, promote
from flowops.report.json_document import plan_json
from flowops.report.text import plan_text, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flowops.plan.making import Plan


def promote_command(
    folder: Path,
    environment_name: str,
    words: Sequence[str],
    *,
    yes: bool,
    digest: str | None,
    output: Format,
) -> int:
    """Plan, check the guards, and write; nothing is written when one refuses."""
    workspace = open_workspace(folder, words)
    environment = load(workspace, environment_name)
    request = request_for(workspace, environment)
    targets = open_targets(workspace.project, environment)
    baselines = live_baselines(request, targets)
    plan = make_plan(request, baselines)
    report = report_plan(plan, revision(workspace.project.root))
    text = (
        plan_json(report, __version__) if output is Format.JSON else plan_text(report)
    )
    write_out(text)
    if missing := sorted({c.address.system for c in plan.writes} - targets.keys()):
        talk(f"error: {environment_name} has no target for {', '.join(missing)}")
        return FAILED
    agreed = yes or (bool(plan.writes) and not plan.errored and _ask(digest))
    if plan.errored or plan.writes or digest is not None:
        approval = Approval(digest, agreed)
        check_guards(plan, approval, protected=environment.protected)
    inventories = {s: b.inventory or Inventory() for s, b in baselines.items()}
    promote(
        plan,
        targets,
        inventories,
        lambda system, now: binder_after(request, baselines, system, now),
        _say,
    )
    talk(_sum(plan))
    return OK


def _ask(digest: str | None) -> bool:
    """Ask on a terminal; anything but ``yes`` is a no, and so is no terminal."""
    if digest is not None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write("Only 'yes' will be accepted. Promote this plan? ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == "yes"


def _say(step: Step) -> None:
    detail = f"  {step.detail}" if step.detail else ""
    talk(visible(f"{step.done}: {step.address}{detail}"))


def _sum(plan: Plan) -> str:
    count = len(plan.writes)
    if not count:
        return "Nothing to promote."
    return f"Promoted {count} {'flow' if count == 1 else 'flows'}."
