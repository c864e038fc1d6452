"""The variables and secrets of an environment: what its templates are filled with.

A variable may be a template over other variables and secrets; one that uses a
secret is a secret. A circle is refused, and so is one that grows without an end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.overlays.layers import Branch, branch, chain_of, leaf_text, refuse_others
from flowops.overlays.templates import (
    MAXIMUM_LENGTH,
    fill,
    names_in,
    refuse_undefined,
)
from flowops.secrets import Secret, Text, open_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowops.model import Location
    from flowops.overlays.environment import Sources
    from flowops.overlays.layers import Layer

SECRET_SOURCES = ("env", "file")
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class MissingSecret:
    """A secret whose source has no value where this command runs."""

    name: str
    source: str
    location: Location


@dataclass(frozen=True, slots=True)
class Values:
    """What templates are filled with, by name.

    ``places`` are where each value that counts stands; ``uses`` are the names that
    a variable is itself filled from.
    """

    texts: Mapping[str, Text] = field(default_factory=dict)
    places: Mapping[str, Location] = field(default_factory=dict)
    uses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    missing: tuple[MissingSecret, ...] = ()

    def behind(self, names: Iterable[str]) -> frozenset[str]:
        """Return names with all that their values are filled from, and so on."""
        return closed(names, self.uses)

    def origin(self, names: Iterable[str]) -> str:
        """Say where the values of these names stand: ``kafka of base.yaml:2:10``."""
        found = sorted(self.behind(names))
        words = [f"{name} of {self.places[name]}" for name in found[:_SHOWN]]
        more = len(found) - _SHOWN
        return ", ".join(words) + (f" and {more} more" if more > 0 else "")


def closed(names: Iterable[str], uses: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return names with those that they use, and those that these use, and so on."""
    left, found = [*names], set[str]()
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += uses.get(name, ())
    return frozenset(found)


def read_values(root: Branch, sources: Sources) -> Values:
    """Read ``variables`` and ``secrets`` of an environment, and fill the variables.

    Raises ``InputError`` for a wrong shape, a name that is not defined, a circle of
    variables, and a name that is both.
    """
    typed = dict(_typed(root))
    secrets: dict[str, Text] = {}
    places = {name: place for name, (_, place) in typed.items()}
    missing: list[MissingSecret] = []
    for name, location, layer in branch(root, "secrets") or ():
        if layer.removes:
            continue
        if name in typed:
            raise InputError(f"{name!r} is a variable and a secret", location=location)
        kind, where = _secret_source(name, layer)
        secrets[name], found = _secret(name, kind, where, location, sources)
        places[name] = chain_of(layer)[0]
        if not found:
            missing.append(MissingSecret(name, f"{kind} {where}", location))
    texts, uses = _filled(typed, secrets)
    return Values(texts, places, uses, tuple(missing))


def _typed(root: Branch) -> Iterator[tuple[str, tuple[str, Location]]]:
    """Give the variables that are not taken away: what is typed, and where."""
    for name, _, layer in branch(root, "variables") or ():
        if not layer.removes:
            yield name, (leaf_text(layer, f"the variable {name}"), chain_of(layer)[0])


def _filled(
    typed: Mapping[str, tuple[str, Location]], secrets: Mapping[str, Text]
) -> tuple[dict[str, Text], dict[str, frozenset[str]]]:
    """Fill the templates among variables, each after those that it uses."""
    uses = {name: names_in(*template) for name, template in typed.items()}
    known = typed.keys() | secrets.keys()
    for name, used in uses.items():
        refuse_undefined(used, known, typed[name][1])
    texts: dict[str, Text] = dict(secrets)
    for name in _in_order(uses, typed):
        text, place = typed[name]
        _check_growth(name, text, place, {n: texts[n] for n in uses[name] & {*texts}})
        texts[name] = fill(text, texts, place)
        if isinstance(texts[name], Secret):
            # It is opened without those between it and the secrets, however many.
            opened = partial(_opened, name, typed, secrets, uses)
            texts[name] = Secret(opened, str(texts[name]))
    own = {name: texts[name] for name in (*typed, *secrets)}
    return own, {name: found for name, found in uses.items() if found}


def _in_order(
    uses: Mapping[str, frozenset[str]], typed: Mapping[str, tuple[str, Location]]
) -> Sequence[str]:
    """Order variables, each after those it uses; raises ``InputError`` for a circle."""
    graph = {name: sorted(found & typed.keys()) for name, found in uses.items()}
    try:
        return [*TopologicalSorter(graph).static_order()]
    except CycleError as error:
        circle: list[str] = error.args[1][::-1]
        shown = [*circle[:_SHOWN], *(["…"] if len(circle) > _SHOWN + 1 else [])]
        raise InputError(
            f"variables in a circle: {' uses '.join([*shown, circle[-1]])}",
            hint="write one of them out",
            location=typed[circle[0]][1],
        ) from None


def _check_growth(
    name: str, text: str, place: Location, used: Mapping[str, Text]
) -> None:
    size = len(text) + sum(text.count(n) * len(str(v)) for n, v in used.items())
    if used and size > MAXIMUM_LENGTH:
        raise InputError(
            f"the variable {name} becomes too long",
            hint="a variable is a short text: write what is needed where it is used",
            location=place,
        )


def _opened(
    name: str,
    typed: Mapping[str, tuple[str, Location]],
    secrets: Mapping[str, Text],
    uses: Mapping[str, frozenset[str]],
) -> str:
    """Fill a variable with the values of secrets, all that it uses before it, once."""
    needed = closed([name], uses)
    texts: dict[str, Text] = {n: open_text(secrets[n]) for n in needed & {*secrets}}
    own = {n: uses[n] for n in needed if n in typed}
    for each in _in_order(own, typed):
        texts[each] = fill(typed[each][0], texts, typed[each][1])
    return open_text(texts[name])


def _secret_source(name: str, layer: Layer) -> tuple[str, str]:
    if isinstance(layer, Branch):
        refuse_others(layer, SECRET_SOURCES, f"the secret {name}")
        sources = [
            (key, leaf_text(below, key)) for key, _, below in layer if not below.removes
        ]
        if len(sources) == 1:
            return sources[0]
    raise InputError(
        f"the secret {name} must name one source",
        hint="write {env: VARIABLE} or {file: PATH}; a value never stands here",
        location=chain_of(layer)[0],
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
