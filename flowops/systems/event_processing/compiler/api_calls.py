"""SQL of API calls: a lookup join with a table that stands for the API.

Layout and options as in the only public SQL of such a node, of Event Processing
1.4. What that does not show is refused: nobody can say how the product writes it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.secrets import compose
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
from flowops.systems.event_processing.compiler.expressions import Scope
from flowops.systems.event_processing.compiler.processors import (
    checked_expression,
    exported_type,
)
from flowops.systems.event_processing.pipeline import LOOKUP_SUFFIX
from flowops.systems.event_processing.reading.joins_and_calls import BODY
from flowops.systems.event_processing.settings.api_settings import (
    LOOKUP_URL,
    body_column,
)
from flowops.systems.event_processing.settings.connectors import CONNECTOR
from flowops.systems.event_processing.sql.column_types import (
    BOOLEAN,
    DOUBLE,
    STRING,
    Array,
    Column,
    ColumnType,
    Row,
)
from flowops.systems.event_processing.sql.text import code, quote_name, quote_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.secrets import Text
    from flowops.systems.event_processing.pipeline import (
        Api,
        ApiColumn,
        ApiParameter,
        ApiType,
    )

_USE_ANOTHER_EXPORT = "export the flow from Event Processing as SQL, or deploy its zip"
RESPONSE = "response_"
_COLUMN, _LITERAL = "column", "literal"
_TYPES = {"string": STRING, "number": DOUBLE, "boolean": BOOLEAN}


def compile_api(node: Api, task: Task) -> Compiled:
    """Compile a call of an API into a view with the time, a table, and their join."""
    feeding = task.only_input()
    _check(node)
    timed, lookup = f"{node.name}_{feeding.name}__API", f"{node.name}{LOOKUP_SUFFIX}"
    check_names([timed, lookup])
    body = [p for p in node.parameters if p.place == BODY]
    clock = "    *,\n" + str(aligned("PROCTIME()", "AS `proc_time`"))
    first = create_view(timed, f"SELECT\n{clock}\nFROM {quote_name(feeding.name)}")
    lines = [*_request_lines(body, feeding), *_response_lines(node)]
    options = written_options(task.options, (CONNECTOR, LOOKUP_URL))
    table = create_table(lookup, lines, options, is_temporary=True)
    made = [_column(node, column, feeding, timed) for column in node.columns]
    check_names([column.name for _, column in made])
    if not made:
        raise CannotCompileError("has no columns", "keep at least one")
    joined = _joined(timed, lookup, body, made)
    view = View(node.name, tuple(column for _, column in made))
    return Compiled(view, (first, table, create_view(node.name, joined)))


def _check(node: Api) -> None:
    """Refuse what no public export shows."""
    for is_shown, words in _shown(node):
        if not is_shown:
            raise CannotCompileError(
                f"{words}, and no public export shows the SQL of that",
                _USE_ANOTHER_EXPORT,
            )


def plain_call(node: Api) -> Iterator[tuple[bool, str]]:
    """Give what holds of a call in any dialect, and what is wrong where it does not."""
    yield node.operations == 1, f"uses {node.operations or 'no'} operations"
    yield node.method == "POST", f"calls the API by {node.method or 'no method'}"
    yield not node.is_apache, "uses the HTTP connector of Apache Flink"
    secured = [word for word in node.securities if word != "none"]
    yield not secured, f"logs in to the API by {', '.join(secured)}"
    yield "{" not in node.path, f"fills in the path {node.path}"


def _shown(node: Api) -> Iterator[tuple[bool, str]]:
    yield from plain_call(node)
    for parameter in node.parameters:
        what = f"{parameter.name!r} as {parameter.place or 'nothing known'}"
        is_literal = parameter.kind == _LITERAL
        is_sent = parameter.kind in ("", _LITERAL, _COLUMN)
        yield is_sent, f"sends {what} made by {parameter.kind!r}"
        if parameter.place == BODY:
            yield "/" not in parameter.name, f"sends the nested {what}"
            is_text = not is_literal or parameter.type == "string"
            yield is_text, f"sends a constant {parameter.type} for {what}"
        elif parameter.kind:
            is_header = parameter.place == "header" and is_literal
            yield is_header, f"sends {what}"


def _given(body: list[ApiParameter]) -> list[ApiParameter]:
    """Return the parameters that get a value."""
    return [parameter for parameter in body if parameter.kind]


def _request_lines(body: list[ApiParameter], feeding: View) -> Iterator[Text]:
    scope = Scope(feeding.name, {c.name: c for c in feeding.columns})
    if not any(parameter.kind == _COLUMN for parameter in body):
        raise CannotCompileError(
            "sends no column to the API", "map at least one parameter"
        )
    for parameter in _given(body):
        found = STRING if parameter.kind == _LITERAL else sent_type(parameter, scope)
        yield _line(body_column(parameter), found)


def sent_type(parameter: ApiParameter, scope: Scope) -> ColumnType:
    """Return the type of what is sent; raises ``CannotCompileError`` if unknown."""
    text = str(parameter.value)
    column = scope.reference(text)
    found = column.type if column else scope.type_of(text)
    if found is None:
        raise CannotCompileError(
            f"sends {parameter.name!r}, whose type cannot be worked out",
            "wrap it in CAST(... AS ...) in a transform before",
        )
    return found


def _line(name: str, found: ColumnType) -> Text:
    return aligned(quote_name(name), found.sql())


def _response_lines(node: Api) -> Iterator[Text]:
    for name, _ in node.responses:
        yield _line(RESPONSE + name, response_type(node, name))


def response_type(node: Api, name: str) -> ColumnType:
    """Return the type of an answer: the one its column names, or the API's."""
    for column in node.columns:
        if column.column == RESPONSE + name and (found := exported_type(column.shape)):
            return found
    found = _api_type(dict(node.responses)[name])
    if found is None:
        raise CannotCompileError(
            f"gets {name!r}, whose type cannot be worked out", _USE_ANOTHER_EXPORT
        )
    return found


def _api_type(api: ApiType) -> ColumnType | None:
    if api.type == "array" and api.items:
        item = _api_type(api.items)
        return Array(item) if item else None
    if api.type == "object" and api.properties:
        parts = [(name, _api_type(found)) for name, found in api.properties]
        known = [(name, found) for name, found in parts if found]
        return Row(tuple(known)) if len(known) == len(parts) else None
    return _TYPES.get(api.type)


def answered_column(node: Api, column: ApiColumn) -> str:
    """Return the answer a column takes, or nothing when it takes none.

    Raises ``CannotCompileError`` for one that the API does not give.
    """
    if column.table != f"{node.name}{LOOKUP_SUFFIX}":
        return ""
    name = column.column.removeprefix(RESPONSE)
    if name not in dict(node.responses):
        raise CannotCompileError(f"gives {column.column!r}, which is no answer")
    return name


def _column(
    node: Api, column: ApiColumn, feeding: View, timed: str
) -> tuple[str, Column]:
    if name := answered_column(node, column):
        lookup = f"{node.name}{LOOKUP_SUFFIX}"
        value = f"{quote_name(lookup)}.{quote_name(column.column)}"
        return value, Column(column.name, response_type(node, name))
    value = f"{quote_name(timed)}.{quote_name(column.column)}"
    return value, replace(feeding.column(column.column), name=column.name)


def _joined(
    timed: str, lookup: str, body: list[ApiParameter], made: list[tuple[str, Column]]
) -> Text:
    lines = [aligned(value, f"AS {quote_name(c.name)}") for value, c in made]
    conditions: list[Text] = []
    for parameter in _given(body):
        left = f"{quote_name(lookup)}.{quote_name(body_column(parameter))} = "
        conditions += ["\n    AND ", compose(left, _value(parameter, timed))]
    return compose(
        "SELECT\n",
        block(lines),
        f"\nFROM {quote_name(timed)} JOIN {quote_name(lookup)}\n"
        f"    FOR SYSTEM_TIME AS OF {quote_name(timed)}.`proc_time`\nON ",
        *conditions[1:],
    )


def _value(parameter: ApiParameter, timed: str) -> Text:
    """Return what a part of the request is equal to: a constant or a column."""
    if parameter.kind == _LITERAL:
        return quote_text(parameter.value)
    text = checked_expression(parameter.value)
    is_column = [token.kind for token in code(str(text))] == ["name"]
    return compose(f"{quote_name(timed)}.", text) if is_column else text
