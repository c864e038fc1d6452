"""What a person should know about a flow before any environment is chosen."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from flowops.model import Address, Finding, Severity
from flowops.systems.event_processing.pipeline import (
    VERSION_POINTER,
    Api,
    Opaque,
    Sink,
    Source,
)
from flowops.systems.event_processing.reading.versions import KNOWN_VERSIONS
from flowops.systems.event_processing.settings.connectors import can_log_in, trusts_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.model import Location
    from flowops.systems.event_processing.pipeline import (
        AnyNode,
        Pipeline,
    )

_NODE_DEPTH = 3  # contextState, nodes, and the index of one
TRUST_ALL_HINT = (
    "remove it and set properties.ssl.truststore.location, .password and .type on "
    "every Kafka node"
)


def reading_findings(address: Address, pipeline: Pipeline) -> tuple[Finding, ...]:
    """Give what reading a flow shows: secrets, unknown nodes, open trust."""
    found = [*_secrets(address, pipeline), *_version(address, pipeline)]
    for node in pipeline.nodes:
        found += _of_node(address, node, pipeline)
    return tuple(sorted(found, key=Finding.sort_key))


def warning(
    address: Address, rule: str, message: str, place: Location, hint: str
) -> Finding:
    """Make a warning of this system."""
    name = f"event-processing/{rule}"
    return Finding(name, Severity.WARNING, message, place, address, hint)


def redact_hint(path: str) -> str:
    """Say how to take the secrets out of a file; one in a zip is the zip's."""
    head, mark, _ = path.rpartition(".zip/")
    file = quote(f"{head}.zip" if mark else path)
    return f"run `flowops redact {file} --write`, and change the secret"


def trust_all(address: Address, node: str, place: Location) -> Finding:
    """Say that a node accepts whatever certificate a broker shows."""
    message = f"{node} accepts any broker certificate"
    return warning(address, "trust-all", message, place, TRUST_ALL_HINT)


def _secrets(address: Address, pipeline: Pipeline) -> Iterator[Finding]:
    owners = {node.pointer: node.name for node in pipeline.nodes}
    for redaction in pipeline.redactions:
        what = ", ".join(redaction.contents)
        owner = owners.get(redaction.pointer[:_NODE_DEPTH], "the document")
        message = f"{owner} holds {what} in the clear"
        place = pipeline.places[redaction.pointer]
        hint = redact_hint(place.path)
        yield warning(address, "secret-in-file", message, place, hint)


def _version(address: Address, pipeline: Pipeline) -> Iterator[Finding]:
    if pipeline.version and pipeline.version not in KNOWN_VERSIONS:
        message = (
            f"flowVersion {pipeline.version} is not known; every node has a shape of "
            "one that is"
        )
        hint = "compare flow.sql with the product's own SQL export before it is used"
        place = pipeline.places[VERSION_POINTER]
        yield warning(address, "flow-version", message, place, hint)


def _of_node(address: Address, node: AnyNode, pipeline: Pipeline) -> Iterator[Finding]:
    place = pipeline.place(node)
    if isinstance(node, Opaque):
        if not node.is_known:
            message = f"{node.name} is of type {node.type}, which is not known"
            hint = "it is kept as it is; SQL cannot be made of it"
            yield warning(address, "unknown-node", message, place, hint)
        return
    if isinstance(node, Api):
        yield from _of_api(address, node, place)
    if not isinstance(node, Source | Sink):
        return
    credentials = node.connection.credentials
    if not can_log_in(node.connection):
        way = f"{credentials.type} {credentials.mechanism}".strip()
        message = f"{node.name} logs in by {way}, which is not known"
        hint = "set properties.sasl.* of this node in the environment"
        yield warning(address, "unknown-login", message, place, hint)
    if trusts_all(node.connection):
        pointer = node.connection.pointers["accepted"]
        yield trust_all(address, node.name, pipeline.places.get(pointer, place))


def _of_api(address: Address, node: Api, place: Location) -> Iterator[Finding]:
    """Warn of constants, which the product's own deployment fails on.

    Source: "Error when submitting job" of the troubleshooting pages.
    """
    constants = [
        p.name for p in node.parameters if p.kind == "literal" and p.place != "header"
    ]
    if constants:
        message = f"{node.name} sends constants: {', '.join(constants)}"
        hint = (
            "a job deployed from the zip fails on them: compute them in a transform "
            "before, or deploy the SQL"
        )
        yield warning(address, "api-constant", message, place, hint)
