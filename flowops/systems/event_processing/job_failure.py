"""What a plan says of a flow whose job on the target has ended, and should not have.

The flow is there, so it is not new; and it does not run, so it is not as it should be.
The difference is shown as two attributes of the flow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.model import Finding, Location, Severity, StateSafety, StateVerdict
from flowops.systems.protocol import FAILURE, KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Graph
    from flowops.systems.protocol import BoundFlow

JOB, STARTS_FROM = "job", "starts from"
_RUNNING = "RUNNING"


def with_failure(graph: Graph, held: Mapping[str, str]) -> Graph:
    """Return a flow as a target holds it, with why its job ended if it did."""
    if FAILURE not in held:
        return graph
    return _with(graph, {JOB: held[FAILURE]})


def started_again(graph: Graph, held: Mapping[str, str] | None) -> Graph:
    """Return a flow as a promote leaves it, with where a job starts again."""
    if not held or FAILURE not in held:
        return graph
    kept = {STARTS_FROM: held[KEPT]} if KEPT in held else {}
    return _with(graph, {JOB: _RUNNING, **kept})


def _with(graph: Graph, more: Mapping[str, str]) -> Graph:
    return replace(graph, attributes={**graph.attributes, **more})


def failure_verdict(after: Mapping[str, str]) -> StateVerdict:
    """Say what a job that ended loses, by what the flow is after a promote."""
    if STARTS_FROM in after:
        reason = "its job ended, and starts again from the last state that is kept"
        return StateVerdict(StateSafety.RESTART, reason)
    reason = "its job ended, and the cluster names no checkpoint or savepoint of it"
    return StateVerdict(StateSafety.DROPPED, reason)


def failure_findings(bound: BoundFlow) -> Iterator[Finding]:
    """Warn of a flow whose job has ended, and say what a promote would do."""
    held = bound.live or {}
    if FAILURE not in held:
        return
    yield Finding(
        "flow/job-failed",
        Severity.WARNING,
        f"the job of this flow does not run: {held[FAILURE]}",
        Location(bound.flow.source.path),
        bound.flow.address,
        hint=f"a promote starts it again from {held[KEPT]}"
        if KEPT in held
        else "no checkpoint or savepoint of it is left: a promote with --allow "
        "state-dropping starts it again without its state",
    )
