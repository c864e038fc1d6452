"""Make the content of a flow for one instance: only bound values change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.canonical import digest
from flowops.documents.json_text import JsonValue, parse_json, replace_values
from flowops.documents.source import BYTE_ORDER_MARK, source_text
from flowops.errors import InputError
from flowops.model import BindingState, Pointer
from flowops.secrets import VALUE_REDACTED, Secret, Text
from flowops.systems.connect.flow_types import FLOW_MODULE, api_type
from flowops.systems.connect.graph import is_sensitive
from flowops.systems.connect.trees import string_leaves, text_at
from flowops.systems.connect.twins import name_for
from flowops.systems.connect.value_forms import is_bare_id
from flowops.systems.protocol import Bundle

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flowops.model import Binding, Resource
    from flowops.systems.connect.language import ContactFlow
    from flowops.systems.protocol import BoundFlow

CONTENT = "content.json"


def render_contact_flow(bound: BoundFlow, flow: ContactFlow) -> Bundle:
    """Rewrite references and the ids and names that repeat them, nothing else."""
    text = flow.source.text.open().removeprefix(BYTE_ORDER_MARK)
    if values := new_values(bound, flow):
        text = replace_values(text, values)
        prove_untouched(flow, text, values)
    return Bundle(
        address=bound.flow.address,
        primary=CONTENT,
        files={CONTENT: seal(text, flow)},
        attributes=_attributes(bound, flow),
    )


def seal(content: str, flow: ContactFlow) -> Text:
    """Hide parameters that look like secrets in the visible text of a content."""
    masked: dict[Pointer, JsonValue] = {
        ("Actions", action.index, "Parameters", *path): VALUE_REDACTED
        for action in flow.actions
        for path, value in string_leaves(action.parameters)
        if path and is_sensitive(str(path[-1]), value)
    }
    return Secret(content, replace_values(content, masked)) if masked else content


def prove_untouched(
    flow: ContactFlow, text: str, values: Mapping[Pointer, JsonValue]
) -> None:
    """Compare a rewritten content with the flow, the changed values masked in both.

    Raises ``InputError`` when anything else differs, or a value is not the new one.
    """
    after = parse_json(source_text(flow.source.path, text))
    same = all(_at(after, pointer) == value for pointer, value in values.items())
    before_digest, after_digest = (
        digest(masked(document, values)) for document in (flow.document, after)
    )
    if not same or before_digest != after_digest:
        raise InputError(
            f"the rewrite of {flow.name} would change more than its references",
            hint="nothing is written; please report this defect of FlowOps",
            location=flow.source.place(0),
        )


def _at(value: JsonValue, path: Pointer) -> JsonValue:
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def masked(value: JsonValue, paths: Collection[Pointer]) -> JsonValue:
    """Return a copy of a value with nothing at these paths, where they lead to."""
    return substituted(value, dict.fromkeys(paths))


def substituted(value: JsonValue, values: Mapping[Pointer, JsonValue]) -> JsonValue:
    """Return a copy of a value with others at these paths, where they lead to.

    What no path leads into is the same object in both.
    """
    below: dict[str | int, dict[Pointer, JsonValue]] = {}
    for path, new in values.items():
        if not path:
            return new
        below.setdefault(path[0], {})[path[1:]] = new
    if isinstance(value, dict):
        items = value.items()
        return {k: substituted(v, below[k]) if k in below else v for k, v in items}
    if isinstance(value, list):
        pairs = enumerate(value)
        return [substituted(v, below[i]) if i in below else v for i, v in pairs]
    return value


def new_values(bound: BoundFlow, flow: ContactFlow) -> dict[Pointer, JsonValue]:
    """Return what stands at each place that the answers change."""
    values: dict[Pointer, JsonValue] = {}
    inside: dict[Pointer, list[tuple[int, int, str]]] = {}
    for binding in bound.bindings:
        if binding.state is not BindingState.RESOLVED or not binding.resource:
            continue
        values |= _repeated(binding, binding.resource, flow)
        reference = binding.reference
        if binding.value == reference.value:
            continue
        if reference.span:
            piece = (*reference.span, binding.value)
            inside.setdefault(reference.path, []).append(piece)
        else:
            values[reference.path] = binding.value
    for path, pieces in inside.items():
        values[path] = _spliced(text_at(flow.document, path), pieces)
    return values


def _spliced(text: str, pieces: list[tuple[int, int, str]]) -> str:
    """Replace parts of a text, the last one first."""
    for start, end, new in sorted(pieces, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    return text


def _repeated(
    binding: Binding, resource: Resource, flow: ContactFlow
) -> dict[Pointer, JsonValue]:
    """Return the ids and names in the metadata that follow a reference."""
    reference = binding.reference
    values: dict[Pointer, JsonValue] = {}
    for pointer in reference.twins if binding.value != reference.value else ():
        values[pointer] = _repeated_id(text_at(flow.document, pointer), binding)
    if resource.name and resource.name != reference.name:
        for pointer in reference.name_twins:
            values[pointer] = name_for(reference, pointer, resource.name)
    return values


def _repeated_id(text: str, binding: Binding) -> str:
    """Return what a place that repeats an id holds now, in the form it had."""
    resource, value = binding.resource, binding.value
    if text == binding.reference.value or not resource:
        return value
    if is_bare_id(text) and resource.id:
        return resource.id
    is_arn = text.startswith("arn:") and not value.startswith("arn:")
    return resource.arn or value if is_arn else value


def _attributes(bound: BoundFlow, flow: ContactFlow) -> dict[str, str]:
    attributes = {"name": bound.flow.address.name, "status": bound.status}
    if flow_type := bound.type or (bound.live or {}).get("type", ""):
        attributes["type"] = api_type(flow_type)
    if flow.description and flow.kind != FLOW_MODULE:
        attributes["description"] = flow.description
    return attributes
