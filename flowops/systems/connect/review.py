"""Hold a flow to every rule, and give what was found its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.documents.json_text import locate_all
from flowops.model import Finding, Severity
from flowops.systems.connect.language import VERSION, ContactFlow
from flowops.systems.connect.legacy.language import LegacyFlow
from flowops.systems.connect.rules.legacy import LEGACY
from flowops.systems.connect.rules.registry import RULES
from flowops.systems.connect.rules.rule import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.systems.connect.references import FoundReferences
    from flowops.systems.protocol import BoundFlow, Flow


def review_flow(
    body: ContactFlow | LegacyFlow, found: FoundReferences
) -> tuple[Finding, ...]:
    """Return what the rules say of a flow as it was read, each with its place."""
    subject = Subject(body, found)
    notes = [
        (note.pointer, rule.finding(note))
        for rule in RULES
        if rule.find
        for note in rule.find(subject)
    ]
    if not notes:
        return ()
    places = locate_all(body.source, [pointer for pointer, _ in notes])
    start = body.source.place(0)
    return tuple(
        replace(finding, location=places.get(pointer, start))
        for pointer, finding in notes
    )


def review_names(flows: Sequence[Flow]) -> Iterator[Finding]:
    """Say what the rules find in the flows of a project when seen together."""
    for rule in RULES:
        for flow, note in rule.find_together(flows) if rule.find_together else ():
            places = locate_all(flow.source, [note.pointer])
            place = places.get(note.pointer) or flow.source.place(0)
            yield replace(rule.finding(note), location=place, address=flow.address)


def review_bound(bound: BoundFlow) -> tuple[Finding, ...]:
    """Return what the rules say of a flow for one environment."""
    flow = bound.flow
    if isinstance(flow.body, LegacyFlow):
        return (legacy_error(flow),)
    notes = [
        (note.pointer, rule.finding(note))
        for rule in RULES
        if rule.find_bound
        for note in rule.find_bound(bound)
    ]
    if not notes:
        return ()
    source = flow.body.source if isinstance(flow.body, ContactFlow) else flow.source
    places = locate_all(source, [pointer for pointer, _ in notes])
    return tuple(
        replace(
            finding,
            location=finding.location or places.get(pointer) or flow.source.place(0),
            address=flow.address,
        )
        for pointer, finding in notes
    )


def legacy_error(flow: Flow) -> Finding:
    """Return why a legacy export cannot be promoted, at its blocks."""
    body = flow.body
    source = body.source if isinstance(body, LegacyFlow) else flow.source
    return Finding(
        LEGACY.id,
        Severity.ERROR,
        "a legacy export cannot be promoted: Amazon Connect only takes the flow "
        f"language {VERSION}",
        locate_all(source, [("modules",)]).get(("modules",), source.place(0)),
        flow.address,
        f"run `flowops convert {flow.source.path} --out NEW` and keep the new file",
    )
