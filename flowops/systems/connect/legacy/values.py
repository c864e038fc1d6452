"""What becomes of a value that is filled in while a contact runs.

The old language has a namespace and a bare key, the current one a JSONPath. Source:
"List of available contact attributes" of the Amazon Connect administrator guide;
external and user-defined attributes, ``Channel``, ``Customer Number``, ``Queue.ARN``
and ``Queue.Name`` are also seen in flows that were exported before and after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

USER_DEFINED = "User Defined"
SYSTEM = "System"
_ROOTS: Mapping[str, str] = {
    "External": "$.External",
    USER_DEFINED: "$.Attributes",
    "Lex.SessionAttributes": "$.Lex.SessionAttributes",
    "Lex.Slots": "$.Lex.Slots",
}
_SYSTEM: Mapping[str, str] = {
    "Customer Number": "$.CustomerEndpoint.Address",
    "Dialed Number": "$.SystemEndpoint.Address",
    "Stored customer input": "$.StoredCustomerInput",
}
_PROVEN = frozenset(["Channel", "Customer Number", "Queue.ARN", "Queue.Name"])
_PROVEN_NAMESPACES = frozenset(["External", USER_DEFINED])
_SYSTEM_ROOTS = frozenset(
    """
    Agent Channel ContactId InitialContactId InstanceARN LanguageCode Lex Media Metrics
    PreviousContactId Queue TextToSpeechVoiceId
    """.split()  # noqa: SIM905  a table of words
)
_PLAIN = re.compile(r"[\w-]+")
_DOTTED = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*")


@dataclass(frozen=True, slots=True)
class RuntimeValue:
    """A JSONPath, and whether exports show that it means the same."""

    path: str
    proven: bool


def runtime_value(namespace: str, key: str) -> RuntimeValue | None:
    """Return the JSONPath of a key in a namespace, or nothing when none is known."""
    if namespace == SYSTEM:
        known = _DOTTED.fullmatch(key) and key.partition(".")[0] in _SYSTEM_ROOTS
        path = _SYSTEM.get(key) or (f"$.{key}" if known else "")
        return RuntimeValue(path, key in _PROVEN) if path else None
    root = _ROOTS.get(namespace)
    if root is None or not key:
        return None
    if _PLAIN.fullmatch(key):
        return RuntimeValue(f"{root}.{key}", namespace in _PROVEN_NAMESPACES)
    if "'" in key:
        return None
    return RuntimeValue(f"{root}['{key}']", proven=False)
