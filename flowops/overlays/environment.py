"""Load an environment with all it extends.

An environment is ``environments/NAME.yaml``; an empty file is a valid one with
no target. Unknown keys are errors: an overlay that does nothing is an outage
waiting to happen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import reduce
from typing import TYPE_CHECKING

from flowops.documents.source import decode
from flowops.documents.yaml_text import (
    YamlMapping,
    YamlScalar,
    boolean_of,
    mapping_of,
    parse_yaml,
    text_of,
)
from flowops.errors import InputError
from flowops.model import Location
from flowops.overlays.layers import Branch, Layer, Leaf, branch_of, merge_branches
from flowops.overlays.templates import LackingError, fill
from flowops.secrets import Secret, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

KEYS = ("extends", "protected", "targets", "variables", "secrets", "flows")
_SECRET_SOURCES = ("env", "file")
_MAPPINGS = ("ask",)  # what may be a mapping in a target


@dataclass(frozen=True, slots=True)
class TargetLayer:
    """A target as an environment describes it.

    A mapping below it is flat here: ``ask: {kafka: {…}}`` makes ``ask.kafka.…``.
    ``places`` are those of the keys.
    """

    system: str
    kind: str
    values: Mapping[str, Text]
    location: Location
    places: Mapping[str, Location] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MissingSecret:
    """A secret whose source has no value where this command runs."""

    name: str
    source: str
    location: Location


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment, all layers merged; ``values`` fill its templates.

    ``layers`` are the files it is made of, the one that counts most last.
    """

    name: str
    location: Location
    protected: bool = False
    targets: Mapping[str, TargetLayer] = field(default_factory=dict)
    values: Mapping[str, Text] = field(default_factory=dict)
    flows: Branch | None = None
    missing_secrets: tuple[MissingSecret, ...] = ()
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """Where environments, and the values of their secrets, are read from.

    ``read`` returns the bytes of a file of the project, or ``None``;
    ``names`` are the environments there are; ``variables`` are those of the
    operating system, which only secrets may name. ``read_secret`` reads the files
    of secrets: these are never committed, so they lie in the working folder even
    where the rest is read from a Git ref. Without it, ``read`` does.
    """

    folder: str
    names: tuple[str, ...]
    read: Callable[[str], bytes | None]
    variables: Mapping[str, str]
    read_secret: Callable[[str], bytes | None] | None = None


def load_environment(name: str, sources: Sources) -> Environment:
    """Load an environment by name.

    Raises ``InputError`` for an unknown name, a circle of ``extends``, a key
    that does not exist, or a value of the wrong shape.
    """
    layers = _layers(name, sources, Location(_path(name, sources)), ())
    root = reduce(merge_branches, map(branch_of, layers))
    _known_keys(root, KEYS, "an environment")
    values, missing = _values(root, sources)
    return Environment(
        name=name,
        location=root.location,
        protected=_protected(root),
        targets=_targets(root, values),
        values=values,
        flows=branch(root, "flows"),
        missing_secrets=missing,
        layers=tuple(layer.location.path for layer in layers),
    )


def extended_names(sources: Sources) -> frozenset[str]:
    """Return the environments that others extend; a file that is none says nothing."""
    return frozenset(filter(None, (_parent(name, sources) for name in sources.names)))


def _parent(name: str, sources: Sources) -> str:
    path = _path(name, sources)
    try:
        root = parse_yaml(decode(path, sources.read(path) or b""))
    except InputError:
        return ""
    found = root.get("extends") if isinstance(root, YamlMapping) else None
    return found.text if isinstance(found, YamlScalar) else ""


def _path(name: str, sources: Sources) -> str:
    return f"{sources.folder}/{name}.yaml"


def _layers(
    name: str, sources: Sources, asked: Location, below: tuple[str, ...]
) -> list[YamlMapping]:
    """Return the environment's own file after all that it extends."""
    if name in below:
        circle = " extends ".join((*below[below.index(name) :], name))
        raise InputError(f"environments in a circle: {circle}", location=asked)
    path = _path(name, sources)
    data = sources.read(path) if name in sources.names else None
    if data is None and name in sources.names:
        raise InputError(
            "there is no such file: it is a link to nothing",
            hint="mend the link, or take it away",
            location=Location(path),
        )
    if data is None:
        raise InputError(
            f"there is no environment {name!r}",
            hint=_near(name, sources.names) or f"write {path}",
            location=asked if below else None,
        )
    root = mapping_of(parse_yaml(decode(path, data)), "an environment")
    parent = root.get("extends")
    if parent is None:
        return [root]
    other = text_of(parent, "extends")
    return [*_layers(other, sources, parent.location, (*below, name)), root]


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


def _known_keys(layer: Branch, known: Collection[str], what: str) -> None:
    for key, location, _ in layer:
        if key not in known:
            raise InputError(
                f"{what} has no key {key!r}",
                hint=_near(key, known) or f"keys are {', '.join(known)}",
                location=location,
            )


def _near(word: str, words: Collection[str]) -> str:
    near = get_close_matches(word, list(words), n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are {', '.join(sorted(words))}" if words else ""


def _protected(root: Branch) -> bool:
    found = root.get("protected")
    if found is None:
        return False
    if isinstance(found, Leaf):
        return boolean_of(found.node, "protected")
    raise InputError("protected must be true or false", location=found.location)


def _values(
    root: Branch, sources: Sources
) -> tuple[dict[str, Text], tuple[MissingSecret, ...]]:
    values: dict[str, Text] = {}
    missing: list[MissingSecret] = []
    for name, _, layer in branch(root, "variables") or ():
        if not _removed(layer):
            values[name] = leaf_text(layer, f"the variable {name}")
    for name, location, layer in branch(root, "secrets") or ():
        if _removed(layer):
            continue
        if name in values:
            raise InputError(f"{name!r} is a variable and a secret", location=location)
        kind, where = _secret_source(name, layer)
        values[name], found = _secret(name, kind, where, location, sources)
        if not found:
            missing.append(MissingSecret(name, f"{kind} {where}", location))
    return values, tuple(missing)


def _removed(layer: Layer) -> bool:
    return isinstance(layer, Leaf) and layer.removes


def _secret_source(name: str, layer: Layer) -> tuple[str, str]:
    if isinstance(layer, Branch):
        _known_keys(layer, _SECRET_SOURCES, f"the secret {name}")
        sources = [
            (key, leaf_text(below, key))
            for key, _, below in layer
            if not _removed(below)
        ]
        if len(sources) == 1:
            return sources[0]
    location = layer.location if isinstance(layer, Branch) else layer.chain[0]
    raise InputError(
        f"the secret {name} must name one source",
        hint="write {env: VARIABLE} or {file: PATH}; a value never stands here",
        location=location,
    )


def _secret(
    name: str, kind: str, where: str, location: Location, sources: Sources
) -> tuple[Secret, bool]:
    visible = f"<{name}_redacted>"
    try:
        value = _fetched(kind, where, sources)
    except UnicodeError:
        raise InputError(
            f"the secret {name} is not text: {kind} {where} is not UTF-8",
            location=location,
        ) from None
    except InputError as error:
        raise InputError(
            f"the secret {name} cannot be read: {error.message}",
            hint=error.hint,
            location=location,
        ) from error
    if value:
        return Secret(value, visible), True

    def absent() -> str:
        raise InputError(
            f"the secret {name} has no value: {kind} {where} is not set",
            hint="set it where this command runs",
            location=location,
        )

    return Secret(absent, visible), False


def _fetched(kind: str, where: str, sources: Sources) -> str:
    if kind == "env":
        value = sources.variables.get(where, "")
        value.encode("utf-8")  # a variable can hold bytes that are no text
        return value
    read = sources.read_secret or sources.read
    return (read(where) or b"").decode("utf-8-sig").rstrip("\r\n")


def _targets(root: Branch, values: Mapping[str, Text]) -> dict[str, TargetLayer]:
    targets: dict[str, TargetLayer] = {}
    for system, location, layer in branch(root, "targets") or ():
        if _removed(layer):
            continue
        if not isinstance(layer, Branch):
            raise InputError(
                f"the target {system} must be a mapping with a kind", location=location
            )
        settings: dict[str, Text] = {}
        places: dict[str, Location] = {}
        for key, place, text in _flat(layer):
            if key in settings:
                raise InputError(f"{key} of {system} is given twice", location=place)
            settings[key], places[key] = fill(text, values, place), place
            if "\0" in str(settings[key]):  # no path, address or name may have one
                raise InputError(f"{key} of {system} has a NUL in it", location=place)
        kind = settings.pop("kind", "")
        if not kind:
            raise LackingError(f"the target {system} needs a kind", location=location)
        targets[system] = TargetLayer(system, str(kind), settings, location, places)
    return targets


def _flat(layer: Branch, above: str = "") -> Iterator[tuple[str, Location, str]]:
    """Give the texts of a target; the keys of a mapping are joined with dots."""
    for key, location, below in layer:
        name = f"{above}{key}"
        if isinstance(below, Branch) and name.partition(".")[0] in _MAPPINGS:
            if not below.entries:
                raise InputError(
                    f"{name} has nothing in it",
                    hint="write what it is for, or take it away",
                    location=location,
                )
            yield from _flat(below, f"{name}.")
        elif not _removed(below):
            yield name, location, leaf_text(below, name)
