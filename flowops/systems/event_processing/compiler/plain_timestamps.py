"""The vendor's timestamp functions, written in what Apache Flink itself has.

``TO_TIMESTAMP_UDF`` and ``TO_TIMESTAMP_LTZ_UDF`` read ISO 8601 and SQL texts, with
null for any other ("Event Processing Timestamp UDFs", the vendor's README). The first
becomes a TRY_CAST of a text that a pattern has checked. Flink has nothing that reads
a text with an offset, so the second is counted out in milliseconds: that is exact for
an event time, which has three digits, and for nothing with more. Checked against the
functions' own behaviour on Flink 1.20 and 2.2; null instead of a value are a year 0
and an offset with seconds, which are in no form that is documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.secrets import Secret
from flowops.systems.event_processing.compiler.compiled import CannotCompileError
from flowops.systems.event_processing.sql.column_types import (
    FUNCTION_CLASSES,
    TIMESTAMP_LTZ,
    TO_TIMESTAMP,
)
from flowops.systems.event_processing.sql.scripts import FUNCTION, read_script
from flowops.systems.event_processing.sql.text import (
    CLOSING,
    OPENING,
    code,
    unquote_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.secrets import Text
    from flowops.systems.event_processing.sql.text import Token

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LOCAL = f"({_DATE})[Tt ]([0-9]{{2}}:[0-9]{{2}})(:[0-9]{{2}}([.][0-9]{{0,9}})?)?"
_HOURS = "0[0-9]|1[0-7]|18(?=:?00|$)"  # an offset is at most 18 hours
_OFFSET = f"([Zz]|([+-])({_HOURS})(:?([0-5][0-9]))?)"
_WITHOUT_ZONE, _WITH_ZONE = f"^{_LOCAL}$", f"^{_LOCAL}{_OFFSET}$"
_DAY, _MINUTE, _SECOND, _SIGN, _OFFSET_HOURS, _OFFSET_MINUTES = 1, 2, 3, 6, 7, 9
_MOST_DIGITS = 3
_UNTIL_PRECISION = 4  # AS, the type, a parenthesis, the digits
_MARK = "_UDF"


def in_plain_flink(text: Text) -> Text:
    """Return SQL without the vendor's timestamp functions.

    Raises ``CannotCompileError`` for a call that has no exact form.
    """
    if isinstance(text, Secret):
        return Secret(lambda: _rewritten(text.open()), _rewritten(str(text)))
    return _rewritten(text)


def _rewritten(sql: str) -> str:
    if _MARK not in sql.upper():
        return sql
    for start, end, text in sorted(_edits(sql), reverse=True):
        sql = sql[:start] + text + sql[end:]
    return sql


def _edits(sql: str) -> Iterator[tuple[int, int, str]]:
    tokens = code(sql)
    for index, token in enumerate(tokens[:-1]):
        if _word(token) in FUNCTION_CLASSES and tokens[index + 1].text == "(":
            yield _call(sql, tokens, index)
    yield from _declarations(sql)


def _word(token: Token) -> str:
    return unquote_name(token.text).upper()


def _call(sql: str, tokens: Sequence[Token], index: int) -> tuple[int, int, str]:
    """Write one call anew; its argument is put in several times, so it is a column."""
    close = _close(tokens, index + 1)
    inner = tokens[index + 2 : close]
    name, argument = _word(tokens[index]), _text(sql, inner)
    if not inner or any(
        t.kind not in ("name", "word") and t.text != "." for t in inner
    ):
        raise CannotCompileError(
            f"calls {name} with {argument or 'nothing'}, which is no column",
            "compute it in a transform before, and read the new column",
        )
    if name == TO_TIMESTAMP:
        written = _without_zone(argument)
    elif _is_cast_to_milliseconds(tokens, index, close):
        written = _with_zone(argument)
    else:
        raise CannotCompileError(
            f"reads {argument} by {name} to the nanosecond, which Apache Flink cannot",
            "leave it out in the editor, make it the event time, or keep it a text",
        )
    return tokens[index].start, tokens[close].start + 1, written


def _close(tokens: Sequence[Token], start: int) -> int:
    depth = 0
    for index in range(start, len(tokens)):
        depth += (tokens[index].text in OPENING) - (tokens[index].text in CLOSING)
        if not depth:
            return index
    raise CannotCompileError(
        "has SQL that does not end", "look for an open parenthesis"
    )


def _text(sql: str, tokens: Sequence[Token]) -> str:
    if not tokens:
        return ""
    return sql[tokens[0].start : tokens[-1].start + len(tokens[-1].text)]


def _is_cast_to_milliseconds(tokens: Sequence[Token], index: int, close: int) -> bool:
    """Tell whether a call is all there is in a CAST to at most three digits."""
    before = [token.upper for token in tokens[max(0, index - 2) : index]]
    after = [t.upper for t in tokens[close + 1 : close + 1 + _UNTIL_PRECISION]]
    if before != ["CAST", "("] or after[:3] != ["AS", TIMESTAMP_LTZ, "("]:
        return False
    return after[3:] != [] and after[3].isdecimal() and int(after[3]) <= _MOST_DIGITS


def _declarations(sql: str) -> Iterator[tuple[int, int, str]]:
    """Take out what makes the functions, which nothing calls any more."""
    for statement in read_script(sql):
        name = statement.name.upper()
        if statement.makes == FUNCTION and name in FUNCTION_CLASSES:
            if all(FUNCTION_CLASSES[name] not in t.text for t in statement.tokens):
                raise CannotCompileError(
                    f"makes a {name} of another class than the vendor's",
                    "give it a name of its own",
                )
            end = sql.find(";", statement.tokens[-1].start) + 1 or len(sql)
            while sql[end : end + 1] in ("\n", "\r"):
                end += 1
            yield statement.tokens[0].start, end, ""


def _part(argument: str, pattern: str, group: int) -> str:
    return f"REGEXP_EXTRACT({argument}, '{pattern}', {group})"


def _local(argument: str, pattern: str, digits: int) -> str:
    """Write the time of the clock on the wall; seconds may be missing."""
    day, minute, second = (
        _part(argument, pattern, group) for group in (_DAY, _MINUTE, _SECOND)
    )
    text = f"{day} || ' ' || {minute} || COALESCE({second}, ':00')"
    return f"TRY_CAST({text} AS TIMESTAMP({digits}))"


def _without_zone(argument: str) -> str:
    return _local(argument, _WITHOUT_ZONE, 9)


def _with_zone(argument: str) -> str:
    """Write milliseconds since 1970: those on the wall, less those of the offset."""
    local = _local(argument, _WITH_ZONE, _MOST_DIGITS)
    hours = _offset(argument, _OFFSET_HOURS)
    minutes = _offset(argument, _OFFSET_MINUTES)
    return (
        f"TO_TIMESTAMP_LTZ(EXTRACT(EPOCH FROM {local}) * 1000"
        f" + EXTRACT(MILLISECOND FROM {local})"
        f" - {hours} * 3600000 - {minutes} * 60000, {_MOST_DIGITS})"
    )


def _offset(argument: str, group: int) -> str:
    sign, digits = (_part(argument, _WITH_ZONE, g) for g in (_SIGN, group))
    return f"COALESCE(CAST({sign} || {digits} AS INT), 0)"
