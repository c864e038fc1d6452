"""Change connector options inside a SQL text, and no other byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from flowops.secrets import Secret, Text, open_text
from flowops.systems.event_processing.redaction.sensitive import mask_text
from flowops.systems.event_processing.sql.scripts import read_script, unquote_text
from flowops.systems.event_processing.sql.text import quote_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Tables: TypeAlias = "Mapping[str, Mapping[str, Text]]"
_Edit: TypeAlias = "tuple[int, int, str]"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an option stands; its value is read from the text when it is needed."""

    name: str
    start: int
    value_start: int
    end: int


_Outline: TypeAlias = "tuple[tuple[str, tuple[_Place, ...]], ...]"


@dataclass(frozen=True, slots=True)
class Template:
    """A script that can get other options any number of times, and is read once.

    ``shown`` says where options stand in what may be seen of it, and ``opened`` where
    in the text itself. They are one where a key without an end hides all that follows.
    """

    text: Secret
    shown: _Outline
    opened: _Outline
    is_whole: bool

    def retargeted(self, tables: Tables) -> Text:
        """Return the script with tables that have exactly these options.

        A table that is not named keeps its own. The visible text hides what is
        sensitive, whether it was changed or not.
        """
        base = str(self.text) if self.is_whole else self.text.open()
        visible = mask_text(_edited(base, self.shown, tables, str)).text
        if any(isinstance(v, Secret) for of in tables.values() for v in of.values()):
            return Secret(lambda: self._open(tables, open_text), visible)
        changed = self._open(tables, str)
        return changed if visible == changed else Secret(changed, visible)

    def _open(self, tables: Tables, shown: Callable[[Text], str]) -> str:
        return _edited(self.text.open(), self.opened, tables, shown)


def template(sql: str) -> Template:
    """Read a script, so that its tables can get other options."""
    masked = mask_text(sql).text
    opened = _outline(sql)
    shown = opened if masked == sql else _outline(masked)
    is_whole = _names(shown) == _names(opened)
    sealed = Secret(sql, masked)
    return Template(sealed, shown if is_whole else opened, opened, is_whole)


def retargeted(sql: str, tables: Tables) -> Text:
    """Return a script whose tables have exactly these options, as ``Template`` does."""
    return template(sql).retargeted(tables)


def _outline(sql: str) -> _Outline:
    return tuple(
        (
            statement.name,
            tuple(
                _Place(option.name, option.start, option.value_start, option.end)
                for option in statement.options
            ),
        )
        for statement in read_script(sql)
        if statement.options
    )


def _names(outline: _Outline) -> list[tuple[str, str]]:
    return [(table, option.name) for table, options in outline for option in options]


def _edited(
    sql: str, outline: _Outline, tables: Tables, shown: Callable[[Text], str]
) -> str:
    edits: list[_Edit] = []
    for table, options in outline:
        wanted = tables.get(table)
        if wanted is not None:
            plain = {name: shown(value) for name, value in wanted.items()}
            edits += _option_edits(sql, options, plain)
    for start, end, text in sorted(edits, reverse=True):
        sql = sql[:start] + text + sql[end:]
    return sql


def _option_edits(
    sql: str, options: Sequence[_Place], wanted: Mapping[str, str]
) -> list[_Edit]:
    kept = [option for option in options if option.name in wanted]
    edits = [
        (option.value_start, option.end, str(quote_text(wanted[option.name])))
        for option in kept
        if unquote_text(sql[option.value_start : option.end]) != wanted[option.name]
    ]
    edits += _removals(options, kept)
    own = {option.name for option in options}
    added = [
        f"{quote_text(n)} = {quote_text(wanted[n])}" for n in wanted if n not in own
    ]
    if added:
        edits.append(_addition(sql, options[-1], added, is_next=bool(kept)))
    return edits


def _removals(options: Sequence[_Place], kept: Sequence[_Place]) -> list[_Edit]:
    """Remove options with the comma that follows, or the one before the last."""
    edits: list[_Edit] = []
    for index, option in enumerate(options):
        if option in kept:
            continue
        if any(later in kept for later in options[index:]):
            edits.append((option.start, options[index + 1].start, ""))
        else:
            start = options[index - 1].end if index else option.start
            edits.append((start, option.end, ""))
    return edits


def _addition(sql: str, last: _Place, added: list[str], *, is_next: bool) -> _Edit:
    """Add options after the last one, each on a line like the last one's."""
    line = sql.rfind("\n", 0, last.start) + 1
    before = sql[line : last.start]
    separator = f",\n{before}" if not before.strip() else ", "
    text = separator.join(added)
    return (last.end, last.end, f"{separator}{text}" if is_next else text)
