"""What compiling a node takes and gives, whatever its type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.secrets import Text, compose
from flowops.systems.event_processing.sql.column_types import Column
from flowops.systems.event_processing.sql.text import (
    can_be_name,
    quote_name,
    quote_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowops.systems.event_processing.pipeline import Interval
    from flowops.systems.event_processing.sql.column_types import Row
    from flowops.systems.event_processing.sql.retarget import Template

WIDTH = 30
_DIGITS_OF_A_UNIT = 2
_MILLISECONDS = frozenset(("MILLISECOND", "MILLISECONDS", "MILLIS"))
_UNITS = ("SECOND", "MINUTE", "HOUR", "DAY")


class CannotCompileError(Exception):
    """A node that no SQL can be made of; the script is then left out."""

    def __init__(self, reason: str, hint: str = "") -> None:
        """Keep why, as the end of a sentence, and what to do."""
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class MixedClocksError(CannotCompileError):
    """Two clocks of different kinds meet in a join; one kind has to be chosen."""


def no_column(name: str, view: str) -> CannotCompileError:
    """Make the error for a column that a view does not have."""
    return CannotCompileError(
        f"uses the column {name!r}, which {view} does not have",
        "mend the node in the editor and export the flow again",
    )


@dataclass(frozen=True, slots=True)
class View:
    """What a compiled node offers to the next one: a name and its columns.

    A view is not complete when a user wrote it in a way that hides its columns.
    """

    name: str
    columns: tuple[Column, ...]
    is_complete: bool = True

    def column(self, name: str) -> Column:
        """Return a column; raises ``CannotCompileError`` when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        if not self.is_complete and name:
            return Column(name, None, None)
        raise no_column(name, self.name)


@dataclass(frozen=True, slots=True)
class Task:
    """A node's surroundings: the views that feed it and its connector options.

    ``tables`` are the options of all its tables. ``is_zoned`` asks that every
    clock of the flow lies on the time line, because a join compares two of them.
    ``is_first_form`` asks for the SQL of 1.1.4, which had fewer tables and casts.
    """

    inputs: tuple[View, ...]
    options: Mapping[str, Text]
    tables: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    is_zoned: bool = False
    is_first_form: bool = False

    def only_input(self) -> View:
        """Return the one input; raises ``CannotCompileError`` for none or more."""
        if len(self.inputs) != 1:
            count = len(self.inputs) or "no"
            raise CannotCompileError(
                f"has {count} inputs and takes one",
                "connect one node to it and export the flow again",
            )
        return self.inputs[0]


@dataclass(frozen=True, slots=True)
class Compiled:
    """The SQL of a node: statements to define it, and what goes into a sink.

    Where the first statement is a table with options that the node alone does not
    say, ``head`` is what it is ``with_options``. ``template`` is what the one statement
    of a user's node is made of, where it has options.
    """

    view: View
    statements: tuple[Text, ...]
    insert: str = ""
    head: Text = ""
    template: Template | None = None


def aligned(left: Text, right: Text) -> Text:
    """Write two parts of a line, the second in the column where the product has it."""
    space = " " * max(0, WIDTH - len(str(left)))
    return compose("    ", left, space, " ", right)


def block(lines: Iterable[Text]) -> Text:
    """Join lines of a list with commas and line ends."""
    parts: list[Text] = []
    for line in lines:
        parts += [",\n", line]
    return compose(*parts[1:])


def create_table(
    name: str,
    lines: Iterable[Text],
    options: Mapping[str, Text],
    *,
    is_temporary: bool = False,
) -> Text:
    """Write a CREATE TABLE with its columns and its connector options."""
    head = table_head(name, lines, is_temporary=is_temporary)
    return with_options(head, options)


def table_head(name: str, lines: Iterable[Text], *, is_temporary: bool = False) -> Text:
    """Write a CREATE TABLE as far as its options, which end it."""
    start = "CREATE TEMPORARY TABLE" if is_temporary else "CREATE TABLE"
    return compose(f"{start} {quote_name(name)}\n(\n", block(lines), "\n)\nWITH (\n")


def with_options(head: Text, options: Mapping[str, Text]) -> Text:
    """Write a CREATE TABLE whose columns are known, with its connector options."""
    return compose(head, block(options.values()), "\n);")


def written_options(
    options: Mapping[str, Text], required: Iterable[str]
) -> dict[str, Text]:
    """Write connector options, sorted by name.

    Raises ``CannotCompileError`` when one is missing that no table works without.
    """
    for name in required:
        if name not in options:
            raise CannotCompileError(f"has no option {name}", "set it in the editor")
    return {name: _option(name, options[name]) for name in sorted(options)}


def _option(name: str, value: Text) -> Text:
    start = f"    {quote_text(name)} = "
    quoted = quote_text(value)
    return start + quoted if isinstance(quoted, str) else compose(start, quoted)


def create_view(name: str, body: Text) -> Text:
    """Write a CREATE TEMPORARY VIEW over a SELECT."""
    return compose(f"CREATE TEMPORARY VIEW {quote_name(name)} AS\n", body, ";")


def rebuilt(path: str, parts: Iterable[str], wanted: Row) -> str:
    """Write an object anew from its parts; one that is null stays null.

    The CAST has to stand outside: Flink 1.20 cannot write a CASE around it again.
    """
    row = f"ROW({', '.join(parts)})"
    return f"CAST(CASE WHEN {path} IS NOT NULL THEN {row} END AS {wanted.sql()})"


def interval(value: Interval | None) -> str:
    """Write a span of time; milliseconds become fractions of a second.

    Flink reads two digits unless told otherwise, so longer numbers say how many.
    Raises ``CannotCompileError`` for a unit or a number that is not known.
    """
    if value is None:
        raise CannotCompileError("has no time span", "set one in the editor")
    amount, unit = _amount(value), value.unit.removesuffix("S")
    unit = "SECOND" if value.unit in _MILLISECONDS else unit
    if unit not in _UNITS:
        raise CannotCompileError(
            f"has the time unit {value.unit!r}, which is not known"
        )
    digits = len(amount.partition(".")[0])
    precision = f"({digits})" if digits > _DIGITS_OF_A_UNIT else ""
    return f"INTERVAL '{amount}' {unit}{precision}"


def _amount(value: Interval) -> str:
    from decimal import Decimal

    number = Decimal(value.amount)
    if value.unit in _MILLISECONDS:
        number /= 1000
    return format(number.normalize(), "f")


def check_names(names: Iterable[str]) -> None:
    """Raise ``CannotCompileError`` for a name SQL cannot write, or one used twice."""
    seen: set[str] = set()
    for name in names:
        if not can_be_name(name):
            raise CannotCompileError(
                f"has the name {name!r}, which SQL cannot write",
                "rename it in the editor and export the flow again",
            )
        if name in seen:
            raise CannotCompileError(f"has the column {name!r} twice")
        seen.add(name)
