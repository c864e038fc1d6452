"""Change connector options inside a SQL text, and no other byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flowops.secrets import Secret, Text, open_text
from flowops.systems.event_processing.redaction.sensitive import mask_text
from flowops.systems.event_processing.sql.scripts import TABLE, Statement, read_script
from flowops.systems.event_processing.sql.text import quote_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowops.systems.event_processing.sql.scripts import SqlOption

Tables: TypeAlias = "Mapping[str, Mapping[str, Text]]"
_Edit: TypeAlias = "tuple[int, int, str]"


def retargeted(sql: str, tables: Tables) -> Text:
    """Return a script whose tables have exactly these options.

    A table that is not named keeps its own. The visible text hides what is
    sensitive, whether it was changed or not.
    """
    masked = mask_text(sql).text
    if _keys(masked) == _keys(sql):
        visible = mask_text(_edited(masked, tables, str)).text
    else:  # a key without an end hides all that follows
        visible = mask_text(_edited(sql, tables, str)).text
    if any(isinstance(v, Secret) for table in tables.values() for v in table.values()):
        return Secret(lambda: _edited(sql, tables, open_text), visible)
    changed = _edited(sql, tables, str)
    return changed if visible == changed else Secret(changed, visible)


def _keys(sql: str) -> list[tuple[str, str]]:
    return [(s.name, o.name) for s in read_script(sql) for o in s.options]


def _edited(sql: str, tables: Tables, shown: Callable[[Text], str]) -> str:
    edits: list[_Edit] = []
    for statement in read_script(sql):
        wanted = tables.get(statement.name)
        if statement.makes == TABLE and statement.options and wanted is not None:
            plain = {name: shown(value) for name, value in wanted.items()}
            edits += _option_edits(sql, statement, plain)
    for start, end, text in sorted(edits, reverse=True):
        sql = sql[:start] + text + sql[end:]
    return sql


def _option_edits(
    sql: str, statement: Statement, wanted: Mapping[str, str]
) -> list[_Edit]:
    kept = [option for option in statement.options if option.name in wanted]
    edits = [
        (option.value_start, option.end, str(quote_text(wanted[option.name])))
        for option in kept
        if option.value != wanted[option.name]
    ]
    edits += _removals(sql, statement, kept)
    own = {option.name for option in statement.options}
    added = [
        f"{quote_text(n)} = {quote_text(wanted[n])}" for n in wanted if n not in own
    ]
    if added:
        edits.append(_addition(sql, statement, kept, added))
    return edits


def _removals(sql: str, statement: Statement, kept: list[SqlOption]) -> list[_Edit]:
    """Remove options with the comma that follows, or the one before the last."""
    options = statement.options
    edits: list[_Edit] = []
    for index, option in enumerate(options):
        if option in kept:
            continue
        if any(later in kept for later in options[index:]):
            edits.append((option.start, options[index + 1].start, ""))
        else:
            start = options[index - 1].end if index else option.start
            edits.append((start, option.end, ""))
    del sql
    return edits


def _addition(
    sql: str, statement: Statement, kept: list[SqlOption], added: list[str]
) -> _Edit:
    """Add options after the last one, each on a line like the last one's."""
    last = statement.options[-1]
    line = sql.rfind("\n", 0, last.start) + 1
    before = sql[line : last.start]
    separator = f",\n{before}" if not before.strip() else ", "
    text = separator.join(added)
    return (last.end, last.end, f"{separator}{text}" if kept else text)
