"""Say where a value of an environment comes from.

A value is named by the keys that lead to it from the root of the environment,
with ``/`` between them. ``%2F`` is a slash inside a key, ``%25`` a percent sign.
Only visible text is given: a secret is shown by its source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce
from typing import TYPE_CHECKING

from flowops.documents.source import decode
from flowops.documents.yaml_text import (
    YamlMapping,
    YamlScalar,
    YamlSequence,
    mapping_of,
    parse_yaml,
)
from flowops.errors import InputError
from flowops.overlays.environment import load_environment
from flowops.overlays.layers import Branch, Leaf, branch_of, merge_branches
from flowops.overlays.templates import fill, names_in
from flowops.secrets import Secret
from flowops.systems.event_processing.redaction.sensitive import mask_option

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from flowops.documents.yaml_text import YamlNode
    from flowops.model import Location
    from flowops.overlays.environment import Environment, Sources
    from flowops.overlays.layers import Layer
    from flowops.overlays.variables import Values

_Path = tuple[str, ...]
_ESCAPE = re.compile("%(2F|25)", re.IGNORECASE)
_EXPRESSION = re.compile(r"\{\{[^{}\"']*\}\}")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Origin:
    """A place that says something about a value, and what is typed there."""

    location: Location
    typed: str


@dataclass(frozen=True, slots=True)
class ExplainedValue:
    """One value of an environment, with the places that made it.

    ``value`` is the one that counts, or ``None`` where it is taken away;
    ``chain`` begins with the place that counts. ``uses`` are the paths of what
    its template is filled from, ``places`` where each of them stands; ``problem``
    says why it cannot be filled.
    """

    path: str
    value: str | None
    chain: tuple[Origin, ...]
    uses: tuple[str, ...] = ()
    problem: str = ""
    places: tuple[Location, ...] = ()


def explain_value(path: str, name: str, sources: Sources) -> list[ExplainedValue]:
    """Explain the value at a path of an environment, or each one below it.

    Raises ``InputError`` for a path that leads to nothing.
    """
    environment = load_environment(name, sources)
    layers = [_layer(place, sources) for place in environment.layers]
    root = reduce(merge_branches, map(branch_of, layers))
    nodes = {node.location: node for layer in layers for node in _nodes_below(layer)}
    steps = _steps(path)
    return [
        _explained(below, leaf, nodes, environment)
        for below, leaf in _leaves(_find(root, steps), steps)
    ]


def path_text(steps: Sequence[str]) -> str:
    """Write keys as one path, so that it can be typed."""
    return "/".join(s.replace("%", "%25").replace("/", "%2F") for s in steps)


def _steps(path: str) -> _Path:
    words = path.strip("/").split("/") if path.strip("/") else []
    signs = {"2F": "/", "25": "%"}
    return tuple(_ESCAPE.sub(lambda m: signs[m[1].upper()], word) for word in words)


def _layer(path: str, sources: Sources) -> YamlMapping:
    return mapping_of(
        parse_yaml(decode(path, sources.read(path) or b"")), "an environment"
    )


def _nodes_below(node: YamlNode) -> Iterator[YamlNode]:
    yield node
    if isinstance(node, YamlMapping):
        for entry in node:
            yield from _nodes_below(entry.value)


def _find(root: Branch, steps: _Path) -> Layer:
    layer: Layer = root
    for index, key in enumerate(steps):
        above = steps[:index]
        if isinstance(layer, Leaf):
            raise _no_mapping(layer, above)
        if key not in layer.entries:
            raise _no_key(key, layer, above)
        layer = layer.entries[key][1]
    return layer


def _no_mapping(leaf: Leaf, above: _Path) -> InputError:
    if leaf.removes:
        words = f"{path_text(above)} is taken away here, with all that was below it"
    else:
        words = f"{path_text(above)} is a value: there is no key below it"
    return InputError(words, location=leaf.chain[0])


def _no_key(key: str, layer: Branch, above: _Path) -> InputError:
    level = f"{path_text(above)} has no key" if above else "the environment has no key"
    return InputError(
        f"{level} {key!r}",
        hint=_near(key, layer.entries, above),
        location=layer.location,
    )


def _near(key: str, keys: Collection[str], above: _Path) -> str:
    if near := get_close_matches(key, keys, n=1):
        return f"did you mean {path_text((*above, near[0]))!r}?"
    more = ", …" if len(keys) > _SHOWN else ""
    listed = ", ".join(repr(path_text([k])) for k in [*keys][:_SHOWN])
    return f"there are: {listed or 'none'}{more}"


def _leaves(layer: Layer, path: _Path) -> Iterator[tuple[_Path, Layer]]:
    """Give each value below a place; a mapping without keys counts as one."""
    if isinstance(layer, Leaf) or not layer.entries:
        yield path, layer
        return
    for key, _, below in layer:
        yield from _leaves(below, (*path, key))


def _explained(
    path: _Path,
    layer: Layer,
    nodes: Mapping[Location, YamlNode],
    environment: Environment,
) -> ExplainedValue:
    shown = path_text(path)
    if isinstance(layer, Branch):
        return ExplainedValue(shown, "{}", (Origin(layer.location, "{}"),))
    places = [(place, nodes[place]) for place in layer.chain]
    chain = tuple(Origin(place, _typed(path, node)) for place, node in places)
    if layer.removes:
        return ExplainedValue(shown, None, chain)
    if not _is_filled(path):
        return ExplainedValue(shown, chain[0].typed, chain)
    if not isinstance(layer.node, YamlScalar):
        problem = "a list is no value here: write a text"
        return ExplainedValue(shown, chain[0].typed, chain, problem=problem)
    return _filled(path, layer.node.text, chain, environment.filled_from)


def _filled(
    path: _Path, text: str, chain: tuple[Origin, ...], known: Values
) -> ExplainedValue:
    place, values = chain[0].location, known.texts
    try:
        names = sorted(known.behind(names_in(text, place)))
        value = str(fill(text, values, place))
    except InputError as error:
        return ExplainedValue(
            path_text(path), chain[0].typed, chain, problem=error.message
        )
    uses = tuple(
        path_text(["secrets" if isinstance(values[n], Secret) else "variables", n])
        for n in names
    )
    visible = (
        mask_option(_option(path), value).text if value != text else chain[0].typed
    )
    places = tuple(known.places[name] for name in names)
    return ExplainedValue(path_text(path), visible, chain, uses, places=places)


def _is_filled(path: _Path) -> bool:
    """Tell whether templates are filled here; elsewhere braces are just text."""
    match path:
        case (
            ("targets", _, _, *_)
            | ("variables", _)
            | ("flows", _, "config", _, _, _)
            | ("flows", _, "references", _, _)
        ):
            return True
    return False


def _typed(path: _Path, node: YamlNode) -> str:
    if isinstance(node, YamlMapping):
        return "a mapping of keys"
    if isinstance(node, YamlSequence):
        return "a list"
    if node.value is None:
        return "null"
    match path:
        case ("secrets", _, "env" | "file" as source):
            return f"{{{source}: {node.text}}}"
        case ("secrets", *_):
            return "a text that is not shown"
    return _masked(_option(path), node.text)


def _option(path: _Path) -> str:
    """Return what a value is called; a resource called Token holds no secret."""
    match path:
        case ("flows", _, "references", *_):
            return ""
    return path[-1] if path else ""


def _masked(name: str, text: str) -> str:
    """Hide what somebody typed in the clear, but not the names in a template."""
    found: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        # A redaction is never masked again, so a name in this form stays.
        mark = f"<template{'_' * len(found)}_redacted>"
        found[mark] = match.group()
        return mark

    masked = mask_option(name, _EXPRESSION.sub(stand_in, text)).text
    for mark, expression in found.items():
        masked = masked.replace(mark, expression)
    return masked
