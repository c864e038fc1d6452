"""What a content of an instance means, of whatever kind it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.source import source_text
from flowops.secrets import open_text
from flowops.systems.connect.arns import VIEW
from flowops.systems.connect.graph import describe_flow, describe_with
from flowops.systems.connect.language import Action, read_contact_flow
from flowops.systems.connect.legacy.description import describe_legacy_flow
from flowops.systems.connect.legacy.language import read_legacy_flow
from flowops.systems.connect.places import substituted
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.connect.view_states import describe_view, view_of_content
from flowops.systems.connect.wrappers import is_legacy
from flowops.systems.protocol import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.model import Graph, Pointer
    from flowops.systems.connect.language import ContactFlow
    from flowops.systems.protocol import FlowState


def describe_state(state: FlowState) -> Graph:
    """Read the content of a state by meaning; the version that keeps it has none.

    Raises ``InputError`` when the content is neither a flow nor a view.
    """
    attributes = _attributes(state)
    content = open_text(state.files[CONTENT])
    if state.address.kind == VIEW:
        return describe_view(view_of_content(state.address, content), attributes)
    source = source_text(f"{state.address}", content)
    root = parse_json(source)
    if is_legacy(root):
        legacy = read_legacy_flow(source, root, state.address.name)
        return describe_legacy_flow(legacy, attributes)
    flow = read_contact_flow(source, root, state.address.name)
    return describe_flow(flow, attributes)


def describe_rendered(
    state: FlowState, flow: ContactFlow, values: Mapping[Pointer, JsonValue]
) -> Graph:
    """Return what ``describe_state`` does for a content made of a flow, unread.

    ``values`` are what the render put in place; it proved that nothing else differs.
    """
    if flow.learnt.graph is None:
        flow.learnt.graph = describe_flow(flow, {})
    graph = flow.learnt.graph
    if values:
        actions = _actions_with(flow.actions, values)
        if actions is None:
            return describe_state(state)
        graph = describe_with(graph, flow, actions)
    return replace(graph, attributes={**_attributes(state), **graph.attributes})


def _attributes(state: FlowState) -> dict[str, str]:
    return {k: v for k, v in state.attributes.items() if k != VERSION}


def _actions_with(
    actions: Iterable[Action], values: Mapping[Pointer, JsonValue]
) -> tuple[Action, ...] | None:
    """Put values into actions; nothing when one of them belongs somewhere else.

    An action without new values is given back as the very same object.
    """
    parameters: dict[object, dict[Pointer, JsonValue]] = {}
    shown: dict[object, dict[Pointer, JsonValue]] = {}
    for pointer, value in values.items():
        place, rest = pointer[:3], pointer[3:]
        if rest and (place[0], place[2]) == ("Actions", "Parameters"):
            parameters.setdefault(place[1], {})[rest] = value
        elif rest and place[:2] == ("Metadata", "ActionMetadata"):
            shown.setdefault(place[2], {})[rest] = value
        else:
            return None
    return tuple(
        Action(
            action.index,
            action.identifier,
            action.type,
            _with(action.parameters, parameters.get(action.index)),
            action.transitions,
            _with(action.metadata, shown.get(action.identifier)),
        )
        if action.index in parameters or action.identifier in shown
        else action
        for action in actions
    )


def _with(
    mapping: Mapping[str, JsonValue], values: Mapping[Pointer, JsonValue] | None
) -> Mapping[str, JsonValue]:
    found = substituted(mapping, values) if values else mapping
    return found if isinstance(found, dict) else mapping
