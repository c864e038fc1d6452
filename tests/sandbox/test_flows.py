"""The life of a flow: saved, published, drafted, renamed, archived, deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

import pytest
from botocore.client import BaseClient

from flowops.systems.connect.sandbox import Sandbox

Refusal: TypeAlias = Callable[..., tuple[int, str, str]]
FlowText: TypeAlias = Callable[..., str]


class Flows:
    """The calls of these tests, with the instance filled in."""

    def __init__(self, client: BaseClient, sandbox: Sandbox) -> None:
        self.client = client
        self.instance = sandbox.instance_id

    def create(self, name: str, content: str, **given: object) -> str:
        answer = self.client.create_contact_flow(
            InstanceId=self.instance,
            Name=name,
            Content=content,
            **{"Type": "CONTACT_FLOW", **given},
        )
        digest = hashlib.sha256(content.encode()).hexdigest()
        assert answer["FlowContentSha256"] == digest
        assert answer["ContactFlowArn"].endswith(answer["ContactFlowId"])
        return str(answer["ContactFlowId"])

    def shown(self, flow: str) -> tuple[str, str]:
        found = self.describe(flow)
        digest = hashlib.sha256(str(found["Content"]).encode()).hexdigest()
        assert found["FlowContentSha256"] == digest
        return str(found["Status"]), str(found["Content"])

    def describe(self, flow: str) -> dict[str, object]:
        answer = self.client.describe_contact_flow(
            InstanceId=self.instance, ContactFlowId=flow
        )
        found: dict[str, object] = answer["ContactFlow"]
        return found

    def write(self, flow: str, content: str) -> None:
        self.client.update_contact_flow_content(
            InstanceId=self.instance, ContactFlowId=flow, Content=content
        )


@pytest.fixture
def flows(client: BaseClient, sandbox: Sandbox) -> Flows:
    return Flows(client, sandbox)


def test_a_saved_flow_is_not_checked_and_shows_the_same_under_both_names(
    flows: Flows,
) -> None:
    flow = flows.create("New", "not even JSON", Status="SAVED")
    expected = ("SAVED", "not even JSON")
    arn = str(flows.describe(flow)["Arn"])
    for name in (flow, f"{flow}:$SAVED", arn, f"{arn}:$SAVED"):
        assert flows.shown(name) == expected


def test_the_whole_life_of_a_flow(flows: Flows, flow_text: FlowText) -> None:
    one, two, three = (flow_text(parameters={"Text": text}) for text in "123")
    flow = flows.create("Life", one, Status="SAVED", Tags={"by": "us"})
    flows.write(flow, two)
    assert flows.shown(flow) == flows.shown(f"{flow}:$SAVED") == ("PUBLISHED", two)
    flows.write(f"{flow}:$SAVED", "{unfinished")
    assert flows.shown(flow) == ("PUBLISHED", two)
    assert flows.shown(f"{flow}:$SAVED") == ("SAVED", "{unfinished")
    flows.write(f"{flow}:$SAVED", two)
    assert flows.shown(f"{flow}:$SAVED") == ("PUBLISHED", two)
    flows.write(f"{flow}:$SAVED", one)
    flows.write(flow, three)
    assert flows.shown(f"{flow}:$SAVED") == flows.shown(flow) == ("PUBLISHED", three)
    flows.client.delete_contact_flow(InstanceId=flows.instance, ContactFlowId=flow)
    listed = flows.client.list_contact_flows(InstanceId=flows.instance)
    assert flow not in [item["Id"] for item in listed["ContactFlowSummaryList"]]


def test_a_flow_is_published_unless_it_is_asked_to_be_saved(
    flows: Flows, flow_text: FlowText, problems: Callable[..., list[str]]
) -> None:
    text = flow_text()
    assert flows.shown(flows.create("A", text)) == ("PUBLISHED", text)
    assert flows.shown(flows.create("B", text, Status="PUBLISHED"))[0] == "PUBLISHED"
    assert problems(flows.create, name="C", content="{}")


def test_a_refused_publish_changes_nothing(
    flows: Flows, flow_text: FlowText, problems: Callable[..., list[str]]
) -> None:
    flow = flows.create("Kept", flow_text())
    before = flows.describe(flow)
    assert problems(flows.write, flow=flow, content="[]") == [
        "Content must be a JSON object"
    ]
    assert flows.describe(flow) == before
    assert problems(flows.create, name="Refused", content="[]")
    listed = flows.client.list_contact_flows(InstanceId=flows.instance)
    names = [item["Name"] for item in listed["ContactFlowSummaryList"]]
    assert "Refused" not in names


def test_everything_a_description_says(flows: Flows, flow_text: FlowText) -> None:
    flow = flows.create("Told", flow_text(), Description="why", Tags={"by": "us"})
    found = flows.describe(flow)
    moment = found.pop("LastModifiedTime")
    assert isinstance(moment, datetime)
    assert moment == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert {key: found[key] for key in found if key not in ("Content", "Arn")} == {
        "Id": flow,
        "Name": "Told",
        "Type": "CONTACT_FLOW",
        "State": "ACTIVE",
        "Status": "PUBLISHED",
        "Description": "why",
        "Tags": {"by": "us"},
        "FlowContentSha256": hashlib.sha256(flow_text().encode()).hexdigest(),
        "LastModifiedRegion": "eu-central-1",
    }


def test_flows_are_listed_by_type(flows: Flows) -> None:
    flows.create("Hold", "x", Type="CUSTOMER_HOLD", Status="SAVED")
    wanted = {"ContactFlowTypes": ["CUSTOMER_HOLD", "CUSTOMER_QUEUE"]}
    listed = flows.client.list_contact_flows(InstanceId=flows.instance, **wanted)
    assert [
        (item["Name"], item["ContactFlowType"], item["ContactFlowStatus"])
        for item in listed["ContactFlowSummaryList"]
    ] == [
        ("Default customer queue", "CUSTOMER_QUEUE", "PUBLISHED"),
        ("Hold", "CUSTOMER_HOLD", "SAVED"),
    ]


def test_name_description_and_state_can_change(
    flows: Flows, ids: Callable[[str, str], str], refusal: Refusal
) -> None:
    flow = {
        "InstanceId": flows.instance,
        "ContactFlowId": ids("contact-flow", "Main IVR"),
    }
    flows.client.update_contact_flow_metadata(**flow, ContactFlowState="ARCHIVED")
    flows.client.update_contact_flow_name(**flow, Name="Old IVR", Description="gone")
    found = flows.describe(flow["ContactFlowId"])
    assert (found["Name"], found["State"], found["Description"]) == (
        "Old IVR",
        "ARCHIVED",
        "gone",
    )
    for operation in (
        flows.client.update_contact_flow_name,
        flows.client.update_contact_flow_metadata,
    ):
        taken = refusal(operation, **flow, Name="Default customer queue")
        assert taken[:2] == (409, "DuplicateResourceException")


def test_a_name_belongs_to_one_flow_and_may_belong_to_a_module_too(
    flows: Flows, flow_text: FlowText, refusal: Refusal
) -> None:
    assert refusal(flows.create, name="Main IVR", content=flow_text()) == (
        409,
        "DuplicateResourceException",
        "a flow named 'Main IVR' exists",
    )
    assert flows.create("Check Hours", flow_text())


@pytest.mark.parametrize("alias", [":3", ":live", ":$LATEST", ":", ":$SAVED:"])
def test_a_version_or_alias_that_does_not_exist_is_not_found(
    alias: str, flows: Flows, ids: Callable[[str, str], str], refusal: Refusal
) -> None:
    flow = ids("contact-flow", "Main IVR") + alias
    assert refusal(flows.describe, flow=flow)[:2] == (404, "ResourceNotFoundException")


def test_only_a_plain_id_is_deleted_or_renamed(
    flows: Flows, ids: Callable[[str, str], str], refusal: Refusal
) -> None:
    given = {
        "InstanceId": flows.instance,
        "ContactFlowId": ids("contact-flow", "Main IVR") + ":$SAVED",
    }
    for operation in (
        flows.client.delete_contact_flow,
        flows.client.update_contact_flow_metadata,
    ):
        assert refusal(operation, **given)[:2] == (400, "InvalidParameterException")


def test_a_flow_that_does_not_exist_is_not_found(
    flows: Flows, sandbox: Sandbox, refusal: Refusal
) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    for flow in (nobody, f"{sandbox.instance_arn}/contact-flow/{nobody}"):
        status, code, _ = refusal(flows.describe, flow=flow)
        assert (status, code) == (404, "ResourceNotFoundException")
    foreign = f"arn:aws:connect:eu-west-1:1:instance/x/contact-flow/{nobody}"
    assert refusal(flows.describe, flow=foreign)[1] == "InvalidParameterException"
    assert refusal(flows.write, flow=nobody, content="x")[0] == 404


def test_content_has_a_length(
    flows: Flows, flow: Callable[..., dict[str, object]], refusal: Refusal
) -> None:
    document = flow(parameters={"Text": ""})
    room = 256_000 - len(json.dumps(document, ensure_ascii=False))
    full = flow(parameters={"Text": "ü" * room})
    text = json.dumps(full, ensure_ascii=False)
    assert len(text) == 256_000
    assert flows.shown(flows.create("Full", text)) == ("PUBLISHED", text)
    expected = (
        400,
        "InvalidParameterException",
        "Content: must have 1 to 256000 characters",
    )
    for content in (text + " ", ""):
        for status in ("PUBLISHED", "SAVED"):
            found = refusal(flows.create, name="No", content=content, Status=status)
            assert found == expected
