"""How often a plan and a promote ask an instance: as often as they have to."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.support.contact_flows import ID, action, arn, contact_flow
from tests.support.projects import SandboxProject

FLOWS = 20
NAMES = [f"Flow {number:02}" for number in range(FLOWS)]
LISTS = {
    "ListContactFlows": 1,
    "ListContactFlowModules": 1,
    "ListPrompts": 1,
    "ListQueues": 1,
    "ListUsers": 1,
}
ALWAYS = {
    "DescribeInstance": 1,
    "SearchContactFlows": 1,
    "SearchContactFlowModules": 1,
    "SearchViews": 1,
    **LISTS,
}


def write(root: Path, name: str, text: str = "Hello.") -> None:
    shown = {"queue": {"queue": {"id": arn("queue"), "text": "BasicQueue"}}}
    prompt = {"PromptId": arn("prompt"), "Text": text}
    flow = contact_flow(
        [
            action("say", "MessageParticipant", {"Text": text}, "play"),
            action("play", "MessageParticipant", prompt, "queue"),
            action("queue", "UpdateContactTargetQueue", {"QueueId": ID}, "agent"),
            action("agent", "CheckMetricData", {"AgentId": "$.Agent.ARN"}, "end"),
            action("end", "DisconnectParticipant"),
        ],
        {**shown, "play": {"promptName": "welcome.wav"}},
        name=name,
    )
    del flow["Actions"][1]["Parameters"]["Text"]
    path = root / "flows" / "connect" / f"{name}.json"
    path.write_text(json.dumps(flow), "utf-8")


@pytest.fixture
def project(example: SandboxProject) -> SandboxProject:
    """Twenty flows that say something and refer to a prompt, a queue and an agent."""
    for path in (example.root / "flows").rglob("*.json"):
        path.unlink()
    staging = example.root / "environments" / "staging.yaml"
    base = example.root / "environments" / "base.yaml"
    for path in (staging, base):
        text = path.read_text("utf-8")
        path.write_text(text.partition("\nflows:")[0] + "\n", "utf-8")
    for name in NAMES:
        write(example.root, name)
    return example


def calls(project: SandboxProject, *words: str) -> Counter[str]:
    """Count what a command asks the instance."""
    project.commit()
    project.sandbox.calls.clear()
    result = project.run(*words)
    assert result.code == 0, result.err + result.out
    return Counter(call.operation for call in project.sandbox.calls)


def test_new_flows_are_written_twice(project: SandboxProject) -> None:
    assert calls(project, "plan", "staging") == ALWAYS
    assert calls(project, "promote", "staging", "--yes") == ALWAYS | {
        "CreateContactFlow": FLOWS,
        "UpdateContactFlowContent": FLOWS,
        # read back, kept as a version, and tagged with that version
        "DescribeContactFlow": FLOWS,
        "CreateContactFlowVersion": FLOWS,
        "TagResource": FLOWS,
    }


def test_equal_flows_are_described_once_and_not_written(
    project: SandboxProject,
) -> None:
    project.run("promote", "staging", "--yes")
    described = ALWAYS | {"DescribeContactFlow": FLOWS}
    assert calls(project, "plan", "staging") == described
    assert calls(project, "promote", "staging", "--yes") == described


def test_a_changed_flow_is_written_and_tagged_once(project: SandboxProject) -> None:
    project.run("promote", "staging", "--yes")
    changed = NAMES[:3]
    for name in changed:
        write(project.root, name, "Good morning.")
    described = ALWAYS | {"DescribeContactFlow": FLOWS}
    assert calls(project, "plan", "staging") == described
    assert calls(project, "promote", "staging", "--yes") == ALWAYS | {
        # once more to read back each flow that was written
        "DescribeContactFlow": FLOWS + len(changed),
        "UpdateContactFlowContent": len(changed),
        "CreateContactFlowVersion": len(changed),
        "TagResource": len(changed),
    }
