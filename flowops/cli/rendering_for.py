"""What ``render`` is told beside the environment: a dialect, and for whom."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowops.errors import UsageError
from flowops.overlays.environment import TargetLayer
from flowops.systems.event_processing.compiler.dialects import DIALECTS
from flowops.systems.event_processing.manifests.options import WAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.overlays.environment import Environment

_SYSTEM = "event_processing"


def rendered_for(environment: Environment, dialect: str, way: str) -> Environment:
    """Return an environment whose stream target asks for this dialect and this way.

    Raises ``UsageError`` for a word that is not known.
    """
    _check("--dialect", dialect, DIALECTS)
    _check("--for", way, WAYS)
    if not dialect and not way:
        return environment
    found = environment.targets.get(_SYSTEM)
    layer = found or TargetLayer(_SYSTEM, "directory", {}, environment.location)
    values = dict(layer.values)
    if dialect:
        values["dialect"] = dialect
    if way:
        values.pop("operator", None)
        values["manifests"] = way
    targets = {**environment.targets, _SYSTEM: replace(layer, values=values)}
    return replace(environment, targets=targets)


def _check(option: str, word: str, words: Sequence[str]) -> None:
    if word and word not in words:
        near = get_close_matches(word, words, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(words)}"
        raise UsageError(f"{option} has no {word!r}", hint=hint)
