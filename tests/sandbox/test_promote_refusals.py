"""What an instance refuses half way is said in clear words, and nothing stays."""

from __future__ import annotations

import json

import pytest

from tests.support.contact_flows import action, contact_flow
from tests.support.projects import Result, SandboxProject
from tests.support.views import NAME, showing, template, view, write

FLOWS = ("A", "B", "C")
STORM = 6  # a call is tried once and repeated five times
ALL = (*FLOWS, "Guide", "Identify", NAME)


def write_all(project: SandboxProject, text: str) -> None:
    """Write flows, a module, a view and the flow that shows it."""
    for name in FLOWS:
        actions = [
            action("say", "MessageParticipant", {"Text": text}, "end"),
            action("end", "DisconnectParticipant"),
        ]
        write(project, contact_flow(actions, name=name), name)
    module = contact_flow(
        [
            action("say", "MessageParticipant", {"Text": text}, "end"),
            action("end", "EndFlowModuleExecution"),
        ],
        name="Identify",
    )
    write(project, module | {"Settings": {}}, "identify")
    write(project, view(template(text)), "view")
    write(project, showing({"Customer": text}), "guide")


def promote(project: SandboxProject) -> Result:
    return project.run("promote", "staging", *ALL, "--yes")


def held(project: SandboxProject) -> dict[str, str]:
    """Return the content of everything on the instance, by name."""
    given = {"InstanceId": project.sandbox.instance_id}
    found: dict[str, str] = {}
    for operation, key in (
        ("search_contact_flows", "ContactFlows"),
        ("search_contact_flow_modules", "ContactFlowModules"),
        ("search_views", "Views"),
    ):
        for item in getattr(project.client, operation)(**given)[key]:
            content = dict(item["Content"]) if key == "Views" else item["Content"]
            status = item.get("Status")
            found[item["Name"]] = json.dumps([content, status])
    return found


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let botocore back off without taking the time."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


@pytest.mark.parametrize("step", range(4))
def test_a_permission_refused_half_way_leaves_nothing_new(
    example: SandboxProject, step: int
) -> None:
    before = held(example)
    write_all(example, "one")
    example.sandbox.fail("UpdateContactFlowContent", "AccessDeniedException", 1, step)
    result = promote(example)
    assert result.code == 1
    assert "the promote stopped: Amazon Connect refused" in result.err
    assert "update_contact_flow_content: AccessDeniedException" in result.err
    assert "check the AWS credentials of this job and what they may do" in result.err
    assert held(example) == before
    assert promote(example).code == 0


@pytest.mark.parametrize(
    ("operation", "step"),
    [
        ("UpdateContactFlowContent", 0),
        ("UpdateContactFlowContent", 3),
        ("UpdateContactFlowModuleContent", 0),
        ("UpdateViewContent", 0),
        ("TagResource", 2),
        ("DescribeContactFlow", 5),
    ],
)
def test_a_permission_refused_half_way_leaves_what_was_there(
    example: SandboxProject, operation: str, step: int
) -> None:
    write_all(example, "one")
    assert promote(example).code == 0
    before = held(example)
    write_all(example, "two")
    example.sandbox.fail(operation, "AccessDeniedException", 1, step)
    result = promote(example)
    assert result.code == 1, result.err
    assert "AccessDeniedException" in result.err
    assert held(example) == before
    assert "Traceback" not in result.err
    assert promote(example).code == 0


@pytest.mark.usefixtures("patient")
def test_a_storm_of_throttling_is_given_up_and_undone(example: SandboxProject) -> None:
    write_all(example, "one")
    assert promote(example).code == 0
    before = held(example)
    write_all(example, "two")
    example.sandbox.fail("UpdateContactFlowContent", "ThrottlingException", STORM, 2)
    result = promote(example)
    assert result.code == 1
    assert "ThrottlingException" in result.err
    assert "lower `rate` of the target, or ask AWS for a higher quota" in result.err
    assert held(example) == before


@pytest.mark.usefixtures("patient")
def test_a_storm_over_views_has_another_name(example: SandboxProject) -> None:
    before = held(example)
    write_all(example, "one")
    example.sandbox.fail("CreateView", "TooManyRequestsException", STORM)
    result = promote(example)
    assert result.code == 1
    assert "TooManyRequestsException" in result.err
    assert "lower `rate` of the target" in result.err
    assert held(example) == before


@pytest.mark.usefixtures("patient")
def test_a_short_storm_is_waited_out(example: SandboxProject) -> None:
    write_all(example, "one")
    for operation in ("CreateView", "CreateContactFlow", "UpdateViewContent"):
        error = "TooManyRequestsException" if "View" in operation else ""
        example.sandbox.fail(operation, error or "ThrottlingException", 3)
    result = promote(example)
    assert result.code == 0, result.err


def test_another_instance_than_the_environment_names_is_refused(
    example: SandboxProject,
) -> None:
    write_all(example, "one")
    other = example.sandbox.instance_arn.replace("444455556666", "999955556666")
    example.edit_environment(other, "targets", "connect", "instance")
    for command in (["plan", "staging"], ["promote", "staging", "--yes"]):
        result = example.run(*command)
        assert result.code == 3
        assert "wrong-target: the environment names" in result.err
        assert "check the role of this job" in result.err
    assert example.sandbox.writes() == []


def test_an_instance_of_another_id_is_not_there(example: SandboxProject) -> None:
    write_all(example, "one")
    arn = example.sandbox.instance_arn
    other = f"{arn.rpartition('/')[0]}/00000000-0000-4000-8000-000000000000"
    example.edit_environment(other, "targets", "connect", "instance")
    result = promote(example)
    assert result.code == 1
    assert "ResourceNotFoundException" in result.err
    assert example.sandbox.writes() == []
