"""Which versions of an export are taken, and on what condition.

Real exports have shown the known versions, and one of Event Processing 1.0, which
says none. What others mean has not been published: such a flow is taken, with a
warning, when every node has exactly a shape that is known, and else refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.systems.event_processing.pipeline import Api, Opaque, Sink, Source
from flowops.systems.event_processing.reading.connection import FLAT_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowops.systems.event_processing.pipeline import AnyNode
    from flowops.systems.event_processing.reading.places import Place

KNOWN_VERSIONS = (3, 5, 6, 9)
NO_VERSION = 0
_HINT = (
    f"known are {', '.join(map(str, KNOWN_VERSIONS))}: import an older flow into Event "
    "Processing 1.4 and export it from there; a newer one needs a newer FlowOps"
)


def read_version(place: Place) -> int:
    """Return the version of an export, 0 where it says none.

    Raises ``InputError`` for what is no version.
    """
    version = place.value
    if version is None:
        return NO_VERSION
    if type(version) is int and version > 0:
        return version
    what = f"flowVersion {version} is not known"
    if not isinstance(version, int | float):
        what = "the document has no usable flowVersion"
    raise place.error(what, _HINT)


def check_shapes(version: int, nodes: Iterable[AnyNode], place: Place) -> None:
    """Raise ``InputError`` for a node whose shape this version does not vouch for."""
    if version in KNOWN_VERSIONS:
        return
    for node in nodes:
        if what := _odd(node, version):
            said = f"flowVersion {version} is not known"
            if version == NO_VERSION:
                said = "the document has no usable flowVersion"
            raise place.error(f"{said}, and {node.name} {what}", _HINT)


def of_version(node: AnyNode, version: int) -> AnyNode:
    """Return a node with what it does not say itself.

    From 1.5.5 on an API is called by the connector of Apache Flink, unless the node
    says otherwise ("Reverting to earlier node implementations").
    """
    is_silent = isinstance(node, Api) and node.is_apache is None
    if is_silent and isinstance(node, Api) and version > KNOWN_VERSIONS[-1]:
        return replace(node, is_apache=True)
    return node


def _odd(node: AnyNode, version: int) -> str:
    """Return in what a node is not of a known shape, or nothing."""
    if isinstance(node, Opaque):
        return f"is of type {node.type}"
    if node.unknown:
        return f"has the property {node.unknown[0]!r}"
    if version == NO_VERSION and isinstance(node, Source | Sink):
        newer = sorted(set(node.connection.keys) - FLAT_KEYS)
        return f"has {newer[0]!r}, which came later" if newer else ""
    return ""
