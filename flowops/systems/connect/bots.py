"""The bots of Amazon Lex V2 that an instance may use, with their names.

Amazon Connect lists the ARNs of their aliases and no names; those are the bots' own
service's: one list of all bots, and one of aliases for each bot that is associated.
Source: ListBots of the Amazon Connect API reference; ListBots and ListBotAliases of
the Amazon Lex V2 API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.model import Resource
from flowops.systems.connect.arns import LEX_BOT_ALIAS, parse_arn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from flowops.systems.connect.api import ConnectApi

_PAGE = 25


def list_bot_aliases(api: ConnectApi) -> tuple[tuple[Resource, ...], str]:
    """Return the associated aliases, and why the names of some are missing, if so.

    A name is ``BOT/ALIAS``, and empty where it cannot be learnt. Raises
    ``TargetError`` when the instance itself cannot be asked.
    """
    arns = tuple(_associated(api))
    ids = {arn: parsed.id for arn in arns if (parsed := parse_arn(arn))}
    home = _home(api.instance_arn)
    own = [found for arn, found in ids.items() if _home(arn) == home]
    why = "" if len(own) == len(arns) else "bots of another account or Region are there"
    try:
        names = _names(api, own)
    except TargetError as error:
        names, why = {}, error.message
    return tuple(
        Resource(LEX_BOT_ALIAS, names.get(ids.get(arn, ""), ""), arn=arn)
        for arn in arns
    ), why


def _associated(api: ConnectApi) -> Iterator[str]:
    paging = {"PageSize": _PAGE}
    for item in api.list(
        "list_bots", "LexBots", LexVersion="V2", PaginationConfig=paging
    ):
        bot = item.get("LexV2Bot") if isinstance(item, dict) else None
        if isinstance(bot, dict):
            yield str(bot.get("AliasArn", ""))


def _home(arn: str) -> tuple[str, ...]:
    """Return partition, Region and account of an ARN."""
    parts = arn.split(":")
    return (*parts[1:2], *parts[3:5])


def _names(api: ConnectApi, ids: Collection[str]) -> Mapping[str, str]:
    """Return ``BOT/ALIAS`` in names by the same in ids; asks nothing for none."""
    if not ids:
        return {}
    bots = {
        bot: name
        for item in api.list_of_lex("list_bots", "botSummaries")
        for bot, name in _pair(item, "botId", "botName")
    }
    wanted = sorted({found.partition("/")[0] for found in ids} & bots.keys())
    return {
        f"{bot}/{alias}": f"{bots[bot]}/{name}"
        for bot in wanted
        for item in api.list_of_lex("list_bot_aliases", "botAliasSummaries", botId=bot)
        for alias, name in _pair(item, "botAliasId", "botAliasName")
    }


def _pair(item: object, key: str, value: str) -> Iterator[tuple[str, str]]:
    if isinstance(item, dict) and key in item and value in item:
        yield str(item[key]), str(item[value])
