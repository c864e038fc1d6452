"""What an environment says about nothing: no such flow, table or reference."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.overlays.flow_overlay import called_nothing, tables_of
from flowops.overlays.names import Named, matches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from flowops.overlays.flow_overlay import FlowOverlays, Names, PropertyRule
    from flowops.systems.protocol import Flow

_WITH_WORDS = "connect"  # the system whose flows have a status and a type


def unmatched(
    overlays: FlowOverlays, flows: Sequence[Flow], *, whole: bool = True
) -> list[InputError]:
    """Return an error for each key or pattern that matches no flow at all.

    Where ``flows`` are not the whole project, one that could not be read may be the
    flow that a name or a pattern is for: only those that are here can be judged.
    """
    if not whole:
        overlays = _of_flows(overlays, {flow.address.name for flow in flows})
    return [
        *(_unmatched_flows(overlays, flows) if whole else ()),
        *_unmatched_tables(overlays, flows),
        *_unmatched_removals(overlays, flows),
        *_unmatched_references(overlays, flows),
        *_unmatched_words(overlays, flows),
    ]


def _of_flows(overlays: FlowOverlays, names: Collection[str]) -> FlowOverlays:
    """Return what an environment says of flows by their names, not by patterns."""
    return replace(
        overlays,
        properties=tuple(r for r in overlays.properties if r.patterns[0] in names),
        references=tuple(r for r in overlays.references if r.flow in names),
        words=tuple(word for word in overlays.words if word[0] in names),
    )


def _unmatched_flows(
    overlays: FlowOverlays, flows: Sequence[Flow]
) -> Iterator[InputError]:
    names = sorted({flow.address.name for flow in flows})
    named = Named((name, name) for name in names)
    for pattern, location, _ in overlays.environment.flows or ():
        if not named.matching(pattern):
            yield called_nothing(
                f"no flow is called {pattern!r}", pattern, names, location
            )


def _unmatched_tables(
    overlays: FlowOverlays, flows: Sequence[Flow]
) -> Iterator[InputError]:
    named = Named((flow.address.name, tables_of(flow)) for flow in flows)
    for rule in overlays.properties:
        chosen = named.matching(rule.patterns[0])
        if chosen and not any(rule.is_for(*t[1:]) for tables in chosen for t in tables):
            yield _no_table(rule, [t for tables in chosen for t in tables])


def _no_table(rule: PropertyRule, tables: Sequence[Names]) -> InputError:
    _, node, table = rule.patterns
    location = rule.leaf.chain[0]
    if not tables:
        return InputError(
            f"the flow has no properties, so {rule.name} is for nothing",
            hint="config is for flows of Event Processing",
            location=location,
        )
    of_node = sorted({names[2] for names in tables if matches(node, names[1])})
    if of_node:
        words = f"no table of that node is called {table!r}"
        return called_nothing(words, table, of_node, location)
    nodes = sorted({names[1] for names in tables})
    return called_nothing(f"no node is called {node!r}", node, nodes, location)


def _unmatched_removals(
    overlays: FlowOverlays, flows: Sequence[Flow]
) -> Iterator[InputError]:
    added = {rule.name for rule in overlays.properties if not rule.leaf.removes}
    for rule in overlays.properties:
        inherited = len(rule.leaf.chain) > 1
        if not rule.leaf.removes or inherited or rule.name in added:
            continue
        names = {
            setting.name
            for flow in flows
            for setting in flow.settings
            if rule.matches(flow.address.name, setting.node, setting.table)
        }
        if names and rule.name not in names:
            words = f"there is no property {rule.name!r} to take away"
            yield called_nothing(words, rule.name, sorted(names), rule.leaf.chain[0])


def _unmatched_references(
    overlays: FlowOverlays, flows: Sequence[Flow]
) -> Iterator[InputError]:
    named = Named((flow.address.name, flow) for flow in flows)
    for rule in overlays.references:
        chosen = named.matching(rule.flow)
        if not chosen or any(rule.maps(r) for f in chosen for r in f.references):
            continue
        references = [r for f in chosen for r in f.references]
        known = sorted({r.kind for r in references})
        if rule.kind not in known:
            words = f"the flow refers to nothing of kind {rule.kind!r}"
            yield called_nothing(words, rule.kind, known, rule.location)
        else:
            names = {r.name for r in references if r.kind == rule.kind} - {""}
            words = f"the flow does not refer to {rule.kind} {rule.source!r}"
            yield called_nothing(words, rule.source, sorted(names), rule.location)


def _unmatched_words(
    overlays: FlowOverlays, flows: Sequence[Flow]
) -> Iterator[InputError]:
    named = Named((flow.address.name, flow.address.system) for flow in flows)
    for pattern, key, _, location in overlays.words:
        systems = {*named.matching(pattern)}
        if systems and _WITH_WORDS not in systems:
            yield InputError(
                f"the flow has no {key}, so this is for nothing",
                hint=f"{key} is for flows of Amazon Connect",
                location=location,
            )
