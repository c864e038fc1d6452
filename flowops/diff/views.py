"""A sequence whose items are made when somebody looks, and not kept.

Most of what there is to say of a new flow is counted and never read; in a plan of
thousands of flows, making and keeping it all takes longer than the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, eq=False)
class Each(Sequence[Made], Generic[Item, Made]):
    """What a function makes of each item; ``make`` gives the same each time."""

    items: Sequence[Item]
    make: Callable[[Item], Made]

    def __len__(self) -> int:
        """Count the items; none is made."""
        return len(self.items)

    def __iter__(self) -> Iterator[Made]:
        """Make the items one by one."""
        return map(self.make, self.items)

    @overload
    def __getitem__(self, index: int) -> Made: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Made]: ...

    def __getitem__(self, index: int | slice) -> Made | Sequence[Made]:
        """Make one item, or some."""
        if isinstance(index, slice):
            return tuple(map(self.make, self.items[index]))
        return self.make(self.items[index])

    def __eq__(self, other: object) -> bool:
        """Compare with a tuple or another view, item by item."""
        return isinstance(other, (tuple, Each)) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Hash as the tuple of the same items does."""
        return hash(tuple(self))
