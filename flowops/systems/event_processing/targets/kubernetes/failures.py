"""Say what went wrong at a cluster: what, where, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.answers import parse_answer
from flowops.errors import TargetError
from flowops.patience import BUSY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.systems.event_processing.targets.kubernetes.cluster import Kind

_UNAUTHORIZED, _FORBIDDEN, _ABSENT, _CONFLICT, _INVALID = 401, 403, 404, 409, 422
_BAD = 400
_DENIED = re.compile(
    r"admission webhook \"([^\"]+)\" denied the request:? ?(.*)", re.DOTALL
)
_HUNG_UP = re.compile(r"ConnectionResetError|RemoteDisconnected|IncompleteRead")
_CUT = 500


class BusyError(TargetError):
    """The API server, or what stands before it, may answer in a moment."""


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked of a cluster: to do what, with which kind, and where."""

    verb: str
    kind: Kind
    where: str

    def __str__(self) -> str:
        """Say it in a few words."""
        return f"{self.verb} {self.kind.plural} {self.where}"


def failure(status: int, body: str, call: Call) -> TargetError:
    """Make the error for an answer that says no."""
    words = str(_answer(body).get("message") or "").strip()[:_CUT]
    if denied := _DENIED.search(words):
        message = f"the admission webhook {denied[1]} denied to {call}: {denied[2]}"
        return TargetError(message, hint="mend what it names, and promote again")
    if "ValidatingAdmissionPolicy" in words:
        message = f"an admission policy denied to {call}: {words}"
        return TargetError(message, hint="mend what it names, and promote again")
    if status == _ABSENT:
        return _absent(words, call)
    if status == _FORBIDDEN:
        return _forbidden(words, call)
    if _UNDECLARED in words:  # a server-side apply fails with 500 for such a field
        status = _INVALID
    if status in BUSY:
        said = f"the cluster cannot answer now ({status}): {call}"
        return BusyError(f"{said}{': ' if words else ''}{words}", hint=_BUSY)
    message, hint = _SAID.get(status, (f"the cluster failed with {status}", _AGAIN))
    return TargetError(f"{message}: {call}{': ' if words else ''}{words}", hint=hint)


_UNDECLARED = "field not declared in schema"
_BUSY = "is its API server starting, or overloaded? try again in a while"
_AGAIN = "look at the API server, and promote again"
_COMPARE = "compare `spec` of the target with the version of the operator there"
_SAID = {
    _BAD: ("the cluster does not accept it", _COMPARE),
    _INVALID: ("the cluster does not accept it", _COMPARE),
    _UNAUTHORIZED: (
        "the cluster does not know who asks",
        "the login of the kubeconfig has expired or is wrong; log in again",
    ),
    _CONFLICT: (
        "another program keeps what was to be written",
        "let only one of the two write it; the other must give the fields up",
    ),
}


def unreachable(server: str, reason: str) -> TargetError:
    """Make the error for a server that gave no answer at all."""
    if "CERTIFICATE_VERIFY_FAILED" in reason or "certificate" in reason.lower():
        return TargetError(
            f"the certificate of {server} is not signed by an authority that is known",
            hint="set certificate-authority of the cluster in the kubeconfig",
        )
    if "timed out" in reason.lower() or "timeout" in reason.lower():
        return TargetError(
            f"{server} does not answer in time",
            hint="look whether the cluster is up and can be reached from here",
        )
    lost = BusyError if _HUNG_UP.search(reason) else TargetError
    return lost(
        f"{server} cannot be reached",
        hint="look whether the cluster is up and can be reached from here",
    )


def conflicting_appliers(body: str) -> list[str]:
    """Return the programs that apply fields of ours: ``Apply`` beside our own.

    A manager that only updated a field, such as an editor, is named with the version
    it used, and is not among them.
    """
    details = _answer(body).get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return sorted(set(_appliers(causes if isinstance(causes, list) else [])))


def has_moved(status: int, body: str) -> bool:
    """Tell whether a write named another version than is there, or one that is gone.

    A conflict of fields has its causes; one of versions has none.
    """
    details = _answer(body).get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return status == _CONFLICT and not causes


def names_object(body: str, name: str) -> bool:
    """Tell whether an answer speaks of this object, and not of its whole kind."""
    details = _answer(body).get("details")
    return isinstance(details, dict) and details.get("name") == name


def _appliers(causes: list[object]) -> Iterator[str]:
    for cause in causes:
        words = str(cause.get("message", "")) if isinstance(cause, dict) else ""
        found = re.fullmatch(r'conflict with "([^"]*)"(.*)', words, re.DOTALL)
        if found and " using " not in found[2]:
            yield found[1]


def _forbidden(words: str, call: Call) -> TargetError:
    group = call.kind.api.rpartition("/")[0]
    return TargetError(
        f"the cluster does not allow to {call}" + (f": {words}" if words else ""),
        hint=f"grant a Role with verb {call.verb} on {call.kind.plural} "
        f"of the API group {group!r}; docs/running-flows.md has one",
    )


def _absent(words: str, call: Call) -> TargetError:
    if "namespaces" in words:
        return TargetError(
            f"there is no such namespace: {call}", hint="create it, or name another"
        )
    return TargetError(
        f"the cluster has no {call.kind.plural} of {call.kind.api}: {call}",
        hint="install the Flink operator and its custom resources first",
    )


def _answer(body: str) -> Mapping[str, object]:
    found = parse_answer(body.encode("utf-8"))
    return found if isinstance(found, dict) else {}
