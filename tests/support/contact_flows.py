"""Small contact flows, built in code, for tests of the Amazon Connect system."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flowops.documents.json_text import parse_json
from flowops.documents.source import source_text
from flowops.systems import connect
from flowops.systems.protocol import Flow

_ID_OF_INSTANCE = "0aaaaaaa-1111-4222-8333-444444444444"
INSTANCE = f"arn:aws:connect:eu-west-1:111122223333:instance/{_ID_OF_INSTANCE}"
ID = "71569bb2-0000-4000-8000-000000000001"
OTHER_ID = "71569bb2-0000-4000-8000-000000000002"


def arn(kind: str, identifier: str = ID) -> str:
    return f"{INSTANCE}/{kind}/{identifier}"


def action(
    identifier: str,
    kind: str,
    parameters: Mapping[str, Any] | None = None,
    following: str = "",
) -> dict[str, Any]:
    transitions = {"NextAction": following} if following else {}
    return {
        "Identifier": identifier,
        "Type": kind,
        "Parameters": dict(parameters or {}),
        "Transitions": transitions,
    }


def contact_flow(
    actions: Sequence[Mapping[str, Any]],
    shown: Mapping[str, Any] | None = None,
    **metadata: Any,
) -> dict[str, Any]:
    """Return a flow of these actions; ``shown`` is its ActionMetadata."""
    return {
        "Version": "2019-10-30",
        "StartAction": actions[0]["Identifier"] if actions else "",
        "Metadata": {"name": "Flow", "type": "contactFlow", **metadata}
        | ({"ActionMetadata": shown} if shown else {}),
        "Actions": list(actions),
    }


def read(document: Any, path: str = "flows/flow.json") -> Flow:
    """Read a document, or a text, as the connect system does."""
    text = document if isinstance(document, str) else json.dumps(document, indent=1)
    source = source_text(path, text)
    return connect.read(source, parse_json(source))


def read_block(
    kind: str, parameters: Mapping[str, Any], shown: Mapping[str, Any] | None = None
) -> Flow:
    """Read a flow of one block and the end it leads to."""
    actions = [
        action("block", kind, parameters, "end"),
        action("end", "EndFlowExecution"),
    ]
    return read(contact_flow(actions, {"block": shown} if shown else None))
