"""Find every sensitive place of an exported document.

The plain JSON export holds credentials in the clear (Event Processing
documentation, "Exporting and importing flows"). Places are found by the names
of keys and parameters, and by what stands inside texts, so that a node of a
type nobody has heard of is covered too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flowops.secrets import PASSWORD_REDACTED, VALUE_REDACTED
from flowops.systems.event_processing.pipeline import Redaction
from flowops.systems.event_processing.redaction.sensitive import (
    is_placeholder,
    is_sensitive_parameter,
    mask_text,
    may_hold_secrets,
    replacement_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.model import Pointer

_Leaf: TypeAlias = "tuple[Pointer, str, str, str]"

_CALL_PARTS = frozenset(("requestParameters", "securityMethods", "headers"))
_VALUE_KEYS = frozenset(("value", "default"))


def find_redactions(root: JsonValue) -> tuple[Redaction, ...]:
    """Give every place that has to be hidden, in the order of the document."""
    found = (_redaction(*leaf) for leaf in _suspects(root))
    return tuple(redaction for redaction in found if redaction)[::-1]


def is_settled(redaction: Redaction) -> bool:
    """Tell whether what a place shows stays as it is in a search of the result.

    A parameter that lost its name might be taken for another one.
    """
    is_name = redaction.pointer[-1:] in (("name",), ("kind",))
    return not is_name and mask_text(redaction.visible).text == redaction.visible


def _suspects(root: JsonValue) -> Iterator[_Leaf]:
    """Give texts and numbers that may be sensitive, the last one first.

    Each comes with its key and the parameter it belongs to; nothing recurses.
    """
    waiting: list[tuple[Pointer, JsonValue, str, str]] = [((), root, "", "")]
    while waiting:
        pointer, value, key, owner = waiting.pop()
        if isinstance(value, str):
            if replacement_for(key) or key in _VALUE_KEYS or may_hold_secrets(value):
                yield pointer, value, key, owner
        elif isinstance(value, dict):
            owner = _owner(value, owner)
            waiting += [((*pointer, k), v, k, owner) for k, v in value.items()]
        elif isinstance(value, list):
            waiting += [((*pointer, i), v, key, "") for i, v in enumerate(value)]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield pointer, str(value), key, owner


def _owner(value: Mapping[str, JsonValue], owner: str) -> str:
    """Return the parameter a mapping describes, or gives a constant for."""
    name = value.get("name")
    if isinstance(name, str):
        return name
    return "" if value.get("kind") == "column" else owner


def _redaction(pointer: Pointer, text: str, key: str, owner: str) -> Redaction | None:
    if visible := replacement_for(key):
        is_live = text and not is_placeholder(text)
        return Redaction(pointer, visible, (f"the {key}",)) if is_live else None
    if key in _VALUE_KEYS and _is_constant_secret(pointer, owner):
        is_live = text and not is_placeholder(text)
        what = f"the parameter {owner or key}"
        return Redaction(pointer, VALUE_REDACTED, (what,)) if is_live else None
    masked = mask_text(text)
    if masked.text == text:
        return None
    return Redaction(pointer, masked.text, masked.contents)


def _is_constant_secret(pointer: Pointer, owner: str) -> bool:
    if "securityMethods" in pointer:
        return True
    if not owner:
        return False
    if not _CALL_PARTS.isdisjoint(pointer):
        return is_sensitive_parameter(owner)
    return replacement_for(owner) in (PASSWORD_REDACTED, VALUE_REDACTED)
