"""Whether what a user wrote reads only what feeds the node.

Expressions name other nodes in words, so one that was renamed or unplugged leaves its
name behind. The planner would say so too, but not where.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from flowops.systems.event_processing.compiler.compiled import CannotCompileError
from flowops.systems.event_processing.pipeline import (
    Api,
    Filter,
    IntervalJoin,
    SqlNode,
    Transform,
)
from flowops.systems.event_processing.sql.text import code, unquote_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowops.secrets import Text
    from flowops.systems.event_processing.compiler.compiled import View
    from flowops.systems.event_processing.pipeline import AnyNode, Pipeline


def check_upstream(node: AnyNode, views: Sequence[View], pipeline: Pipeline) -> None:
    """Raise ``CannotCompileError`` for a node that is read and is no input."""
    names = (other.name for other in pipeline.nodes)
    others = {*names} - {view.name for view in views}
    columns = {column.name for view in views for column in view.columns}
    is_sql = isinstance(node, SqlNode)
    read = _read(node, pipeline)
    for name in read:
        if name in others and (name not in columns or is_sql):
            raise CannotCompileError(
                f"reads {name!r}, which does not feed it",
                "connect the two in the editor, or mend the expression",
            )


def _read(node: AnyNode, pipeline: Pipeline) -> Iterable[str]:
    """Return the names that a node reads, of nodes and of other things."""
    if isinstance(node, SqlNode):
        return pipeline.learnt.outline(node).read
    return _qualifiers(node)


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
