"""Read a plain JSON export of Event Processing into a ``Flow``.

``flowVersion`` is the version of the export's schema. The versions below are
those that real exports have shown; what others mean has not been published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.json_text import locate_all
from flowops.model import Address
from flowops.systems.event_processing.findings import reading_findings
from flowops.systems.event_processing.nodes import read_node
from flowops.systems.event_processing.pipeline import NAME_POINTER, Link, Pipeline
from flowops.systems.event_processing.places import Document, Place
from flowops.systems.event_processing.redaction import find_redactions
from flowops.systems.event_processing.settings import draft_settings
from flowops.systems.event_processing.wiring import refuse_cycles
from flowops.systems.protocol import Flow

if TYPE_CHECKING:
    from flowops.documents.json_text import JsonValue
    from flowops.documents.source import SourceText
    from flowops.model import Pointer
    from flowops.systems.event_processing.pipeline import AnyNode, Redaction
    from flowops.systems.event_processing.settings import Draft

SYSTEM = "event_processing"
KIND = "flow"
KNOWN_VERSIONS = (3, 5, 6, 9)


def read_flow(source: SourceText, root: JsonValue) -> Flow:
    """Read an export; raises ``InputError`` with the place of what is wrong."""
    redactions = find_redactions(root)
    visible = {redaction.pointer: redaction.visible for redaction in redactions}
    top = Place(Document(source, root, visible), root)
    pipeline, drafts = _pipeline(top, redactions)
    address = Address(SYSTEM, KIND, pipeline.name)
    return Flow(
        address=address,
        source=source,
        description=pipeline.description,
        settings=tuple(draft.at(pipeline.places) for draft in drafts),
        findings=reading_findings(address, pipeline),
        body=pipeline,
    )


def _pipeline(
    top: Place, redactions: tuple[Redaction, ...]
) -> tuple[Pipeline, tuple[Draft, ...]]:
    details = top.get("flowDetails")
    version = _version(details.get("flowVersion"))
    name = details.get("flowName").required_word()
    description = details.get("flowDescription").word()
    nodes = _nodes(top.get("contextState").get("nodes"))
    links = _links(top.get("contextState").get("edges"), nodes)
    drafts = draft_settings(nodes)
    wanted: set[Pointer] = {NAME_POINTER, *(node.pointer for node in nodes)}
    wanted |= {draft.pointer for draft in drafts}
    wanted |= {redaction.pointer for redaction in redactions}
    places = locate_all(top.document.source, wanted)
    pipeline = Pipeline(name, description, version, nodes, links, redactions, places)
    return pipeline, drafts


def _version(place: Place) -> int:
    version = place.value
    if type(version) is int and version in KNOWN_VERSIONS:
        return version
    what = f"flowVersion {version} is not known"
    if not isinstance(version, int | float):
        what = "the document has no usable flowVersion"
    raise place.error(
        what,
        f"known are {', '.join(map(str, KNOWN_VERSIONS))}: import an older flow into "
        "Event Processing 1.4 and export it from there; a newer one needs a newer "
        "FlowOps",
    )


def _nodes(places: Place) -> tuple[AnyNode, ...]:
    if places.value is None:
        raise places.error("the document has no contextState/nodes")
    nodes = tuple(read_node(place) for place in places.items())
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
