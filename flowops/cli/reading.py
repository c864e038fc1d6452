"""The commands that write to no target: ``check``, ``plan`` and ``render``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowops import __version__
from flowops.checks import check_environments, fails
from flowops.cli.commands.options import Format, ReportFormat
from flowops.cli.outcome import Reason, note
from flowops.cli.rendering_for import rendered_for
from flowops.cli.showing import show_check, show_plan
from flowops.cli.talking import say, talk
from flowops.cli.workspace import (
    MISSING_SECRET,
    baselines_at,
    live_baselines,
    load,
    offline_baselines,
    open_targets,
    open_workspace,
    recorded_baselines,
    request_for,
    snapshot_of,
    sources_of,
    without_target,
    write_out,
)
from flowops.documents.canonical import pretty_json
from flowops.documents.files import write_whole
from flowops.errors import CHANGES, FAILED, OK, UsageError
from flowops.git import merge_base, revision, tree_at
from flowops.inventory import stale_findings
from flowops.model import Finding, Severity
from flowops.plan.making import make_plan, unresolved
from flowops.plan.reporting import report_plan
from flowops.render import render_plan
from flowops.report.json_document import plan_json
from flowops.report.model import CheckedFlow, CheckReport
from flowops.report.text import findings_text
from flowops.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from flowops.inventory import Snapshot
    from flowops.plan.making import Plan


def check_command(
    folder: Path,
    words: Sequence[str],
    *,
    strict: bool,
    output: ReportFormat,
    reports: Sequence[str] = (),
) -> int:
    """Check flows and environments; 1 when something is wrong, never for SARIF."""
    workspace = open_workspace(folder, words)
    found = workspace.findings()
    sources = sources_of(workspace.project)
    found += check_environments(sources, workspace.read.flows, workspace.project)
    findings = sorted(found, key=Finding.sort_key)
    flows = [CheckedFlow(str(f.address), f.source.path) for f in workspace.chosen]
    report = CheckReport(tuple(flows), tuple(findings))
    show_check(report, workspace.project.root, output, reports)
    if output is ReportFormat.SARIF:  # what reads it judges the findings itself
        return OK
    if fails(findings, strict=strict):
        note(Reason.FINDINGS)
        return FAILED
    return OK


def plan_command(
    folder: Path,
    environment_name: str,
    words: Sequence[str],
    *,
    base: str,
    recorded: bool,
    detailed_exitcode: bool,
    deletes: bool,
    save: Path | None,
    output: ReportFormat,
    reports: Sequence[str] = (),
) -> int:
    """Plan and print; 1 with errors, 2 with changes when asked for."""
    if base and recorded:
        raise UsageError("--base and --recorded are two different befores")
    workspace = open_workspace(folder, words)
    environment = load(workspace, environment_name)
    request = request_for(workspace, environment, deletes=deletes)
    targets = open_targets(workspace.project, environment)
    if base:
        commit = merge_base(workspace.project.root, base)
        tree = tree_at(workspace.project.root, commit)
        words = f"Git ref {base} at {commit[:7]}"
        snapshot = snapshot_of(workspace.project, environment_name)
        known = snapshot.systems if snapshot else {}
        baselines = baselines_at(workspace, environment_name, tree, words, known)
        request = replace(
            request, findings=(*request.findings, *_of_snapshot(snapshot))
        )
    elif recorded:
        baselines = recorded_baselines(workspace, environment_name, targets)
    else:
        lacking = without_target(request, environment, targets)
        request = replace(request, findings=(*request.findings, *lacking))
        baselines = live_baselines(request, targets)
    plan = make_plan(request, baselines)
    found = revision(workspace.project.root)
    show_plan(plan, found, output, reports)
    if save:
        document = plan_json(report_plan(plan, found), __version__)
        write_whole(save, document.encode())
        talk(visible(f"Saved the plan to {save}"))
    if plan.errored:
        return _errors(plan)
    if detailed_exitcode and (plan.writes or plan.removals):
        note(Reason.CHANGES)
        return CHANGES
    return OK


def _errors(plan: Plan) -> int:
    note(Reason.UNRESOLVED if unresolved(plan) else Reason.FINDINGS)
    return FAILED


def _of_snapshot(snapshot: Snapshot | None) -> Iterator[Finding]:
    """Say how far references can be trusted where no target is asked."""
    if snapshot:
        yield from stale_findings(snapshot, datetime.now(UTC))
    else:
        yield Finding(
            "inventory/no-snapshot",
            Severity.INFO,
            "references are not looked up: the environment has no snapshot of what "
            "exists",
            hint="write one with flowops inventory, and commit it",
        )


def _opened(finding: Finding) -> Finding:
    """Make an error of a missing secret, where it has to be opened."""
    if finding.rule != MISSING_SECRET:
        return finding
    return replace(
        finding, severity=Severity.ERROR, hint="set it where this command runs"
    )


def render_command(
    folder: Path,
    environment_name: str,
    words: Sequence[str],
    *,
    out: Path,
    with_secrets: bool,
    dialect: str = "",
    way: str = "",
    output: Format,
) -> int:
    """Write bundles to a folder; nothing at all when one of them has errors."""
    workspace = open_workspace(folder, words)
    environment = rendered_for(load(workspace, environment_name), dialect, way)
    request = request_for(workspace, environment)
    if with_secrets:
        request = replace(request, findings=tuple(map(_opened, request.findings)))
    plan = make_plan(request, offline_baselines(request))
    say(findings_text(plan.findings).rstrip("\n")) if plan.findings else None
    if plan.errored:
        say("nothing was written: mend the errors and render again")
        return _errors(plan)
    paths = [p.as_posix() for p in render_plan(plan, out, with_secrets=with_secrets)]
    if output is Format.JSON:
        write_out(pretty_json({"files": paths}))
    else:
        write_out("".join(f"{path}\n" for path in paths))
    return OK
