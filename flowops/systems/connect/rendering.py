"""Make the content of a flow for one instance: only bound values change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, replace_values
from flowops.errors import InputError
from flowops.model import BindingState, Pointer
from flowops.secrets import Secret, Text
from flowops.systems.connect.flow_types import FLOW_MODULE, api_type
from flowops.systems.connect.graph import shown_value
from flowops.systems.connect.inventory import ARCHIVED
from flowops.systems.connect.places import content_of, is_rewritten, places_of
from flowops.systems.connect.tags import tags_attribute
from flowops.systems.connect.trees import string_leaves, text_at
from flowops.systems.connect.twins import name_for
from flowops.systems.connect.value_forms import is_bare_id
from flowops.systems.protocol import PUBLISHED, Bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.model import Binding, Reference, Resource
    from flowops.systems.connect.language import ContactFlow
    from flowops.systems.protocol import BoundFlow

CONTENT = "content.json"


def render_contact_flow(bound: BoundFlow, flow: ContactFlow) -> Bundle:
    """Rewrite references and the ids and names that repeat them, nothing else."""
    text = content_of(flow)
    if values := new_values(bound, flow):
        text = rewritten(text, values, flow, bound.flow.references)
    return Bundle(
        address=bound.flow.address,
        primary=CONTENT,
        files={CONTENT: seal(text, flow)},
        attributes=_attributes(bound, flow),
    )


def rewritten(
    text: str,
    values: Mapping[Pointer, JsonValue],
    flow: ContactFlow,
    references: Iterable[Reference],
) -> str:
    """Put values into the content of a flow.

    Raises ``InputError`` when anything else would differ, or a value not be the new
    one.
    """
    try:
        places = places_of(values, flow, references, text)
        after = replace_values(text, values, places)
        is_proved = is_rewritten(text, after, values, places)
    except (KeyError, ValueError):
        is_proved = False
    if is_proved:
        return after
    raise InputError(
        f"the rewrite of {flow.name} would change more than its references",
        hint="nothing is written; please report this defect of FlowOps",
        location=flow.source.place(0),
    )


def seal(content: str, flow: ContactFlow) -> Text:
    """Hide parameters that look like secrets in the visible text of a content."""
    if flow.learnt.secrets is None:
        flow.learnt.secrets = dict(_secrets(flow))
    masked = flow.learnt.secrets
    return Secret(content, replace_values(content, masked)) if masked else content


def _secrets(flow: ContactFlow) -> Iterator[tuple[Pointer, str]]:
    """Give the parameters that hold what looks like a secret, and what is shown."""
    for action in flow.actions:
        for path, value in string_leaves(action.parameters):
            if path and (shown := shown_value(str(path[-1]), value)) != value:
                yield ("Actions", action.index, "Parameters", *path), shown


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
    if flow.description is not None and flow.kind != FLOW_MODULE:
        attributes["description"] = flow.description
    if bound.status == PUBLISHED and (bound.live or {}).get("state") == ARCHIVED:
        attributes["state"] = "active"  # what goes live is in use again
    return attributes | tags_attribute(flow.tags, bound.live)
