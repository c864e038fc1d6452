"""Descriptions: what a file says counts, also when it says that there is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject
from tests.support.views import template, view, write


def flow(project: SandboxProject, **metadata: Any) -> None:
    actions = [action("end", "DisconnectParticipant")]
    write(project, contact_flow(actions, name="flow", **metadata), "flow")


def edit(project: SandboxProject) -> None:
    """Change the description on the instance by hand."""
    project.client.update_contact_flow_metadata(
        InstanceId=project.sandbox.instance_id,
        ContactFlowId=project.flow_id("flow"),
        Description="by hand",
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"description": ""}, ""), ({"description": "mine"}, "mine"), ({}, "by hand")],
)
def test_the_file_counts_where_it_says_something(
    example: SandboxProject, given: dict[str, str], expected: str
) -> None:
    flow(example, **given)
    assert example.run("promote", "staging", "flow", "--yes").code == 0
    edit(example)
    plan = example.run("plan", "staging", "flow").out
    assert ("No changes." in plan) is (expected == "by hand")
    assert example.run("promote", "staging", "flow", "--yes").code == 0
    assert example.live("flow").get("Description", "") == expected
    assert "No changes." in example.run("plan", "staging", "flow").out


def test_a_promote_that_fails_puts_the_description_back(
    example: SandboxProject,
) -> None:
    flow(example, description="")
    assert example.run("promote", "staging", "flow", "--yes").code == 0
    edit(example)
    write(example, view(template("one")) | {"Name": "view"}, "view")
    example.sandbox.fail("UpdateViewContent", "AccessDeniedException", times=9)
    assert example.run("promote", "staging", "flow", "view", "--yes").code != 0
    assert example.live("flow")["Description"] == "by hand"


def test_that_of_a_view_cannot_be_emptied(example: SandboxProject) -> None:
    shown = view(template("one")) | {"Name": "view"}
    write(example, shown | {"Description": "Old"}, "view")
    assert example.run("promote", "staging", "view", "--yes").code == 0
    write(example, shown | {"Description": ""}, "view")
    refused = example.run("promote", "staging", "view", "--yes")
    assert refused.code == 1
    assert "Amazon Connect takes no empty one" in refused.out + refused.err
