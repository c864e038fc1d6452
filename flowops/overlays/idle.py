"""Variables and secrets that fill nothing: a typo there keeps the value of a parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.overlays.layers import Branch, branch
from flowops.overlays.names import did_you_mean
from flowops.overlays.templates import names_in
from flowops.overlays.variables import closed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from flowops.model import Location
    from flowops.overlays.layers import Layer

_VERY_LIKE = 0.8
_NAMED = {"variables": "variable", "secrets": "secret"}


class MisspeltError(InputError):
    """A name that fills nothing, very like one in use that the file does not set."""


def idle_names(
    own: Branch, root: Branch, heirs: Callable[[], Iterable[frozenset[str]]]
) -> list[InputError]:
    """Return an error for each name of a file that fills nothing.

    ``root`` is the environment with all it extends; ``heirs`` gives the names that
    each one uses that extends it: a file may say what only some of them need.
    """
    needed = names_used(root)
    idle = [found for found in _defined(own) if found[0] not in needed]
    for used in heirs() if idle else ():
        idle = [found for found in idle if found[0] not in used]
    left_out = needed - {name for name, _, _ in _defined(own)}
    return [_fills_nothing(*found, left_out) for found in idle]


def names_used(root: Branch) -> frozenset[str]:
    """Return the names that the values of an environment are filled from."""
    uses = {name: _names(layer) for name, _, layer in branch(root, "variables") or ()}
    parts = (found for key in ("targets", "flows") if (found := root.get(key)))
    return closed(frozenset[str]().union(*map(_names, parts)), uses)


def _defined(own: Branch) -> Iterator[tuple[str, str, Location]]:
    for key, word in _NAMED.items():
        for name, place, layer in branch(own, key) or ():
            if not layer.removes:
                yield name, word, place


def _names(layer: Layer) -> frozenset[str]:
    """Return the names in the templates below a place; a bad one is told elsewhere."""
    if isinstance(layer, Branch):
        return frozenset[str]().union(*(_names(below) for _, _, below in layer))
    try:
        return names_in(layer.text, layer.chain[0])
    except InputError:
        return frozenset()


def _fills_nothing(
    name: str, word: str, place: Location, left_out: Collection[str]
) -> InputError:
    near = did_you_mean(name, left_out, _VERY_LIKE)
    return (MisspeltError if near else InputError)(
        f"nothing is filled from the {word} {name!r}",
        hint=near or f"write {{{{ {name} }}}} where it belongs, or take it out",
        location=place,
    )
