"""Queues, prompts, hours, integrations and tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
from botocore.client import BaseClient

from flowops.systems.connect.sandbox import Sandbox

Refusal: TypeAlias = Callable[..., tuple[int, str, str]]
Ids: TypeAlias = Callable[[str, str], str]
FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function:lookup-customer"


@pytest.fixture
def given(sandbox: Sandbox) -> dict[str, str]:
    return {"InstanceId": sandbox.instance_id}


def test_the_instance(client: BaseClient, sandbox: Sandbox, refusal: Refusal) -> None:
    found = client.describe_instance(InstanceId=sandbox.instance_id)["Instance"]
    assert (found["Id"], found["Arn"], found["InstanceAlias"]) == (
        sandbox.instance_id,
        sandbox.instance_arn,
        "staging",
    )
    (listed,) = client.list_instances()["InstanceSummaryList"]
    assert listed == found
    assert sandbox.region == "eu-central-1"
    missing = refusal(client.describe_instance, InstanceId="x")
    assert missing == (
        404,
        "ResourceNotFoundException",
        "the instance 'x' does not exist",
    )


def test_what_was_loaded_is_listed(client: BaseClient, given: dict[str, str]) -> None:
    def names(operation: str, key: str, name: str = "Name", **more: str) -> list[str]:
        listed = getattr(client, operation)(**given, **more)[key]
        return [item[name] for item in listed]

    assert names("list_prompts", "PromptSummaryList") == ["Beep.wav"]
    hours = names("list_hours_of_operations", "HoursOfOperationSummaryList")
    assert hours == ["Basic Hours"]
    assert client.list_lambda_functions(**given)["LambdaFunctions"] == [FUNCTION]
    bots = client.list_bots(LexVersion="V2", **given)["LexBots"]
    assert [bot["LexV2Bot"]["AliasArn"].rpartition("/")[2] for bot in bots] == [
        "TSTALIASID"
    ]
    assert client.list_bots(LexVersion="V1", **given)["LexBots"] == []
    assert names("list_users", "UserSummaryList", "Username") == ["ada"]
    managed = names("list_views", "ViewsSummaryList", Type="AWS_MANAGED")
    assert sorted(managed) == managed
    assert names("list_views", "ViewsSummaryList") == [*managed, "Order form"]
    assert names("list_quick_connects", "QuickConnectSummaryList") == ["Back office"]
    numbers = names(
        "list_phone_numbers_v2", "ListPhoneNumbersSummaryList", "PhoneNumber"
    )
    assert numbers == ["+498912345"]
    modules = names("list_contact_flow_modules", "ContactFlowModulesSummaryList")
    assert modules == ["Check Hours"]


def test_an_agent_has_a_queue_without_a_name(
    client: BaseClient, given: dict[str, str], ids: Ids
) -> None:
    def listed(*types: str) -> list[tuple[str, str | None]]:
        found = client.list_queues(**given, **({"QueueTypes": types} if types else {}))
        return [
            (item["QueueType"], item.get("Name")) for item in found["QueueSummaryList"]
        ]

    standard = [("STANDARD", "BasicQueue"), ("STANDARD", "Sales EMEA")]
    assert listed() == [*standard, ("AGENT", None)]
    assert listed("STANDARD") == standard
    assert listed("AGENT") == [("AGENT", None)]
    (queue,) = client.list_queues(**given, QueueTypes=["AGENT"])["QueueSummaryList"]
    assert queue["Arn"].endswith(f"/queue/agent/{ids('agent', 'ada')}")


def test_a_queue_comes_and_goes(
    client: BaseClient, given: dict[str, str], ids: Ids, refusal: Refusal
) -> None:
    hours = ids("operating-hours", "Basic Hours")
    new = {**given, "Name": "New", "HoursOfOperationId": hours}
    made = client.create_queue(**new, Description="why", Tags={"a": "b"})
    queue = {**given, "QueueId": made["QueueId"]}
    found = client.describe_queue(**queue)["Queue"]
    assert found["QueueArn"] == made["QueueArn"]
    assert [found[key] for key in ("Name", "Description", "HoursOfOperationId")] == [
        "New",
        "why",
        hours,
    ]
    assert found["Tags"] == {"a": "b"}
    assert refusal(client.create_queue, **new)[:2] == (
        409,
        "DuplicateResourceException",
    )
    client.update_queue_name(**queue, Name="Newer", Description="because")
    renamed = client.describe_queue(**queue)["Queue"]
    assert (renamed["Name"], renamed["Description"]) == ("Newer", "because")
    taken = refusal(client.update_queue_name, **queue, Name="BasicQueue")
    assert taken[:2] == (409, "DuplicateResourceException")
    client.delete_queue(**queue)
    gone = refusal(client.describe_queue, **queue)
    assert gone[:2] == (404, "ResourceNotFoundException")
    assert refusal(client.delete_queue, **queue)[0] == 404
    again = client.create_queue(**new)
    assert again["QueueId"] != made["QueueId"]
    nowhere = {**new, "Name": "Other", "HoursOfOperationId": "nobody"}
    assert refusal(client.create_queue, **nowhere) == (
        404,
        "ResourceNotFoundException",
        "the hours of operation 'nobody' does not exist",
    )


def test_prompts_and_hours(
    client: BaseClient, given: dict[str, str], ids: Ids, refusal: Refusal
) -> None:
    prompt = {**given, "PromptId": ids("prompt", "Beep.wav")}
    assert client.describe_prompt(**prompt)["Prompt"]["Name"] == "Beep.wav"
    client.delete_prompt(**prompt)
    assert refusal(client.describe_prompt, **prompt)[0] == 404
    hours = {**given, "HoursOfOperationId": ids("operating-hours", "Basic Hours")}
    found = client.describe_hours_of_operation(**hours)["HoursOfOperation"]
    assert (found["Name"], found["TimeZone"]) == ("Basic Hours", "UTC")
    client.delete_hours_of_operation(**hours)
    assert refusal(client.describe_hours_of_operation, **hours)[0] == 404


def test_lambda_functions_are_associated(
    client: BaseClient, given: dict[str, str], refusal: Refusal
) -> None:
    new = {**given, "FunctionArn": FUNCTION + "-2"}
    client.associate_lambda_function(**new)
    assert client.list_lambda_functions(**given)["LambdaFunctions"] == [
        FUNCTION,
        FUNCTION + "-2",
    ]
    again = refusal(client.associate_lambda_function, **new)
    assert again[:2] == (409, "ResourceConflictException")
    client.disassociate_lambda_function(**new)
    assert refusal(client.disassociate_lambda_function, **new)[0] == 404
    odd = refusal(client.associate_lambda_function, **{**new, "FunctionArn": "name"})
    assert odd[:2] == (400, "InvalidParameterException")


def test_tags_come_and_go(client: BaseClient, given: dict[str, str], ids: Ids) -> None:
    flow = {**given, "ContactFlowId": ids("contact-flow", "Main IVR")}
    arn = client.describe_contact_flow(**flow)["ContactFlow"]["Arn"]
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    client.tag_resource(resourceArn=arn, tags={"flowops:run": "1", "straße": "ü"})
    client.tag_resource(resourceArn=arn, tags={"flowops:run": "2"})
    tags = client.list_tags_for_resource(resourceArn=arn)["tags"]
    assert tags == {"flowops:run": "2", "straße": "ü"}
    assert client.describe_contact_flow(**flow)["ContactFlow"]["Tags"] == tags
    client.untag_resource(resourceArn=arn, tagKeys=["straße", "absent"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {
        "flowops:run": "2"
    }


def test_tags_that_are_refused(
    client: BaseClient, sandbox: Sandbox, ids: Ids, refusal: Refusal
) -> None:
    arn = f"{sandbox.instance_arn}/queue/{ids('queue', 'BasicQueue')}"
    system = refusal(client.tag_resource, resourceArn=arn, tags={"aws:x": "1"})
    assert system[:2] == (400, "InvalidParameterException")
    client.tag_resource(resourceArn=arn, tags={str(n): "" for n in range(50)})
    client.tag_resource(resourceArn=arn, tags={"7": "again"})
    more = refusal(client.tag_resource, resourceArn=arn, tags={"more": ""})
    assert more[:2] == (400, "InvalidParameterException")
    assert "more than 50" in more[2]
    for missing in (arn + ":1", FUNCTION, "nothing"):
        found = refusal(client.list_tags_for_resource, resourceArn=missing)
        assert found[:2] == (404, "ResourceNotFoundException")
