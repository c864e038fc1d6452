"""Take an answer of Flink apart; what is not as documented is a ``TargetError``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.documents.json_text import JsonValue


def word(answer: Mapping[str, JsonValue], key: str) -> str:
    """Return a text of an answer."""
    value = answer.get(key)
    if not isinstance(value, str):
        raise _unknown(key)
    return value


def part(answer: Mapping[str, JsonValue], key: str) -> Mapping[str, JsonValue]:
    """Return an object inside an answer."""
    value = answer.get(key)
    if not isinstance(value, dict):
        raise _unknown(key)
    return value


def optional(answer: Mapping[str, JsonValue], key: str) -> Mapping[str, JsonValue]:
    """Return an object inside an answer; an empty one where there is none."""
    value = answer.get(key)
    return value if isinstance(value, dict) else {}


def parts(
    answer: Mapping[str, JsonValue], key: str
) -> Sequence[Mapping[str, JsonValue]]:
    """Return a list of objects inside an answer."""
    value = answer.get(key)
    if not isinstance(value, list):
        raise _unknown(key)
    found = [item for item in value if isinstance(item, dict)]
    if len(found) != len(value):
        raise _unknown(key)
    return found


def number(answer: Mapping[str, JsonValue], key: str) -> int:
    """Return a whole number of an answer, or 0."""
    value = answer.get(key)
    return int(value) if isinstance(value, int | float) else 0


def _unknown(key: str) -> TargetError:
    return TargetError(
        f"Flink answers in a way FlowOps does not know: there is no {key}",
        hint="is this the REST address of Flink 1.20 or newer?",
    )
