"""Amazon Lex V2 beside the instance: the bots of its account, for their names.

An alias is kept as the resource ``BOT/ALIAS`` with its ARN as the id. Lex lists what
is in the account and Region of the instance, and nothing else. Source: ListBots and
ListBotAliases of the Amazon Lex V2 API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.behaviours import Behaviour
from flowops.systems.connect.sandbox.instance import LEX_BOT
from flowops.systems.connect.sandbox.pages import page
from flowops.systems.connect.sandbox.refusals import ViolationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.systems.connect.sandbox.context import Arguments, Context, Output
    from flowops.systems.connect.sandbox.store import Resource
    from flowops.systems.connect.sandbox.values import Value


def list_bots(context: Context, arguments: Arguments) -> Output:
    """List the bots of the account, each once."""

    def rows(position: int) -> Iterator[tuple[int, Value]]:
        seen: set[str] = set()
        for bot_id, alias in _aliases(context):
            if bot_id not in seen and alias.sequence > position:
                yield alias.sequence, _bot(bot_id, alias)
            seen.add(bot_id)

    return page(context, arguments, "botSummaries", rows)


def list_bot_aliases(context: Context, arguments: Arguments) -> Output:
    """List the aliases of a bot; refuses one that the account does not have."""
    wanted = arguments.text("botId")
    found = [alias for bot_id, alias in _aliases(context) if bot_id == wanted]
    if not found:
        raise ViolationError("botId", "is the id of no bot")

    def rows(position: int) -> Iterator[tuple[int, Value]]:
        for alias in found:
            if alias.sequence > position:
                yield alias.sequence, _alias(alias)

    return page(context, arguments, "botAliasSummaries", rows)


def _aliases(context: Context) -> Iterator[tuple[str, Resource]]:
    """Give the aliases of this account and Region, each with the id of its bot."""
    home = context.instance.lex_arn("")
    for alias in context.store.after(LEX_BOT, 0):
        if alias.arn.startswith(home):
            yield alias.arn.removeprefix(home).partition("/")[0], alias


def _bot(bot_id: str, alias: Resource) -> dict[str, Value]:
    return {
        "botId": bot_id,
        "botName": alias.name.partition("/")[0],
        "botStatus": "Available",
        "botType": "Bot",
        "lastUpdatedDateTime": alias.modified,
    }


def _alias(alias: Resource) -> dict[str, Value]:
    return {
        "botAliasId": alias.arn.rpartition("/")[2],
        "botAliasName": alias.name.partition("/")[2],
        "botAliasStatus": "Available",
        "creationDateTime": alias.modified,
        "lastUpdatedDateTime": alias.modified,
    }


_PAGING = frozenset(["maxResults", "nextToken"])
LEX_BEHAVIOURS: Mapping[str, Behaviour] = {
    "ListBotAliases": Behaviour(list_bot_aliases, _PAGING | {"botId"}, writes=False),
    "ListBots": Behaviour(list_bots, _PAGING, writes=False),
}
"""What the sandbox does of Amazon Lex V2."""
