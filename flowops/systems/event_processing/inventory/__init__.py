"""What exists where stream flows run, asked of Kafka, the database and the registry.

Every kind of target of Event Processing takes the same two settings for it:

- ``inventory``: a file of the project that lists names by kind.
- ``ask``: where to ask, one mapping each for ``kafka`` (topics), ``tables`` (tables of
  a database, by its JDBC URL), ``registry`` (subjects) and ``flink`` (classes of
  functions, one by one), and a ``timeout``.

A target accepts the keys that ``is_inventory_key`` knows, calls ``check_inventory``
when it is opened and ``stream_inventory`` in its method ``inventory``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.model import Inventory, Resource
from flowops.progress import Stage
from flowops.systems.event_processing.inventory.functions import (
    ask_functions,
    cannot_ask,
    wanted_classes,
)
from flowops.systems.event_processing.inventory.kafka import ask_topics
from flowops.systems.event_processing.inventory.registry import ask_subjects
from flowops.systems.event_processing.inventory.sources import (
    FLINK,
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
    FUNCTION_KIND,
    JDBC_TABLE,
    SUBJECT,
    TOPIC_KIND,
)
from flowops.systems.event_processing.targets.inventory_file import listed_inventory

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from flowops.systems.protocol import TargetSettings

FILE = "inventory"
ASKED: Mapping[str, tuple[str, Callable[[Source], Answer]]] = {
    KAFKA: (TOPIC_KIND, ask_topics),
    TABLES: (JDBC_TABLE, ask_tables),
    REGISTRY: (SUBJECT, ask_subjects),
    FLINK: (FUNCTION_KIND, ask_functions),
}


def is_inventory_key(key: str) -> bool:
    """Tell whether a setting of a target is about its inventory."""
    return key == FILE or key.startswith(PREFIX) or f"{key}." == PREFIX


def check_inventory(settings: TargetSettings) -> None:
    """Raise ``InputError`` for a wrong setting of the inventory; nothing is asked."""
    read_sources(settings)


def stream_inventory(settings: TargetSettings, kinds: Collection[str]) -> Inventory:
    """Return what exists, for those of these kinds that can be asked or are listed.

    Each place is asked at most once, and only for a kind that is wanted. ``kinds`` may
    be a mapping to the names that are wanted; only with one is Flink asked. A kind that
    could not be asked is not among ``kinds`` of the result, not even where the file
    lists it: half a list would condemn what the other half has. ``gaps`` says why.
    What the file lists is added to what was asked. Raises ``InputError`` for a wrong
    setting or file, and for a client that is not installed.
    """
    path = str(settings.values.get(FILE, ""))
    listed = listed_inventory(settings.root, path, kinds) if path else Inventory()
    found = dict.fromkeys(listed.resources)
    classes = wanted_classes(settings, kinds if isinstance(kinds, Mapping) else {})
    known, gaps = set(listed.kinds), cannot_ask(settings, classes, listed.kinds)
    asked: set[tuple[str, str]] = set()
    for one in read_sources(settings):
        kind, ask = ASKED[one.name]
        if kind not in kinds or (one.name == FLINK and not classes):
            continue
        source = replace(one, wanted=classes if one.name == FLINK else ())
        settings.progress(Stage(f"asking {source.name} for each {kind}"))
        answer = _asked(ask, source)
        if answer.gap:
            gaps[kind] = answer.gap
        if answer.names is None:
            known.discard(kind)
            continue
        if answer.asked is None:
            known.add(kind)
        else:
            asked |= {(kind, name) for name in answer.asked}
        found |= {Resource(kind, name): None for name in answer.names}
    kept = known | {kind for kind, _ in asked}
    resources = tuple(sorted(r for r in found if r.kind in kept))
    return Inventory(resources, frozenset(known), gaps=gaps, asked=frozenset(asked))


def _asked(ask: Callable[[Source], Answer], source: Source) -> Answer:
    """Ask one place; why it could not be asked never shows a secret."""
    try:
        return ask(source)
    except TargetError as error:
        return Answer(None, source.masked(str(error)))
