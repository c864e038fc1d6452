"""The verb ``check``: what can be said about flows without asking any target."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from flowops.errors import FlowOpsError, InputError
from flowops.inventory import read_snapshot, snapshot_path, stale_findings
from flowops.model import Finding, Location, Severity
from flowops.overlays.environment import extended_names, idle_in, load_environment
from flowops.overlays.flow_overlay import read_overlays, unfillable
from flowops.overlays.idle import MisspeltError
from flowops.overlays.property_names import misspelt
from flowops.overlays.templates import LackingError
from flowops.overlays.unmatched import unmatched
from flowops.project import as_finding, reserved_folders
from flowops.systems import SYSTEMS
from flowops.systems.protocol import TargetSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from flowops.overlays.environment import Environment, Sources, TargetLayer
    from flowops.overlays.flow_overlay import FlowOverlays
    from flowops.project import Project
    from flowops.systems.protocol import Flow, Target

_ENDING = re.compile(r"(?<=.)\.(yml|YAML|YML)\Z")


def check_environments(
    sources: Sources, flows: Sequence[Flow], project: Project, *, whole: bool = True
) -> list[Finding]:
    """Return what is wrong with each environment's file, for all flows.

    ``whole`` tells that every flow of the project could be read. Targets are opened,
    and none is called.
    """
    looked = _Look(sources, flows, project, whole=whole)
    findings = [found for name in sources.names for found in looked.at(name)]
    unique = {finding.sort_key(): finding for finding in findings}
    return list(unique.values())


def check_files(
    project: Project, names: Collection[str], now: datetime
) -> Iterator[Finding]:
    """Give what is wrong with files beside those of the environments.

    A snapshot is damaged, or older than its limit at ``now``; a file has an ending
    that makes it no environment.
    """
    present = {*project.tree.paths(project.environments)}
    for name in names:
        path = snapshot_path(project.environments, name)
        data = project.tree.read(path) if path in present else None
        try:
            if data is not None:
                yield from stale_findings(read_snapshot(path, data), now)
        except InputError as error:
            yield as_finding(error, "inventory/unreadable")
    for path in sorted(present):
        folder, _, file = path.rpartition("/")
        if folder == project.environments and _ENDING.search(file):
            yield Finding(
                "environment/wrong-ending",
                Severity.WARNING,
                "this is read as no environment: its name does not end in .yaml",
                Location(path),
                hint=f"rename it to {_ENDING.sub('.yaml', file)}",
            )


class _Look:
    """Looks at one environment after the other.

    What one lacks that others extend is theirs to give: it is theirs to lack, too.
    """

    def __init__(
        self,
        sources: Sources,
        flows: Sequence[Flow],
        project: Project,
        *,
        whole: bool,
    ) -> None:
        self._whole = whole
        self._sources = sources
        self._flows = flows
        self._project = project

    @cached_property
    def _extended(self) -> frozenset[str]:
        return extended_names(self._sources)

    def at(self, name: str) -> Iterator[Finding]:
        environment = None
        try:
            environment = load_environment(name, self._sources)
            overlays = read_overlays(environment)
        except LackingError as error:
            if not self._is_abstract(name, environment):
                yield as_finding(error, "environment/unreadable")
            elif environment is None:
                yield from _idle(idle_in(name, self._sources))
            return
        except FlowOpsError as error:
            yield as_finding(error, "environment/unreadable")
            return
        yield from overlay_findings(overlays, self._flows, whole=self._whole)
        wrong = list(wrong_targets(environment))
        for found in wrong:
            yield as_finding(found, "environment/no-such-target")
        for found in [] if wrong else self._unusable(name, environment):
            yield as_finding(found, "environment/unusable-target")
        for found in unfillable(overlays):
            lacks = isinstance(found, LackingError)
            if not (lacks and self._is_abstract(name, environment)):
                yield as_finding(found, "overlay/cannot-be-filled")

    def _is_abstract(self, name: str, environment: Environment | None) -> bool:
        """Tell whether others extend an environment that has no target of its own."""
        has_target = environment is not None and environment.targets
        return not has_target and name in self._extended

    def _unusable(self, name: str, environment: Environment) -> Iterator[InputError]:
        for layer in environment.targets.values():
            settings = settings_of(layer, environment.name, self._project)
            for error in target_problems(settings, layer):
                lacks = isinstance(error, LackingError)
                if not (lacks and name in self._extended):
                    yield error


def settings_of(
    layer: TargetLayer, environment: str, project: Project
) -> TargetSettings:
    """Return what a target of a project is opened with."""
    return TargetSettings(
        layer.system,
        layer.kind,
        layer.values,
        layer.location,
        project.root,
        environment,
        reserved=reserved_folders(project),
    )


def open_target(settings: TargetSettings, layer: TargetLayer) -> Target:
    """Return a target; raises ``InputError`` with the place of the setting at fault."""
    try:
        return SYSTEMS[settings.system].open_target(settings)
    except InputError as error:
        raise next(target_problems(settings, layer), error) from None


def target_problems(
    settings: TargetSettings, layer: TargetLayer
) -> Iterator[InputError]:
    """Give an error for each setting that a target cannot be opened with.

    A target names one at a time: it is opened again without the one at fault. What
    is lacking is a ``LackingError``; it may hide others, as nothing can stand in.
    """
    while (error := _problem(settings)) is not None:
        key = _at_fault(settings, error)
        if not key and settings.values.keys() == layer.values.keys():
            yield LackingError(error.message, hint=error.hint, location=error.location)
        if not key:
            return
        if error.location == layer.location:
            error.location = layer.places.get(key, error.location)
        yield error
        settings = _without(settings, key)


def _problem(settings: TargetSettings) -> InputError | None:
    try:
        SYSTEMS[settings.system].open_target(settings)
    except InputError as error:
        return error
    return None


def _without(settings: TargetSettings, key: str) -> TargetSettings:
    values = {name: text for name, text in settings.values.items() if name != key}
    return replace(settings, values=values)


def _at_fault(settings: TargetSettings, error: InputError) -> str:
    """Return the key without which an error is gone, or else the one it names."""
    named = [key for key in settings.values if _names(error, key)]
    for key in [*named, *(key for key in settings.values if key not in named)]:
        after = _problem(_without(settings, key))
        if after is None or not (str(after) == str(error) or _names(after, key)):
            return key
    return named[0] if named else ""


def _names(error: InputError, key: str) -> bool:
    return bool(re.search(rf"(?<![\w.-]){re.escape(key)}(?![\w-])", error.message))


def wrong_targets(environment: Environment) -> Iterator[InputError]:
    """Give an error for each target of a system or a kind that does not exist."""
    for name, layer in environment.targets.items():
        system = SYSTEMS.get(name)
        if system is None:
            yield InputError(
                f"there is no system {name!r}",
                hint=f"systems are {', '.join(SYSTEMS)}",
                location=layer.location,
            )
        elif layer.kind not in system.target_kinds:
            yield InputError(
                f"{name} has no target of kind {layer.kind!r}",
                hint=f"kinds are {', '.join(system.target_kinds)}",
                location=layer.location,
            )


def overlay_findings(
    overlays: FlowOverlays, flows: Sequence[Flow], *, whole: bool = True
) -> Iterator[Finding]:
    """Give a finding for each key that matches nothing, or is a typo.

    ``whole`` tells that every flow of the project could be read.
    """
    for error in unmatched(overlays, flows, whole=whole):
        yield as_finding(error, "overlay/matches-nothing")
    for error in misspelt(overlays, flows):
        yield as_finding(error, "overlay/unknown-property")
    yield from _idle(overlays.environment.idle)


def _idle(errors: Iterable[InputError]) -> Iterator[Finding]:
    for error in errors:
        found = as_finding(error, "overlay/fills-nothing")
        is_typo = isinstance(error, MisspeltError)
        yield found if is_typo else replace(found, severity=Severity.WARNING)


def fails(findings: Sequence[Finding], *, strict: bool) -> bool:
    """Tell whether findings fail a check; ``strict`` counts warnings too."""
    severities = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(finding.severity in severities for finding in findings)
