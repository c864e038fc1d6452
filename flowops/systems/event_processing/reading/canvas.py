"""What the canvas of an export draws, compared with the graph that is run.

An export holds its graph twice: drawn under ``pipelineState``, and meant under
``contextState``. In every real export both say the same; a file that was mended by hand
in one of them shows people another flow than the one that runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.reading.findings import warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.model import Address, Finding, Location, Pointer
    from flowops.systems.event_processing.pipeline import AnyNode, Link
    from flowops.systems.event_processing.reading.places import Place

_HINT = "open the flow in the editor, and export it again"


def differences(
    canvas: Place, nodes: Iterable[AnyNode], links: Iterable[Link]
) -> Iterator[tuple[Pointer, str]]:
    """Give where the canvas differs, and in what; one without nodes says nothing."""
    drawn = {place.get("id").word(): place for place in _drawn(canvas)}
    if not drawn:
        return
    meant = {node.id: node for node in nodes}
    for key, place in drawn.items():
        label = place.get("app_data").get("ui_data").get("label").word()
        if key not in meant:
            yield place.pointer, f"draws {label or key!r}, which is no node of the flow"
        elif label and label != meant[key].name:
            words = f"draws {meant[key].name!r} under the name {label!r}"
            yield place.pointer, words
    for key, node in meant.items():
        if key not in drawn:
            yield node.pointer, f"does not draw {node.name!r}"
    yield from _edges(drawn, meant, {(link.source, link.target) for link in links})


def _edges(
    drawn: Mapping[str, Place],
    meant: Mapping[str, AnyNode],
    links: set[tuple[str, str]],
) -> Iterator[tuple[Pointer, str]]:
    lines = {
        (link.get("node_id_ref").word(), key): link.pointer
        for key, place in drawn.items()
        for port in place.get("inputs").items()
        for link in port.get("links").items()
    }
    both = meant.keys() & drawn.keys()
    for (start, end), pointer in lines.items():
        if {start, end} <= both and (start, end) not in links:
            names = f"{meant[start].name!r} to {meant[end].name!r}"
            yield pointer, f"draws an edge from {names} that the flow does not have"
    for start, end in sorted(links - lines.keys()):
        if {start, end} <= both:
            names = f"{meant[start].name!r} to {meant[end].name!r}"
            yield meant[end].pointer, f"does not draw the edge from {names}"


def _drawn(canvas: Place) -> Iterator[Place]:
    for pipeline in canvas.get("pipelines").items():
        yield from pipeline.get("nodes").items()


def canvas_findings(
    address: Address,
    found: Iterable[tuple[Pointer, str]],
    places: Mapping[Pointer, Location],
) -> Iterator[Finding]:
    """Say where somebody sees another flow than the one that runs."""
    for pointer, words in found:
        message = f"the canvas {words}"
        yield warning(address, "canvas-differs", message, places[pointer], _HINT)
