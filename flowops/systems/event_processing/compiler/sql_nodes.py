"""SQL of nodes whose statements a user wrote: they stay as they are.

What each may hold is said in "Custom nodes" of the Event Processing documentation:
a source and a destination make exactly one table, a processor at least one view,
and the last one is what it gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.secrets import compose, open_text
from flowops.systems.event_processing.compiler.compiled import (
    CannotCompileError,
    Compiled,
    Task,
    View,
    check_names,
)
from flowops.systems.event_processing.compiler.select_columns import view_of_query
from flowops.systems.event_processing.sql.retarget import template
from flowops.systems.event_processing.sql.scripts import (
    TABLE,
    VIEW,
    Statement,
    open_end,
    read_tokens,
    top_level,
)
from flowops.systems.event_processing.sql.table_columns import table_columns
from flowops.systems.event_processing.sql.text import code, ends_in_comment, quote_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.secrets import Text
    from flowops.systems.event_processing.pipeline import (
        SqlNode,
        SqlProcessor,
        SqlSink,
        SqlSource,
    )
    from flowops.systems.event_processing.sql.retarget import Tables, Template

_FORBIDDEN = frozenset(("SELECT", "INSERT", "EXECUTE", "BEGIN", "WITH", "REPLACE"))


def compile_sql_source(node: SqlSource, task: Task) -> Compiled:
    """Compile a source: its last view, or its one table, is what it gives."""
    if task.inputs:
        raise CannotCompileError("is a source and has an input")
    script = _checked(node)
    table = _only_table(script)
    views = _views(node, script, {})
    name = next((s.name for s in reversed(script) if s.makes == VIEW), table.name)
    return _compiled(node, task, views[name])


def compile_sql_processor(node: SqlProcessor, task: Task) -> Compiled:
    """Compile a processor: the last view it makes is what it gives."""
    if not task.inputs:
        raise CannotCompileError("has no inputs and takes at least one")
    script = _checked(node)
    made = [statement.name for statement in script if statement.makes == VIEW]
    if not made:
        raise CannotCompileError("makes no view", "add a CREATE TEMPORARY VIEW")
    views = _views(node, script, {view.name: view for view in task.inputs})
    return _compiled(node, task, views[made[-1]])


def compile_sql_sink(node: SqlSink, task: Task) -> Compiled:
    """Compile a destination: its table gets the columns of the same names."""
    feeding = task.only_input()
    table = _only_table(_checked(node))
    names = [c.column.name for c in table_columns(table) if c.is_written]
    if not names:
        raise CannotCompileError("makes a table without columns")
    check_names(names)
    for name in names:
        feeding.column(name)
    values = ",".join(map(quote_name, names))
    target, origin = quote_name(table.name), quote_name(feeding.name)
    insert = " ".join(("INSERT INTO", target, "SELECT", values, "FROM", f"{origin};"))
    return _compiled(node, task, View(table.name, ()), insert)


def _checked(node: SqlNode) -> tuple[Statement, ...]:
    tokens = code(open_text(node.statement))
    if open_end(tokens) >= 0:
        raise CannotCompileError(
            "has SQL that does not end", "look for an open quote or comment"
        )
    script = read_tokens(tokens)
    if not script:
        raise CannotCompileError("has no SQL", "write it in the editor")
    for statement in script:
        _refuse(statement)
    return script


def _refuse(statement: Statement) -> None:
    """Raise ``CannotCompileError`` for what the product does not take either."""
    words = [token.upper for _, token in top_level(statement.tokens)]
    is_filled = statement.makes == TABLE and "AS" in words[2:]
    if statement.verb in _FORBIDDEN or statement.is_replacing or is_filled:
        start = " ".join(token.upper for token in statement.tokens[:2])
        raise CannotCompileError(
            f"has a statement that starts with {start} and is not allowed there",
            "see Custom nodes in the Event Processing documentation",
        )
    if statement.makes in (TABLE, VIEW):
        check_names([statement.name])


def _only_table(script: Sequence[Statement]) -> Statement:
    tables = [statement for statement in script if statement.makes == TABLE]
    if len(tables) != 1:
        raise CannotCompileError(
            f"makes {len(tables) or 'no'} tables, and has to make one",
            "keep one CREATE TABLE in it",
        )
    return tables[0]


def _views(
    node: SqlNode, script: Sequence[Statement], inputs: Mapping[str, View]
) -> dict[str, View]:
    """Return every view and table a query of the node can read."""
    sql = open_text(node.statement)
    views = dict(inputs)
    for statement in script:
        if statement.makes == TABLE:
            columns = tuple(c.column for c in table_columns(statement))
            views[statement.name] = View(statement.name, columns)
        elif statement.makes == VIEW:
            views[statement.name] = _view(sql, statement, views)
    return views


def _view(sql: str, statement: Statement, views: Mapping[str, View]) -> View:
    tokens = statement.tokens
    starts = [
        index
        for index, token in top_level(tokens)
        if index >= statement.name_end and token.upper == "AS"
    ]
    is_renamed = tokens[statement.name_end : statement.name_end + 1]
    if not starts or (is_renamed and is_renamed[0].text == "("):
        return View(statement.name, (), is_complete=False)
    return view_of_query(statement.name, sql, tokens[starts[0] + 1 :], views)


def _compiled(node: SqlNode, task: Task, view: View, insert: str = "") -> Compiled:
    """Return the user's text, its options those of the environment."""
    made = template(open_text(node.statement).strip())
    text = with_tables(made, task.tables)
    return Compiled(view, (text,), insert, template=made if made.is_whole else None)


def with_tables(script: Template, tables: Tables) -> Text:
    """Write a user's text with other options, and the semicolon that ends it."""
    text, sql = script.retargeted(tables), script.text.open()
    if sql.endswith(";") and not ends_in_comment(sql):
        return text
    return compose(text, "\n;" if ends_in_comment(sql) else ";")
