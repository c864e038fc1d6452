"""What has to be known of the parts of a script: functions they name, and clocks.

Options of connectors are texts, which say nothing of either, so a part is looked at
once however many environments give it other options.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.systems.event_processing.compiler.clocks import (
    PROCESSING_TIME,
    WINDOW,
    clocks_made,
    has_event_time,
    windowed_columns,
)
from flowops.systems.event_processing.sql.column_types import FUNCTION_CLASSES
from flowops.systems.event_processing.sql.scripts import FUNCTION, read_tokens
from flowops.systems.event_processing.sql.text import code, quote_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowops.systems.event_processing.compiler.compiled import Compiled
    from flowops.systems.event_processing.sql.text import Token

_TELLING = (FUNCTION, PROCESSING_TIME, WINDOW, *FUNCTION_CLASSES)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a part of a script says: no text of it is kept.

    ``calls`` and ``declared`` are functions, in capitals where the user declares them.
    ``clocks`` are the columns it makes of the time of processing, and ``windows`` those
    it gathers by.
    """

    calls: frozenset[str]
    declared: frozenset[str]
    clocks: frozenset[str]
    windows: tuple[str, ...]


_NOTHING = Facts(frozenset(), frozenset(), frozenset(), ())


def facts_of(made: Compiled, known: dict[str, Facts]) -> Iterator[Facts]:
    """Give what the parts of a node's SQL say; ``known`` keeps it by the part."""
    for part in _parts(made):
        if part not in known:
            known[part] = _facts(part)
        yield known[part]


def is_timed(made: Compiled, known: dict[str, bool]) -> bool:
    """Tell whether a part of a node's SQL has event time; ``known`` is as above."""
    for part in _parts(made):
        if part not in known:
            known[part] = has_event_time(part)
    return any(known[part] for part in _parts(made))


def _parts(made: Compiled) -> Iterator[str]:
    """Give the SQL of a node without options that an environment may change."""
    if made.template:
        yield str(made.template.text)
    else:
        yield from map(str, made.statements[1:] if made.head else made.statements)
        yield str(made.head)
    yield made.insert


def _facts(sql: str) -> Facts:
    text = sql.upper()
    if not any(word in text for word in _TELLING):
        return _NOTHING
    tokens = code(sql)
    return Facts(
        calls=frozenset(FUNCTION_CLASSES) & {token.upper for token in tokens},
        declared=_declared(tokens),
        clocks=clocks_made(tokens),
        windows=windowed_columns(tokens),
    )


def declarations(facts: Iterable[Facts]) -> str:
    """Declare the vendor's functions, those that are used and not declared."""
    found = [*facts]
    declared = frozenset[str]().union(*(part.declared for part in found))
    called = frozenset[str]().union(*(part.calls for part in found))
    lines = [
        f"CREATE FUNCTION {name} AS {quote_text(class_name)};\n"
        for name, class_name in FUNCTION_CLASSES.items()
        if name in called - declared
    ]
    return "".join([*lines, "\n"]) if lines else ""


def _declared(tokens: Sequence[Token]) -> frozenset[str]:
    script = read_tokens(tokens)
    return frozenset(s.name.upper() for s in script if s.makes == FUNCTION)
