"""Compare flows by meaning: blocks, edges, properties and statements."""

from flowops.diff.graphs import (
    BlockChange,
    FieldChange,
    GraphDiff,
    diff_graphs,
    with_ids,
)
from flowops.diff.statements import StatementChange
from flowops.diff.views import Each

__all__ = [
    "BlockChange",
    "Each",
    "FieldChange",
    "GraphDiff",
    "StatementChange",
    "diff_graphs",
    "with_ids",
]
