"""Write a flow, a module or a view of an instance as a file keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.canonical import pretty_json
from flowops.documents.json_text import JsonValue, parse_json
from flowops.documents.source import source_text
from flowops.secrets import open_text
from flowops.systems.connect.arns import VIEW
from flowops.systems.connect.flow_types import FLOW_MODULE, api_type
from flowops.systems.connect.language import read_contact_flow
from flowops.systems.connect.references import NOWHERE, find_references
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.connect.view_states import view_file_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowops.model import Inventory, Reference
    from flowops.systems.connect.language import Action
    from flowops.systems.protocol import FlowState


def file_text(state: FlowState, inventory: Inventory) -> str:
    """Write a flow of an instance as a file keeps it: named, and in a stable form.

    Names of resources come from ``inventory`` where the flow does not say them.
    Raises ``InputError`` for a content that is no flow.
    """
    if state.address.kind == VIEW:
        return view_file_text(state)
    content = open_text(state.files[CONTENT])
    source = source_text(str(state.address), content)
    flow = read_contact_flow(source, parse_json(source), state.address.name)
    found = find_references(flow, lambda pointers: dict.fromkeys(pointers, NOWHERE))
    metadata = _of_instance(flow.metadata, state)
    if shown := _with_names(flow.actions, found.references, inventory):
        known = metadata.get("ActionMetadata")
        metadata["ActionMetadata"] = (known if isinstance(known, dict) else {}) | shown
    document = dict(flow.document) | {"Metadata": metadata}
    if state.address.kind == FLOW_MODULE and flow.kind != FLOW_MODULE:
        document["Settings"] = {}  # nothing else in it says that it is a module
    return pretty_json(document)


def _of_instance(
    metadata: Mapping[str, JsonValue], state: FlowState
) -> dict[str, JsonValue]:
    """Return the metadata with what the instance keeps beside the content."""
    found = dict(metadata) | {"name": state.address.name}
    if (word := state.attributes.get("type")) and api_type(
        str(found.get("type"))
    ) != word:
        found["type"] = word
    found["status"] = state.attributes["status"]
    if description := state.attributes.get("description"):
        found["description"] = description
    else:
        found.pop("description", None)
    return found


def _with_names(
    actions: Iterable[Action], references: Iterable[Reference], inventory: Inventory
) -> dict[str, JsonValue]:
    """Return the metadata of each block that does not name what it refers to."""
    known = {action.identifier: action.metadata for action in actions}
    changed: dict[str, JsonValue] = {}
    for reference in references:
        path = [str(key) for key in reference.path[3:]]
        resource = inventory.find(reference.kind, reference.key)
        if reference.name or reference.span or not (resource and resource.name):
            continue
        if all(isinstance(key, str) for key in reference.path[3:]):
            before = changed.get(reference.block, dict(known[reference.block]))
            place = ["parameters", *path, "displayName"]
            changed[reference.block] = _set(before, place, resource.name)
    return changed


def _set(value: JsonValue, path: list[str], text: str) -> JsonValue:
    """Return a value with a text at a path, whatever stood in its way."""
    if not path:
        return text
    below = value if isinstance(value, dict) else {}
    return below | {path[0]: _set(below.get(path[0]), path[1:], text)}
