"""Small valid contents for the flows, modules and views a sandbox begins with."""

from __future__ import annotations

import json

from flowops.systems.connect.sandbox.flow_language import MODULE_END, VERSION
from flowops.systems.connect.sandbox.store import Content

_LOOPING_TYPES = frozenset({"AGENT_HOLD", "CUSTOMER_HOLD", "CUSTOMER_QUEUE"})
_WHISPER_TYPES = frozenset({"AGENT_WHISPER", "CUSTOMER_WHISPER", "OUTBOUND_WHISPER"})


def flow_starter(flow_type: str) -> Content:
    """Give the content of a new flow of a type."""
    if flow_type in _LOOPING_TYPES:
        return _content(
            "MessageParticipantIteratively",
            {"Messages": [{"Text": "Thank you for waiting."}]},
        )
    if flow_type in _WHISPER_TYPES:
        return _content("EndFlowExecution")
    return _content("DisconnectParticipant")


def module_starter() -> Content:
    """Give the content of a new module."""
    return _content(MODULE_END)


def view_starter(name: str) -> Content:
    """Give the content of a new view: its name, and nothing to do."""
    layout = {"Layout": {"Columns": ["12"]}}
    head = {"Title": name, "Configuration": layout}
    return Content(json.dumps({"Head": head, "Body": []}), "[]")


def _content(action_type: str, parameters: dict[str, object] | None = None) -> Content:
    action = {
        "Identifier": "start",
        "Type": action_type,
        "Parameters": parameters or {},
        "Transitions": {},
    }
    document = {
        "Version": VERSION,
        "StartAction": "start",
        "Metadata": {},
        "Actions": [action],
    }
    return Content(json.dumps(document))
