"""The sandbox answers for the bots of its account as Amazon Lex does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from flowops.errors import InputError
from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer
from flowops.systems.connect.sandbox.bots import LEX_BEHAVIOURS
from flowops.systems.connect.sandbox.model import LEX, load_model
from tests.sandbox.conftest import INVENTORY, Refusal

ARN = "arn:aws:lex:eu-central-1:111122223333:bot-alias/QRSTUVWXYZ/ABCDEFGHIJ"
FAR = "arn:aws:lex:us-east-1:111122223333:bot-alias/AAAAAAAAAA/BBBBBBBBBB"
KEYS = ["key-1", "key-2", "key-3"]
BOTS = ["Order/live", "Order/test", {"name": "Help/live", "arn": ARN}, FAR]


@pytest.fixture
def inventory() -> SandboxInventory:
    return SandboxInventory.parse(
        {**INVENTORY, "lex_bots": BOTS, "security_keys": KEYS}
    )


@pytest.fixture
def lex(server: SandboxServer) -> Iterator[Any]:
    client = boto3.Session(
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        region_name="eu-central-1",
    ).client(
        LEX,
        endpoint_url=server.url,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )
    yield client
    client.close()


def test_bots_are_listed_once_with_their_names(lex: Any) -> None:
    found = lex.list_bots()["botSummaries"]
    assert [bot["botName"] for bot in found] == ["Order", "Help"]
    assert found[1]["botId"] == "QRSTUVWXYZ"


def test_aliases_are_those_of_the_bot(lex: Any) -> None:
    order, help_ = (bot["botId"] for bot in lex.list_bots()["botSummaries"])
    aliases = lex.list_bot_aliases(botId=order)["botAliasSummaries"]
    assert [alias["botAliasName"] for alias in aliases] == ["live", "test"]
    (alias,) = lex.list_bot_aliases(botId=help_)["botAliasSummaries"]
    assert (alias["botAliasId"], alias["botAliasName"]) == ("ABCDEFGHIJ", "live")


def test_connect_lists_all_of_them_without_names(
    client: Any, sandbox: Sandbox, lex: Any
) -> None:
    answer = client.list_bots(InstanceId=sandbox.instance_id, LexVersion="V2")
    arns = [bot["LexV2Bot"]["AliasArn"] for bot in answer["LexBots"]]
    assert arns[2:] == [ARN, FAR]
    order = lex.list_bots()["botSummaries"][0]["botId"]
    assert all(f":bot-alias/{order}/" in arn for arn in arns[:2])


def test_lists_come_in_pages(lex: Any) -> None:
    first = lex.list_bots(maxResults=1)
    second = lex.list_bots(maxResults=1, nextToken=first["nextToken"])
    assert "nextToken" not in second
    names = [bot["botName"] for p in (first, second) for bot in p["botSummaries"]]
    assert names == ["Order", "Help"]
    order = first["botSummaries"][0]["botId"]
    page = lex.list_bot_aliases(botId=order, maxResults=1)
    rest = lex.list_bot_aliases(botId=order, nextToken=page["nextToken"])
    assert rest["botAliasSummaries"][0]["botAliasName"] == "test"


SORTED = {"sortBy": {"attribute": "BotName", "order": "Ascending"}}
INVALID, ABSENT = (400, "ValidationException"), (501, "NotImplementedException")


@pytest.mark.parametrize(
    ("operation", "arguments", "expected"),
    [
        ("list_bots", {"maxResults": 0}, INVALID),
        ("list_bots", {"maxResults": "x"}, INVALID),
        ("list_bots", {"nextToken": "x"}, INVALID),
        ("list_bot_aliases", {"botId": "short"}, INVALID),
        ("list_bot_aliases", {"botId": "UNKNOWNBOT"}, INVALID),
        ("list_bots", SORTED, ABSENT),
        ("list_built_in_intents", {"localeId": "en_US"}, ABSENT),
    ],
)
def test_what_lex_does_not_take_is_refused(
    operation: str,
    arguments: dict[str, Any],
    expected: tuple[int, str],
    lex: Any,
    refusal: Refusal,
) -> None:
    found = refusal(getattr(lex, operation), **arguments)
    assert found[:2] == expected
    assert found[2]


def test_a_token_of_one_list_is_none_of_another(lex: Any, refusal: Refusal) -> None:
    token = lex.list_bots(maxResults=1)["nextToken"]
    bot = lex.list_bots()["botSummaries"][0]["botId"]
    status, error, _ = refusal(lex.list_bot_aliases, botId=bot, nextToken=token)
    assert (status, error) == (400, "ValidationException")


def test_faults_and_calls_keep_the_two_services_apart(
    client: Any, sandbox: Sandbox, lex: Any, refusal: Refusal
) -> None:
    sandbox.fail(f"{LEX}:ListBots", "AccessDeniedException")
    client.list_bots(InstanceId=sandbox.instance_id, LexVersion="V2")
    assert refusal(lex.list_bots)[:2] == (403, "AccessDeniedException")
    assert len(lex.list_bots()["botSummaries"]) == 2
    names = [call.operation for call in sandbox.calls]
    assert names == ["ListBots", f"{LEX}:ListBots", f"{LEX}:ListBots"]
    with pytest.raises(InputError, match="no operation is named"):
        sandbox.fail(f"{LEX}:CreateBot", "AccessDeniedException")


def test_what_the_sandbox_does_of_lex_is_in_its_model() -> None:
    model = load_model(LEX)
    for name, behaviour in LEX_BEHAVIOURS.items():
        members = model.shape(model.operations[name].input).members
        assert behaviour.takes <= members.keys()


@pytest.mark.parametrize(
    "bot",
    [
        "Order",
        "Order/",
        "Or der/live",
        "arn:aws:lex:eu-central-1:1:bot-alias/A/B",
        {"name": "Order/live", "id": "x"},
        {"arn": ARN},
        5,
    ],
)
def test_what_is_no_bot_is_refused(bot: object) -> None:
    with pytest.raises(InputError, match=r"lex_bots\[0\]"):
        SandboxInventory.parse({**INVENTORY, "lex_bots": [bot]})


def test_an_arn_alone_is_named_by_its_ids() -> None:
    test_alias = ARN.replace("ABCDEFGHIJ", "TSTALIASID")
    held = {"instance": INVENTORY["instance"], "lex_bots": [ARN, test_alias]}
    items = SandboxInventory.parse(held).items
    assert [item.name for item in items] == [
        "QRSTUVWXYZ/ABCDEFGHIJ",
        "QRSTUVWXYZ/TestBotAlias",
    ]


def test_security_keys_are_listed_two_at_a_time(client: Any, sandbox: Sandbox) -> None:
    pages = client.get_paginator("list_security_keys").paginate(
        InstanceId=sandbox.instance_id
    )
    ids = [[key["AssociationId"] for key in page["SecurityKeys"]] for page in pages]
    assert ids == [["key-1", "key-2"], ["key-3"]]
