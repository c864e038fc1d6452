"""Lists come in pages, through boto3's own paginators."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.client import BaseClient

from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer

INSTANCE = {"alias": "big", "region": "eu-central-1", "account": "111122223333"}


@pytest.fixture
def inventory() -> SandboxInventory:
    return SandboxInventory.parse(
        {
            "instance": INSTANCE,
            "hours_of_operation": ["Basic Hours"],
            "queues": [f"Queue {n}" for n in range(250)],
            "lambda_functions": [f"function-{n}" for n in range(30)],
            "lex_bots": [
                f"arn:aws:lex:eu-central-1:111122223333:bot-alias/BOT{n:07}/TSTALIASID"
                for n in range(26)
            ],
        }
    )


def _pages(client: BaseClient, operation: str, key: str, **given: object) -> list[int]:
    pages = client.get_paginator(operation).paginate(**given)
    return [len(page[key]) for page in pages]


def test_250_queues_come_in_three_pages(client: BaseClient, sandbox: Sandbox) -> None:
    pages = list(
        client.get_paginator("list_queues").paginate(InstanceId=sandbox.instance_id)
    )
    assert [len(page["QueueSummaryList"]) for page in pages] == [100, 100, 50]
    names = [item["Name"] for page in pages for item in page["QueueSummaryList"]]
    assert names == [f"Queue {n}" for n in range(250)]
    assert "NextToken" not in pages[-1]
    assert len(sandbox.calls) == 3


def test_the_size_of_a_page_is_the_callers_up_to_the_models_maximum(
    client: BaseClient, sandbox: Sandbox
) -> None:
    key, instance = "QueueSummaryList", sandbox.instance_id
    sized = {"InstanceId": instance, "PaginationConfig": {"PageSize": 125}}
    assert _pages(client, "list_queues", key, **sized) == [125, 125]
    sized["PaginationConfig"] = {"PageSize": 1000}
    assert _pages(client, "list_queues", key, **sized) == [250]


def test_some_lists_have_smaller_pages(client: BaseClient, sandbox: Sandbox) -> None:
    given = {"InstanceId": sandbox.instance_id}
    functions = _pages(client, "list_lambda_functions", "LambdaFunctions", **given)
    assert functions == [25, 5]
    bots = _pages(client, "list_bots", "LexBots", LexVersion="V2", **given)
    assert bots == [25, 1]
    assert _pages(client, "list_bots", "LexBots", LexVersion="V1", **given) == [0]
    assert _pages(client, "list_instances", "InstanceSummaryList") == [1]


def test_a_page_neither_skips_nor_repeats_when_a_queue_goes(
    client: BaseClient, sandbox: Sandbox
) -> None:
    given = {"InstanceId": sandbox.instance_id, "MaxResults": 2}
    first = client.list_queues(**given)
    client.delete_queue(
        InstanceId=sandbox.instance_id, QueueId=first["QueueSummaryList"][0]["Id"]
    )
    second = client.list_queues(NextToken=first["NextToken"], **given)
    assert [item["Name"] for item in second["QueueSummaryList"]] == [
        "Queue 2",
        "Queue 3",
    ]


@pytest.mark.parametrize("token", ["garbled", "0" * 64 + "2", "0" * 64 + "f" * 99, "ü"])
def test_a_token_that_was_made_up_is_refused(
    token: str,
    client: BaseClient,
    sandbox: Sandbox,
    refusal: Callable[..., tuple[int, str, str]],
) -> None:
    given = {"InstanceId": sandbox.instance_id, "NextToken": token}
    status, code, message = refusal(client.list_queues, **given)
    assert (status, code) == (400, "InvalidParameterException")
    assert message == "NextToken: was not given by this list"


def test_a_token_of_another_list_or_filter_or_instance_is_refused(
    client: BaseClient,
    sandbox: Sandbox,
    connect_to: Callable[[str], BaseClient],
    refusal: Callable[..., tuple[int, str, str]],
) -> None:
    given = {"InstanceId": sandbox.instance_id, "MaxResults": 2}
    token = client.list_queues(**given)["NextToken"]
    assert refusal(client.list_prompts, NextToken=token, **given)[0] == 400
    filtered = {**given, "QueueTypes": ["STANDARD"], "NextToken": token}
    assert refusal(client.list_queues, **filtered)[0] == 400
    data = {"instance": {**INSTANCE, "alias": "other"}}
    other = Sandbox(SandboxInventory.parse(data))
    with SandboxServer(other) as server:
        foreign = {**given, "InstanceId": other.instance_id, "NextToken": token}
        assert refusal(connect_to(server.url).list_queues, **foreign)[0] == 400
    other.close()
