"""What exists where stream flows run, asked of Kafka, the database and the registry.

Every kind of target of Event Processing takes the same two settings for it:

- ``inventory``: a file of the project that lists names by kind.
- ``ask``: where to ask, one mapping each for ``kafka`` (topics), ``tables`` (tables of
  a database, by its JDBC URL) and ``registry`` (subjects), and a ``timeout``.

A target accepts the keys that ``is_inventory_key`` knows, calls ``check_inventory``
when it is opened and ``stream_inventory`` in its method ``inventory``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.model import Inventory, Resource
from flowops.progress import Stage
from flowops.systems.event_processing.inventory.kafka import ask_topics
from flowops.systems.event_processing.inventory.registry import ask_subjects
from flowops.systems.event_processing.inventory.sources import (
    KAFKA,
    PREFIX,
    REGISTRY,
    TABLES,
    Answer,
    Source,
    read_sources,
)
from flowops.systems.event_processing.inventory.tables import ask_tables
from flowops.systems.event_processing.settings.references import (
    JDBC_TABLE,
    SUBJECT,
    TOPIC_KIND,
)
from flowops.systems.event_processing.targets.inventory_file import listed_inventory

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from flowops.systems.protocol import TargetSettings

FILE = "inventory"
ASKED: Mapping[str, tuple[str, Callable[[Source], Answer]]] = {
    KAFKA: (TOPIC_KIND, ask_topics),
    TABLES: (JDBC_TABLE, ask_tables),
    REGISTRY: (SUBJECT, ask_subjects),
}


def is_inventory_key(key: str) -> bool:
    """Tell whether a setting of a target is about its inventory."""
    return key == FILE or key.startswith(PREFIX) or f"{key}." == PREFIX


def check_inventory(settings: TargetSettings) -> None:
    """Raise ``InputError`` for a wrong setting of the inventory; nothing is asked."""
    read_sources(settings)


def stream_inventory(settings: TargetSettings, kinds: Collection[str]) -> Inventory:
    """Return what exists, for those of these kinds that can be asked or are listed.

    Each place is asked at most once, and only for a kind that is wanted. A kind that
    could not be asked is not among ``kinds`` of the result, not even where the file
    lists it: half a list would condemn what the other half has. ``gaps`` says why.
    What the file lists is added to what was asked. Raises ``InputError`` for a wrong
    setting or file, and for a client that is not installed.
    """
    path = str(settings.values.get(FILE, ""))
    listed = listed_inventory(settings.root, path, kinds) if path else Inventory()
    found = dict.fromkeys(listed.resources)
    known, gaps = set(listed.kinds), {}
    for source in read_sources(settings):
        kind, ask = ASKED[source.name]
        if kind not in kinds:
            continue
        settings.progress(Stage(f"asking {source.name} for each {kind}"))
        answer = _asked(ask, source)
        if answer.gap:
            gaps[kind] = answer.gap
        if answer.names is None:
            known.discard(kind)
            continue
        known.add(kind)
        found |= {Resource(kind, name): None for name in answer.names}
    resources = tuple(sorted(r for r in found if r.kind in known))
    return Inventory(resources, frozenset(known), gaps=gaps)


def _asked(ask: Callable[[Source], Answer], source: Source) -> Answer:
    """Ask one place; why it could not be asked never shows a secret."""
    try:
        return ask(source)
    except TargetError as error:
        return Answer(None, source.masked(str(error)))
