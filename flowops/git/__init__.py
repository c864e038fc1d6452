"""Git: the repository a project lies in; ``branch`` writes one that is elsewhere."""

from flowops.git.repository import (
    RefTree,
    Revision,
    base_ref,
    commit_all,
    has_moved,
    merge_base,
    revision,
    tree_at,
    uncommitted,
    why_no_commit,
)

__all__ = [
    "RefTree",
    "Revision",
    "base_ref",
    "commit_all",
    "has_moved",
    "merge_base",
    "revision",
    "tree_at",
    "uncommitted",
    "why_no_commit",
]
