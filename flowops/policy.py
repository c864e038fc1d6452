"""What a project asks of a promote: thresholds, and the refs it may run on.

The policy is read from the base ref, never from the change under review: a
change could otherwise loosen the guards it has to pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.source import decode
from flowops.documents.yaml_text import (
    YamlMapping,
    YamlScalar,
    YamlSequence,
    mapping_of,
    parse_yaml,
    text_of,
)
from flowops.errors import InputError

if TYPE_CHECKING:
    from flowops.documents.yaml_text import YamlNode

KEYS = ("too-many-changes", "protected-refs")
_THRESHOLD_KEYS = ("percent", "minimum")
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of the guards.

    More than ``percent`` of at least ``minimum`` flows is too many changes.
    ``protected_refs`` are the branches a promote may run on in CI; none means any.
    """

    percent: int = 30
    minimum: int = 10
    protected_refs: tuple[str, ...] = ()


def read_policy(path: str, data: bytes) -> Policy:
    """Read the ``guards`` of a ``flowops.yaml``.

    Raises ``InputError`` for a key that does not exist or a wrong value.
    """
    settings = mapping_of(parse_yaml(decode(path, data)), path)
    guards = settings.get("guards")
    if guards is None:
        return Policy()
    mapping = mapping_of(guards, "guards")
    _known(mapping, KEYS)
    thresholds = mapping.get("too-many-changes")
    refs = mapping.get("protected-refs")
    percent, minimum = _thresholds(thresholds) if thresholds else (30, 10)
    return Policy(percent, minimum, _refs(refs) if refs else ())


def _thresholds(node: YamlNode) -> tuple[int, int]:
    mapping = mapping_of(node, "too-many-changes")
    _known(mapping, _THRESHOLD_KEYS)
    default = Policy()
    percent = _number(mapping, "percent", default.percent, _HUNDRED)
    return percent, _number(mapping, "minimum", default.minimum, 1_000_000)


def _number(mapping: YamlMapping, key: str, default: int, most: int) -> int:
    node = mapping.get(key)
    if node is None:
        return default
    value = node.value if isinstance(node, YamlScalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
        return value
    raise InputError(
        f"{key} must be a whole number from 0 to {most}", location=node.location
    )


def _refs(node: YamlNode) -> tuple[str, ...]:
    if isinstance(node, YamlSequence):
        return tuple(text_of(item, "a protected ref") for item in node.items)
    raise InputError("protected-refs must be a list", location=node.location)


def _known(mapping: YamlMapping, keys: tuple[str, ...]) -> None:
    for entry in mapping:
        if entry.key not in keys:
            raise InputError(
                f"guards have no key {entry.key!r}",
                hint=f"keys are {', '.join(keys)}",
                location=entry.location,
            )
