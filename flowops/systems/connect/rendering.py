"""Make the content of a flow for one instance: only bound values change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, replace_values
from flowops.documents.source import BYTE_ORDER_MARK
from flowops.model import BindingState, Pointer
from flowops.secrets import VALUE_REDACTED, Secret, Text
from flowops.systems.connect.flow_types import FLOW_MODULE, api_type
from flowops.systems.connect.graph import is_sensitive
from flowops.systems.connect.references import string_leaves
from flowops.systems.protocol import Bundle

if TYPE_CHECKING:
    from flowops.model import Binding
    from flowops.systems.connect.language import ContactFlow
    from flowops.systems.protocol import BoundFlow

CONTENT = "content.json"


def render_contact_flow(bound: BoundFlow, flow: ContactFlow) -> Bundle:
    """Rewrite references and the ids and names that repeat them, nothing else."""
    values: dict[Pointer, JsonValue] = {}
    for binding in bound.bindings:
        values |= _values(binding)
    text = bound.flow.source.text.open().removeprefix(BYTE_ORDER_MARK)
    return Bundle(
        address=bound.flow.address,
        primary=CONTENT,
        files={CONTENT: seal(replace_values(text, values), flow)},
        attributes=_attributes(bound, flow),
    )


def seal(content: str, flow: ContactFlow) -> Text:
    """Hide parameters that look like secrets in the visible text of a content."""
    masked: dict[Pointer, JsonValue] = {
        ("Actions", action.index, "Parameters", *path): VALUE_REDACTED
        for action in flow.actions
        for path, value in string_leaves(dict(action.parameters))
        if path and is_sensitive(str(path[-1]), value)
    }
    return Secret(content, replace_values(content, masked)) if masked else content


def _values(binding: Binding) -> dict[Pointer, JsonValue]:
    if binding.state is not BindingState.RESOLVED or not binding.resource:
        return {}
    reference, resource = binding.reference, binding.resource
    values: dict[Pointer, JsonValue] = {}
    if binding.value != reference.value:
        values[reference.path] = binding.value
        values |= dict.fromkeys(reference.twins, binding.value)
    if resource.name != reference.name:
        values |= dict.fromkeys(reference.name_twins, resource.name)
    return values


def _attributes(bound: BoundFlow, flow: ContactFlow) -> dict[str, str]:
    attributes = {"name": bound.flow.address.name, "status": bound.status}
    if flow_type := bound.type or (bound.live or {}).get("type", ""):
        attributes["type"] = api_type(flow_type)
    if flow.description and flow.kind != FLOW_MODULE:
        attributes["description"] = flow.description
    return attributes
