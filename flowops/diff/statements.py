"""Compare two SQL scripts statement by statement, by what each one makes or fills."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from flowops.systems.event_processing.sql.scripts import read_script
from flowops.systems.event_processing.sql.statements import by_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.systems.event_processing.sql.scripts import Statement

SQL = "sql"
"""The property of a block that holds the statements it is compiled to."""


@dataclass(frozen=True, slots=True)
class StatementChange:
    """A statement that is added, removed or changed; ``name`` is what it is about.

    ``options`` are set where nothing but connector options differs: these, of
    ``table``.
    """

    name: str
    action: str
    before: str | None
    after: str | None
    table: str = ""
    options: tuple[str, ...] = ()


def diff_statements(before: str, after: str) -> tuple[StatementChange, ...]:
    """Compare two scripts; nothing when only the order or the spaces between differ."""
    old, new = _statements(before), _statements(after)
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        change
        for name in names
        for change in _changes(name, old.get(name, []), new.get(name, []))
    )


def _statements(sql: str) -> dict[str, list[str]]:
    """Return the texts of statements by what they make or fill, in words."""
    found: dict[str, list[str]] = defaultdict(list)
    for table, texts in by_table(sql).items():
        for text in texts:
            found[_name(table, text)].append(text)
    return found


def _name(table: str, text: str) -> str:
    script = read_script(text)
    if not script:
        return table or "SQL"
    sort = script[0].makes or script[0].verb
    verb = "INSERT INTO" if sort == "INSERT" else sort
    name = script[0].name or table
    return f"{verb} {name}" if name else verb


def _changes(name: str, old: list[str], new: list[str]) -> Iterator[StatementChange]:
    """Compare the statements of one name; those that stay are left out."""
    gone = [text for text in old if text not in new]
    come = [text for text in new if text not in old]
    for before, after in zip_longest(gone, come):
        action = "change" if before and after else ("add" if after else "remove")
        table, options = _options(before, after) if before and after else ("", ())
        yield StatementChange(name, action, before, after, table, options)


def _options(before: str, after: str) -> tuple[str, tuple[str, ...]]:
    """Return the table and the options that differ, if nothing else does."""
    (old, rest), (new, rest_after) = _parted(before), _parted(after)
    if old is None or new is None or rest != rest_after:
        return "", ()
    values, later = ({o.name: o.value for o in s.options} for s in (old, new))
    names = sorted(values.keys() | later.keys())
    return new.name, tuple(n for n in names if values.get(n) != later.get(n))


def _parted(text: str) -> tuple[Statement | None, list[str]]:
    """Return a statement and its text without options and what separates them."""
    script = read_script(text)
    if len(script) != 1 or not script[0].options:
        return None, []
    starts = [option.start for option in script[0].options]
    ends = [option.end for option in script[0].options]
    between = zip([0, *ends], [*starts, len(text)], strict=True)
    pieces = [text[start:end].strip(" \t\r\n,") for start, end in between]
    return script[0], [piece for piece in pieces if piece]
