"""What is wrong with a flow before anything is asked of an instance.

Sources: the quotas of the Amazon Connect administrator guide (250 actions), the
bounds of ``Content`` in the API model (256,000 characters).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.json_text import locate_all
from flowops.model import Finding, Severity
from flowops.systems.connect.action_types import ACTION_TYPES, MODULE_END
from flowops.systems.connect.flow_types import API_TYPES, FLOW_MODULE, api_type
from flowops.systems.connect.graph import is_sensitive
from flowops.systems.connect.references import string_leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.documents.source import SourceText
    from flowops.model import Pointer
    from flowops.systems.connect.language import Action, ContactFlow
    from flowops.systems.protocol import BoundFlow

MAXIMUM_ACTIONS = 250
MAXIMUM_CHARACTERS = 256_000


def review_contact_flow(flow: ContactFlow, source: SourceText) -> tuple[Finding, ...]:
    """Return findings about structure and size, each with its place."""
    notes = [*_graph_notes(flow), *_type_notes(flow), *_secret_notes(flow)]
    places = locate_all(source, [note[0] for note in notes])
    findings = [
        Finding(rule, severity, message, places.get(pointer, source.place(0)))
        for pointer, rule, severity, message in notes
    ]
    return (*findings, *_size_findings(flow, source))


_Note = tuple["Pointer", str, Severity, str]


def _graph_notes(flow: ContactFlow) -> Iterator[_Note]:
    known = {action.identifier for action in flow.actions}
    if flow.start not in known:
        yield (
            ("StartAction",),
            "connect/start-missing",
            Severity.ERROR,
            f"StartAction {flow.start!r} is no action of the flow",
        )
    for action in flow.actions:
        for pointer, target in _next_actions(action):
            if target not in known:
                yield (
                    pointer,
                    "connect/edge-to-nowhere",
                    Severity.ERROR,
                    f"block {action.identifier}: {target!r} is no action of the flow",
                )


def _next_actions(action: Action) -> Iterator[tuple[Pointer, str]]:
    here: Pointer = ("Actions", action.index, "Transitions")
    for path, value in string_leaves(dict(action.transitions)):
        if path[-1] == "NextAction":
            yield (*here, *path), value


def _type_notes(flow: ContactFlow) -> Iterator[_Note]:
    for action in flow.actions:
        pointer: Pointer = ("Actions", action.index, "Type")
        if action.type not in ACTION_TYPES:
            yield (
                pointer,
                "connect/unknown-action",
                Severity.WARNING,
                f"block {action.identifier}: unknown action type {action.type!r}",
            )
        elif action.type == MODULE_END and flow.kind != FLOW_MODULE:
            yield (
                pointer,
                "connect/module-action",
                Severity.ERROR,
                f"block {action.identifier}: {action.type} belongs to modules only",
            )


def _secret_notes(flow: ContactFlow) -> Iterator[_Note]:
    for action in flow.actions:
        for path, value in string_leaves(dict(action.parameters)):
            if path and is_sensitive(str(path[-1]), value):
                yield (
                    ("Actions", action.index, "Parameters", *path),
                    "connect/secret-in-file",
                    Severity.WARNING,
                    f"block {action.identifier}: {path[-1]} holds what looks a secret",
                )


def _size_findings(flow: ContactFlow, source: SourceText) -> Iterator[Finding]:
    if (count := len(flow.actions)) > MAXIMUM_ACTIONS:
        yield Finding(
            "connect/too-many-actions",
            Severity.ERROR,
            f"the flow has {count} actions; Amazon Connect takes {MAXIMUM_ACTIONS}",
            source.place(0),
        )
    if (size := len(source.text.open())) > MAXIMUM_CHARACTERS:
        yield Finding(
            "connect/too-large",
            Severity.ERROR,
            f"the flow has {size} characters; the API takes {MAXIMUM_CHARACTERS}",
            source.place(0),
        )


def review_type(bound: BoundFlow) -> tuple[Finding, ...]:
    """Return an error for a type that is missing, unknown, or not the target's.

    A type cannot be changed once a flow exists: the API has no operation for it.
    """
    live_type = (bound.live or {}).get("type", "")
    wanted = api_type(bound.type)
    if bound.flow.address.kind == FLOW_MODULE:
        return ()
    if bound.type and not wanted:
        rule, words = "unknown-type", f"the type {bound.type!r} does not exist"
        hint = f"types are {', '.join(sorted(API_TYPES))}"
    elif not wanted and bound.live is None:
        rule, words = "type-missing", "the file does not say of which type the flow is"
        hint = f"write `flows: {{{bound.flow.address.name!r}: {{type: …}}}}`"
    elif wanted and live_type and wanted != live_type:
        rule = "type-differs"
        words = f"the flow is {wanted}, the one of this name there is {live_type}"
        hint = "a type cannot be changed: rename one of the two"
    else:
        return ()
    return (
        Finding(
            f"connect/{rule}",
            Severity.ERROR,
            words,
            bound.flow.source.place(0),
            bound.flow.address,
            hint,
        ),
    )
