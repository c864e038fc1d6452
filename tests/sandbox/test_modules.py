"""Flow modules: always checked when created, with settings beside their content."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias

import pytest
from botocore.client import BaseClient

from flowops.systems.connect.sandbox import Sandbox

Refusal: TypeAlias = Callable[..., tuple[int, str, str]]
SETTINGS = json.dumps({"InputParameters": [], "OutputParameters": []})


@pytest.fixture
def text(flow_text: Callable[..., str]) -> str:
    return flow_text().replace("DisconnectParticipant", "EndFlowModuleExecution")


@pytest.fixture
def given(sandbox: Sandbox) -> dict[str, object]:
    return {"InstanceId": sandbox.instance_id, "Name": "New"}


def test_the_whole_life_of_a_module(
    client: BaseClient, given: dict[str, object], text: str
) -> None:
    made = client.create_contact_flow_module(
        **given, Content=text, Settings=SETTINGS, Description="why", Tags={"a": "b"}
    )
    module = {"InstanceId": given["InstanceId"], "ContactFlowModuleId": made["Id"]}
    found = client.describe_contact_flow_module(**module)["ContactFlowModule"]
    assert found["Arn"] == made["Arn"]
    assert found["Content"] == text
    assert found["Settings"] == SETTINGS
    assert found["Status"] == "PUBLISHED"
    assert (found["Description"], found["Tags"]) == ("why", {"a": "b"})
    draft = {**module, "ContactFlowModuleId": made["Id"] + ":$SAVED"}
    client.update_contact_flow_module_content(**draft, Content="{unfinished")
    latest = {**module, "ContactFlowModuleId": made["Arn"] + ":$LATEST"}
    assert client.describe_contact_flow_module(**latest)["ContactFlowModule"] == found
    saved = client.describe_contact_flow_module(**draft)["ContactFlowModule"]
    assert (saved["Status"], saved["Content"]) == ("SAVED", "{unfinished")
    assert saved["Settings"] == SETTINGS
    client.update_contact_flow_module_content(**module, Settings="{}")
    after = client.describe_contact_flow_module(**draft)["ContactFlowModule"]
    assert (after["Status"], after["Content"], after["Settings"]) == (
        "PUBLISHED",
        text,
        "{}",
    )
    client.update_contact_flow_module_metadata(
        **module, Name="Renamed", State="ARCHIVED", Description="later"
    )
    renamed = client.describe_contact_flow_module(**module)["ContactFlowModule"]
    assert [renamed[key] for key in ("Name", "State", "Description")] == [
        "Renamed",
        "ARCHIVED",
        "later",
    ]
    client.delete_contact_flow_module(**module)
    names = client.list_contact_flow_modules(InstanceId=given["InstanceId"])
    assert [item["Name"] for item in names["ContactFlowModulesSummaryList"]] == [
        "Check Hours"
    ]


def test_a_module_is_checked_when_it_is_created(
    client: BaseClient,
    given: dict[str, object],
    text: str,
    problems: Callable[..., list[str]],
) -> None:
    create = client.create_contact_flow_module
    assert problems(create, **given, Content="[]") == ["Content must be a JSON object"]
    assert problems(create, **given, Content=text, Settings="[") == [
        "Settings is not JSON: Expecting value at line 1, column 2"
    ]
    assert problems(create, **given, Content=text, Settings="[]") == [
        "Settings must be a JSON object"
    ]
    exported = json.dumps({**json.loads(text), "Settings": {}})
    assert problems(create, **given, Content=exported) == [
        "Settings is an argument beside Content. Path: Settings"
    ]


def test_a_client_token_makes_one_module(
    client: BaseClient,
    given: dict[str, object],
    text: str,
    refusal: Refusal,
    sandbox: Sandbox,
) -> None:
    once = {**given, "Content": text, "ClientToken": "retry"}
    first = client.create_contact_flow_module(**once)
    again = client.create_contact_flow_module(**once)
    assert (first["Id"], first["Arn"]) == (again["Id"], again["Arn"])
    other = refusal(client.create_contact_flow_module, **{**once, "Name": "Other"})
    assert other[:2] == (409, "IdempotencyException")
    later = {**once, "ClientToken": "another"}
    taken = refusal(client.create_contact_flow_module, **later)
    assert taken == (
        409,
        "DuplicateResourceException",
        "a flow module named 'New' exists",
    )


def test_modules_are_listed_by_state(
    client: BaseClient, given: dict[str, object], text: str
) -> None:
    made = client.create_contact_flow_module(**given, Content=text)
    client.update_contact_flow_module_metadata(
        InstanceId=given["InstanceId"],
        ContactFlowModuleId=made["Id"],
        State="ARCHIVED",
    )

    def names(**filters: object) -> list[str]:
        listed = client.list_contact_flow_modules(
            InstanceId=given["InstanceId"], **filters
        )
        return [item["Name"] for item in listed["ContactFlowModulesSummaryList"]]

    assert names() == ["Check Hours", "New"]
    assert names(ContactFlowModuleState="ACTIVE") == ["Check Hours"]
    assert names(ContactFlowModuleState="ARCHIVED") == ["New"]


def test_an_update_has_to_say_something(
    client: BaseClient,
    sandbox: Sandbox,
    ids: Callable[[str, str], str],
    refusal: Refusal,
) -> None:
    module = {
        "InstanceId": sandbox.instance_id,
        "ContactFlowModuleId": ids("flow-module", "Check Hours"),
    }
    assert refusal(client.update_contact_flow_module_content, **module) == (
        400,
        "InvalidRequestException",
        "Content or Settings is required",
    )
    missing = {**module, "ContactFlowModuleId": "nobody"}
    assert refusal(client.describe_contact_flow_module, **missing)[0] == 404
