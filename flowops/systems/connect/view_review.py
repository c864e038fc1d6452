"""Hold views to their rules, and flows to those of the views they show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.documents.json_text import locate_all
from flowops.model import ReferenceForm
from flowops.systems.connect.arns import VIEW
from flowops.systems.connect.language import ContactFlow
from flowops.systems.connect.reference_table import MANAGED_VIEWS
from flowops.systems.connect.rules.rule import Note
from flowops.systems.connect.rules.view_content import VIEW_DESCRIPTION
from flowops.systems.connect.rules.view_registry import VIEW_RULES
from flowops.systems.connect.rules.view_rule import Shown
from flowops.systems.connect.trees import text_at
from flowops.systems.connect.views import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowops.model import Finding, Pointer
    from flowops.systems.protocol import BoundFlow, Flow

_SHOW_VIEW = "ShowView"


def review_view(view: View) -> tuple[Finding, ...]:
    """Return what the rules say of a view, each with its place."""
    return tuple(
        replace(rule.finding(note), location=view.place(note.pointer))
        for rule in VIEW_RULES
        if rule.find
        for note in rule.find(view)
    )


def review_bound_view(bound: BoundFlow, view: View) -> tuple[Finding, ...]:
    """Say that an environment's view keeps a description that the file empties."""
    there = (bound.live or {}).get("description")
    if view.description != "" or not there:
        return ()
    note = Note(
        (),
        "the view there has a description, and Amazon Connect takes no empty one",
        "write one into the file, or take `Description` out of it",
    )
    found = VIEW_DESCRIPTION.finding(note)
    return (replace(found, location=view.place(()), address=bound.flow.address),)


def review_shown(flows: Sequence[Flow]) -> Iterator[Finding]:
    """Give what the rules say of the flows that show views of the same project."""
    views = {f.body.name: f.body for f in flows if isinstance(f.body, View)}
    for flow in flows if views else ():
        if isinstance(flow.body, ContactFlow):
            yield from _review_flow(flow, flow.body, views)


def _review_flow(
    flow: Flow, body: ContactFlow, views: Mapping[str, View]
) -> Iterator[Finding]:
    shown = _shown(flow, body, views)
    notes = [
        (note.pointer, rule.finding(note))
        for rule in VIEW_RULES
        if rule.find_shown
        for note in rule.find_shown(shown)
    ]
    places = locate_all(body.source, [pointer for pointer, _ in notes])
    for pointer, finding in notes:
        yield replace(finding, location=places[pointer], address=flow.address)


def _shown(flow: Flow, body: ContactFlow, views: Mapping[str, View]) -> Shown:
    """Pair each block with the view it shows, by the name that the flow gives."""
    names = {
        reference.path: reference.name or _own_name(reference.form, reference.value)
        for reference in flow.references
        if reference.kind == VIEW
    }
    found = []
    complete = True
    for action in body.actions:
        if action.type == _SHOW_VIEW:
            pointer: Pointer = ("Actions", action.index, "Parameters")
            name = names.get((*pointer, "ViewResource", "Id"), "")
            if name in views and not _is_managed(body, pointer):
                found.append((action, pointer, views[name]))
            else:
                complete = False
    return Shown(body, tuple(found), complete)


def _own_name(form: ReferenceForm, value: str) -> str:
    return value if form is ReferenceForm.NAME else ""


def _is_managed(body: ContactFlow, pointer: Pointer) -> bool:
    """Tell whether a block shows a view that AWS keeps itself."""
    value = text_at(body.document, (*pointer, "ViewResource", "Id"))
    return value in MANAGED_VIEWS or ":aws:view/" in value
