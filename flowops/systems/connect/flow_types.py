"""Kinds and types of flows, in the words of the API and of console exports.

Source: the ``Type`` of CreateContactFlow in the Amazon Connect API reference;
the export's words are those of the console's "Export flow".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTACT_FLOW = "contact-flow"
FLOW_MODULE = "flow-module"

EXPORT_TYPES: Mapping[str, str] = {
    "contactFlow": "CONTACT_FLOW",
    "customerQueue": "CUSTOMER_QUEUE",
    "customerHold": "CUSTOMER_HOLD",
    "customerWhisper": "CUSTOMER_WHISPER",
    "agentHold": "AGENT_HOLD",
    "agentWhisper": "AGENT_WHISPER",
    "outboundWhisper": "OUTBOUND_WHISPER",
    "agentTransfer": "AGENT_TRANSFER",
    "queueTransfer": "QUEUE_TRANSFER",
}
API_TYPES = frozenset([*EXPORT_TYPES.values(), "CAMPAIGN"])


def api_type(word: str) -> str:
    """Return the API's word for a type, or nothing when it is not one."""
    if word in API_TYPES:
        return word
    return EXPORT_TYPES.get(word, "")
