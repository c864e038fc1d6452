"""SQL of API calls for plain Apache Flink: the open HTTP connector, which anybody has.

It is the one the vendor's has grown out of (com.getindata:flink-http-connector, 0.25).
It sends columns of a lookup's condition as properties of their names, and reads the
answers into the columns of theirs. Two things differ from the vendor's, and each would
change what a flow means without a word:

- It does not put what it sent into its rows. Where the planner of Flink knows that a
  column is constant, it compares the two, and drops every row. So what is sent goes
  through an array that is taken apart again, which no planner looks into.
- A condition on an answer, of any node that follows, becomes one of the lookup. So
  what may be sent is listed.

An answer that is not 2xx gives no event and fails no job, as the product's
documentation says of the node. Tried on Flink 1.20 and 2.2 in tests/flink.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowops.secrets import Secret, compose
from flowops.systems.event_processing.compiler.api_calls import (
    answered_column,
    plain_call,
    response_type,
)
from flowops.systems.event_processing.compiler.compiled import (
    CannotCompileError,
    Compiled,
    Task,
    View,
    aligned,
    block,
    check_names,
    create_table,
    create_view,
    written_options,
)
from flowops.systems.event_processing.compiler.processors import checked_expression
from flowops.systems.event_processing.compiler.request_bodies import (
    DIVIDER,
    LITERAL,
    Sent,
    is_json,
    not_written,
    row_of,
    sent_in_body,
)
from flowops.systems.event_processing.pipeline import LOOKUP_SUFFIX
from flowops.systems.event_processing.reading.joins_and_calls import BODY
from flowops.systems.event_processing.settings.api_settings import (
    FORMAT,
    LOGGER,
    LOOKUP_URL,
    QUERY_CREATOR,
    REQUEST_PATHS,
    RESPONSE_PATHS,
    api_options,
)
from flowops.systems.event_processing.settings.connectors import CONNECTOR
from flowops.systems.event_processing.sql.column_types import (
    Array,
    Column,
    ColumnType,
    Row,
)
from flowops.systems.event_processing.sql.text import quote_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.secrets import Text
    from flowops.systems.event_processing.pipeline import Api, ApiColumn, ApiParameter

_REQUEST = "requestBody"
_LOOKUP = "gid.connector.http.source.lookup."
# What happens to an answer that is none. The retries are those of a lost connection.
_NOT_ANSWERED = {
    f"{_LOOKUP}ignored-response-codes": "1XX,3XX,4XX,5XX",
    f"{_LOOKUP}retry-codes": "",
}
# The connector makes a login of a name and a password of that header, unless it is raw.
_RAW_LOGIN = f"{_LOOKUP}use-raw-authorization-header"
_OPEN = {FORMAT: "json", QUERY_CREATOR: "generic-json-url", LOGGER: ""}
_SENT_FIELDS = "gid.connector.http.request.body-fields"


def compile_open_api(node: Api, task: Task) -> Compiled:
    """Compile a call of an API: what is sent, the time, a table, and their join."""
    feeding = task.only_input()
    for holds, words in _kept(node):
        if not holds:
            raise not_written(words)
    body = [p for p in node.parameters if p.place == BODY and p.kind]
    sent = sent_in_body(body, feeding)
    answers = {name: response_type(node, name) for name in _used(node)}
    _check_answers(node, sent, answers)
    names = _Names(node.name, feeding.name)
    check_names([names.sent, names.timed, names.lookup])
    made = [_column(node, column, feeding, names) for column in node.columns]
    check_names([column.name for _, column in made])
    if not made:
        raise CannotCompileError("has no columns", "keep at least one")
    statements = (
        create_view(names.sent, _packed(sent, body, feeding)),
        create_view(names.timed, _timed(sent, feeding, names)),
        _table(node, task, sent, answers),
        create_view(node.name, _joined(sent, made, names)),
    )
    return Compiled(View(node.name, tuple(c for _, c in made)), statements)


class _Names:
    """The names of what a node makes beside its own view."""

    def __init__(self, node: str, feeding: str) -> None:
        self.sent = f"{node}_{feeding}__SENT"
        self.timed = f"{node}_{feeding}__API"
        self.lookup = f"{node}{LOOKUP_SUFFIX}"


def _kept(node: Api) -> Iterator[tuple[bool, str]]:
    """Give what has to hold, and what is wrong where it does not."""
    yield from plain_call(node)
    for parameter in node.parameters:
        what = f"{parameter.name!r} as {parameter.place or 'nothing known'}"
        is_sent = parameter.kind in ("", LITERAL, "column")
        yield is_sent, f"sends {what} made by {parameter.kind!r}"
        is_fixed = parameter.kind == LITERAL and parameter.place in ("header", "query")
        is_body = parameter.place == BODY
        yield is_body or is_fixed or not parameter.kind, f"sends {what}"


def _used(node: Api) -> list[str]:
    """Return the answers that a column takes, in the API's order."""
    taken = {answered_column(node, column) for column in node.columns}
    return [name for name, _ in node.responses if name in taken]


def _check_answers(
    node: Api, sent: Mapping[str, Sent], answers: Mapping[str, ColumnType]
) -> None:
    """Refuse answers that cannot be told from what was sent, or read in one way."""
    for name, type_ in answers.items():
        if name in sent:
            raise CannotCompileError(
                f"sends {name!r} and reads the answer of that name, and the open HTTP "
                "connector has one column for both",
                "let the API give the answer under another name",
            )
        if "/" in name or not is_json(type_):
            words = f"reads {name!r} as {type_.sql()}, which no type of JSON is"
            raise CannotCompileError(words, "read it as a text")
    for name, _ in node.responses:
        if name in sent and sent[name].type != response_type(node, name):
            raise CannotCompileError(
                f"sends {name!r}, and the API answers another type of that name",
                "let the API give the answer under another name",
            )


def _packed(
    sent: Mapping[str, Sent], body: Iterable[ApiParameter], feeding: View
) -> Text:
    """Put what is sent into an array of one row.

    Nothing is looked up for a null in Flink; so it is with one inside of a property.
    """
    nested = [p for p in body if p.kind != LITERAL and "/" in p.name]
    row = Row(tuple((name, one.type) for name, one in sent.items()))
    values = row_of(one.value for one in sent.values())
    array = compose("CAST(ARRAY[", values, "] AS ", Array(row).sql(), ")")
    where: list[Text] = []
    for parameter in nested:
        words = " AND " if where else "\nWHERE "
        where += [words, "(", checked_expression(parameter.value), ") IS NOT NULL"]
    return compose(
        "SELECT\n    *,\n",
        aligned(array, f"AS {quote_name(_REQUEST)}"),
        f"\nFROM {quote_name(feeding.name)}",
        *where,
    )


def _timed(sent: Iterable[str], feeding: View, names: _Names) -> Text:
    """Take the array apart again, and add the time of processing."""
    columns = [_request_column(name) for name in sent]
    check_names([*(c.name for c in feeding.columns), _REQUEST, *columns, "proc_time"])
    written = ", ".join(map(quote_name, columns))
    clock = str(aligned("PROCTIME()", "AS `proc_time`"))
    return (
        f"SELECT\n    *,\n{clock}\nFROM {quote_name(names.sent)}\n"
        f"    CROSS JOIN UNNEST({quote_name(_REQUEST)}) AS `sent` ({written})"
    )


def _request_column(name: str) -> str:
    return f"{_REQUEST}_{name}"


def _table(
    node: Api,
    task: Task,
    sent: Mapping[str, Sent],
    answers: Mapping[str, ColumnType],
) -> Text:
    columns = {**{name: one.type for name, one in sent.items()}, **answers}
    lines = [aligned(quote_name(name), type_.sql()) for name, type_ in columns.items()]
    given = {**_options(node, task.options), _SENT_FIELDS: DIVIDER.join(sent)}
    options = written_options(given, (CONNECTOR, LOOKUP_URL))
    name = f"{node.name}{LOOKUP_SUFFIX}"
    return create_table(name, lines, options, is_temporary=True)


def _options(node: Api, given: Mapping[str, Text]) -> dict[str, Text]:
    """Return the options with the open connector's parts for the vendor's own."""
    own = {option.name: option.value for option in api_options(node)}
    options: dict[str, Text] = dict(_NOT_ANSWERED)
    for name, value in given.items():
        if name in (REQUEST_PATHS, RESPONSE_PATHS):
            if value != own[name]:
                raise CannotCompileError(
                    f"sets {name}, which the open HTTP connector does not read",
                    "take it out of the environment",
                )
        elif name not in _OPEN or value != own[name]:
            options[name] = value
        elif _OPEN[name]:
            options[name] = _OPEN[name]
    if any(p.name.lower() == "authorization" for p in _fixed(node, "header")):
        options.setdefault(_RAW_LOGIN, "true")
    if url := options.get(LOOKUP_URL):
        options[LOOKUP_URL] = compose(url, *_query(node, str(url)))
    return options


def _query(node: Api, url: str) -> Iterator[Text]:
    """Give the constants of a query, to be written behind an address."""
    for number, parameter in enumerate(_fixed(node, "query")):
        yield "&" if number or "?" in url else "?"
        yield f"{quote(parameter.name, safe='')}="
        yield _escaped(parameter.value)


def _fixed(node: Api, place: str) -> list[ApiParameter]:
    return [p for p in node.parameters if p.place == place and p.kind]


def _escaped(value: Text) -> Text:
    if isinstance(value, Secret):
        return Secret(lambda: quote(value.open(), safe=""), str(value))
    return quote(value, safe="")


def _column(
    node: Api, column: ApiColumn, feeding: View, names: _Names
) -> tuple[str, Column]:
    if name := answered_column(node, column):
        value = f"{quote_name(names.lookup)}.{quote_name(name)}"
        return value, Column(column.name, response_type(node, name))
    value = f"{quote_name(names.timed)}.{quote_name(column.column)}"
    return value, replace(feeding.column(column.column), name=column.name)


def _joined(
    sent: Iterable[str], made: Iterable[tuple[str, Column]], names: _Names
) -> Text:
    lookup, timed = quote_name(names.lookup), quote_name(names.timed)
    lines = [aligned(value, f"AS {quote_name(c.name)}") for value, c in made]
    equal = (
        f"{lookup}.{quote_name(name)} = {timed}.{quote_name(_request_column(name))}"
        for name in sent
    )
    return compose(
        "SELECT\n",
        block(lines),
        f"\nFROM {timed} JOIN {lookup}\n"
        f"    FOR SYSTEM_TIME AS OF {timed}.`proc_time`\nON ",
        "\n    AND ".join(equal),
    )
