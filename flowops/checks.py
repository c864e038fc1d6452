"""The verb ``check``: what can be said about flows without asking any target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import FlowOpsError, InputError
from flowops.model import Finding, Severity
from flowops.overlays.environment import load_environment
from flowops.overlays.flow_overlay import read_overlays, unfillable, unmatched
from flowops.project import as_finding
from flowops.systems import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.overlays.environment import Environment, Sources
    from flowops.systems.protocol import Flow


def check_environments(sources: Sources, flows: Sequence[Flow]) -> list[Finding]:
    """Return what is wrong with each environment's file, for all flows."""
    findings: list[Finding] = []
    for name in sources.names:
        try:
            overlays = read_overlays(load_environment(name, sources))
        except FlowOpsError as error:
            findings.append(as_finding(error, "environment/unreadable"))
            continue
        findings += overlay_findings(unmatched(overlays, flows))
        findings += [
            as_finding(error, "environment/no-such-target")
            for error in wrong_targets(overlays.environment)
        ]
        if overlays.environment.targets:  # without one, others may fill what it says
            findings += [
                as_finding(error, "overlay/cannot-be-filled")
                for error in unfillable(overlays)
            ]
    unique = {finding.sort_key(): finding for finding in findings}
    return list(unique.values())


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


def overlay_findings(errors: Sequence[InputError]) -> list[Finding]:
    """Turn keys that match nothing into findings."""
    return [as_finding(error, "overlay/matches-nothing") for error in errors]


def fails(findings: Sequence[Finding], *, strict: bool) -> bool:
    """Tell whether findings fail a check; ``strict`` counts warnings too."""
    severities = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(finding.severity in severities for finding in findings)
