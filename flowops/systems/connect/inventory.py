"""List what exists on an instance, one list operation a kind.

The names of Lex bots come from another service. Source: the List operations of the
Amazon Connect API reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.model import Inventory, Resource
from flowops.systems.connect.api import UNKNOWN_OPERATION, RefusedCallError
from flowops.systems.connect.arns import (
    ASSISTANT,
    KNOWLEDGE_BASE,
    LAMBDA_FUNCTION,
    LEX_BOT_ALIAS,
    PHONE_NUMBER,
    USER,
    VIEW,
    parse_arn,
)
from flowops.systems.connect.bots import list_bot_aliases
from flowops.systems.connect.reference_table import (
    EMAIL_ADDRESS,
    LEX_BOT,
    PREDEFINED_ATTRIBUTE,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from flowops.systems.connect.api import ConnectApi

ARCHIVED = "archived"
SECURITY_KEY = "security-key"
_UNLISTABLE = frozenset(["AccessDeniedException", UNKNOWN_OPERATION])


@dataclass(frozen=True, slots=True)
class _List:
    """A list operation as boto3 names it, the key of its items and its page size.

    ``prefix`` stands before the members ``Id`` and ``Arn`` of an item, which may be
    ``within`` another. ``filters`` are arguments that leave out what AWS keeps itself,
    or what is of another kind. ``state`` is the member that says whether an item is
    archived. ``spared`` is a list that a plan can do without: where it is not
    permitted, or boto3 does not know it, the kind is a gap.
    """

    operation: str
    key: str
    page: int = 1000
    name: str = "Name"
    prefix: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    state: str = ""
    within: str = ""
    spared: bool = False


def _summaries(operation: str, key: str) -> _List:
    return _List(operation, key, spared=True)


_LISTS: Mapping[str, _List] = {
    "queue": _List("list_queues", "QueueSummaryList"),
    "prompt": _List("list_prompts", "PromptSummaryList"),
    "hours-of-operation": _List(
        "list_hours_of_operations", "HoursOfOperationSummaryList"
    ),
    "contact-flow": _List(
        "list_contact_flows", "ContactFlowSummaryList", state="ContactFlowState"
    ),
    "flow-module": _List(
        "list_contact_flow_modules", "ContactFlowModulesSummaryList", state="State"
    ),
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
    LEX_BOT: _List(
        "list_bots",
        "LexBots",
        page=25,
        filters={"LexVersion": "V1"},
        within="LexBot",
        spared=True,
    ),
    PREDEFINED_ATTRIBUTE: _List(
        "list_predefined_attributes",
        "PredefinedAttributeSummaryList",
        page=100,
        spared=True,
    ),
    EMAIL_ADDRESS: _List(
        "search_email_addresses",
        "EmailAddresses",
        page=100,
        name="EmailAddress",
        prefix="EmailAddress",
        spared=True,
    ),
    "routing-profile": _summaries("list_routing_profiles", "RoutingProfileSummaryList"),
    "security-profile": _summaries(
        "list_security_profiles", "SecurityProfileSummaryList"
    ),
    "hierarchy-group": _summaries(
        "list_user_hierarchy_groups", "UserHierarchyGroupSummaryList"
    ),
    "agent-status": _summaries("list_agent_statuses", "AgentStatusSummaryList"),
    "data-table": _summaries("list_data_tables", "DataTableSummaryList"),
}
_INTEGRATED = _List(
    "list_integration_associations",
    "IntegrationAssociationSummaryList",
    page=100,
    spared=True,
)
_INTEGRATIONS = frozenset([ASSISTANT, KNOWLEDGE_BASE])
INVENTORY_KINDS = frozenset([*_LISTS, LEX_BOT_ALIAS, *_INTEGRATIONS])
"""Every kind that an instance can be asked for."""

LISTED_KINDS = INVENTORY_KINDS - {PHONE_NUMBER, SECURITY_KEY, *_INTEGRATIONS}
"""Those of them that another instance can hold under the same name."""


def list_inventory(api: ConnectApi, kinds: Collection[str]) -> Inventory:
    """Return every resource of these kinds; raises ``TargetError``."""
    asked = frozenset(kinds) & INVENTORY_KINDS
    resources: list[Resource] = []
    gaps: dict[str, str] = {}
    for kinds_of, listed in _lists_of(asked):
        try:
            found = [*_items(api, listed)]
        except RefusedCallError as error:
            if not listed.spared or error.code not in _UNLISTABLE:
                raise
            gaps |= dict.fromkeys(kinds_of, error.message)
            continue
        resources += _resources(kinds_of, listed, found)
    nameless: dict[str, str] = {}
    if LEX_BOT_ALIAS in asked:
        aliases, why = list_bot_aliases(api)
        resources += aliases
        nameless = {LEX_BOT_ALIAS: why} if why else {}
    _, partition, _, region, _ = api.instance_arn.split(":", 4)
    return Inventory(
        tuple(sorted(set(resources))),
        asked - gaps.keys(),
        region,
        partition,
        nameless,
        gaps,
    )


def _lists_of(asked: Collection[str]) -> Iterator[tuple[tuple[str, ...], _List]]:
    """Give each list that knows something of these kinds, once, with those it does."""
    for kind in sorted(_LISTS.keys() & asked):
        yield (kind,), _LISTS[kind]
    if integrated := tuple(sorted(_INTEGRATIONS & {*asked})):
        yield integrated, _INTEGRATED


def _items(api: ConnectApi, listed: _List) -> Iterator[object]:
    paging = {"PageSize": listed.page}
    for item in api.list(
        listed.operation, listed.key, **listed.filters, PaginationConfig=paging
    ):
        if not listed.within:
            yield item
        elif isinstance(item, dict) and listed.within in item:
            yield item[listed.within]


def _resources(
    kinds: tuple[str, ...], listed: _List, items: list[object]
) -> Iterator[Resource]:
    """Read the items of a list; an integration is of the kind that its ARN says."""
    for item in items:
        if listed is not _INTEGRATED:
            yield _resource(kinds[0], listed, item)
        elif isinstance(item, dict):
            parsed = parse_arn(str(item.get("IntegrationArn", "")))
            if parsed and parsed.kind in kinds:  # the API gives no names
                yield Resource(parsed.kind, parsed.id, parsed.id, parsed.key)


def _resource(kind: str, listed: _List, item: object) -> Resource:
    if isinstance(item, dict):
        state = str(item.get(listed.state, "")).lower()
        return Resource(
            kind=kind,
            name=str(item.get(listed.name, "")),
            id=str(item.get(f"{listed.prefix}Id", "")),
            arn=str(item.get(f"{listed.prefix}Arn", "")),
            type=str(item.get("ContactFlowType", "")),
            state=state if state == ARCHIVED else "",
        )
    arn = str(item)
    parsed = parse_arn(arn)
    name = f"{parsed.id}{parsed.suffix}" if parsed else arn
    return Resource(kind=kind, name=name, arn=arn)
