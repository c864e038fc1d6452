"""Merge mappings of YAML: deep, child over parent, with the chain of origins.

Scalars and lists replace. A null stays in the result as a mark that the value
is taken away, so that it also removes what a flow's own file holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from flowops.documents.yaml_text import (
    YamlMapping,
    YamlScalar,
    YamlSequence,
    text_of,
)
from flowops.errors import InputError
from flowops.overlays.names import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from flowops.documents.yaml_text import YamlNode
    from flowops.model import Location


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that counts; ``chain`` is its place, then those it replaced."""

    node: YamlScalar | YamlSequence
    chain: tuple[Location, ...]

    @property
    def removes(self) -> bool:
        """Tell whether the value is a null, which takes away."""
        return isinstance(self.node, YamlScalar) and self.node.value is None

    @property
    def text(self) -> str:
        """Return what is typed; nothing of a list."""
        return self.node.text if isinstance(self.node, YamlScalar) else ""


@dataclass(frozen=True, slots=True)
class Branch:
    """Keys with their places and what is below them."""

    entries: Mapping[str, tuple[Location, Layer]]
    location: Location

    @property
    def removes(self) -> bool:
        """Tell that no mapping takes a value away: only a null does."""
        return False

    def get(self, key: str) -> Layer | None:
        """Return what is below a key, or nothing where a null removed it."""
        found = self.entries.get(key)
        if found is None or (isinstance(found[1], Leaf) and found[1].removes):
            return None
        return found[1]

    def __iter__(self) -> Iterator[tuple[str, Location, Layer]]:
        """Give each key, its place and what is below it."""
        for key, (location, layer) in self.entries.items():
            yield key, location, layer


Layer: TypeAlias = Leaf | Branch


def layer_of(node: YamlNode) -> Layer:
    """Turn one file's node into a layer of its own."""
    if isinstance(node, YamlMapping):
        return branch_of(node)
    return Leaf(node, (node.location,))


def branch_of(node: YamlMapping) -> Branch:
    """Turn one file's mapping into a layer of its own."""
    entries = {e.key: (e.location, layer_of(e.value)) for e in node}
    return Branch(entries, node.location)


def merge(parent: Layer, child: Layer) -> Layer:
    """Lay a child over its parent."""
    if isinstance(parent, Branch) and isinstance(child, Branch):
        return merge_branches(parent, child)
    if isinstance(child, Leaf):
        return Leaf(child.node, (*child.chain, *chain_of(parent)))
    return child


def merge_branches(parent: Branch, child: Branch) -> Branch:
    """Lay a child over its parent, key by key; both keep what the other lacks."""
    entries = dict(parent.entries)
    for key, (location, layer) in child.entries.items():
        below = entries.get(key)
        entries[key] = (location, merge(below[1], layer) if below else layer)
    return Branch(entries, child.location)


def chain_of(layer: Layer) -> tuple[Location, ...]:
    """Return the places that made a value, the one that counts first."""
    return layer.chain if isinstance(layer, Leaf) else (layer.location,)


def branch(parent: Branch, key: str) -> Branch | None:
    """Return the mapping below a key; raises ``InputError`` for anything else."""
    found = parent.get(key)
    if found is None or isinstance(found, Branch):
        return found
    raise InputError(f"{key} must be a mapping of keys", location=found.chain[0])


def leaf_text(layer: Layer, what: str) -> str:
    """Return a scalar as typed; raises ``InputError`` for anything else."""
    if isinstance(layer, Leaf):
        return text_of(layer.node, what)
    raise InputError(f"{what} must be a text", location=layer.location)


def refuse_others(layer: Branch, known: Collection[str], what: str) -> None:
    """Raise ``InputError`` for a key that is none of those that are known."""
    for key, location, _ in layer:
        if key not in known:
            raise InputError(
                f"{what} has no key {key!r}",
                hint=did_you_mean(key, known)
                or f"there are {', '.join(sorted(known))}",
                location=location,
            )
