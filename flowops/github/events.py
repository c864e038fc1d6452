"""What happened that a job runs for, as far as a comment needs it.

Source: "Webhook events and payloads" of the GitHub documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.errors import FlowOpsError

if TYPE_CHECKING:
    from pathlib import Path


def pull_request_number(event: Path | None) -> int | None:
    """Return the number of the pull request a job runs for, if it does for one.

    An event of another kind, or a file that is no event, has none.
    """
    if event is None:
        return None
    try:
        root = parse_json(decode(event.name, event.read_bytes()))
    except (OSError, FlowOpsError):
        return None
    request = root.get("pull_request") if isinstance(root, dict) else None
    number = request.get("number") if isinstance(request, dict) else None
    is_number = isinstance(number, int) and not isinstance(number, bool) and number > 0
    return number if is_number and isinstance(number, int) else None
