"""What an operator says of a deployment: it runs, it failed, or nobody knows yet.

Sources: ``FlinkDeploymentStatus``, ``ResourceLifecycleState`` and ``JobStatus`` of the
reference of Apache's Flink Kubernetes Operator, which IBM's operator follows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.systems.event_processing.manifests.deployments import Manifest

_RUNS = frozenset(("RUNNING", "FINISHED"))
_BROKEN_LIFECYCLE = frozenset(("FAILED", "ROLLING_BACK", "ROLLED_BACK"))
_AT_REST = frozenset(("DEPLOYED", "STABLE"))
_BROKEN_JOB = frozenset(("FAILED", "CANCELED"))
_CUT = 300


class Verdict(StrEnum):
    """How a deployment stands."""

    RUNS = "runs"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """A verdict, and the operator's own words for it."""

    verdict: Verdict
    words: str


def standing(live: Manifest, generation: int) -> Standing:
    """Judge the status of a deployment for the spec of this generation or a later one.

    A status of an earlier spec says nothing. An error beside a state that can still
    pass is told, and waited for: operators try again.
    """
    status = _mapping(live.get("status"))
    lifecycle = str(status.get("lifecycleState") or "")
    job = str(_mapping(status.get("jobStatus")).get("state") or "")
    manager = str(status.get("jobManagerDeploymentStatus") or "")
    words = _words(lifecycle, job, manager, str(status.get("error") or ""))
    seen = _observed(status)
    if seen is None and not lifecycle:
        words = "no operator has looked at it yet"
    elif seen is None or seen < generation:
        words = f"nothing of the new spec yet ({words})"
    if seen is None or seen < generation:
        return Standing(Verdict.UNKNOWN, words)
    is_at_rest = lifecycle in _AT_REST  # a job that is replaced ends, too
    has_ended = is_at_rest and (job in _BROKEN_JOB or manager == "ERROR")
    if lifecycle in _BROKEN_LIFECYCLE or has_ended:
        return Standing(Verdict.FAILED, words)
    runs = lifecycle == "STABLE" and job in _RUNS
    return Standing(Verdict.RUNS if runs else Verdict.UNKNOWN, words)


def generation_of(live: Manifest) -> int:
    """Return which spec an object has: the cluster counts them."""
    return _number(_mapping(live.get("metadata")).get("generation")) or 0


def _observed(status: Mapping[str, object]) -> int | None:
    """Return the spec the operator has handled; older ones say it in a text."""
    seen = _number(status.get("observedGeneration"))
    reconciled = _mapping(status.get("reconciliationStatus")).get("lastReconciledSpec")
    try:
        spec = _mapping(json.loads(str(reconciled or "null")))
    except ValueError:
        return seen
    about = _mapping(_mapping(spec.get("resource_metadata")).get("metadata"))
    handled = _number(about.get("generation"))
    return seen if handled is None else handled


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _words(lifecycle: str, job: str, manager: str, error: str) -> str:
    parts = {"lifecycle": lifecycle, "job": job, "job manager": manager}
    said = ", ".join(f"{name} {text}" for name, text in parts.items() if text)
    return f"{said}: {_first(error)}" if error else said or "nothing"


def _first(error: str) -> str:
    """Return the message of an error, which may be JSON with a whole Java trace."""
    try:
        found = _mapping(json.loads(error))
    except ValueError:
        found = {}
    message = str(found.get("message") or error)
    return message.strip().partition("\n")[0][:_CUT]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
