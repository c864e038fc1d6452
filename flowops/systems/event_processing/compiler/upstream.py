"""Whether what a user wrote reads only what feeds the node.

Expressions name other nodes in words, so one that was renamed or unplugged leaves its
name behind. The planner would say so too, but not where.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from flowops.secrets import open_text
from flowops.systems.event_processing.compiler.compiled import CannotCompileError
from flowops.systems.event_processing.pipeline import (
    Api,
    Filter,
    IntervalJoin,
    SqlNode,
    Transform,
)
from flowops.systems.event_processing.sql.scripts import TABLE, VIEW, read_script
from flowops.systems.event_processing.sql.text import code, unquote_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from flowops.secrets import Text
    from flowops.systems.event_processing.compiler.compiled import View
    from flowops.systems.event_processing.pipeline import AnyNode

_READS = frozenset(("FROM", "JOIN", "TABLE"))


def check_upstream(
    node: AnyNode, views: Sequence[View], names: Collection[str]
) -> None:
    """Raise ``CannotCompileError`` for a node that is read and is no input.

    ``names`` are those of all nodes of the flow.
    """
    others = {*names} - {view.name for view in views}
    columns = {column.name for view in views for column in view.columns}
    read = _tables(node) if isinstance(node, SqlNode) else _qualifiers(node)
    for name in read:
        if name in others and (name not in columns or isinstance(node, SqlNode)):
            raise CannotCompileError(
                f"reads {name!r}, which does not feed it",
                "connect the two in the editor, or mend the expression",
            )


def _tables(node: SqlNode) -> Iterator[str]:
    """Give the tables a script reads and does not make itself."""
    sql = open_text(node.statement)
    made = {s.name for s in read_script(sql) if s.makes in (TABLE, VIEW)}
    tokens = code(sql)
    for before, token in pairwise(tokens):
        name = unquote_name(token.text)
        if before.upper in _READS and token.kind in ("name", "word"):
            yield from {name} - made


def _qualifiers(node: AnyNode) -> Iterator[str]:
    """Give what stands before a dot in the expressions of a node."""
    for expression in _expressions(node):
        tokens = code(str(expression))
        for token, after in pairwise(tokens):
            if after.text == "." and token.kind in ("name", "word"):
                yield unquote_name(token.text)


def _expressions(node: AnyNode) -> Iterator[Text]:
    if isinstance(node, Filter):
        yield node.expression
    elif isinstance(node, Transform):
        yield from (column.expression for column in node.columns)
    elif isinstance(node, IntervalJoin):
        yield node.condition
    elif isinstance(node, Api):
        yield from (p.value for p in node.parameters if p.kind == "column")
