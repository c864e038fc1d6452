"""The commands that write to no target: ``check``, ``plan`` and ``render``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowops import __version__
from flowops.checks import check_environments, check_files, fails
from flowops.cli.commands.options import Format, ReportFormat
from flowops.cli.outcome import Reason, note
from flowops.cli.recording import cut_off, with_missing_records
from flowops.cli.rendering_for import rendered_for
from flowops.cli.showing import show_check, show_plan
from flowops.cli.talking import say, talk
from flowops.cli.workspace import (
    MISSING_SECRET,
    addresses_to_replace,
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
from flowops.project import pattern_that_finds
from flowops.render import render_plan, rendered_paths
from flowops.report.json_document import plan_json
from flowops.report.model import CheckedFlow, CheckReport
from flowops.report.text import findings_text
from flowops.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from flowops.inventory import Snapshot
    from flowops.plan.making import Plan
    from flowops.project import Project


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
    flows, whole = workspace.read.flows, not workspace.read.unread
    found += check_environments(sources, flows, workspace.project, whole=whole)
    found += check_files(workspace.project, sources.names, datetime.now(UTC))
    findings = sorted(found, key=Finding.sort_key)
    checked = [CheckedFlow(str(f.address), f.source.path) for f in workspace.chosen]
    report = CheckReport(tuple(checked), tuple(findings))
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
    strict: bool,
    deletes: bool,
    replaced: Sequence[str] = (),
    save: Path | None,
    output: ReportFormat,
    reports: Sequence[str] = (),
) -> int:
    """Plan and print; 1 with errors, or warnings if strict; 2 with changes if asked."""
    if base and recorded:
        raise UsageError("--base and --recorded are two different befores")
    workspace = open_workspace(folder, words)
    environment = load(workspace, environment_name)
    targets = open_targets(workspace.project, environment)
    request = request_for(
        *(workspace, environment),
        deletes=deletes,
        replaced=addresses_to_replace(workspace, targets, replaced),
    )
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
        started = cut_off(workspace.project, environment_name)
        request = replace(request, findings=(*request.findings, *started, *lacking))
        baselines = live_baselines(request, targets)
    plan = make_plan(request, baselines)
    if not base and not recorded:
        plan = with_missing_records(workspace.project, plan, targets)
    found = revision(workspace.project.root)
    show_plan(plan, found, output, reports)
    if save:
        document = plan_json(report_plan(plan, found), __version__)
        write_whole(save, document.encode())
        talk(visible(f"Saved the plan to {save}"))
    if plan.errored or fails(plan.findings, strict=strict):
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


def _refuse_sources(project: Project, paths: Iterable[Path]) -> None:
    """Raise ``UsageError`` for a file that the project would read as a flow."""
    root = project.root.resolve()
    for path in paths:
        place = path.resolve()
        if not place.is_relative_to(root):
            continue
        below = place.relative_to(root).as_posix()
        if pattern := pattern_that_finds(project, below):
            raise UsageError(
                f"--out: {below} would be read as a flow, by {pattern!r}",
                hint="name a folder that no pattern under `flows` looks into",
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
    _refuse_sources(workspace.project, rendered_paths(plan, out))
    paths = [p.as_posix() for p in render_plan(plan, out, with_secrets=with_secrets)]
    if output is Format.JSON:
        write_out(pretty_json({"files": paths}))
    else:
        write_out("".join(f"{path}\n" for path in paths))
    return OK
