"""Views are planned, promoted before what shows them, pulled, and put back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.contact_flows import INSTANCE, action, contact_flow
from tests.support.projects import SandboxProject
from tests.support.views import NAME, showing, template, view, write

BOTH = (NAME, "Guide")
VIEW_FILE = "flows/connect/view.json"


@pytest.fixture
def project(example: SandboxProject) -> SandboxProject:
    """The example with a view and a flow that shows it."""
    write(example, view(Description="Asks for a number"), "view")
    write(example, showing(), "guide")
    return example


@pytest.fixture
def promoted(project: SandboxProject) -> SandboxProject:
    result = project.run("promote", "staging", *BOTH, "--yes")
    assert result.code == 0, result.err
    return project


def operations(project: SandboxProject) -> list[str]:
    return [call.operation for call in project.sandbox.writes()]


def given(project: SandboxProject) -> dict[str, str]:
    return {"InstanceId": project.sandbox.instance_id}


def view_id(project: SandboxProject) -> str:
    listed = project.client.list_views(Type="CUSTOMER_MANAGED", **given(project))
    return next(str(v["Id"]) for v in listed["ViewsSummaryList"] if v["Name"] == NAME)


def live_view(project: SandboxProject, qualifier: str = "") -> dict[str, Any]:
    identifier = f"{view_id(project)}{qualifier}"
    found = project.client.describe_view(ViewId=identifier, **given(project))["View"]
    assert isinstance(found, dict)
    return found


def button(found: dict[str, Any]) -> str:
    body = json.loads(found["Content"]["Template"])["Body"]
    return str(body[0]["Content"][2]["Content"][0])


def names(project: SandboxProject) -> set[str]:
    listed = project.client.list_views(Type="CUSTOMER_MANAGED", **given(project))
    return {str(found["Name"]) for found in listed["ViewsSummaryList"]}


def test_a_view_goes_live_before_the_flow_that_shows_it(
    promoted: SandboxProject,
) -> None:
    assert operations(promoted) == [
        "CreateView",
        "CreateContactFlow",
        "UpdateViewContent",
        "CreateViewVersion",
        "TagResource",
        "UpdateContactFlowContent",
        "CreateContactFlowVersion",
        "TagResource",
    ]
    assert promoted.sandbox.writes()[0].arguments["Status"] == "SAVED"
    shown = promoted.content("Guide")["Actions"][0]["Parameters"]["ViewResource"]["Id"]
    arn = f"{promoted.sandbox.instance_arn}/view/{view_id(promoted)}"
    assert shown == f"{arn}:$LATEST"
    assert live_view(promoted)["Status"] == "PUBLISHED"
    assert json.loads(live_view(promoted)["Content"]["Template"]) == template()
    assert "No changes." in promoted.run("plan", "staging", *BOTH).out


def test_only_what_changed_is_written(promoted: SandboxProject) -> None:
    write(promoted, view(template("Order"), Description="Asks for a number"), "view")
    shown = promoted.run("plan", "staging", *BOTH).out
    assert '/Content/0: "Send" -> "Order"' in shown
    promoted.sandbox.calls.clear()
    assert promoted.run("promote", "staging", *BOTH, "--yes").code == 0
    assert operations(promoted) == [
        "UpdateViewContent",
        "CreateViewVersion",
        "TagResource",
    ]
    assert button(live_view(promoted)) == "Order"


def test_a_description_follows_the_file(promoted: SandboxProject) -> None:
    write(promoted, view(Description="Asks anew"), "view")
    assert promoted.run("promote", "staging", NAME, "--yes").code == 0
    assert live_view(promoted)["Description"] == "Asks anew"
    assert "No changes." in promoted.run("plan", "staging", NAME).out


def test_a_rollback_puts_the_view_back_and_names_its_version(
    promoted: SandboxProject,
) -> None:
    write(promoted, view(template("Order")), "view")
    assert promoted.run("promote", "staging", NAME, "--yes").code == 0
    result = promoted.run("rollback", "staging", "--yes")
    assert result.code == 0, result.err
    assert button(live_view(promoted)) == "Send"
    assert "version 3, as version 1 was, before it version 2" in result.err


def test_a_saved_view_stays_a_draft(project: SandboxProject) -> None:
    project.edit_environment("saved", "flows", NAME, "status")
    assert project.run("promote", "staging", NAME, "--yes").code == 0
    assert operations(project) == ["CreateView"]
    assert live_view(project, ":$SAVED")["Status"] == "SAVED"
    assert "No changes." in project.run("plan", "staging", NAME).out
    write(project, view(template("Later")), "view")
    assert project.run("promote", "staging", NAME, "--yes").code == 0
    assert button(live_view(project, ":$SAVED")) == "Later"


def test_a_draft_that_somebody_keeps_is_not_overwritten(
    promoted: SandboxProject,
) -> None:
    content = {"Template": json.dumps(template("Mine")), "Actions": ["Submit", "Skip"]}
    promoted.client.update_view_content(
        ViewId=view_id(promoted), Status="SAVED", Content=content, **given(promoted)
    )
    write(promoted, view(template("Order")), "view")
    result = promoted.run("promote", "staging", NAME, "--yes")
    assert result.code == 3
    assert "unpublished-draft" in result.err
    assert button(live_view(promoted, ":$SAVED")) == "Mine"


def test_a_view_that_does_not_fit_blocks_the_flow(project: SandboxProject) -> None:
    write(project, showing(branches=["Submit", "Skip", "Back"]), "guide")
    result = project.run("promote", "staging", *BOTH, "--yes")
    assert result.code == 1
    assert "connect/view-branch-unknown" in result.out
    assert operations(project) == []
    assert project.run("check").code == 1


def test_a_view_that_the_instance_refuses_is_taken_away_again(
    project: SandboxProject,
) -> None:
    shown = template()
    shown["Body"][0]["_id"] = 7
    write(project, view(shown), "view")
    result = project.run("promote", "staging", *BOTH, "--yes")
    assert result.code == 1
    assert "/Body/0 must have the properties" in result.err
    assert operations(project)[-2:] == ["DeleteContactFlow", "DeleteView"]
    assert names(project) == set()


@pytest.mark.parametrize("operation", ["UpdateViewContent", "CreateView"])
def test_a_permission_that_is_missing_for_views_is_said(
    project: SandboxProject, operation: str
) -> None:
    project.sandbox.fail(operation, "AccessDeniedException")
    result = project.run("promote", "staging", *BOTH, "--yes")
    assert result.code == 1
    assert "AccessDeniedException" in result.err
    assert "check the AWS credentials" in result.err
    assert names(project) == set()
    assert project.run("promote", "staging", *BOTH, "--yes").code == 0


def test_a_view_that_is_put_back_after_a_failure(promoted: SandboxProject) -> None:
    write(promoted, view(template("Order")), "view")
    write(promoted, showing({"Customer": "x"}), "guide")
    promoted.sandbox.fail("UpdateContactFlowContent", "AccessDeniedException")
    result = promoted.run("promote", "staging", *BOTH, "--yes")
    assert result.code == 1
    assert "restored: connect/view/Order form" in result.err
    assert button(live_view(promoted)) == "Send"


def test_who_may_not_search_views_has_none(example: SandboxProject) -> None:
    example.sandbox.fail("SearchViews", "AccessDeniedException", 9)
    assert example.run("plan", "staging").code == 0


def test_a_view_in_use_stays_and_says_so(promoted: SandboxProject) -> None:
    (promoted.root / VIEW_FILE).unlink()
    result = promoted.run("promote", "staging", "--yes", "--allow", "deletes")
    assert result.code != 0
    assert "Guide" in result.err
    assert names(promoted) == {NAME}
    assert live_view(promoted)["Status"] == "PUBLISHED"


def test_a_view_that_nobody_shows_is_deleted(promoted: SandboxProject) -> None:
    (promoted.root / VIEW_FILE).unlink()
    (promoted.root / "flows/connect/guide.json").unlink()
    allowed = ("--allow", "deletes", "--allow", "too-many-changes")
    result = promoted.run("promote", "staging", "--yes", *allowed)
    assert result.code == 0, result.err
    assert operations(promoted)[-2:] == ["DeleteContactFlow", "DeleteView"]
    assert names(promoted) == set()


def test_a_service_that_still_sees_the_view_shown_leaves_all_as_it_was(
    promoted: SandboxProject,
) -> None:
    for path in (VIEW_FILE, "flows/connect/guide.json"):
        (promoted.root / path).unlink()
    promoted.sandbox.fail("DeleteView", "ResourceInUseException")
    allowed = ("--allow", "deletes", "--allow", "too-many-changes")
    result = promoted.run("promote", "staging", "--yes", *allowed)
    assert result.code == 1
    assert "ResourceInUseException" in result.err
    assert names(promoted) == {NAME}


def test_a_view_of_aws_is_left_alone(example: SandboxProject) -> None:
    managed = "arn:aws:connect:us-east-1:aws:view/form:1"
    flow = showing({"Sections": []}, ["Next"], "$.x", managed, "Form")
    write(example, flow, "guide")
    assert example.run("promote", "staging", "Guide", "--yes").code == 0
    shown = example.content("Guide")["Actions"][0]["Parameters"]["ViewResource"]["Id"]
    assert shown == "arn:aws:connect:eu-central-1:aws:view/form:1"
    assert "CreateView" not in operations(example)


def test_a_view_that_is_nowhere_is_unresolved(example: SandboxProject) -> None:
    write(example, showing(), "guide")
    result = example.run("plan", "staging", "Guide")
    assert result.code == 1
    assert "view 'Order form', which is unresolved" in result.out


def test_an_arn_in_a_view_that_is_created_with_it(example: SandboxProject) -> None:
    """A stub holds the place of the view until the flow has an ARN."""
    shown = template()
    arn = f"{INSTANCE}/contact-flow/71569bb2-0000-4000-8000-000000000004"
    shown["Body"][0]["Props"] = {"Flow": arn}
    write(example, view(shown), "view")
    flow = contact_flow([action("end", "DisconnectParticipant")], name="Other")
    write(example, flow, "other")
    example.edit_environment("Other", "flows", NAME, "references", "contact-flow", arn)
    result = example.run("promote", "staging", NAME, "Other", "--yes")
    assert result.code == 0, result.err
    made = json.loads(live_view(example)["Content"]["Template"])
    assert made["Body"][0]["Props"]["Flow"] == example.live("Other")["Arn"]


def test_pulled_views_lie_in_a_folder_of_their_own(promoted: SandboxProject) -> None:
    (promoted.root / VIEW_FILE).unlink()
    result = promoted.run("pull", "staging", NAME)
    assert result.code == 0, result.err
    assert result.out == "flows/connect/views/Order form.json\n"
    pulled = json.loads((promoted.root / result.out.strip()).read_text("utf-8"))
    assert pulled == view(Description="Asks for a number") | {
        "Content": {"Actions": ["Submit", "Skip"], "Template": template()}
    }
    assert "No changes." in promoted.run("plan", "staging", *BOTH).out
    assert promoted.run("pull", "staging", NAME).out == ""


def test_views_of_aws_are_not_pulled(promoted: SandboxProject) -> None:
    promoted.run("pull", "staging")
    pulled = {path.name for path in (promoted.root / "flows").rglob("views/*.json")}
    assert pulled == set()
    result = promoted.run("pull", "staging", "Form")
    assert result.code == 64


def test_an_inventory_has_views(promoted: SandboxProject) -> None:
    assert promoted.run("inventory", "staging").code == 0
    path = promoted.root / "environments" / "staging.inventory.json"
    resources = json.loads(path.read_text("utf-8"))["systems"]["connect"]["resources"]
    views = {r["name"] for r in resources if r["kind"] == "view"}
    assert NAME in views
