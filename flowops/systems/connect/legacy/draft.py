"""An action in the making: what is known of it, and what is in doubt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.systems.connect.legacy.values import runtime_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.documents.json_text import JsonValue
    from flowops.systems.connect.legacy.language import Module, Parameter

    Tree = dict[str, JsonValue]

SSML_START = "<speak>"


class CannotConvertError(ValueError):
    """A block has something that nothing known corresponds to."""


@dataclass(slots=True)
class Draft:
    """One block on its way into the current language."""

    module: Module
    flow_type: str
    type: str
    parameters: Tree = field(default_factory=dict)
    shown: Tree = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    _used: set[int] = field(default_factory=set)

    def take(self, name: str) -> Parameter | None:
        """Return the first parameter of a name; it counts as used."""
        return next(self.take_all(name), None)

    def take_all(self, *names: str) -> Iterator[Parameter]:
        """Give the parameters of these names in order; they count as used."""
        for parameter in self.module.all_named(*names):
            self._used.add(parameter.index)
            yield parameter

    def word(self, name: str) -> str:
        """Return the text of a parameter, or nothing when there is none."""
        parameter = self.take(name)
        return parameter.text if parameter else ""

    def text_of(self, parameter: Parameter) -> str:
        """Return a value as the current language writes it.

        Raises ``CannotConvertError`` for a namespace or a key that is not known.
        """
        if not parameter.namespace:
            return parameter.text
        found = runtime_value(parameter.namespace, parameter.text)
        if found is None:
            raise CannotConvertError(
                f"{parameter.name} is filled in from {parameter.namespace} "
                f"{parameter.text!r}, and no JSONPath is known for it"
            )
        if not found.proven:
            self.doubt(
                f"{parameter.name}: {parameter.namespace} {parameter.text!r} became "
                f"{found.path}, by the documentation"
            )
        return found.path

    def put(self, parameter: Parameter, *path: str) -> None:
        """Write a value to a parameter, and what the designer shows for it."""
        place(self.parameters, path, self.text_of(parameter))
        if parameter.namespace:
            place(self.shown, (*path, "useDynamic"), value=True)
        elif parameter.resource_name:
            place(self.shown, (*path, "displayName"), parameter.resource_name)

    def copy(self, name: str, *path: str) -> None:
        """Write the parameter of a name to its new place, if the block has it."""
        if parameter := self.take(name):
            self.put(parameter, *path)

    def doubt(self, words: str) -> None:
        """Note something that a person should look at."""
        if words not in self.doubts:
            self.doubts.append(words)

    def doubt_the_unused(self) -> None:
        """Note each parameter that went nowhere."""
        for parameter in self.module.parameters:
            if parameter.index not in self._used:
                name = f"{parameter.name} {parameter.key}".rstrip()
                self.doubt(f"the parameter {name} has no known counterpart: left out")


def place(tree: Tree, path: tuple[str, ...], value: JsonValue) -> None:
    """Write a value below a tree, with the objects that lead to it."""
    for step in path[:-1]:
        below = tree.get(step)
        found = dict(below) if isinstance(below, dict) else {}
        tree[step] = found
        tree = found
    tree[path[-1]] = value
