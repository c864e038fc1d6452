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
_REFUSAL = "ValidationException"
_CUT = 300


class Verdict(StrEnum):
    """How a deployment stands."""

    RUNS = "runs"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """A verdict, and the operator's own words for it.

    ``is_taken_on`` says that the operator has made a job of the spec, however that is.
    """

    verdict: Verdict
    words: str
    is_taken_on: bool = False


def standing(live: Manifest, generation: int, earlier: str = "") -> Standing:
    """Judge the status of a deployment for the spec of this generation or a later one.

    A status of an earlier spec says nothing. An error beside a state that can still
    pass is told, and waited for: operators try again. Not so a spec that the operator
    does not accept: it is never handled, the old job stays, and only the error tells.
    ``earlier`` is the error that was there before the spec was.
    """
    status = _mapping(live.get("status"))
    lifecycle = str(status.get("lifecycleState") or "")
    job = str(_mapping(status.get("jobStatus")).get("state") or "")
    manager = str(status.get("jobManagerDeploymentStatus") or "")
    words = _words(lifecycle, job, manager, str(status.get("error") or ""))
    if _is_refused(status, generation, earlier):
        return Standing(Verdict.REFUSED, _message(error_of(live)))
    seen = _observed(status)
    is_handled = seen is not None and seen >= generation
    if seen is None and not lifecycle:
        words = "no operator has looked at it yet"
    elif not is_handled:
        words = f"nothing of the new spec yet ({words})"
    if not is_handled:
        return Standing(Verdict.UNKNOWN, words)
    is_at_rest = lifecycle in _AT_REST  # a job that is replaced ends, too
    has_ended = is_at_rest and (job in _BROKEN_JOB or manager == "ERROR")
    if lifecycle in _BROKEN_LIFECYCLE or has_ended:
        return Standing(Verdict.FAILED, words)
    runs = lifecycle == "STABLE" and job in _RUNS
    return Standing(Verdict.RUNS if runs else Verdict.UNKNOWN, words, bool(job))


def generation_of(live: Manifest) -> int:
    """Return which spec an object has: the cluster counts them."""
    return _number(_mapping(live.get("metadata")).get("generation")) or 0


def error_of(live: Manifest) -> str:
    """Return the error of a deployment as the operator wrote it, or nothing."""
    return str(_mapping(live.get("status")).get("error") or "")


def _is_refused(status: Mapping[str, object], generation: int, earlier: str) -> bool:
    """Tell whether the operator's own check refuses the spec of this generation.

    Newer operators say which one they looked at; from older ones a new error is the
    only sign.
    """
    error = str(status.get("error") or "")
    looked_at = _number(status.get("observedGeneration")) or 0
    is_of_it = error != earlier or looked_at >= generation
    is_handled = (_handled(status) or 0) >= generation
    is_refusal = _error(error).get("type", "").endswith(_REFUSAL)
    return is_refusal and is_of_it and not is_handled


def _observed(status: Mapping[str, object]) -> int | None:
    """Return the spec the operator speaks of; older ones say it in a text only."""
    handled = _handled(status)
    return _number(status.get("observedGeneration")) if handled is None else handled


def _handled(status: Mapping[str, object]) -> int | None:
    """Return the spec the operator took on, and made the job of."""
    reconciled = _mapping(status.get("reconciliationStatus")).get("lastReconciledSpec")
    try:
        spec = _mapping(json.loads(str(reconciled or "null")))
    except ValueError:
        return None
    about = _mapping(_mapping(spec.get("resource_metadata")).get("metadata"))
    return _number(about.get("generation"))


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _words(lifecycle: str, job: str, manager: str, error: str) -> str:
    parts = {"lifecycle": lifecycle, "job": job, "job manager": manager}
    said = ", ".join(f"{name} {text}" for name, text in parts.items() if text)
    return f"{said}: {_message(error)}" if error else said or "nothing"


def _message(error: str) -> str:
    """Return the message of an error, without the Java trace below it."""
    message = _error(error).get("message") or error
    return message.strip().partition("\n")[0][:_CUT]


def _error(error: str) -> Mapping[str, str]:
    """Read an error, which newer operators write as JSON."""
    try:
        found = _mapping(json.loads(error))
    except ValueError:
        return {}
    return {key: str(found[key]) for key in ("type", "message") if found.get(key)}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
