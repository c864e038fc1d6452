"""The content of a view as an instance takes and gives it, and what it means.

A content is what ``CreateView`` takes: ``Actions``, and ``Template`` as JSON inside
a text, which is kept to the byte.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.documents.canonical import canonical_json, digest, pretty_json
from flowops.documents.json_text import (
    JsonValue,
    find_spans,
    parse_json,
    replace_values,
)
from flowops.documents.source import source_text
from flowops.model import BindingState, Block, Edge, Graph
from flowops.secrets import Secret, Text, open_text
from flowops.systems.connect.graph import flatten, shown_value
from flowops.systems.connect.references import free_references
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.connect.tags import tags_attribute
from flowops.systems.connect.trees import string_leaves, text_at
from flowops.systems.connect.view_templates import components
from flowops.systems.connect.views import ACTIONS, BODY, TEMPLATE, View, read_view
from flowops.systems.protocol import Bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flowops.model import Address, Location, Pointer, Reference
    from flowops.systems.protocol import BoundFlow, FlowState

_PAGE = "Template"  # the block that stands for the view as a whole


def content_of(template: str, actions: Iterable[str]) -> str:
    """Write a content; the order of actions has no meaning and is kept."""
    return canonical_json({ACTIONS: [*actions], TEMPLATE: template}).decode()


def seal_view(template: str, view: View) -> Text:
    """Write a content, with what looks like a secret hidden in its visible text."""
    content = content_of(template, view.actions)
    masked = view_secrets(view)
    if not masked:
        return content
    return Secret(content, content_of(replace_values(template, masked), view.actions))


def view_secrets(view: View) -> dict[Pointer, JsonValue]:
    """Return what is shown of each part of a template that looks like a secret."""
    return {
        path: shown
        for path, value in string_leaves(view.template)
        if path and (shown := shown_value(str(path[-1]), value)) != value
    }


def redact_view(view: View) -> str:
    """Return the whole file of a view without what looks like a secret in it."""
    masked = view_secrets(view)
    text = view.outer.text.open()
    if not masked:
        return text
    place = (*view.content, TEMPLATE)
    start, _ = find_spans(text, [place])[place]
    if text[start] == '"':  # JSON inside a text
        template = replace_values(view.source.text.open(), masked)
        return replace_values(text, {place: template})
    return replace_values(text, {(*place, *path): new for path, new in masked.items()})


def view_of_content(address: Address, content: str) -> View:
    """Read a content of an instance; raises ``InputError`` when it is no view."""
    source = source_text(str(address), content)
    return read_view(source, parse_json(source), address.name)


def find_view_references(
    view: View, locate: Callable[[Iterable[Pointer]], Mapping[Pointer, Location]]
) -> tuple[Reference, ...]:
    """Return the ARNs in a template, each with its place."""
    owners = {component.pointer: component.id for component in components(view)}
    found = [
        reference
        for path, text in string_leaves(view.template)
        for reference in free_references(_owner(path, owners), path, text)
    ]
    places = locate(reference.path for reference in found)
    return tuple(replace(r, location=places[r.path]) for r in found)


def _owner(path: Pointer, owners: Mapping[Pointer, str]) -> str:
    """Return the id of the innermost component that a place belongs to."""
    prefixes = (path[:length] for length in range(len(path), 0, -1))
    return next((owners[p] for p in prefixes if p in owners), _PAGE)


def render_view(bound: BoundFlow, view: View) -> Bundle:
    """Make the content of a view for one instance: only ARNs in it change."""
    template = replace_values(view.source.text.open(), _new_texts(bound, view))
    attributes = {"name": bound.flow.address.name, "status": bound.status}
    if view.description is not None:
        attributes["description"] = view.description
    attributes |= tags_attribute(view.tags, bound.live)
    sealed = seal_view(template, view)
    return Bundle(bound.flow.address, CONTENT, {CONTENT: sealed}, attributes)


def _new_texts(bound: BoundFlow, view: View) -> dict[Pointer, JsonValue]:
    """Return the texts that hold an ARN of another instance, with the new one."""
    texts: dict[Pointer, JsonValue] = {}
    for binding in reversed(bound.bindings):
        reference = binding.reference
        if binding.state is not BindingState.RESOLVED:
            continue
        text = str(texts.get(reference.path, text_at(view.template, reference.path)))
        start, end = reference.span or (0, len(text))
        texts[reference.path] = f"{text[:start]}{binding.value}{text[end:]}"
    return texts


def describe_view(view: View, attributes: Mapping[str, str]) -> Graph:
    """Return the graph of a view: its components, and which holds which."""
    page = {key: value for key, value in view.template.items() if key != BODY}
    found = list(components(view))
    return Graph(
        attributes=dict(attributes) | {ACTIONS: ", ".join(sorted(view.actions))},
        blocks=(
            Block(_PAGE, "View", properties=flatten(page)),
            *(Block(c.id, c.type, properties=flatten(c.own)) for c in found),
        ),
        edges=tuple(Edge(c.parent or _PAGE, f"holds at {c.slot}", c.id) for c in found),
        fingerprint=digest([view.template, sorted(view.actions)]),
    )


def view_file_text(state: FlowState) -> str:
    """Write a view of an instance as a file keeps it: named, its template readable.

    Raises ``InputError`` for a content that is no view.
    """
    view = view_of_content(state.address, open_text(state.files[CONTENT]))
    document: dict[str, JsonValue] = {"Name": state.address.name}
    if description := state.attributes.get("description"):
        document["Description"] = description
    document["Status"] = state.attributes["status"].upper()
    document["Content"] = {ACTIONS: [*view.actions], TEMPLATE: view.template}
    return pretty_json(document)
