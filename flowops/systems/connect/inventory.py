"""List what exists on an instance, one list operation a kind.

The names of Lex bots come from another service. Source: the List operations of the
Amazon Connect API reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.model import Inventory, Resource
from flowops.systems.connect.arns import (
    LAMBDA_FUNCTION,
    LEX_BOT_ALIAS,
    PHONE_NUMBER,
    USER,
    VIEW,
    parse_arn,
)
from flowops.systems.connect.bots import list_bot_aliases

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flowops.systems.connect.api import ConnectApi

SECURITY_KEY = "security-key"


@dataclass(frozen=True, slots=True)
class _List:
    """A list operation as boto3 names it, the key of its items and its page size.

    ``prefix`` stands before the members ``Id`` and ``Arn`` of an item. ``filters``
    are arguments that leave out what AWS keeps itself.
    """

    operation: str
    key: str
    page: int = 1000
    name: str = "Name"
    prefix: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


_LISTS: Mapping[str, _List] = {
    "queue": _List("list_queues", "QueueSummaryList"),
    "prompt": _List("list_prompts", "PromptSummaryList"),
    "hours-of-operation": _List(
        "list_hours_of_operations", "HoursOfOperationSummaryList"
    ),
    "contact-flow": _List("list_contact_flows", "ContactFlowSummaryList"),
    "flow-module": _List("list_contact_flow_modules", "ContactFlowModulesSummaryList"),
    LAMBDA_FUNCTION: _List("list_lambda_functions", "LambdaFunctions", page=25),
    USER: _List("list_users", "UserSummaryList", name="Username"),
    "quick-connect": _List("list_quick_connects", "QuickConnectSummaryList"),
    PHONE_NUMBER: _List(
        "list_phone_numbers_v2",
        "ListPhoneNumbersSummaryList",
        name="PhoneNumber",
        prefix="PhoneNumber",
    ),
    VIEW: _List(
        "list_views",
        "ViewsSummaryList",
        page=100,
        filters={"Type": "CUSTOMER_MANAGED"},
    ),
    "task-template": _List("list_task_templates", "TaskTemplates", page=100),
    SECURITY_KEY: _List(
        "list_security_keys",
        "SecurityKeys",
        page=2,
        name="AssociationId",
        prefix="Association",
    ),
}
INVENTORY_KINDS = frozenset([*_LISTS, LEX_BOT_ALIAS])
"""Every kind that an instance can be asked for."""

LISTED_KINDS = INVENTORY_KINDS - {PHONE_NUMBER, SECURITY_KEY}
"""Those of them that another instance can hold under the same name."""


def list_inventory(api: ConnectApi, kinds: Collection[str]) -> Inventory:
    """Return every resource of these kinds; raises ``TargetError``."""
    asked = frozenset(kinds) & INVENTORY_KINDS
    resources = [
        _resource(kind, _LISTS[kind], item)
        for kind in sorted(asked & _LISTS.keys())
        for item in api.list(
            _LISTS[kind].operation,
            _LISTS[kind].key,
            **_LISTS[kind].filters,
            PaginationConfig={"PageSize": _LISTS[kind].page},
        )
    ]
    nameless: dict[str, str] = {}
    if LEX_BOT_ALIAS in asked:
        aliases, why = list_bot_aliases(api)
        resources += aliases
        nameless = {LEX_BOT_ALIAS: why} if why else {}
    _, partition, _, region, _ = api.instance_arn.split(":", 4)
    return Inventory(tuple(sorted(resources)), asked, region, partition, nameless)


def _resource(kind: str, listed: _List, item: object) -> Resource:
    if isinstance(item, dict):
        return Resource(
            kind=kind,
            name=str(item.get(listed.name, "")),
            id=str(item.get(f"{listed.prefix}Id", "")),
            arn=str(item.get(f"{listed.prefix}Arn", "")),
            type=str(item.get("ContactFlowType", "")),
        )
    arn = str(item)
    parsed = parse_arn(arn)
    name = f"{parsed.id}{parsed.suffix}" if parsed else arn
    return Resource(kind=kind, name=name, arn=arn)
