"""The words that a plan is told in, whatever the page they stand on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.report.visible import clipped, plural, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.report.model import (
        BlockReport,
        ChangeReport,
        FieldReport,
        PlanReport,
        ReferenceReport,
    )

SIGNS = {
    "create": "+",
    "update": "~",
    "replace": "~",
    "layout": "~",
    "blocked": "!",
    "delete": "-",
    "add": "+",
    "remove": "-",
    "change": "~",
}
WORDS = {
    "create": "will be created",
    "update": "will be updated",
    "replace": "will be replaced as asked",
    "layout": "layout only, no change of behaviour",
    "blocked": "cannot be promoted",
    "delete": "will be deleted",
}
LOSING = "state dropping"
UNANSWERED = ("unresolved", "ambiguous")
_MOST_NAMES = 5
_MADE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def summary_line(report: PlanReport) -> str:
    """Write the sum of a plan in words that stay the same."""
    count = report.summary
    if not any(count.values()):
        return "No changes."
    words = (
        f"Plan: {count['create']} to create, {count['update']} to update, "
        f"{count['delete']} to delete, {count['move']} to move."
    )
    if replaced := count.get("replace"):
        words += f" {plural(replaced, 'flow')} replaced as asked."
    if count["layout"]:
        words += f" {plural(count['layout'], 'flow')} with layout only."
    if count["blocked"]:
        words += f" {plural(count['blocked'], 'flow')} cannot be promoted."
    return words


def losses(report: PlanReport) -> str:
    """Say how many running jobs would lose state; nothing when none would."""
    count = sum(change.state_safety == LOSING for change in report.changes)
    return f"{plural(count, 'running job')} would lose state." if count else ""


def block_words(block: BlockReport) -> str:
    """Write what a block is called: its name, its type, and an id that says more."""
    made = block.label and _MADE.fullmatch(block.block)
    words = (block.label, "" if made else block.block)
    return f"{' '.join(filter(None, words))} ({block.type})"


def told_fields(block: BlockReport) -> tuple[FieldReport, ...]:
    """Return the values to tell of a block: none of one that goes."""
    if block.action == "add":
        return tuple(f for f in block.fields if f.path not in ("type", "label"))
    return block.fields if block.action == "change" else ()


def told_references(change: ChangeReport) -> list[ReferenceReport]:
    """Return the references to tell: of a new flow all, else those without answer."""
    if change.action == "create":
        return [r for r in change.references if r.state != "unchecked"]
    bad = change.references if change.action == "blocked" else ()
    return [r for r in bad if r.state in UNANSWERED]


def answered_words(change: ChangeReport) -> str:
    """Say how many references of a flow that cannot be promoted have an answer."""
    found = sum(r.state == "resolved" for r in change.references)
    if change.action != "blocked" or not found:
        return ""
    return f"{plural(found, 'reference')} resolved"


def edge_lines(change: ChangeReport) -> Iterator[tuple[str, str]]:
    """Give each connection that goes or comes, with its sign."""
    yield from (("-", edge.by_name) for edge in change.edges_removed)
    yield from (("+", edge.by_name) for edge in change.edges_added)


def details_of(change: ChangeReport) -> Iterator[tuple[str, str]]:
    """Give what is said of a flow as a whole, each with a sign or none."""
    if change.sealed:
        which = f", maybe {names(change.hidden)}" if change.hidden else ""
        yield "~", f"~ a value that is not shown differs{which}"
    if change.moved:
        yield "", f"moved on the canvas: {names(change.moved)}"
    if change.renamed:
        yield "", f"new ids: {plural(change.renamed, 'block')}"
    if change.layout:
        yield "", f"{plural(change.layout, 'value')} of the layout"
    if change.state_safety:
        yield "", state_words(change)


def state_words(change: ChangeReport) -> str:
    """Write what becomes of the state of a running job, and why."""
    return f"state: {visible(change.state_safety)} ({clipped(change.state_reason)})"


def names(of: Sequence[str]) -> str:
    """Write a few names, and how many more there are."""
    shown = ", ".join(clipped(name, 60) for name in of[:_MOST_NAMES])
    more = len(of) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def value_pair(field: FieldReport) -> tuple[str, str]:
    """Write two values; resources by name, unless both have the same one."""
    before, after = quoted(field.before), quoted(field.after)
    if field.before_name and field.after_name != field.before_name:
        return clipped(field.before_name), clipped(field.after_name) or after
    if field.after_name and not field.before_name:
        return before, clipped(field.after_name)
    return before, after


def quoted(value: str | None) -> str:
    """Write a value between quotes, cut if it is long."""
    return f'"{clipped(value or "")}"'
