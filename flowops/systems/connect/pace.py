"""How often a promote asks each operation, and so how long it takes at least.

A promote first creates everything that is new, and only then makes anything live;
so these two follow one another, and within each the busiest operation decides.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.systems.connect.rates import least_seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flowops.model import Address
    from flowops.systems.connect.families import Family
    from flowops.systems.connect.rates import Rate

TAG = "tag_resource"


@dataclass(frozen=True, slots=True)
class Write:
    """One thing to write: new or not, and how many versions are kept of it."""

    family: Family
    is_new: bool
    versions: int


def least_calls(writes: Iterable[Write]) -> tuple[Mapping[str, int], ...]:
    """Return how often each operation is asked at least, by phase.

    What is created whole where there are no drafts is not written again. Everything
    is read back once. What is new has its tags, but for the one of its version.
    """
    creating: Counter[str] = Counter()
    publishing: Counter[str] = Counter()
    for write in writes:
        name = write.family.operations
        if write.is_new:
            creating[f"create_{name}"] += 1
        if write.versions or not write.is_new:
            publishing[TAG] += 1
        if not write.is_new or write.family.drafts:
            publishing[f"update_{name}_content"] += 1
        publishing[f"describe_{name}"] += 1
        publishing[f"create_{name}_version"] += write.versions
    return creating, publishing


def spread(addresses: Collection[Address]) -> list[Address]:
    """Mix kinds evenly: each has a pace of its own, and none waits for another."""
    counts = Counter(address.kind for address in addresses)
    seen: Counter[str] = Counter()
    places: dict[Address, float] = {}
    for address in sorted(addresses):
        places[address] = seen[address.kind] / counts[address.kind]
        seen[address.kind] += 1
    return sorted(places, key=lambda address: (places[address], address))


def least_time(writes: Iterable[Write], rate: Rate | None) -> float:
    """Return the seconds that writing takes at least; 0 where nothing sets a pace."""
    return least_seconds(least_calls(writes), rate) if rate else 0.0
