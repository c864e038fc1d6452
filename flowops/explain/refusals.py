"""What refuses a write and is no guard of a plan, in words.

A target, the journal and a saved plan refuse by themselves, with exit code 3 and a
name before the first colon. One row each: the title, why, and what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.explain.findings import Words

REFUSALS: Mapping[str, Words] = {
    "branch-checked-out": (
        "The branch of a target is the one that is checked out",
        (
            "A promote commits to the branch without touching the working folder, so "
            "that Git would show every file of it as changed."
        ),
        "check out another branch, or name another `branch` of the target",
    ),
    "branch-parted": (
        "The branch of a target has parted from the one of the remote",
        (
            "Both have commits that the other has not. What is promoted here could "
            "not be pushed, and nobody can tell which of them is right."
        ),
        "look which one is right, and set the branch here to it",
    ),
    "job-not-ours": (
        "A job of this name runs, and this project did not start it",
        (
            "A promote would replace a job that somebody started by hand, or that "
            "another project promotes."
        ),
        "stop it with a savepoint, or give the flow another name",
    ),
    "journal-unreadable": (
        "A run was cut off, and its journal is damaged",
        (
            "A promote writes down what it does, so that the next one can undo a run "
            "that was cut off. What this one had written can no longer be told."
        ),
        "look at the target, put it right by hand, and delete the file",
    ),
    "plan-edited": (
        "The file of the plan is not as it was made",
        (
            "A saved plan carries the digest of its content. They differ, so that "
            "nobody knows what was reviewed."
        ),
        "make it again with `flowops plan ENV --save FILE`",
    ),
    "plan-errored": (
        "The reviewed plan has errors",
        "A plan with errors cannot be promoted, so that it cannot have been approved.",
        "mend the errors and plan again",
    ),
    "run-at-work": (
        "Another run writes to the environment from the same folder",
        (
            "Two runs would undo each other: the journal of one that is at work looks "
            "like that of one that was cut off."
        ),
        "wait until it has ended",
    ),
    "two-jobs": (
        "Two jobs of one name run",
        "Nobody can tell which of them a promote has to replace.",
        "look which one is right, and cancel the other",
    ),
}
