"""Load an environment with all it extends.

An environment is ``environments/NAME.yaml``; an empty file is a valid one with
no target. Unknown keys are errors: an overlay that does nothing is an outage
waiting to happen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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
from flowops.overlays.idle import idle_names, names_used
from flowops.overlays.layers import (
    Branch,
    Leaf,
    branch,
    branch_of,
    leaf_text,
    merge_branches,
    refuse_others,
)
from flowops.overlays.names import did_you_mean
from flowops.overlays.templates import LackingError, fill
from flowops.overlays.variables import Values, read_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flowops.overlays.variables import MissingSecret
    from flowops.secrets import Text

KEYS = ("extends", "protected", "targets", "variables", "secrets", "flows")
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
class Environment:
    """One environment, all layers merged; ``filled_from`` fills its templates.

    ``layers`` are the files it is made of, the one that counts most last; ``idle``
    are errors of its own file: variables and secrets that fill nothing.
    """

    name: str
    location: Location
    protected: bool = False
    targets: Mapping[str, TargetLayer] = field(default_factory=dict)
    filled_from: Values = field(default_factory=Values)
    flows: Branch | None = None
    layers: tuple[str, ...] = ()
    idle: tuple[InputError, ...] = ()

    @property
    def values(self) -> Mapping[str, Text]:
        """Return what templates are filled with, by name."""
        return self.filled_from.texts

    @property
    def missing_secrets(self) -> tuple[MissingSecret, ...]:
        """Return the secrets whose sources have no value where this command runs."""
        return self.filled_from.missing


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
    root = _merged(layers)
    refuse_others(root, KEYS, "an environment")
    values = read_values(root, sources)
    return Environment(
        name=name,
        location=root.location,
        protected=_protected(root),
        targets=_targets(root, values.texts),
        filled_from=values,
        flows=branch(root, "flows"),
        layers=tuple(layer.location.path for layer in layers),
        idle=tuple(_idle(name, layers, sources)),
    )


def idle_in(name: str, sources: Sources) -> list[InputError]:
    """Return an error for each variable and secret of a file that fills nothing.

    It can be told of an environment that lacks what those that extend it define.
    Raises ``InputError`` as ``load_environment`` does.
    """
    layers = _layers(name, sources, Location(_path(name, sources)), ())
    return _idle(name, layers, sources)


def _idle(name: str, layers: list[YamlMapping], sources: Sources) -> list[InputError]:
    own = branch_of(layers[-1])
    return idle_names(own, _merged(layers), lambda: _heirs(name, sources))


def _merged(layers: list[YamlMapping]) -> Branch:
    return reduce(merge_branches, map(branch_of, layers))


def _heirs(name: str, sources: Sources) -> Iterator[frozenset[str]]:
    """Give the names that each environment uses that extends this one.

    Of one that is damaged, any word may be such a name.
    """
    path = _path(name, sources)
    for other in sources.names:
        try:
            layers = _layers(other, sources, Location(_path(other, sources)), ())
            if path in [layer.location.path for layer in layers[:-1]]:
                yield names_used(_merged(layers))
        except InputError:
            yield _words(_path(other, sources), sources)


def _words(path: str, sources: Sources) -> frozenset[str]:
    try:
        text = (sources.read(path) or b"").decode("utf-8", "replace")
    except InputError:
        return frozenset()
    return frozenset(re.findall(r"\w+", text))


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
            hint=_instead(name, sources),
            location=asked if below else None,
        )
    root = mapping_of(parse_yaml(decode(path, data)), "an environment")
    parent = root.get("extends")
    if parent is None:
        return [root]
    other = text_of(parent, "extends")
    return [*_layers(other, sources, parent.location, (*below, name)), root]


def _instead(name: str, sources: Sources) -> str:
    """Say what to do about an environment that is not there."""
    other = f"{sources.folder}/{name}.yml"
    if "/" not in name and _is_there(other, sources):
        return f"rename {other} to {name}.yaml"
    if near := did_you_mean(name, sources.names):
        return near
    known = ", ".join(sorted(sources.names))
    return f"there are {known}" if known else f"write {_path(name, sources)}"


def _is_there(path: str, sources: Sources) -> bool:
    try:
        return sources.read(path) is not None
    except InputError:  # such as a name that no file can have
        return False


def _protected(root: Branch) -> bool:
    found = root.get("protected")
    if found is None:
        return False
    if isinstance(found, Leaf):
        return boolean_of(found.node, "protected")
    raise InputError("protected must be true or false", location=found.location)


def _targets(root: Branch, values: Mapping[str, Text]) -> dict[str, TargetLayer]:
    targets: dict[str, TargetLayer] = {}
    for system, location, layer in branch(root, "targets") or ():
        if layer.removes:
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
        elif not below.removes:
            yield name, location, leaf_text(below, name)
