"""A file that lists what exists in an environment, by kind.

It is YAML or JSON: ``topic: [ORDERS, PAYMENTS]``. A kind that is not in it is not
known, which is not the same as empty.
"""

from __future__ import annotations

import difflib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowops.documents.files import is_inside, read_bytes
from flowops.documents.source import decode
from flowops.documents.yaml_text import YamlSequence, mapping_of, parse_yaml, text_of
from flowops.errors import InputError
from flowops.model import Inventory, Location, Resource
from flowops.systems.event_processing.settings.references import KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from flowops.documents.yaml_text import YamlEntry


def listed_inventory(root: Path, path: str, kinds: Collection[str]) -> Inventory:
    """Read the file at a path of the project, for the kinds that are asked for.

    Raises ``InputError`` when it is missing, lies outside, or is no such list.
    """
    parts = PurePosixPath(path)
    place = root / path
    if parts.is_absolute() or ".." in parts.parts or not is_inside(root, place):
        raise InputError(
            f"the inventory {path!r} lies outside the project",
            hint="name a file of the project",
            location=Location(path),
        )
    source = decode(path, read_bytes(place, path))
    resources: list[Resource] = []
    found: set[str] = set()
    for entry in mapping_of(parse_yaml(source), path):
        _check_kind(entry)
        if entry.key in kinds:
            found.add(entry.key)
            resources += _resources(entry)
    return Inventory(tuple(resources), frozenset(found))


def _check_kind(entry: YamlEntry) -> None:
    if entry.key not in KINDS:
        near = difflib.get_close_matches(entry.key, KINDS, n=1)
        raise InputError(
            f"there is no kind {entry.key!r}",
            hint=f"did you mean {near[0]}?"
            if near
            else f"kinds are {', '.join(KINDS)}",
            location=entry.location,
        )


def _resources(entry: YamlEntry) -> Iterator[Resource]:
    if not isinstance(entry.value, YamlSequence):
        raise InputError(
            f"`{entry.key}` must be a list of names", location=entry.value.location
        )
    for item in entry.value.items:
        name = text_of(item, f"an entry of `{entry.key}`")
        yield Resource(entry.key, name)
