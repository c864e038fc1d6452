"""The commands that write to no target: ``check``, ``plan`` and ``render``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops import __version__
from flowops.checks import check_environments, fails
from flowops.cli.commands.options import Format
from flowops.cli.talking import say, talk
from flowops.cli.workspace import (
    baselines_at,
    live_baselines,
    load,
    offline_baselines,
    open_targets,
    open_workspace,
    recorded_baselines,
    request_for,
    sources_of,
    write_out,
)
from flowops.documents.canonical import pretty_json
from flowops.documents.files import write_whole
from flowops.errors import CHANGES, FAILED, OK, UsageError
from flowops.git import merge_base, revision, tree_at
from flowops.model import Finding
from flowops.plan.making import make_plan
from flowops.plan.reporting import report_plan
from flowops.render import render_plan
from flowops.report.json_document import findings_json, plan_json
from flowops.report.text import count_text, findings_text, plan_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def check_command(
    folder: Path, words: Sequence[str], *, strict: bool, output: Format
) -> int:
    """Check flows and environments; 1 when something is wrong."""
    workspace = open_workspace(folder, words)
    found = workspace.findings()
    sources = sources_of(workspace.project)
    found += check_environments(sources, workspace.read.flows)
    findings = sorted(found, key=Finding.sort_key)
    count = len(workspace.chosen)
    if output is Format.JSON:
        write_out(findings_json(count, findings, __version__))
    else:
        write_out(findings_text(findings) + count_text(count, findings))
    return FAILED if fails(findings, strict=strict) else OK


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
    output: Format,
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
        baselines = baselines_at(workspace, environment_name, tree, words)
    elif recorded:
        baselines = recorded_baselines(workspace, environment_name, targets)
    else:
        baselines = live_baselines(request, targets)
    plan = make_plan(request, baselines)
    report = report_plan(plan, revision(workspace.project.root))
    document = plan_json(report, __version__)
    write_out(document if output is Format.JSON else plan_text(report))
    if save:
        write_whole(save, document.encode())
        talk(f"Saved the plan to {save}")
    if plan.errored:
        return FAILED
    changes = plan.writes or plan.removals
    return CHANGES if detailed_exitcode and changes else OK


def render_command(
    folder: Path,
    environment_name: str,
    words: Sequence[str],
    *,
    out: Path,
    with_secrets: bool,
    output: Format,
) -> int:
    """Write bundles to a folder; nothing at all when one of them has errors."""
    workspace = open_workspace(folder, words)
    request = request_for(workspace, load(workspace, environment_name))
    plan = make_plan(request, offline_baselines(request))
    say(findings_text(plan.findings).rstrip("\n")) if plan.findings else None
    if plan.errored:
        say("nothing was written: mend the errors and render again")
        return FAILED
    paths = [p.as_posix() for p in render_plan(plan, out, with_secrets=with_secrets)]
    if output is Format.JSON:
        write_out(pretty_json({"files": paths}))
    else:
        write_out("".join(f"{path}\n" for path in paths))
    return OK
