"""Projects of any size, made anew and the same each time."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.stream_projects import write_streams

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

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


def snapshot(environment: str) -> str:
    """Return an inventory in which each queue of an overlay has another ARN."""
    number = ENVIRONMENTS.index(environment) + 1
    resources: list[dict[str, str]] = []
    for queue in range(QUEUES):
        identity = f"71569bb2-{number:04x}-4000-8000-{queue:012x}"
        arn = f"{INSTANCE}/queue/{identity}".replace("111122223333", f"{number:012}")
        name = f"Queue {queue} of {environment}"
        found = {"kind": "queue", "name": name, "id": identity, "arn": arn, "type": ""}
        resources.append(found)
    listed = {
        "kinds": ["queue"],
        "region": "eu-west-1",
        "partition": "aws",
        "resources": resources,
    }
    taken = "2026-11-01T00:00:00+00:00"
    return json.dumps({"taken": taken, "systems": {"connect": listed}}, indent=2)


def write_stream_project(root: Path, flows: int) -> None:
    """Write a project of so many flows of Event Processing and three environments."""
    _write_settings(root)
    write_streams(root, flows, ENVIRONMENTS)


def _write_settings(root: Path) -> None:
    (root / "flows").mkdir(parents=True)
    (root / "environments").mkdir()
    (root / "flowops.yaml").write_text(
        'version: 1\nname: benchmark\nflows:\n  - path: "flows/*"\n'
    )


def write_project(root: Path, flows: int, *, snapshots: bool = False) -> None:
    """Write a project of so many flows and three environments.

    With snapshots each environment gives every queue a name and an ARN of its own.
    """
    _write_settings(root)
    for name in ENVIRONMENTS:
        (root / f"environments/{name}.yaml").write_text(overlay(name))
        if snapshots:
            path = root / f"environments/{name}.inventory.json"
            path.write_text(snapshot(name))
    for number in range(flows):
        text = json.dumps(flow(number), indent=2)
        (root / f"flows/flow-{number:05}.json").write_text(text)


PROJECTS: Mapping[str, Callable[[Path, int], None]] = {
    "connect": write_project,
    "new-arns": partial(write_project, snapshots=True),
    "streams": write_stream_project,
}
"""The sorts of projects: flows of Connect, which each environment renders alike or
gives other ARNs, and flows of Event Processing as three sorts of exports."""
