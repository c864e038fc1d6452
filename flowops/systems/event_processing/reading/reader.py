"""Read a plain JSON export of Event Processing into a ``Flow``.

``flowVersion`` is the version of the export's schema; ``versions`` says which are
taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.json_text import locate_all
from flowops.model import Address, Finding
from flowops.secrets import open_text
from flowops.systems.event_processing.pipeline import (
    NAME_POINTER,
    VERSION_POINTER,
    Link,
    Pipeline,
    SqlNode,
)
from flowops.systems.event_processing.reading.canvas import (
    canvas_findings,
    differences,
)
from flowops.systems.event_processing.reading.findings import reading_findings
from flowops.systems.event_processing.reading.nodes import read_node
from flowops.systems.event_processing.reading.places import Document, Place
from flowops.systems.event_processing.reading.versions import (
    check_shapes,
    of_version,
    read_version,
)
from flowops.systems.event_processing.reading.wiring import refuse_cycles
from flowops.systems.event_processing.redaction.documents import find_redactions
from flowops.systems.event_processing.settings.connectors import draft_settings
from flowops.systems.event_processing.settings.references import (
    function_references,
    option_references,
)
from flowops.systems.protocol import Flow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.documents.json_text import JsonValue
    from flowops.documents.source import SourceText
    from flowops.model import Pointer, Reference
    from flowops.systems.event_processing.pipeline import AnyNode, Redaction
    from flowops.systems.event_processing.settings.connectors import Draft
    from flowops.systems.protocol import Setting

SYSTEM = "event_processing"
KIND = "flow"


def read_flow(source: SourceText, root: JsonValue) -> Flow:
    """Read an export; raises ``InputError`` with the place of what is wrong."""
    redactions = find_redactions(root)
    visible = {redaction.pointer: redaction.visible for redaction in redactions}
    top = Place(Document(source, root, visible), root)
    pipeline, drafts = _pipeline(top, redactions)
    settings = tuple(draft.at(pipeline.places) for draft in drafts)
    address = Address(SYSTEM, KIND, pipeline.name)
    findings = (*reading_findings(address, pipeline), *_canvas(address, top, pipeline))
    return Flow(
        address=address,
        source=source,
        description=pipeline.description,
        references=references_of(pipeline, settings),
        settings=settings,
        findings=tuple(sorted(findings, key=Finding.sort_key)),
        body=pipeline,
    )


def _canvas(address: Address, top: Place, pipeline: Pipeline) -> Iterator[Finding]:
    found = [*differences(top.get("pipelineState"), pipeline.nodes, pipeline.links)]
    if found:  # else the file is not walked again
        places = locate_all(top.document.source, {pointer for pointer, _ in found})
        yield from canvas_findings(address, found, places)


def references_of(
    pipeline: Pipeline, settings: tuple[Setting, ...]
) -> tuple[Reference, ...]:
    """Return what a flow with these settings names outside itself."""
    functions = (
        found
        for node in pipeline.nodes
        if isinstance(node, SqlNode)
        for found in function_references(
            node.name, open_text(node.statement), pipeline.place(node)
        )
    )
    return (*option_references(settings), *functions)


def _pipeline(
    top: Place, redactions: tuple[Redaction, ...]
) -> tuple[Pipeline, tuple[Draft, ...]]:
    details = top.get("flowDetails")
    version = read_version(details.get("flowVersion"))
    name = details.get("flowName").required_word()
    description = details.get("flowDescription").word()
    nodes = _nodes(top.get("contextState").get("nodes"), version)
    check_shapes(version, nodes, details.get("flowVersion"))
    links = _links(top.get("contextState").get("edges"), nodes)
    drafts = draft_settings(nodes)
    wanted: set[Pointer] = {
        NAME_POINTER,
        VERSION_POINTER,
        *(node.pointer for node in nodes),
    }
    wanted |= {draft.pointer for draft in drafts}
    wanted |= {redaction.pointer for redaction in redactions}
    places = locate_all(top.document.source, wanted)
    pipeline = Pipeline(name, description, version, nodes, links, redactions, places)
    return pipeline, drafts


def _nodes(places: Place, version: int) -> tuple[AnyNode, ...]:
    if places.value is None:
        raise places.error("the document has no contextState/nodes")
    nodes = tuple(of_version(read_node(p), version) for p in places.items())
    _refuse_repeated(places, "nodeId")
    _refuse_repeated(places, "viewName")
    return nodes


def _refuse_repeated(places: Place, key: str) -> None:
    seen: set[str] = set()
    for place in places.items():
        word = place.get(key).word()
        if word in seen:
            raise place.get(key).error(
                f"two nodes have the {key} {word!r}", "rename one of them"
            )
        seen.add(word)


def _links(places: Place, nodes: tuple[AnyNode, ...]) -> tuple[Link, ...]:
    """Read the edges; ``incoming`` names the upstream end of one."""
    ids = {node.id for node in nodes}
    links: dict[Link, Place] = {}
    for place in places.items():
        ends = [place.get("incoming"), place.get("outgoing")]
        for end in ends:
            if end.required_word() not in ids:
                raise end.error(f"an edge leads to {end.word()!r}, which is no node")
        links[Link(ends[0].word(), ends[1].word())] = place
    refuse_cycles(nodes, links)
    return tuple(links)
