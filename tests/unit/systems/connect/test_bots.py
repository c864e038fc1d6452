"""Bots of Amazon Lex V2 are listed with their names, or said to have none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flowops.errors import TargetError
from flowops.inventory import inventory_json, read_inventory
from flowops.model import Inventory
from flowops.systems.connect.api import ConnectApi
from flowops.systems.connect.arns import LEX_BOT_ALIAS
from flowops.systems.connect.inventory import list_inventory
from flowops.systems.connect.rates import Rate, RateLimit
from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import (
    SandboxProject,
    copy_example,
    held_by_staging,
    serve,
)

INSTANCE = {"alias": "a", "region": "eu-west-1", "account": "111122223333"}
FOREIGN = "arn:aws:lex:eu-west-1:999988887777:bot-alias/AAAAAAAAAA/BBBBBBBBBB"
OLD = "arn:aws:lex:us-east-1:999988887777:bot-alias/AAAAAAAAAA/BBBBBBBBBB"
LEX_LISTS = ("lexv2-models:ListBots", "lexv2-models:ListBotAliases")


@contextmanager
def sandbox_with(
    *bots: object, limit: RateLimit | None = None
) -> Iterator[tuple[Sandbox, ConnectApi]]:
    held = {"instance": INSTANCE, "lex_bots": list(bots)}
    sandbox = Sandbox(SandboxInventory.parse(held))
    with SandboxServer(sandbox) as server:
        yield (
            sandbox,
            ConnectApi(sandbox.instance_arn, server.url, sandbox=True, limit=limit),
        )
    sandbox.close()


def listed(api: ConnectApi) -> Inventory:
    return list_inventory(api, [LEX_BOT_ALIAS])


def names(found: Inventory) -> list[str]:
    return [resource.name for resource in found.resources]


def operations(sandbox: Sandbox) -> list[str]:
    return [call.operation for call in sandbox.calls]


def test_aliases_are_listed_by_bot_and_alias() -> None:
    with sandbox_with("Order/live", "Order/test", "Help/live") as (sandbox, api):
        found = listed(api)
        assert names(found) == ["Help/live", "Order/live", "Order/test"]
        assert not found.nameless
        order = {r.arn.split("/")[1] for r in found.resources if r.name[0] == "O"}
        assert len(order) == 1, "two aliases of one bot"
        assert operations(sandbox) == [
            "ListBots",
            "lexv2-models:ListBots",
            *["lexv2-models:ListBotAliases"] * 2,
        ]


def test_nobody_asks_lex_without_a_bot() -> None:
    with sandbox_with() as (sandbox, api):
        assert listed(api) == Inventory(
            (), frozenset([LEX_BOT_ALIAS]), "eu-west-1", "aws"
        )
        assert operations(sandbox) == ["ListBots"]


def test_long_lists_come_in_pages() -> None:
    bots = [f"Bot{number}/live" for number in range(60)]
    with sandbox_with(*bots) as (sandbox, api):
        assert names(listed(api)) == sorted(bots)
        assert operations(sandbox).count("ListBots") == 3
        assert operations(sandbox).count("lexv2-models:ListBots") == 1


def test_pages_of_lex_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowops.systems.connect.api._LEX_PAGE", 7)
    bots = [*(f"Bot{n}/live" for n in range(15)), *(f"Bot1/a{n}" for n in range(15))]
    with sandbox_with(*bots) as (sandbox, api):
        assert names(listed(api)) == sorted(bots)
        assert operations(sandbox).count("lexv2-models:ListBots") == 3
        assert operations(sandbox).count("lexv2-models:ListBotAliases") == 14 + 3


@pytest.mark.parametrize("operation", LEX_LISTS)
@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("AccessDeniedException", "AccessDeniedException"),
        ("ValidationException", "ValidationException"),
        ("ConnectionDropped", "could not be asked"),
    ],
)
def test_without_names_the_arns_are_still_known(
    operation: str, error: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowops.systems.connect.api._LEX_ATTEMPTS", 1)
    with sandbox_with("Order/live") as (sandbox, api):
        sandbox.fail(operation, error, times=5)
        found = listed(api)
        (alias,) = found.resources
        assert (alias.name, found.find(LEX_BOT_ALIAS, alias.arn)) == ("", alias)
        assert found.nameless[LEX_BOT_ALIAS].startswith("Amazon Lex ")
        assert words in found.nameless[LEX_BOT_ALIAS]


def test_an_instance_that_does_not_answer_is_an_error() -> None:
    with sandbox_with("Order/live") as (sandbox, api):
        sandbox.fail("ListBots", "InvalidRequestException")
        with pytest.raises(TargetError, match="Amazon Connect refused list_bots"):
            listed(api)


def test_a_bot_of_another_account_has_no_name() -> None:
    bots = ["Order/live", {"name": "Far/live", "arn": FOREIGN}]
    with sandbox_with(*bots) as (_, api):
        found = listed(api)
        assert names(found) == ["", "Order/live"]
        why = "bots of another account or Region are there"
        assert found.nameless == {LEX_BOT_ALIAS: why}


def test_a_snapshot_keeps_why_names_are_missing() -> None:
    why = Inventory((), frozenset([LEX_BOT_ALIAS]), nameless={LEX_BOT_ALIAS: "denied"})
    assert read_inventory(inventory_json(why)) == why
    assert "nameless" not in inventory_json(Inventory())


def test_both_lists_of_bots_keep_to_a_rate_of_their_own() -> None:
    limit = Noting(Rate())
    with sandbox_with("Order/live", limit=limit) as (_, api):
        listed(api)
    assert limit.asked == [
        "ListBots",
        "lex-models-v2.ListBots",
        "lex-models-v2.ListBotAliases",
    ]


class Noting(RateLimit):
    """Notes what is asked for, and lets nobody wait."""

    def __init__(self, rate: Rate) -> None:
        super().__init__(rate)
        self.asked: list[str] = []

    def wait(self, operation: str) -> None:
        self.asked.append(operation)


@pytest.fixture
def bots(tmp_path: Path) -> Iterator[SandboxProject]:
    """The example project, on an instance that may use a bot."""
    held = {**held_by_staging(), "lex_bots": ["Order/live", "Help/live"]}
    with serve(copy_example(tmp_path / "project"), held) as project:
        yield project


def calling(arn: str, *, named: bool = True) -> Mapping[str, Any]:
    """Return a flow that talks to the alias ``live`` of the bot ``Order``."""
    names = {"displayName": "live", "lexV2BotName": "Order"}
    shown = {
        "talk": {
            "parameters": {"LexV2Bot": {"AliasArn": names}},
            "lexV2BotName": "Order",
        }
    }
    bot = {"LexV2Bot": {"AliasArn": arn}}
    actions = [
        action("talk", "ConnectParticipantWithLexBot", bot, "end"),
        action("end", "DisconnectParticipant"),
    ]
    return contact_flow(actions, shown if named else None, name="Talk")


def put(project: SandboxProject, flow: Mapping[str, Any]) -> None:
    path = project.root / "flows" / "connect" / "talk.json"
    path.write_text(json.dumps(flow), "utf-8")


def bound(project: SandboxProject) -> dict[str, Any]:
    (change,) = project.json("plan", "staging", "Talk")["changes"]
    (reference,) = change["references"]
    assert isinstance(reference, dict)
    return reference


def test_a_flow_moves_to_the_bot_of_the_same_name(bots: SandboxProject) -> None:
    put(bots, calling(OLD))
    assert bots.run("promote", "staging", "Talk", "--yes").code == 0
    content = bots.content("Talk")
    alias = content["Actions"][0]["Parameters"]["LexV2Bot"]["AliasArn"]
    assert alias.startswith("arn:aws:lex:eu-central-1:444455556666:bot-alias/")
    assert (
        content["Metadata"]["ActionMetadata"]
        == calling(OLD)["Metadata"]["ActionMetadata"]
    )


def test_without_names_a_name_cannot_be_checked(bots: SandboxProject) -> None:
    put(bots, calling(OLD))
    bots.sandbox.fail(LEX_LISTS[0], "AccessDeniedException", times=9)
    result = bots.run("plan", "staging", "Talk")
    assert (
        "block talk: lex-bot-alias 'Order/live' cannot be checked by name: "
        "Amazon Lex refused list_bots: AccessDeniedException"
    ) in result.out
    assert bound(bots)["state"] == "unchecked"


def test_without_names_an_arn_still_resolves(bots: SandboxProject) -> None:
    here = bots.client.list_bots(InstanceId=bots.sandbox.instance_id, LexVersion="V2")
    arn = here["LexBots"][0]["LexV2Bot"]["AliasArn"]
    put(bots, calling(arn))
    bots.sandbox.fail(LEX_LISTS[0], "AccessDeniedException", times=9)
    assert bound(bots)["evidence"] == "same ARN on the target"
    assert bots.run("promote", "staging", "Talk", "--yes").code == 0
    shown = bots.content("Talk")["Metadata"]["ActionMetadata"]["talk"]
    assert shown == calling(arn)["Metadata"]["ActionMetadata"]["talk"], "names stay"


def test_without_names_an_overlay_needs_an_arn(bots: SandboxProject) -> None:
    put(bots, calling(OLD))
    overlay = (
        "flows:\n  Talk: {references: {lex-bot-alias: {Order/live: Order/live}}}\n"
    )
    staging = bots.root / "environments" / "staging.yaml"
    text = staging.read_text("utf-8").replace("flows:\n", overlay)
    staging.write_text(text, "utf-8")
    bots.sandbox.fail(LEX_LISTS[0], "AccessDeniedException", times=9)
    result = bots.run("plan", "staging", "Talk")
    assert result.code == 1
    assert "cannot be checked by name: write its ARN" in result.out


def test_an_arn_that_says_no_name_is_not_there(bots: SandboxProject) -> None:
    put(bots, calling(OLD, named=False))
    bots.sandbox.fail(LEX_LISTS[0], "AccessDeniedException", times=9)
    assert bound(bots)["state"] == "unresolved"
