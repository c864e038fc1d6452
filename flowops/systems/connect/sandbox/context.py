"""What a handler works with: the instance, its state, and the call's arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from flowops.systems.connect.sandbox.instance import Instance
    from flowops.systems.connect.sandbox.model import Operation, ServiceModel
    from flowops.systems.connect.sandbox.store import Store
    from flowops.systems.connect.sandbox.values import Value

    Output: TypeAlias = Mapping[str, Value]
    Handler: TypeAlias = Callable[["Context", "Arguments"], Output]


@dataclass(frozen=True, slots=True)
class Context:
    """The instance, where it keeps its state, and what time it is."""

    model: ServiceModel
    instance: Instance
    store: Store
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The checked arguments of one call; the model vouches for their types."""

    operation: Operation
    values: Mapping[str, Value]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """Give a string, or the default when it is absent."""
        return str(self.values.get(name, default))

    def number(self, name: str, default: int) -> int:
        """Give an integer, or the default when it is absent."""
        value = self.values.get(name, default)
        return value if isinstance(value, int) else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a list of strings; an absent one is empty."""
        value = self.values.get(name, ())
        return () if isinstance(value, str | Mapping) else _texts(value)

    def mapping(self, name: str) -> Mapping[str, str]:
        """Give a map of strings; an absent one is empty."""
        value = self.values.get(name, {})
        if not isinstance(value, Mapping):
            return {}
        return {key: str(item) for key, item in value.items()}


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()
