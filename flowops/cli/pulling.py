"""Bring what a target holds into the project: ``pull`` and ``inventory``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from flowops.cli.commands.options import Format
from flowops.cli.talking import talk
from flowops.cli.workspace import (
    Workspace,
    load,
    open_targets,
    open_workspace,
    request_for,
    write_out,
)
from flowops.documents.canonical import pretty_json
from flowops.documents.files import safe_name, write_whole
from flowops.errors import OK, InputError, UsageError
from flowops.inventory import gap_findings, inventory_json, named_references
from flowops.model import Address
from flowops.overlays.flow_overlay import read_overlays
from flowops.plan.making import NOTHING, Baseline, make_plan
from flowops.report.text import visible
from flowops.secrets import Secret
from flowops.systems.connect.arns import VIEW, is_managed
from flowops.systems.connect.flow_files import file_text
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE
from flowops.systems.connect.inventory import INVENTORY_KINDS
from flowops.systems.event_processing.settings.references import KINDS as STREAM_KINDS
from flowops.systems.protocol import PUBLISHED, SAVED, FlowState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from flowops.documents.json_text import JsonValue
    from flowops.model import Inventory
    from flowops.overlays.environment import Environment
    from flowops.plan.making import Request
    from flowops.systems.protocol import Target

CONNECT = "connect"
FOLDER = "flows/connect"
_FOLDERS = {VIEW: "views"}

INVENTORY_VERSION = "1.0"


def inventory_command(
    folder: Path, environment_name: str, *, out: Path | None, output: Format
) -> int:
    """Write what the targets of an environment hold into one file."""
    workspace = open_workspace(folder, [])
    project = workspace.project
    environment = load(workspace, environment_name)
    targets = _targets(workspace, environment)
    for target in targets.values():
        target.verify()
    names = named_references(workspace.read.flows, read_overlays(environment))
    place = f"{project.environments}/{environment_name}.inventory.json"
    path = out or project.root / place
    document: JsonValue = {
        "format_version": INVENTORY_VERSION,
        "taken": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "systems": _systems(names, targets),
    }
    write_whole(path, pretty_json(document).encode())
    _show([str(out or place)], output)
    return OK


def _targets(workspace: Workspace, environment: Environment) -> dict[str, Target]:
    """Return the targets; raises ``InputError`` when there is none."""
    targets = open_targets(workspace.project, environment)
    if not targets:
        raise InputError(
            f"{environment.name} has no target",
            hint="name one under `targets` of the environment",
            location=environment.location,
        )
    return targets


def _systems(
    names: Mapping[str, Collection[str]], targets: Mapping[str, Target]
) -> dict[str, JsonValue]:
    """Ask each target for every kind that can be listed, or that a flow refers to."""
    kinds = {**dict.fromkeys((*INVENTORY_KINDS, *STREAM_KINDS), ()), **names}
    found: dict[str, JsonValue] = {}
    for system in sorted(targets):
        inventory = targets[system].inventory(kinds)
        for finding in gap_findings(inventory):
            talk(visible(f"warning: {finding.message}"))
        found[system] = inventory_json(inventory)
    return found


@dataclass(frozen=True, slots=True)
class _Pull:
    """What is there, on the instance and in the project."""

    workspace: Workspace
    request: Request
    target: Target
    inventory: Inventory

    def states(self, addresses: Sequence[Address]) -> dict[Address, FlowState]:
        """Read flows that are in use; the draft where the environment keeps one."""
        overlays = self.request.overlays
        flows = {flow.address: flow for flow in self.request.chosen}
        wanted = dict.fromkeys(addresses, PUBLISHED) | {
            address: overlays.word(flow, "status", PUBLISHED)
            for address, flow in flows.items()
        }
        found = dict(self.target.read(wanted))
        for address in [a for a, s in found.items() if _is_archived(s)]:
            talk(visible(f"left out {address}: it is archived"))
            del found[address]
        return found

    def equal(self, states: Mapping[Address, FlowState]) -> set[Address]:
        """Return the flows whose files already say what the instance holds."""
        there = Baseline(CONNECT, "", states, self.inventory, self.target.identity)
        plan = make_plan(self.request, {CONNECT: there})
        return {change.address for change in plan.changes if change.action == NOTHING}

    def places(self, addresses: Sequence[Address], out: Path) -> dict[Address, Path]:
        """Return a flow's own file, or a new one; raises ``InputError`` if taken."""
        root = self.workspace.project.root
        places = {
            flow.address: root / flow.source.path for flow in self.workspace.read.flows
        }
        taken = {_key(path): str(address) for address, path in places.items()}
        for address in addresses:
            if address in places:
                continue
            folder = out / _FOLDERS.get(address.kind, "")
            path = folder / f"{safe_name(address.name)}.json"
            if _key(path) in taken or path.exists():
                raise InputError(
                    f"{address} would be written to {_shown(path, root)}, where "
                    f"{taken.get(_key(path), 'another file')} lies",
                    hint="pull flow by flow into another folder with --out",
                )
            taken[_key(path)], places[address] = str(address), path
        return {address: places[address] for address in addresses}


def pull_command(
    folder: Path,
    environment_name: str,
    words: Sequence[str],
    *,
    out: Path | None,
    output: Format,
) -> int:
    """Write the flows of an instance to files; nothing at all when one cannot be."""
    workspace = open_workspace(folder, [])
    root = workspace.project.root
    environment = load(workspace, environment_name)
    target = _targets(workspace, environment).get(CONNECT)
    if target is None:
        raise InputError(
            f"{environment_name} has no target of Amazon Connect to pull from",
            hint="name one as `connect` under `targets` of the environment",
            location=environment.location,
        )
    target.verify()
    inventory = target.inventory(INVENTORY_KINDS)
    addresses = _chosen(inventory, words)
    request = request_for(_narrowed(workspace, addresses), environment)
    pull = _Pull(workspace, request, target, inventory)
    states = pull.states(addresses)
    equal = pull.equal(states)
    changed = [address for address in states if address not in equal]
    texts = {address: file_text(states[address], inventory) for address in changed}
    places = pull.places(changed, out or root / FOLDER)
    for address, text in texts.items():
        write_whole(places[address], text.encode())
        _comment(states[address])
    if equal:
        talk(f"As they were: {len(equal)}")
    _show([_shown(path, root) for path in places.values()], output)
    return OK


def _chosen(inventory: Inventory, words: Sequence[str]) -> list[Address]:
    """Return the flows that words name; every one when there are none."""
    found = sorted(
        Address(CONNECT, kind, resource.name)
        for kind in (CONTACT_FLOW, FLOW_MODULE, VIEW)
        for resource in inventory.of_kind(kind)
        if not is_managed(resource.arn)
    )
    chosen: set[Address] = set()
    for word in words:
        named = {a for a in found if _is_named(a, word)}
        if not named:
            names = ", ".join(repr(address.name) for address in found[:5])
            raise UsageError(
                f"no flow on the instance is called {word!r}",
                hint=f"there are: {names or 'none'}",
            )
        chosen |= named
    return sorted(chosen) if words else found


def _is_named(address: Address, word: str) -> bool:
    names = (address.name, str(address))
    return any(name == word or fnmatchcase(name, word) for name in names)


def _narrowed(workspace: Workspace, addresses: Sequence[Address]) -> Workspace:
    """Return a workspace in which only these flows are chosen."""
    wanted = frozenset(addresses)
    chosen = tuple(f for f in workspace.read.flows if f.address in wanted)
    return replace(workspace, chosen=chosen, words=tuple(map(str, addresses)))


def _is_archived(state: FlowState) -> bool:
    return state.attributes.get("state") == "archived"


def _comment(state: FlowState) -> None:
    """Say what a person should know before the file is committed."""
    if any(isinstance(text, Secret) for text in state.files.values()):
        words = "holds what looks like a secret: take it out before you commit"
        talk(visible(f"{state.address} {words}"))
    if state.attributes.get("status") == SAVED:
        words = "is a draft: write `status: saved` to leave it one"
        talk(visible(f"{state.address} {words}"))


def _key(path: Path) -> str:
    """Return what two files that some systems take for one have in common."""
    return str(path.absolute()).casefold()


def _shown(path: Path, root: Path) -> str:
    inside = path.is_relative_to(root)
    return path.relative_to(root).as_posix() if inside else str(path)


def _show(paths: list[str], output: Format) -> None:
    if output is Format.JSON:
        files: JsonValue = [*paths]
        write_out(pretty_json({"files": files}))
    else:
        write_out("".join(f"{visible(path)}\n" for path in paths))
