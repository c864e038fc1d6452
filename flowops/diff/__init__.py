"""Compare flows by meaning: blocks, edges, properties and statements."""

from flowops.diff.graphs import (
    BlockChange,
    FieldChange,
    GraphDiff,
    diff_graphs,
    with_ids,
)
from flowops.diff.statements import StatementChange

__all__ = [
    "BlockChange",
    "FieldChange",
    "GraphDiff",
    "StatementChange",
    "diff_graphs",
    "with_ids",
]
