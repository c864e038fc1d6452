"""What the product of an environment is too old for, where it says its version.

Sources: "Exporting flows", and "What's new" for when each node came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Finding, Severity
from flowops.systems.event_processing.pipeline import NAME_POINTER
from flowops.systems.event_processing.reading.findings import warning
from flowops.systems.event_processing.settings.prerequisites import (
    FIRST_ZIP,
    SQL,
    ZIP,
    obstacles,
)
from flowops.systems.event_processing.settings.product_version import (
    Version,
    version_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Address, Location
    from flowops.systems.event_processing.pipeline import Pipeline
    from flowops.systems.protocol import BoundFlow

NODES_SINCE: Mapping[str, Version] = {
    "api": Version(1, 1, 7),
    "sqlSource": Version(1, 2, 2),
    "sqlProcessor": Version(1, 2, 2),
    "sqlSink": Version(1, 2, 2),
    "deduplicate": Version(1, 4, 5),
}
"""The first release with a node of a type; others are as old as the product."""

_ZIP_SINCE = Version(*FIRST_ZIP)
_FORMS = {ZIP: "JSON with configuration YAML", SQL: "SQL"}


def version_findings(bound: BoundFlow, pipeline: Pipeline) -> Iterator[Finding]:
    """Give a warning for each node that came later, and for each export it lacks."""
    version = version_of(bound.target)
    if version is None:
        return
    address = bound.flow.address
    for node in pipeline.nodes:
        since = NODES_SINCE.get(node.type)
        if since and version < since:
            message = f"{node.name} is of type {node.type}, which came with {since}"
            hint = f"the target says Event Processing {version}: take a newer one there"
            place = pipeline.place(node)
            yield warning(address, "newer-node", message, place, hint)
    whole = pipeline.places[NAME_POINTER]
    for form, words in _FORMS.items():
        found = obstacles(pipeline, form, version)
        if form == ZIP and version < FIRST_ZIP:
            yield _no_zip(address, version, whole)
        elif found:
            message = f"Event Processing {version} exports this flow in no {words}"
            hint = f"{'; '.join(found)}: mend it in the editor, or take a newer one"
            yield warning(address, "not-exportable", message, whole, hint)


def _no_zip(address: Address, version: Version, place: Location) -> Finding:
    """Say that nothing there takes the zip that is written; the SQL is for it."""
    return Finding(
        "event-processing/not-exportable",
        Severity.INFO,
        f"Event Processing {version} has no {_FORMS[ZIP]}: it came with {_ZIP_SINCE}",
        place,
        address,
        "deploy the SQL instead of the zip",
    )
