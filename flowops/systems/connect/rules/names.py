"""Names of flows that people, or other tools, take for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.rules.rule import Note, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.systems.protocol import Flow


def _alike(flows: Sequence[Flow]) -> Iterator[tuple[Flow, Note]]:
    first: dict[tuple[str, str], Flow] = {}
    for flow in flows:
        kind, name = flow.address.kind, flow.address.name
        other = first.setdefault((kind, name.casefold()), flow)
        if other is not flow:
            words = f"the name {name!r} differs only in case from "
            words += f"{other.address.name!r} in {other.source.path}"
            yield flow, Note(("Metadata", "name"), words, "rename one of the two")


NAMES_ALIKE = Rule(
    "connect/names-alike",
    Severity.WARNING,
    "Two flows have names that differ only in case",
    "They are two flows to FlowOps. To a person who looks for one in the console they "
    "are easily one.",
    "flows of one project",
    find_together=_alike,
)
