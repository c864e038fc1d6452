"""JSON Schemas of the files FlowOps reads and writes, for editors and programs.

What people write (``flowops``, ``environment``) allows no other key, as FlowOps
does. What FlowOps writes (``plan``, ``record``, ``inventory``) may gain keys
within version 1, so these schemas pass over keys they do not know.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib.resources import files

from flowops.errors import UsageError

NAMES = ("flowops", "environment", "inventory", "plan", "record")


def schema_text(name: str) -> str:
    """Return a JSON Schema by name; raises ``UsageError`` for an unknown one."""
    if name not in NAMES:
        near = get_close_matches(name, NAMES, n=1)
        raise UsageError(
            f"there is no schema {name!r}",
            hint=f"did you mean {near[0]!r}?" if near else f"there are: {_listed()}",
        )
    place = files("flowops.schema").joinpath(f"{name}.schema.json")
    return place.read_text(encoding="utf-8")


def _listed() -> str:
    return ", ".join(NAMES)
