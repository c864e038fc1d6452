"""Bring a project, an environment and its targets together for a command."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING

from flowops.bind import Binder
from flowops.checks import (
    open_target,
    overlay_findings,
    settings_of,
    wrong_targets,
)
from flowops.cli.talking import detail, end_progress, show_progress, timed
from flowops.errors import InputError, UsageError
from flowops.inventory import Snapshot, read_snapshot, snapshot_path
from flowops.model import Finding, Inventory, Severity
from flowops.on_branch import BRANCH, open_on_branch
from flowops.overlays.environment import Environment, Sources, load_environment
from flowops.overlays.flow_overlay import FlowOverlays, read_overlays
from flowops.plan.making import Baseline, Request, live_baseline, make_plan
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
    from pathlib import Path

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
        """Return what reading found, of what the command was asked for."""
        if not self.words:
            return list(self.read.findings)
        chosen = {flow.address for flow in self.chosen}
        return [
            finding
            for finding in self.read.findings
            if finding.address in chosen
            or (finding.location and finding.location.path in self.words)
        ]


def open_workspace(
    folder: Path, words: Sequence[str], tree: SourceTree | None = None
) -> Workspace:
    """Open the project at or above a folder and choose its flows.

    Raises ``UsageError`` for a word that matches no flow.
    """
    with timed("read the project"):
        project = open_project(find_root(folder), tree)
        read = read_flows(project)
    detail(f"{len(read.flows)} flows in {project.root}")
    return Workspace(project, read, choose(read, words), tuple(words))


def choose(read: ReadFlows, words: Sequence[str]) -> tuple[Flow, ...]:
    """Return the flows that words name; every flow when there are none."""
    if not words:
        return read.flows
    chosen: set[int] = set()
    for word in words:
        found = {i for i, flow in enumerate(read.flows) if _named(flow, word)}
        broken = any(f.location and f.location.path == word for f in read.findings)
        if not found and not broken:
            names = ", ".join(repr(flow.address.name) for flow in read.flows[:5])
            raise UsageError(
                f"no flow is called {word!r}", hint=f"there are: {names or 'none'}"
            )
        chosen |= found
    return tuple(read.flows[i] for i in sorted(chosen))


def _named(flow: Flow, word: str) -> bool:
    names = (flow.address.name, str(flow.address), flow.source.path)
    return any(name == word or fnmatchcase(name, word) for name in names)


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
    workspace: Workspace, environment: Environment, *, deletes: bool = False
) -> Request:
    """Return what to plan, with every finding there is before any target is asked."""
    overlays = read_overlays(environment)
    findings = [
        *workspace.findings(),
        *overlay_findings(overlays, workspace.read.flows),
        *_missing(workspace, overlays),
    ]
    return Request(
        environment=environment.name,
        chosen=workspace.chosen,
        known=frozenset(flow.address for flow in workspace.read.flows),
        overlays=overlays,
        findings=tuple(findings),
        project=workspace.project.name,
        whole=not workspace.words,
        deletes=deletes,
    )


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
    systems = sorted({flow.address.system for flow in workspace.chosen})
    states = states_at(workspace.project.root, environment, tree, known)
    return {
        s: Baseline(
            s,
            words,
            {a: f for a, f in states.items() if a.system == s},
            known.get(s),
        )
        for s in systems
    }


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
    systems = _systems(workspace.chosen, () if workspace.words else targets)
    return {
        system: Baseline(
            system=system,
            words=f"the record of run {last.run}",
            states={a: s for a, s in states.items() if a.system == system},
            inventory=_last_inventory(records, system),
            identity=targets[system].identity if system in targets else None,
            unmanaged={},
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
    sys.stdout.write(text)
    sys.stdout.flush()
