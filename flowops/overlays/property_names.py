"""Names of properties in an overlay that are nearly those of the flow's own.

A connector has more options than a flow sets, so that a new name is as good as any.
One that differs by a letter or two from what the table has is a typo.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.overlays.names import Named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.overlays.flow_overlay import FlowOverlays, PropertyRule
    from flowops.systems.protocol import Flow

_MOST_EDITS = 2
_SHORTEST = 4  # two edits make anything of a shorter name
_NAME = re.compile(r"[^\s:=]+")


def misspelt(overlays: FlowOverlays, flows: Sequence[Flow]) -> Iterator[InputError]:
    """Give an error for each property whose name is nearly one that exists.

    A name that some flow of the project has is none, nor is one taken away.
    """
    rules = [rule for rule in overlays.properties if not rule.leaf.removes]
    if not rules:
        return
    known = {setting.name for flow in flows for setting in flow.settings}
    named = Named((flow.address.name, flow) for flow in flows)
    for rule in rules:
        if rule.name in known:
            continue
        if not _NAME.fullmatch(rule.name):
            yield _wrong(rule, "write it as the connector's documentation does")
        elif near := _nearest(rule, named.matching(rule.patterns[0])):
            yield _wrong(rule, f"did you mean {near!r}?")


def _wrong(rule: PropertyRule, hint: str) -> InputError:
    words = f"no table this is for has a property {rule.name!r}"
    return InputError(words, hint=hint, location=rule.leaf.chain[0])


def _nearest(rule: PropertyRule, flows: Sequence[Flow]) -> str:
    """Return the name of a property in the rule's tables that is nearly its own."""
    names = {
        setting.name
        for flow in flows
        for setting in flow.settings
        if rule.is_for(setting.node, setting.table)
    }
    own = rule.name.lower()
    found = sorted((edits(own, name.lower()), name) for name in names)
    if not found or len(own) < _SHORTEST or found[0][0] > _MOST_EDITS:
        return ""
    return found[0][1]


def edits(one: str, other: str) -> int:
    """Count the letters to add, drop, change or swap with the next, at most 3.

    It is the distance of Damerau and Levenshtein, where no letter is touched twice.
    """
    if abs(len(one) - len(other)) > _MOST_EDITS:
        return _MOST_EDITS + 1
    last: list[int] = []
    before: list[int] = []
    row: list[int] = [*range(len(other) + 1)]
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, sign in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != sign))
            if i > 1 < j and letter == other[j - 2] and one[i - 2] == sign:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return min(row[-1], _MOST_EDITS + 1)
