"""Bring a project, an environment and its targets together for a command."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flowops.bind import Binder
from flowops.checks import (
    open_target,
    overlay_findings,
    settings_of,
    wrong_targets,
)
from flowops.cli import stdout
from flowops.cli.choosing import choose, is_pattern, path_in_project
from flowops.cli.talking import detail, end_progress, show_progress, timed
from flowops.errors import InputError
from flowops.inventory import Snapshot, read_snapshot, snapshot_path
from flowops.model import Finding, Inventory, Severity
from flowops.on_branch import BRANCH, open_on_branch
from flowops.overlays.environment import Environment, Sources, load_environment
from flowops.overlays.flow_overlay import FlowOverlays, read_overlays
from flowops.plan.making import Baseline, Request, live_baseline, make_plan
from flowops.plan.replacing import named_addresses, never_again
from flowops.project import (
    FILE_NAME,
    ReadFlows,
    WorkingTree,
    find_root,
    open_project,
    read_flows,
)
from flowops.records import latest_states, read_records
from flowops.systems.protocol import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowops.model import Address
    from flowops.plan.making import PlannedChange
    from flowops.project import Project, SourceTree
    from flowops.records import Record
    from flowops.systems.protocol import Flow, FlowState, Target


MISSING_SECRET = "secret/source-missing"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A project with its flows read, and the flows a command was asked for."""

    project: Project
    read: ReadFlows
    chosen: tuple[Flow, ...]
    words: tuple[str, ...] = ()

    def findings(self) -> list[Finding]:
        """Return what reading found, of what the command was asked for.

        A file that could not be read may hold a flow that a pattern names.
        """
        if not self.words:
            return list(self.read.findings)
        chosen = {flow.address for flow in self.chosen}
        paths = {*self.words}
        if any(map(is_pattern, self.words)):
            paths |= {*self.read.unread}
        return [
            finding
            for finding in self.read.findings
            if finding.address in chosen
            or (finding.location and finding.location.path in paths)
        ]


def open_workspace(
    folder: Path, words: Sequence[str], tree: SourceTree | None = None
) -> Workspace:
    """Open the project at or above a folder and choose its flows.

    A word may be the path of a file too, as the shell knows it. Raises
    ``UsageError`` for a word that matches no flow.
    """
    with timed("read the project"):
        project = open_project(find_root(folder), tree)
        read = read_flows(project)
    detail(f"{len(read.flows)} flows in {project.root}")
    named = tuple(path_in_project(word, project.root) for word in words)
    return Workspace(project, read, choose(read, named), named)


def sources_of(project: Project) -> Sources:
    """Return where a project's environments are read from."""
    return Sources(
        folder=project.environments,
        names=project.environment_names(),
        read=project.tree.read,
        variables=os.environ,
        read_secret=WorkingTree(project.root).read,
    )


def request_for(
    workspace: Workspace,
    environment: Environment,
    *,
    deletes: bool = False,
    replaced: frozenset[Address] = frozenset(),
) -> Request:
    """Return what to plan, with every finding there is before any target is asked."""
    overlays = read_overlays(environment)
    findings = [
        *workspace.findings(),
        *overlay_findings(
            overlays, workspace.read.flows, whole=not workspace.read.unread
        ),
        *_missing(workspace, overlays),
    ]
    return Request(
        environment=environment.name,
        chosen=workspace.chosen,
        known=frozenset(flow.address for flow in workspace.read.flows),
        unread=bool(workspace.read.unread),
        overlays=overlays,
        findings=tuple(findings),
        project=workspace.project.name,
        whole=not workspace.words,
        deletes=deletes,
        replace=replaced,
    )


def addresses_to_replace(
    workspace: Workspace, targets: Mapping[str, Target], words: Sequence[str]
) -> frozenset[Address]:
    """Return the flows that words want replaced.

    Raises ``UsageError`` for a word that names none, or several, or a flow whose
    target would not act on it.
    """
    chosen = [flow.address for flow in workspace.chosen]
    known = [flow.address for flow in workspace.read.flows]
    found = named_addresses(words, chosen, known)
    for address in sorted(found):
        target = targets.get(address.system)
        if target and not target.starts_anew:
            raise never_again(address, target.identity.kind)
    return found


def _missing(workspace: Workspace, overlays: FlowOverlays) -> Iterator[Finding]:
    """Say which secrets the chosen flows use have no value here, each once."""
    missing = overlays.environment.missing_secrets
    if not missing:
        return
    used = Counter(n for flow in workspace.chosen for n in overlays.names_used(flow))
    for secret in missing:
        if count := used[secret.name]:
            where = "1 flow uses it: set it where the flow is deployed"
            if count > 1:
                where = f"{count} flows use it: set it where they are deployed"
            yield Finding(
                MISSING_SECRET,
                Severity.INFO,
                f"the secret {secret.name} has no value here: "
                f"{secret.source} is not set",
                secret.location,
                hint=where,
            )


def open_targets(project: Project, environment: Environment) -> dict[str, Target]:
    """Return the targets of an environment by system; none is called yet.

    Raises ``InputError`` for a system or a kind that does not exist, and for a
    setting that cannot be used.
    """
    for error in wrong_targets(environment):
        raise error
    targets: dict[str, Target] = {}
    for name, layer in environment.targets.items():
        settings = settings_of(layer, environment.name, project)
        settings = replace(settings, progress=show_progress)
        opens = partial(open_target, layer=layer)
        is_on_branch = BRANCH in settings.values
        targets[name] = (
            open_on_branch(settings, opens) if is_on_branch else opens(settings)
        )
    return targets


def load(workspace: Workspace, name: str) -> Environment:
    """Load an environment of the workspace's project."""
    return load_environment(name, sources_of(workspace.project))


def live_baselines(
    request: Request, targets: Mapping[str, Target]
) -> dict[str, Baseline]:
    """Ask the targets of the chosen flows; a system without one has nothing before.

    A plan of the whole project asks every target: one of a system that no flow is of
    any more may still run what this project put there.
    """
    baselines: dict[str, Baseline] = {}
    for system in _systems(request.chosen, targets if request.whole else ()):
        target = targets.get(system)
        if target is None:
            baselines[system] = Baseline(system, "nothing, for want of a target", {})
            continue
        with timed(f"asked {target.identity.kind} {target.identity.id}"):
            baselines[system] = live_baseline(system, target, request)
    return baselines


def _systems(chosen: Iterable[Flow], targets: Iterable[str]) -> list[str]:
    return sorted({flow.address.system for flow in chosen} | {*targets})


def without_target(
    request: Request, environment: Environment, targets: Mapping[str, Target]
) -> Iterator[Finding]:
    """Say of which systems' flows nothing is known, for want of a target to ask."""
    for system in sorted({f.address.system for f in request.chosen} - targets.keys()):
        yield Finding(
            "environment/no-target",
            Severity.INFO,
            f"{environment.name} names no target for {system}: nothing is compared, "
            "and no reference is looked up",
            environment.location,
            hint=f"name one under `targets: {{{system}: …}}`",
        )


def offline_baselines(
    request: Request, known: Mapping[str, Inventory] | None = None
) -> dict[str, Baseline]:
    """Return baselines with nothing before; ``known`` is what a snapshot lists."""
    systems = sorted({flow.address.system for flow in request.chosen})
    listed = known or {}
    return {s: Baseline(s, "nothing", {}, listed.get(s)) for s in systems}


def snapshot_of(project: Project, environment: str) -> Snapshot | None:
    """Read the snapshot of an environment's inventory, if the project has one.

    Raises ``InputError`` for a file that is none.
    """
    path = snapshot_path(project.environments, environment)
    data = project.tree.read(path)
    return read_snapshot(path, data) if data is not None else None


def baselines_at(
    workspace: Workspace,
    environment: str,
    tree: SourceTree,
    words: str,
    known: Mapping[str, Inventory],
) -> dict[str, Baseline]:
    """Render the project as it was in another tree, for the same environment.

    ``known`` is what exists, by system; both renders are bound to the same.
    """
    states = states_at(workspace.project.root, environment, tree, known)
    gone = gone_flows(workspace, states)
    return {
        s: Baseline(
            s,
            words,
            {a: f for a, f in states.items() if a.system == s},
            known.get(s),
            unmanaged={a: f for a, f in gone.items() if a.system == s},
        )
        for s in _systems(workspace.chosen, {address.system for address in gone})
    }


def gone_flows(
    workspace: Workspace, states: Mapping[Address, FlowState]
) -> dict[Address, FlowState]:
    """Return the flows that were there before and that the project has no more.

    There are none where only some flows were asked for, or some could not be read.
    """
    if workspace.words or workspace.read.unread:
        return {}
    known = {flow.address for flow in workspace.read.flows}
    return {a: state for a, state in states.items() if a not in known}


def states_at(
    root: Path, environment: str, tree: SourceTree, known: Mapping[str, Inventory]
) -> dict[Address, FlowState]:
    """Render every flow of an earlier tree; nothing where it had no project yet."""
    if tree.read(FILE_NAME) is None:
        return {}
    project = open_project(root, tree)
    if environment not in project.environment_names():
        return {}
    read = read_flows(project)
    earlier = Workspace(project, read, read.flows)
    request = request_for(earlier, load(earlier, environment))
    plan = make_plan(request, offline_baselines(request, known))
    return {c.address: c.bundle.state() for c in plan.changes if c.bundle}


def recorded_baselines(
    workspace: Workspace,
    environment: str,
    targets: Mapping[str, Target],
) -> dict[str, Baseline]:
    """Return what the last promotes left, without asking a target.

    Raises ``InputError`` when there is no record, or a damaged one.
    """
    records = read_records(workspace.project.root, environment)
    if not records:
        raise InputError(
            f"there is no record of a promote to {environment}",
            hint="fetch .flowops/records from where you keep it, or plan without it",
        )
    last, states = records[-1], latest_states(records)
    gone = gone_flows(workspace, states)
    systems = _systems(workspace.chosen, () if workspace.words else targets)
    return {
        system: Baseline(
            system=system,
            words=f"the record of run {last.run}",
            states={a: s for a, s in states.items() if a.system == system},
            inventory=_last_inventory(records, system),
            identity=targets[system].identity if system in targets else None,
            unmanaged={a: s for a, s in gone.items() if a.system == system},
        )
        for system in systems
    }


def _last_inventory(records: Sequence[Record], system: str) -> Inventory | None:
    found = [r.inventories[system] for r in records if system in r.inventories]
    return found[-1] if found else None


def binder_after(
    request: Request, baselines: Mapping[str, Baseline], system: str, now: Inventory
) -> Binder:
    """Return a binder that knows what a promote has just reserved."""
    states = baselines[system].states
    live = {address: state.attributes for address, state in states.items()}
    return Binder(request.overlays, now, live, (), request.known)


def drafts_over(
    changes: Iterable[PlannedChange], targets: Mapping[str, Target]
) -> dict[Address, FlowState]:
    """Return the unpublished edits of those of these flows that are live."""
    live: dict[str, list[Address]] = {}
    for change in changes:
        before = change.before
        if before and before.attributes.get("status", PUBLISHED) == PUBLISHED:
            live.setdefault(change.address.system, []).append(change.address)
    found: dict[Address, FlowState] = {}
    for system in sorted(live.keys() & targets.keys()):
        found |= targets[system].drafts(live[system])
    return found


def write_out(text: str) -> None:
    """Write data to stdout, at once: somebody may be waiting for it."""
    end_progress()
    stdout.write_out(text)
