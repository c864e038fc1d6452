"""What an environment says about one flow: properties, references, status.

A name beats a pattern, at each level; among equals the later one in the file
counts. A key that matches nothing in the whole project is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import translate
from functools import cache
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.overlays.environment import Environment, branch, leaf_text
from flowops.overlays.layers import Branch, Layer, Leaf
from flowops.overlays.templates import fill, names_in
from flowops.systems.protocol import PUBLISHED, SAVED, Flow, Setting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from flowops.model import Location, Reference
    from flowops.secrets import Text

KEYS = ("config", "references", "status", "type")


@dataclass(frozen=True, slots=True)
class PropertyRule:
    """One property of an overlay: which flows, nodes and tables it is for."""

    patterns: tuple[str, str, str]
    name: str
    leaf: Leaf

    @property
    def exactness(self) -> tuple[bool, bool, bool]:
        """Order rules so that a name comes after a pattern."""
        flow, node, table = (not _is_pattern(p) for p in self.patterns)
        return flow, node, table

    def matches(self, flow: str, node: str, table: str) -> bool:
        """Tell whether the rule is for this table of this node of this flow."""
        names = (flow, node, table)
        return all(_match(p, n) for p, n in zip(self.patterns, names, strict=True))


@dataclass(frozen=True, slots=True)
class ReferenceRule:
    """One mapping of a reference: which flows, kind, from what, to what."""

    flow: str
    kind: str
    source: str
    target: str
    location: Location

    def matches(self, flow: Flow, reference: Reference) -> bool:
        """Tell whether the rule is for this reference: by name, value or key."""
        return (
            _match(self.flow, flow.address.name)
            and self.kind == reference.kind
            and self.source in (reference.name, reference.value, reference.key)
        )


@dataclass(frozen=True, slots=True)
class FlowOverlays:
    """Everything an environment says about flows."""

    environment: Environment
    properties: tuple[PropertyRule, ...] = ()
    references: tuple[ReferenceRule, ...] = ()
    words: tuple[tuple[str, str, str, Location], ...] = ()

    def settings(self, flow: Flow) -> tuple[Setting, ...]:
        """Return the flow's settings with the environment's laid over them."""
        result = {(s.node, s.table, s.name): s for s in flow.settings}
        tables = list(dict.fromkeys((s.node, s.table) for s in flow.settings))
        for rule in sorted(self.properties, key=lambda r: r.exactness):
            for node, table in tables:
                if not rule.matches(flow.address.name, node, table):
                    continue
                key = (node, table, rule.name)
                if rule.leaf.removes:
                    result.pop(key, None)
                else:
                    value = self._value(rule)
                    result[key] = Setting(*key, value, rule.leaf.chain[0])
        order = {pair: number for number, pair in enumerate(tables)}
        return tuple(
            sorted(result.values(), key=lambda s: (order[s.node, s.table], s.name))
        )

    def names_used(self, flow: Flow) -> frozenset[str]:
        """Return the variables and secrets that the flow's settings are made from."""
        tables = {(s.node, s.table) for s in flow.settings}
        names: set[str] = set()
        for rule in self.properties:
            chosen = any(rule.matches(flow.address.name, *table) for table in tables)
            if chosen and not rule.leaf.removes:
                text = leaf_text(rule.leaf, f"the property {rule.name}")
                names |= names_in(text, rule.leaf.chain[0])
        return frozenset(names)

    def reference(self, flow: Flow, reference: Reference) -> ReferenceRule | None:
        """Return the rule that maps a reference, or nothing."""
        found = [r for r in self.references if r.matches(flow, reference)]
        found.sort(key=lambda r: not _is_pattern(r.flow))
        return found[-1] if found else None

    def word(self, flow: Flow, key: str, default: str) -> str:
        """Return the ``status`` or ``type`` an environment gives a flow."""
        name = flow.address.name
        found = [w for w in self.words if w[1] == key and _match(w[0], name)]
        found.sort(key=lambda w: not _is_pattern(w[0]))
        return found[-1][2] if found else default

    def _value(self, rule: PropertyRule) -> Text:
        what = f"the property {rule.name}"
        values = self.environment.values
        return fill(leaf_text(rule.leaf, what), values, rule.leaf.chain[0])


def read_overlays(environment: Environment) -> FlowOverlays:
    """Read the ``flows`` of an environment.

    Raises ``InputError`` for a key that does not exist or a wrong shape.
    """
    properties: list[PropertyRule] = []
    references: list[ReferenceRule] = []
    words: list[tuple[str, str, str, Location]] = []
    for flow, location, layer in environment.flows or ():
        if not isinstance(layer, Branch):
            if layer.removes:
                continue
            raise InputError("a flow must be a mapping of keys", location=location)
        _known_keys(layer)
        properties += _property_rules(flow, branch(layer, "config"))
        references += _reference_rules(flow, branch(layer, "references"))
        words += _words(flow, layer)
    return FlowOverlays(environment, tuple(properties), tuple(references), tuple(words))


def unmatched(overlays: FlowOverlays, flows: Sequence[Flow]) -> list[InputError]:
    """Return an error for each key or pattern that matches no flow at all."""
    return [
        *_unmatched_flows(overlays, flows),
        *_unmatched_tables(overlays, flows),
        *_unmatched_references(overlays, flows),
    ]


def _unmatched_flows(
    overlays: FlowOverlays, flows: Sequence[Flow]
) -> Iterator[InputError]:
    names = sorted({flow.address.name for flow in flows})
    for pattern, location, _ in overlays.environment.flows or ():
        if not any(_match(pattern, name) for name in names):
            yield _nothing(f"no flow is called {pattern!r}", pattern, names, location)


def _unmatched_tables(
    overlays: FlowOverlays, flows: Sequence[Flow]
) -> Iterator[InputError]:
    for rule in overlays.properties:
        tables = [
            (flow.address.name, s.node, s.table)
            for flow in flows
            if _match(rule.patterns[0], flow.address.name)
            for s in flow.settings
        ]
        if not tables or any(rule.matches(*names) for names in tables):
            continue
        nodes = sorted({node for _, node, _ in tables})
        location = rule.leaf.chain[0]
        if not any(_match(rule.patterns[1], node) for node in nodes):
            words = f"no node is called {rule.patterns[1]!r}"
            yield _nothing(words, rule.patterns[1], nodes, location)
        else:
            words = f"no table of that node is called {rule.patterns[2]!r}"
            names = sorted({table for _, _, table in tables})
            yield _nothing(words, rule.patterns[2], names, location)


def _unmatched_references(
    overlays: FlowOverlays, flows: Sequence[Flow]
) -> Iterator[InputError]:
    for rule in overlays.references:
        chosen = [f for f in flows if _match(rule.flow, f.address.name)]
        references = [(f, r) for f in chosen for r in f.references]
        if not chosen or any(rule.matches(f, r) for f, r in references):
            continue
        known = sorted({r.kind for _, r in references})
        if rule.kind not in known:
            words = f"the flow refers to nothing of kind {rule.kind!r}"
            yield _nothing(words, rule.kind, known, rule.location)
        else:
            names = sorted({r.name for _, r in references if r.kind == rule.kind})
            words = f"the flow does not refer to {rule.kind} {rule.source!r}"
            yield _nothing(words, rule.source, names, rule.location)


def _nothing(
    message: str, word: str, words: Collection[str], location: Location
) -> InputError:
    near = get_close_matches(word, list(words), n=1)
    listed = ", ".join(list(words)[:5]) or "none"
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {listed}"
    return InputError(message, hint=hint, location=location)


def _property_rules(flow: str, config: Branch | None) -> Iterator[PropertyRule]:
    for node, node_location, tables in config or ():
        for table, table_location, properties in _below(tables, node_location):
            for name, location, leaf in _below(properties, table_location):
                if not isinstance(leaf, Leaf):
                    raise InputError(
                        f"the property {name} must be a text",
                        hint="config reads node: table: property: value",
                        location=location,
                    )
                yield PropertyRule((flow, node, table), name, leaf)


def _below(layer: Layer, location: Location) -> Branch:
    if isinstance(layer, Branch):
        return layer
    raise InputError("config reads node: table: property: value", location=location)


def _reference_rules(flow: str, kinds: Branch | None) -> Iterator[ReferenceRule]:
    for kind, location, names in kinds or ():
        if not isinstance(names, Branch):
            raise InputError(
                f"references of kind {kind} must be a mapping of names",
                location=location,
            )
        for source, place, target in names:
            if isinstance(target, Leaf) and target.removes:
                continue
            text = leaf_text(target, f"{kind} {source}")
            yield ReferenceRule(flow, kind, source, text, place)


def _words(flow: str, layer: Branch) -> Iterator[tuple[str, str, str, Location]]:
    for key in ("status", "type"):
        found = layer.get(key)
        if found is None:
            continue
        word = leaf_text(found, key)
        location = layer.entries[key][0]
        if key == "status" and word not in (PUBLISHED, SAVED):
            raise InputError(
                f"the status {word!r} does not exist",
                hint=f"write {PUBLISHED} or {SAVED}",
                location=location,
            )
        yield flow, key, word, location


def _known_keys(layer: Branch) -> None:
    for key, location, _ in layer:
        if key not in KEYS:
            raise _nothing(f"a flow has no key {key!r}", key, KEYS, location)


def _is_pattern(text: str) -> bool:
    return any(sign in text for sign in "*?[")


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


def _match(pattern: str, name: str) -> bool:
    return pattern == name or (
        _is_pattern(pattern) and _expression(pattern).match(name) is not None
    )
