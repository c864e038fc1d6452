"""What a content of an instance means, of whatever kind it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.source import source_text
from flowops.secrets import open_text
from flowops.systems.connect.arns import VIEW
from flowops.systems.connect.graph import describe_flow
from flowops.systems.connect.language import read_contact_flow
from flowops.systems.connect.legacy.description import describe_legacy_flow
from flowops.systems.connect.legacy.language import read_legacy_flow
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.connect.view_states import describe_view, view_of_content
from flowops.systems.connect.wrappers import is_legacy
from flowops.systems.protocol import VERSION

if TYPE_CHECKING:
    from flowops.model import Graph
    from flowops.systems.protocol import FlowState


def describe_state(state: FlowState) -> Graph:
    """Read the content of a state by meaning; the version that keeps it has none.

    Raises ``InputError`` when the content is neither a flow nor a view.
    """
    attributes = {k: v for k, v in state.attributes.items() if k != VERSION}
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
