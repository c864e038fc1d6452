"""What an environment says about one flow: properties, references, status.

A name beats a pattern, at each level; among equals the child beats what it
extends, and then the later one in the file counts. A key that matches nothing in
the whole project is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from flowops.errors import InputError
from flowops.overlays.layers import Branch, Layer, Leaf, branch, leaf_text
from flowops.overlays.names import Patterned, did_you_mean, expression
from flowops.overlays.names import matches as _match
from flowops.overlays.templates import fill, names_in
from flowops.secrets import Secret
from flowops.systems.protocol import PUBLISHED, SAVED, Flow, Setting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from flowops.model import Location, Reference
    from flowops.overlays.environment import Environment
    from flowops.overlays.variables import Values
    from flowops.secrets import Text

KEYS = ("config", "references", "status", "type")
_WORDS = ("status", "type")
Names: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PropertyRule:
    """One property of an overlay: which flows, nodes and tables it is for."""

    patterns: Names
    name: str
    leaf: Leaf

    def matches(self, flow: str, node: str, table: str) -> bool:
        """Tell whether the rule is for this table of this node of this flow."""
        return _match(self.patterns[0], flow) and self.is_for(node, table)

    def is_for(self, node: str, table: str) -> bool:
        """Tell whether the rule is for this table of a flow that it is for."""
        return _match(self.patterns[1], node) and _match(self.patterns[2], table)

    def exactness(self, names: Names) -> tuple[bool, ...]:
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
    filled_from: str = ""

    @property
    def origin(self) -> str:
        """Say where the mapping stands, and what its template is filled from."""
        words = f" filled from {self.filled_from}" if self.filled_from else ""
        return f"{self.location}{words}"

    def maps(self, reference: Reference) -> bool:
        """Tell whether the rule is for a reference: by its name, value or key."""
        names = (reference.name, reference.value, reference.key)
        return self.kind == reference.kind and self.source in names


@dataclass(frozen=True)
class FlowOverlays:
    """Everything an environment says about flows."""

    environment: Environment
    properties: tuple[PropertyRule, ...] = ()
    references: tuple[ReferenceRule, ...] = ()
    words: tuple[tuple[str, str, str, Location], ...] = ()

    @cached_property
    def _properties(self) -> Patterned[PropertyRule]:
        return Patterned((rule.patterns[0], rule) for rule in self.properties)

    @cached_property
    def _references(self) -> Patterned[ReferenceRule]:
        return Patterned((rule.flow, rule) for rule in self.references)

    @cached_property
    def _origins(self) -> dict[str, str]:
        return {}

    @cached_property
    def _words(self) -> Patterned[tuple[str, str, str, Location]]:
        return Patterned((word[0], word) for word in self.words)

    def settings(self, flow: Flow) -> tuple[Setting, ...]:
        """Return the flow's settings with the environment's laid over them."""
        result = {(s.node, s.table, s.name): s for s in flow.settings}
        tables = tables_of(flow)
        rules = self._properties.of(flow.address.name)
        for names in tables:
            for rule in self._in_order(rules, names):
                key = (*names[1:], rule.name)
                if rule.leaf.removes:
                    result.pop(key, None)
                else:
                    value, place = self.value(rule), rule.leaf.chain[0]
                    result[key] = Setting(*key, value, place, self._filled_from(rule))
        order = {names[1:]: number for number, names in enumerate(tables)}
        return tuple(
            sorted(result.values(), key=lambda s: (order[s.node, s.table], s.name))
        )

    def _in_order(
        self, rules: Sequence[PropertyRule], names: Names
    ) -> list[PropertyRule]:
        """Return the rules for a table of their flow, the one that counts last."""
        found = [rule for rule in rules if rule.is_for(*names[1:])]
        found.sort(key=lambda r: (r.exactness(names), self._layer(r.leaf.chain[0])))
        return found

    def _layer(self, location: Location) -> int:
        """Tell how much the file of a rule counts among those it is merged with."""
        layers = self.environment.layers
        return layers.index(location.path) if location.path in layers else 0

    def names_used(self, flow: Flow) -> frozenset[str]:
        """Return the variables and secrets that the flow's settings are made from."""
        tables = tables_of(flow)
        names: set[str] = set()
        for rule in self._properties.of(flow.address.name):
            chosen = any(rule.is_for(*table[1:]) for table in tables)
            if chosen and not rule.leaf.removes:
                text = leaf_text(rule.leaf, f"the property {rule.name}")
                names |= names_in(text, rule.leaf.chain[0])
        return self.environment.filled_from.behind(names)

    def reference(self, flow: Flow, reference: Reference) -> ReferenceRule | None:
        """Return the rule that maps a reference, or nothing."""
        name = flow.address.name
        found = [r for r in self._references.of(name) if r.maps(reference)]
        found.sort(key=lambda r: (r.flow == name, self._layer(r.location)))
        return found[-1] if found else None

    def word(self, flow: Flow, key: str, default: str) -> str:
        """Return the ``status`` or ``type`` an environment gives a flow."""
        found = self._word(flow, key)
        return found[2] if found else default

    def places(self, flow: Flow) -> dict[str, Location]:
        """Return where an environment gives a flow its ``status`` and its ``type``."""
        found = {key: self._word(flow, key) for key in _WORDS}
        return {key: word[3] for key, word in found.items() if word}

    def _word(self, flow: Flow, key: str) -> tuple[str, str, str, Location] | None:
        name = flow.address.name
        found = [word for word in self._words.of(name) if word[1] == key]
        found.sort(key=lambda w: (w[0] == name, self._layer(w[3])))
        return found[-1] if found else None

    def _filled_from(self, rule: PropertyRule) -> str:
        """Say where the values stand that a property's template is filled from."""
        text = rule.leaf.text
        if text not in self._origins:  # one rule is for many flows
            names = names_in(text, rule.leaf.chain[0])
            self._origins[text] = self.environment.filled_from.origin(names)
        return self._origins[text]

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
    values = environment.filled_from
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


def tables_of(flow: Flow) -> list[Names]:
    """Return flow, node and table for each table that a flow has, in order."""
    name = flow.address.name
    return list(dict.fromkeys((name, s.node, s.table) for s in flow.settings))


def called_nothing(
    message: str, word: str, words: Collection[str], location: Location
) -> InputError:
    """Return the error of a name that nothing has, with the nearest that is one."""
    listed = ", ".join(list(words)[:5]) or "none"
    hint = did_you_mean(word, words) or f"there are: {listed}"
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
                if expression(name):
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
    flow: str, kinds: Branch | None, values: Values
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
            typed = leaf_text(target, f"{kind} {source}")
            text = fill(typed, values.texts, place)
            if isinstance(text, Secret):
                raise InputError("a reference cannot be a secret", location=place)
            if not text.strip():
                raise InputError(
                    f"{kind} {source!r} is mapped to nothing",
                    hint="name what it is here, or take the line out",
                    location=place,
                )
            filled_from = values.origin(names_in(typed, place))
            yield ReferenceRule(flow, kind, source, text, place, filled_from)


def _words(flow: str, layer: Branch) -> Iterator[tuple[str, str, str, Location]]:
    for key in _WORDS:
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
            raise called_nothing(f"a flow has no key {key!r}", key, KEYS, location)
