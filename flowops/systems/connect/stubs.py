"""The smallest content of each type of flow, to hold a name until it is written.

A stub is only ever saved, never published, so that no contact can meet it. A
module cannot be created as a draft; its stub returns at once to its caller.
"""

from __future__ import annotations

from flowops.documents.canonical import canonical_json
from flowops.documents.json_text import JsonValue
from flowops.systems.connect.action_types import MODULE_END
from flowops.systems.connect.language import VERSION

_ENDS = frozenset(
    [
        "AGENT_HOLD",
        "AGENT_WHISPER",
        "CUSTOMER_HOLD",
        "CUSTOMER_QUEUE",
        "CUSTOMER_WHISPER",
        "OUTBOUND_WHISPER",
    ]
)


def stub(flow_type: str) -> str:
    """Return a content with one last action; an empty type is a module."""
    if not flow_type:
        last = MODULE_END
    else:
        last = "EndFlowExecution" if flow_type in _ENDS else "DisconnectParticipant"
    action: JsonValue = {
        "Identifier": "end",
        "Type": last,
        "Parameters": {},
        "Transitions": {},
    }
    return canonical_json(
        {"Version": VERSION, "StartAction": "end", "Actions": [action]}
    ).decode()


def view_stub(name: str) -> str:
    """Return the template of a view that shows nothing but its name."""
    layout: JsonValue = {"Layout": {"Columns": ["12"]}}
    head: JsonValue = {"Title": name, "Configuration": layout}
    return canonical_json({"Head": head, "Body": []}).decode()
