"""What an environment says about one flow: properties, references, status.

A name beats a pattern, at each level; among equals the child beats what it
extends, and then the later one in the file counts. A key that matches nothing in
the whole project is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import translate
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from flowops.errors import InputError
from flowops.overlays.environment import Environment, branch, leaf_text
from flowops.overlays.layers import Branch, Layer, Leaf
from flowops.overlays.templates import fill, names_in
from flowops.secrets import Secret
from flowops.systems.protocol import PUBLISHED, SAVED, Flow, Setting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from flowops.model import Location, Reference
    from flowops.secrets import Text

KEYS = ("config", "references", "status", "type")
_WITH_WORDS = "connect"  # the system whose flows have a status and a type
_Names: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PropertyRule:
    """One property of an overlay: which flows, nodes and tables it is for."""

    patterns: _Names
    name: str
    leaf: Leaf

    def matches(self, flow: str, node: str, table: str) -> bool:
        """Tell whether the rule is for this table of this node of this flow."""
        return (
            _match(self.patterns[0], flow)
            and _match(self.patterns[1], node)
            and _match(self.patterns[2], table)
        )

    def exactness(self, names: _Names) -> tuple[bool, ...]:
        """Order rules that match, so that a name comes after a pattern."""
        return tuple(p == n for p, n in zip(self.patterns, names, strict=True))


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
            self.kind == reference.kind
            and self.source in (reference.name, reference.value, reference.key)
            and _match(self.flow, flow.address.name)
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
        tables = _tables(flow)
        for names in tables:
            for rule in self._property_rules(names):
                key = (*names[1:], rule.name)
                if rule.leaf.removes:
                    result.pop(key, None)
                else:
                    value = self.value(rule)
                    result[key] = Setting(*key, value, rule.leaf.chain[0])
        order = {names[1:]: number for number, names in enumerate(tables)}
        return tuple(
            sorted(result.values(), key=lambda s: (order[s.node, s.table], s.name))
        )

    def _property_rules(self, names: _Names) -> list[PropertyRule]:
        """Return the rules for a table, the one that counts last."""
        found = [rule for rule in self.properties if rule.matches(*names)]
        found.sort(key=lambda r: (r.exactness(names), self._layer(r.leaf.chain[0])))
        return found

    def _layer(self, location: Location) -> int:
        """Tell how much the file of a rule counts among those it is merged with."""
        layers = self.environment.layers
        return layers.index(location.path) if location.path in layers else 0

    def names_used(self, flow: Flow) -> frozenset[str]:
        """Return the variables and secrets that the flow's settings are made from."""
        tables = _tables(flow)
        names: set[str] = set()
        for rule in self.properties:
            chosen = any(rule.matches(*table) for table in tables)
            if chosen and not rule.leaf.removes:
                text = leaf_text(rule.leaf, f"the property {rule.name}")
                names |= names_in(text, rule.leaf.chain[0])
        return frozenset(names)

    def reference(self, flow: Flow, reference: Reference) -> ReferenceRule | None:
        """Return the rule that maps a reference, or nothing."""
        name = flow.address.name
        found = [r for r in self.references if r.matches(flow, reference)]
        found.sort(key=lambda r: (r.flow == name, self._layer(r.location)))
        return found[-1] if found else None

    def word(self, flow: Flow, key: str, default: str) -> str:
        """Return the ``status`` or ``type`` an environment gives a flow."""
        name = flow.address.name
        found = [w for w in self.words if w[1] == key and _match(w[0], name)]
        found.sort(key=lambda w: (w[0] == name, self._layer(w[3])))
        return found[-1][2] if found else default

    def value(self, rule: PropertyRule) -> Text:
        """Return a property with its template filled; raises ``InputError``."""
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
    values = environment.values
    for flow, location, layer in environment.flows or ():
        if not isinstance(layer, Branch):
            if layer.removes:
                continue
            raise InputError("a flow must be a mapping of keys", location=location)
        _known_keys(layer)
        properties += _property_rules(flow, branch(layer, "config"))
        references += _reference_rules(flow, branch(layer, "references"), values)
        words += _words(flow, layer)
    return FlowOverlays(environment, tuple(properties), tuple(references), tuple(words))


def unfillable(overlays: FlowOverlays) -> list[InputError]:
    """Return an error for each property whose template cannot be filled."""
    errors: list[InputError] = []
    for rule in overlays.properties:
        try:
            if not rule.leaf.removes:
                overlays.value(rule)
        except InputError as error:
            errors.append(error)
    return errors


def unmatched(overlays: FlowOverlays, flows: Sequence[Flow]) -> list[InputError]:
    """Return an error for each key or pattern that matches no flow at all."""
    return [
        *_unmatched_flows(overlays, flows),
        *_unmatched_tables(overlays, flows),
        *_unmatched_removals(overlays, flows),
        *_unmatched_references(overlays, flows),
        *_unmatched_words(overlays, flows),
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
    places = [(flow.address.name, _tables(flow)) for flow in flows]
    for rule in overlays.properties:
        chosen = [tables for name, tables in places if _match(rule.patterns[0], name)]
        if chosen and not any(rule.matches(*t) for tables in chosen for t in tables):
            yield _no_table(rule, [t for tables in chosen for t in tables])


def _no_table(rule: PropertyRule, tables: Sequence[_Names]) -> InputError:
    _, node, table = rule.patterns
    location = rule.leaf.chain[0]
    if not tables:
        return InputError(
            f"the flow has no properties, so {rule.name} is for nothing",
            hint="config is for flows of Event Processing",
            location=location,
        )
    of_node = sorted({names[2] for names in tables if _match(node, names[1])})
    if of_node:
        words = f"no table of that node is called {table!r}"
        return _nothing(words, table, of_node, location)
    nodes = sorted({names[1] for names in tables})
    return _nothing(f"no node is called {node!r}", node, nodes, location)


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
            yield _nothing(words, rule.name, sorted(names), rule.leaf.chain[0])


def _tables(flow: Flow) -> list[_Names]:
    """Return flow, node and table for each table that a flow has, in order."""
    name = flow.address.name
    return list(dict.fromkeys((name, s.node, s.table) for s in flow.settings))


def _unmatched_references(
    overlays: FlowOverlays, flows: Sequence[Flow]
) -> Iterator[InputError]:
    for rule in overlays.references:
        chosen = [f for f in flows if _match(rule.flow, f.address.name)]
        if not chosen or any(rule.matches(f, r) for f in chosen for r in f.references):
            continue
        references = [r for f in chosen for r in f.references]
        known = sorted({r.kind for r in references})
        if rule.kind not in known:
            words = f"the flow refers to nothing of kind {rule.kind!r}"
            yield _nothing(words, rule.kind, known, rule.location)
        else:
            names = {r.name for r in references if r.kind == rule.kind} - {""}
            words = f"the flow does not refer to {rule.kind} {rule.source!r}"
            yield _nothing(words, rule.source, sorted(names), rule.location)


def _unmatched_words(
    overlays: FlowOverlays, flows: Sequence[Flow]
) -> Iterator[InputError]:
    for pattern, key, _, location in overlays.words:
        systems = {f.address.system for f in flows if _match(pattern, f.address.name)}
        if systems and _WITH_WORDS not in systems:
            yield InputError(
                f"the flow has no {key}, so this is for nothing",
                hint=f"{key} is for flows of Amazon Connect",
                location=location,
            )


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
                if _expression(name):
                    raise InputError(
                        f"{name!r} is no property: patterns are for nodes and tables",
                        hint="write the name of each property",
                        location=location,
                    )
                yield PropertyRule((flow, node, table), name, leaf)


def _below(layer: Layer, location: Location) -> Branch:
    if isinstance(layer, Branch):
        return layer
    if layer.removes:
        return Branch({}, location)
    raise InputError("config reads node: table: property: value", location=location)


def _reference_rules(
    flow: str, kinds: Branch | None, values: Mapping[str, Text]
) -> Iterator[ReferenceRule]:
    for kind, location, names in kinds or ():
        if not isinstance(names, Branch):
            if names.removes:
                continue
            raise InputError(
                f"references of kind {kind} must be a mapping of names",
                location=location,
            )
        for source, place, target in names:
            if isinstance(target, Leaf) and target.removes:
                continue
            text = fill(leaf_text(target, f"{kind} {source}"), values, place)
            if isinstance(text, Secret):
                raise InputError("a reference cannot be a secret", location=place)
            if not text.strip():
                raise InputError(
                    f"{kind} {source!r} is mapped to nothing",
                    hint="name what it is here, or take the line out",
                    location=place,
                )
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


@cache
def _expression(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern; a name without a wildcard is none."""
    is_pattern = any(sign in pattern for sign in "*?[")
    return re.compile(translate(pattern)) if is_pattern else None


def _match(pattern: str, name: str) -> bool:
    if pattern == name:
        return True
    expression = _expression(pattern)
    return expression is not None and expression.match(name) is not None
