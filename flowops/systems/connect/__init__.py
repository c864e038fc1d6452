"""Amazon Connect: contact flows and flow modules, moved between instances."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, parse_json
from flowops.documents.source import source_text
from flowops.model import Address
from flowops.secrets import open_text
from flowops.systems.connect.graph import describe_flow
from flowops.systems.connect.language import ContactFlow, read_contact_flow
from flowops.systems.connect.references import find_references
from flowops.systems.connect.rendering import CONTENT, render_contact_flow
from flowops.systems.connect.review import review_contact_flow, review_type
from flowops.systems.protocol import Flow

if TYPE_CHECKING:
    from flowops.documents.source import SourceText
    from flowops.model import Finding, Graph
    from flowops.systems.protocol import (
        BoundFlow,
        Bundle,
        FlowState,
        Target,
        TargetSettings,
    )

name = "connect"
target_kinds = ("amazon-connect", "sandbox")


def recognises(root: JsonValue) -> bool:
    """Tell whether a document is a flow, a module, or a legacy export of one."""
    if not isinstance(root, dict):
        return False
    return ("Version" in root and "Actions" in root) or (
        "modules" in root and "start" in root
    )


def read(source: SourceText, root: JsonValue) -> Flow:
    """Read a flow or a module; the file's name serves when it does not say one."""
    body = read_contact_flow(source, root, PurePosixPath(source.path).stem)
    address = Address(name, body.kind, body.name)
    references, unchecked = find_references(body, source)
    findings = (*unchecked, *review_contact_flow(body, source))
    return Flow(
        address=address,
        source=source,
        type=body.type,
        description=body.description,
        references=references,
        findings=tuple(replace(f, address=address) for f in findings),
        body=body,
    )


def review(bound: BoundFlow) -> tuple[Finding, ...]:
    """Say what is wrong with a flow's type: missing, unknown, or another's."""
    return review_type(bound)


def render(bound: BoundFlow) -> Bundle:
    """Make the content of a flow for one instance."""
    return render_contact_flow(bound, _body(bound.flow))


def describe(state: FlowState) -> Graph:
    """Read the content of a state by meaning.

    Raises ``InputError`` when the content is not a flow of the current language.
    """
    source = source_text(f"{state.address}", open_text(state.files[CONTENT]))
    flow = read_contact_flow(source, parse_json(source), state.address.name)
    return describe_flow(flow, state.attributes)


def open_target(settings: TargetSettings) -> Target:
    """Return the instance an environment describes; nothing is called yet."""
    from flowops.systems.connect.target import open_instance

    return open_instance(settings)


def _body(flow: Flow) -> ContactFlow:
    if isinstance(flow.body, ContactFlow):
        return flow.body
    message = f"{flow.address} was not read by this system"
    raise TypeError(message)
