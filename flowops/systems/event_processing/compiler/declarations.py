"""Which of the vendor's functions a script has to declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.column_types import FUNCTION_CLASSES
from flowops.systems.event_processing.sql.scripts import FUNCTION, read_script
from flowops.systems.event_processing.sql.text import code, quote_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowops.systems.event_processing.compiler.compiled import Compiled


def declarations(compiled: Sequence[Compiled], known: dict[str, frozenset[str]]) -> str:
    """Declare the vendor's functions, those that are used and not declared.

    ``known`` keeps which of them a part of the SQL names, as far as it may be seen.
    """
    texts = [*_telling(compiled)]
    declared = {
        statement.name.upper()
        for text in texts
        if FUNCTION in text.upper()
        for statement in read_script(text)
        if statement.makes == FUNCTION
    }
    for text in texts:
        if text not in known:
            known[text] = _calls(text)
    called = {name for text in texts for name in known[text]}
    lines = [
        f"CREATE FUNCTION {name} AS {quote_text(class_name)};\n"
        for name, class_name in FUNCTION_CLASSES.items()
        if name in called and name not in declared
    ]
    return "".join([*lines, "\n"]) if lines else ""


def _telling(compiled: Iterable[Compiled]) -> Iterator[str]:
    """Give the SQL that functions may stand in: options of a table are texts."""
    for made in compiled:
        yield from map(str, made.statements[1:] if made.head else made.statements)
        yield from (str(made.head), made.insert)


def _calls(sql: str) -> frozenset[str]:
    """Return the vendor's functions that a statement names."""
    text = sql.upper()
    if not any(name in text for name in FUNCTION_CLASSES):
        return frozenset()
    return frozenset(FUNCTION_CLASSES) & {token.text for token in code(text)}
