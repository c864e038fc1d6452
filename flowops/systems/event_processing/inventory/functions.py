"""Classes of functions, as a SQL gateway of Flink finds them or does not.

Flink lists the names of functions, and no classes. But it refuses to make a temporary
function of a class that it cannot load, or that is none of a function; this was tried
on Flink 1.20 and 2.2. So each class a flow names is tried in a session that is closed
again: nothing is left, and nothing is run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flowops.http_client import Login
from flowops.patience import Patience
from flowops.systems.event_processing.compiler.dialects import FLINK as PLAIN
from flowops.systems.event_processing.compiler.dialects import dialect_of
from flowops.systems.event_processing.inventory.sources import (
    AUTHORITY,
    FLINK,
    PASSWORD,
    PREFIX,
    TOKEN,
    URL,
    USER,
    Answer,
    Source,
    read_sources,
)
from flowops.systems.event_processing.settings.references import FUNCTION_KIND
from flowops.systems.event_processing.sql.column_types import FUNCTION_CLASSES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flowops.systems.protocol import TargetSettings


def wanted_classes(
    settings: TargetSettings, names: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """Return the classes to ask about, of the names that flows refer to by kind.

    The vendor's functions that read timestamps are not in the SQL of plain Flink.
    """
    target = {"kind": settings.kind, **settings.values}
    left_out = FUNCTION_CLASSES.values() if dialect_of(target) == PLAIN else ()
    return tuple(sorted({*names.get(FUNCTION_KIND, ())} - {"", *left_out}))


def cannot_ask(
    settings: TargetSettings, classes: Collection[str], listed: Collection[str]
) -> dict[str, str]:
    """Say why nobody can be asked, where jobs run on a cluster that has no gateway."""
    is_asked = any(source.name == FLINK for source in read_sources(settings))
    if settings.kind != FLINK or is_asked or not classes or FUNCTION_KIND in listed:
        return {}
    words = (
        f"only a SQL gateway can say if Flink has {', '.join(classes)}, and the target "
        f"names none as `gateway` or `{PREFIX}{FLINK}.{URL}`"
    )
    return {FUNCTION_KIND: words}


def ask_functions(source: Source) -> Answer:
    """Ask a SQL gateway about each class that is wanted.

    Raises ``TargetError`` when it does not answer, or refuses.
    """
    from flowops.systems.event_processing.targets.flink.gateway import Gateway
    from flowops.systems.event_processing.targets.flink.rest import Endpoint

    login = Login(*(source.values.get(key, "") for key in (TOKEN, USER, PASSWORD)))
    authority = source.file(AUTHORITY)
    endpoint = Endpoint(
        source.text(URL).rstrip("/"),
        login,
        Path(authority) if authority else None,
        Patience(read=source.seconds, work=source.seconds, pauses=()),
    )
    gateway = Gateway(endpoint, max(1, round(source.seconds)))
    gateway.verify()
    loaded = gateway.loaded(source.wanted)
    return Answer(loaded, asked=source.wanted)
