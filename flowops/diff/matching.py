"""Tell which block of an earlier graph became which block of a later one.

Ids come first, where they mean anything: an editor that makes every id anew leaves
blocks that are told by what they are and what they are connected to. The same two
graphs give the same answer whatever the order of their blocks, and turning them
round turns the answer round.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from flowops.model import Block, Graph

    Pair: TypeAlias = tuple[str, str]
    Alike: TypeAlias = Callable[[str, str], bool]
    Colours: TypeAlias = Mapping[str, int]

ENTRY = "StartAction"
"""The attribute whose value is the id of the block that a flow begins with."""

ENDS = attrgetter("source", "branch", "target")
"""What edges are ordered by; faster than to compare edges, in the same order."""

_ROUNDS = 24
_COMMON = 32
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class _Side:
    """One graph, to be walked along its edges in both directions.

    ``ways`` are the ends of each block's edges, by direction and branch.
    """

    blocks: Mapping[str, Block]
    ways: Mapping[str, Mapping[tuple[bool, str], list[str]]]
    entry: str

    @classmethod
    def of(cls, graph: Graph) -> _Side:
        ways: dict[str, dict[tuple[bool, str], list[str]]] = {}
        blocks = {block.id: block for block in graph.blocks}
        for edge in sorted(set(graph.edges), key=ENDS):
            for here, there, forward in (
                (edge.source, edge.target, True),
                (edge.target, edge.source, False),
            ):
                found = ways.setdefault(here, {})
                found.setdefault((forward, edge.branch), []).append(there)
        return cls(blocks, ways, graph.attributes.get(ENTRY, ""))


@dataclass(slots=True)
class _Matching:
    """The pairs found so far, each block in at most one."""

    before: _Side
    after: _Side
    found: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def pair(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Take the pairs whose blocks are both free, and return these."""
        new: list[Pair] = []
        for one, other in pairs:
            if one not in self.found and other not in self.taken:
                self.found[one] = other
                self.taken.add(other)
                new.append((one, other))
        return new

    @property
    def is_complete(self) -> bool:
        """Tell whether one side has no free block left."""
        sizes = len(self.before.blocks), len(self.after.blocks)
        return len(self.found) == min(sizes)

    def free(self) -> tuple[list[str], list[str]]:
        """Return the blocks without a partner, in order of their ids."""
        return (
            sorted(i for i in self.before.blocks if i not in self.found),
            sorted(i for i in self.after.blocks if i not in self.taken),
        )

    def spread(self, alike: Alike, new: Iterable[Pair] | None = None) -> None:
        """Pair what lies at the other end of the same edge of a pair."""
        waiting = list(self.found.items() if new is None else new)
        while waiting and not self.is_complete:
            proposed = {p for pair in waiting for p in self._neighbours(pair, alike)}
            waiting = self.pair(sorted(proposed, key=_turned))

    def _neighbours(self, pair: Pair, alike: Alike) -> Iterator[Pair]:
        ways, others = (
            s.ways.get(i, {}) for s, i in zip(self._sides, pair, strict=True)
        )
        for way in ways.keys() & others.keys():
            ends = [i for i in ways[way] if self._is_free(i)]
            later = [i for i in others[way] if self._is_free_after(i)]
            if len(ends) <= _COMMON and len(later) <= _COMMON:
                yield from _only_choices(ends, later, alike)

    @property
    def _sides(self) -> tuple[_Side, _Side]:
        return self.before, self.after

    def _is_free(self, identity: str) -> bool:
        return identity in self.before.blocks and identity not in self.found

    def _is_free_after(self, identity: str) -> bool:
        return identity in self.after.blocks and identity not in self.taken


def _only_choices(
    ends: Iterable[str], later: Iterable[str], alike: Alike
) -> Iterator[Pair]:
    """Give the pairs that are alike and neither of which is like a third."""
    pairs = [(a, b) for a in ends for b in later if alike(a, b)]
    earlier, others = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    yield from (p for p in pairs if earlier[p[0]] == others[p[1]] == 1)


def match_blocks(before: Graph, after: Graph) -> dict[str, str]:
    """Map the ids of earlier blocks to those of the later blocks they became."""
    if not before.blocks or not after.blocks:
        return {}
    sides = _Side.of(before), _Side.of(after)
    if _same(*sides):
        return {identity: identity for identity in sides[0].blocks}
    return _equal(*sides) or _likeliest(*sides)


def _same(before: _Side, after: _Side) -> bool:
    """Tell whether two graphs are one and the same, ids and all."""
    if (before.ways, before.entry) != (after.ways, after.entry):
        return False
    if before.blocks.keys() != after.blocks.keys():
        return False
    return all(_nature(b) == _nature(after.blocks[i]) for i, b in before.blocks.items())


def _nature(block: Block) -> tuple[str, str, Mapping[str, str]]:
    return block.type, block.label, block.properties


def _turned(pair: Pair) -> tuple[str, str]:
    """Order pairs alike, whichever graph is the earlier one."""
    return min(pair), max(pair)


def _colours(before: _Side, after: _Side) -> list[tuple[Colours, Colours]]:
    """Colour blocks by what they are, then by ever more of what is around them.

    Two blocks of one colour in round n look alike up to n edges away. This is the
    colour refinement of Weisfeiler and Leman; it ends when no class is split.
    """
    sides = before, after
    rounds = [_contents(before, after)]
    for _ in range(_ROUNDS):
        last = rounds[-1]
        number = _numbering()
        new = [_wider(s, c, number) for s, c in zip(sides, last, strict=True)]
        if _classes(new) == _classes(last):
            break
        rounds.append((new[0], new[1]))
    return rounds


def _contents(before: _Side, after: _Side) -> tuple[Colours, Colours]:
    number = _numbering()
    return _content_colours(before, number), _content_colours(after, number)


def _agree(one: Colours, other: Colours) -> bool:
    """Tell whether two graphs have as many blocks of each colour."""
    return Counter(one.values()) == Counter(other.values())


def _numbering() -> Callable[[object], int]:
    numbers: dict[object, int] = {}
    return lambda key: numbers.setdefault(key, len(numbers))


def _classes(colours: Iterable[Colours]) -> int:
    return len({colour for side in colours for colour in side.values()})


def _content_colours(side: _Side, number: Callable[[object], int]) -> dict[str, int]:
    return {
        identity: number(
            (
                block.type,
                block.label,
                tuple(sorted(block.properties.items())),
                identity == side.entry,
            )
        )
        for identity, block in side.blocks.items()
    }


def _wider(
    side: _Side, colours: Colours, number: Callable[[object], int]
) -> dict[str, int]:
    """Return the next colours; an end that is no block counts by its id."""
    wider: dict[str, int] = {}
    for identity in side.blocks:
        around = sorted(
            (way, str(colours.get(end, end)))
            for way, ends in side.ways.get(identity, {}).items()
            for end in ends
        )
        wider[identity] = number((colours[identity], tuple(around)))
    return wider


def _equal(before: _Side, after: _Side) -> dict[str, str]:
    """Pair all blocks of two graphs that look alike; nothing of those that do not."""
    if not _agree(*_contents(before, after)):  # no more can it be with their edges
        return {}
    one, other = _colours(before, after)[-1]
    if not _agree(one, other):
        return {}
    matching = _Matching(before, after)

    def alike(a: str, b: str) -> bool:
        return one[a] == other[b]

    while not matching.is_complete:
        free, free_after = matching.free()
        left = {i: one[i] for i in free}, {i: other[i] for i in free_after}
        for pair in _by_colour(*left, unique=False):
            matching.spread(alike, matching.pair([pair]))
    return matching.found


def _by_colour(one: Colours, other: Colours, *, unique: bool) -> list[Pair]:
    """Pair blocks of one colour: those that keep their id, then in order of ids."""
    members: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, colours in enumerate((one, other)):
        for identity in sorted(colours):
            members[colours[identity]][side].append(identity)
    pairs: list[Pair] = []
    for earlier, later in members.values():
        if unique and not len(earlier) == len(later) == 1:
            continue
        kept = [i for i in earlier if i in set(later)]
        pairs += [(i, i) for i in kept]
        rest = [[i for i in side if i not in set(kept)] for side in (earlier, later)]
        pairs += zip(*rest, strict=False)
    return sorted(pairs, key=_turned)


def _likeliest(before: _Side, after: _Side) -> dict[str, str]:
    """Pair as many blocks as there is reason to, the best reasons first."""
    matching = _Matching(before, after)
    old, new = before.blocks, after.blocks
    shared = sorted(old.keys() & new.keys())

    def same_content(a: str, b: str) -> bool:
        return _nature(old[a]) == _nature(new[b])

    def same_name(a: str, b: str) -> bool:
        return (old[a].type, old[a].label) == (new[b].type, new[b].label)

    def same_type(a: str, b: str) -> bool:
        return old[a].type == new[b].type

    if _ids_hold(before, after, same_content):
        matching.pair((i, i) for i in shared if same_type(i, i))
    if matching.is_complete:
        return matching.found
    for one, other in reversed(_colours(before, after)):
        if matching.is_complete:
            break
        free, free_after = ({*ids} for ids in matching.free())
        matching.pair(
            _by_colour(
                {i: c for i, c in one.items() if i in free},
                {i: c for i, c in other.items() if i in free_after},
                unique=True,
            )
        )
    for alike in (same_content, same_name):
        matching.spread(alike)
        for pair in list(_alike_pairs(matching, alike)):
            matching.spread(alike, matching.pair([pair]))
    matching.spread(same_type)
    matching.pair((i, i) for i in shared)
    return matching.found


def _ids_hold(before: _Side, after: _Side, same: Alike) -> bool:
    """Tell whether ids that both graphs have were kept, and not handed round."""
    shared = before.blocks.keys() & after.blocks.keys()
    kept = sum(same(identity, identity) for identity in shared)
    contents = [Counter(_kind(s, i) for i in shared) for s in (before, after)]
    return (contents[0] & contents[1]).total() <= 2 * kept


def _alike_pairs(matching: _Matching, alike: Alike) -> Iterator[Pair]:
    """Give pairs of free blocks of a type that have half of what they are in common.

    Those that have most in common come first. What very many blocks have tells none
    of them from another, and is not counted.
    """
    free, free_after = matching.free()
    old = {i: _items(matching.before, i) for i in free}
    new = {i: _items(matching.after, i) for i in free_after}
    holders: dict[object, list[str]] = defaultdict(list)
    for identity, items in new.items():
        for item in items:
            holders[item].append(identity)
    shared: Counter[Pair] = Counter()
    for identity, items in old.items():
        for item in items:
            if len(holders[item]) <= _COMMON:
                shared.update((identity, other) for other in holders[item])
    likeness = {
        (a, b): 2 * count / (len(old[a]) + len(new[b]))
        for (a, b), count in shared.items()
        if alike(a, b)
    }
    ordered = sorted(likeness, key=lambda pair: (-likeness[pair], *_turned(pair)))
    yield from (pair for pair in ordered if likeness[pair] >= _HALF)


def _items(side: _Side, identity: str) -> set[object]:
    """Return what makes a block like another: its values, its edges and their ends."""
    block = side.blocks[identity]
    items: set[object] = {(block.type, *item) for item in block.properties.items()}
    if block.label:
        items.add((block.type, "label", block.label))
    for way, ends in side.ways.get(identity, {}).items():
        items.add((block.type, way))
        items |= {(block.type, way, _kind(side, end)) for end in ends}
    return items


def _kind(side: _Side, identity: str) -> tuple[object, ...]:
    block = side.blocks.get(identity)
    if block is None:
        return (identity,)
    return block.type, block.label, tuple(sorted(block.properties.items()))
