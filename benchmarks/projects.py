"""Projects of any size, made anew and the same each time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

INSTANCE = "arn:aws:connect:eu-west-1:111122223333:instance/0aaaaaaa-1111-4222-8333-444"
ENVIRONMENTS = ("development", "staging", "production")
BLOCKS = 20
QUEUES = 3


def flow(number: int) -> dict[str, Any]:
    """Return a flow of some twenty blocks that refers to three queues."""
    actions: list[dict[str, Any]] = []
    shown: dict[str, Any] = {}
    for block in range(BLOCKS):
        name = f"{number:08x}-{block:04x}-4000-8000-000000000000"
        following = f"{number:08x}-{block + 1:04x}-4000-8000-000000000000"
        queue = f"{INSTANCE}/queue/71569bb2-0000-4000-8000-{block % QUEUES:012x}"
        kind, parameters = "MessageParticipant", {"Text": f"Hello {block} of {number}"}
        if block % 5 == 0:
            kind, parameters = "UpdateContactTargetQueue", {"QueueId": queue}
        transitions: dict[str, Any] = {
            "NextAction": following,
            "Errors": [{"NextAction": following, "ErrorType": "NoMatchingError"}],
            "Conditions": [],
        }
        if block == BLOCKS - 1:
            kind, parameters, transitions = "DisconnectParticipant", {}, {}
        actions.append(
            {
                "Identifier": name,
                "Type": kind,
                "Parameters": parameters,
                "Transitions": transitions,
            }
        )
        shown[name] = {"position": {"x": 200 * block, "y": 40 * (block % 4)}}
        if "QueueId" in parameters:
            named = {"displayName": f"Queue {block % QUEUES}"}
            shown[name]["parameters"] = {"QueueId": named}
    return {
        "Version": "2019-10-30",
        "StartAction": actions[0]["Identifier"],
        "Metadata": {
            "name": f"Flow {number}",
            "type": "contactFlow",
            "status": "published",
            "ActionMetadata": shown,
        },
        "Actions": actions,
    }


def overlay(environment: str) -> str:
    """Return an environment in which every queue has another name."""
    named = {f"Queue {n}": f"Queue {n} of {environment}" for n in range(QUEUES)}
    return json.dumps({"flows": {"*": {"references": {"queue": named}}}})


def write_project(root: Path, flows: int) -> None:
    """Write a project of so many flows and three environments."""
    (root / "flows").mkdir(parents=True)
    (root / "environments").mkdir()
    (root / "flowops.yaml").write_text(
        'version: 1\nname: benchmark\nflows:\n  - path: "flows/*.json"\n'
    )
    for name in ENVIRONMENTS:
        (root / f"environments/{name}.yaml").write_text(overlay(name))
    for number in range(flows):
        text = json.dumps(flow(number), indent=2)
        (root / f"flows/flow-{number:05}.json").write_text(text)
