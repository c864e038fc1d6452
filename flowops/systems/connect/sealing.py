"""Hide what looks like secrets in a content that an instance holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.source import source_text
from flowops.errors import InputError
from flowops.secrets import Secret, Text
from flowops.systems.connect.language import read_contact_flow
from flowops.systems.connect.rendering import seal

if TYPE_CHECKING:
    from flowops.model import Address


def seal_text(address: Address, content: str) -> Text:
    """Return a content with its visible face; one that is no flow is hidden whole."""
    source = source_text(str(address), content)
    try:
        flow = read_contact_flow(source, parse_json(source), address.name)
    except InputError:
        return Secret(content, f"<content of {address}>")
    return seal(content, flow)
