"""Findings of a flow that goes by two clocks: event time, and that of processing."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from flowops.systems.event_processing.compiler.declarations import is_timed
from flowops.systems.event_processing.reading.findings import warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowops.model import Address, Finding
    from flowops.systems.event_processing.compiler.compiled import Compiled
    from flowops.systems.event_processing.compiler.declarations import Facts
    from flowops.systems.event_processing.pipeline import Pipeline


def clock_findings(
    address: Address,
    pipeline: Pipeline,
    compiled: Mapping[str, Compiled],
    facts: Mapping[str, Sequence[Facts]],
) -> Iterator[Finding]:
    """Say which nodes gather by processing time in a flow that has event time.

    ``compiled`` and ``facts`` are by the id of the node.
    """
    found = chain.from_iterable(facts.values())
    clocks = {name for part in found for name in part.clocks}
    timed = pipeline.learnt.timed
    if not clocks or not any(is_timed(made, timed) for made in compiled.values()):
        return
    for node in pipeline.nodes:
        windows = chain.from_iterable(part.windows for part in facts.get(node.id, ()))
        for name in dict.fromkeys(windows):
            if name not in clocks:
                continue
            message = (
                f"{node.name} gathers by {name!r}, the time of processing, and the "
                "flow has event time: a second run gives other results"
            )
            hint = "gather by the event time, unless that is what is wanted"
            place = pipeline.place(node)
            yield warning(address, "mixed-clocks", message, place, hint)
