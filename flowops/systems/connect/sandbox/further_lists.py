"""Lists of what flows name now and then: Lex V1 bots, addresses, assistants, profiles.

Source: ListBots, ListIntegrationAssociations, ListPredefinedAttributes,
SearchEmailAddresses and the other List operations of the Amazon Connect API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.instance import (
    AGENT_STATUS,
    ASSISTANT,
    CLASSIC_BOT,
    DATA_TABLE,
    EMAIL_ADDRESS,
    HIERARCHY_GROUP,
    KNOWLEDGE_BASE,
    LEX_BOT,
    PREDEFINED_ATTRIBUTE,
    ROUTING_PROFILE,
    SECURITY_PROFILE,
)
from flowops.systems.connect.sandbox.pages import page
from flowops.systems.connect.sandbox.resources import lister, modified, summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.systems.connect.sandbox.context import Arguments, Context, Output
    from flowops.systems.connect.sandbox.store import Resource
    from flowops.systems.connect.sandbox.values import Value

_INTEGRATIONS: Mapping[str, str] = {
    ASSISTANT: "WISDOM_ASSISTANT",
    KNOWLEDGE_BASE: "Q_MESSAGE_TEMPLATES",
}


def list_bots(context: Context, arguments: Arguments) -> Output:
    """List Lex bots of one version: the name and the Region, or the ARN of an alias."""
    if arguments.text("LexVersion") == "V2":
        listing = lister("LexBots", LEX_BOT, _alias)
    else:
        listing = lister("LexBots", CLASSIC_BOT, _classic)
    return listing(context, arguments)


def _alias(context: Context, bot: Resource) -> Value:
    del context
    return {"LexV2Bot": {"AliasArn": bot.arn}}


def _classic(context: Context, bot: Resource) -> Value:
    return {"LexBot": {"Name": bot.name, "LexRegion": context.instance.region}}


def list_integrations(context: Context, arguments: Arguments) -> Output:
    """List what the instance is integrated with, all or of one type; no names."""
    wanted = arguments.text("IntegrationType", "")

    def rows(position: int) -> Iterator[tuple[int, Value]]:
        found = [
            r for kind in _INTEGRATIONS for r in context.store.after(kind, position)
        ]
        for item in sorted(found, key=lambda resource: resource.sequence):
            if wanted in ("", _INTEGRATIONS[item.kind]):
                yield item.sequence, _integration(context, item)

    return page(context, arguments, "IntegrationAssociationSummaryList", rows)


def _integration(context: Context, item: Resource) -> dict[str, Value]:
    instance = context.instance
    association = instance.new_id("integration-association", item.id, 1)
    return {
        "IntegrationAssociationId": association,
        "IntegrationAssociationArn": f"{instance.arn}/integration-association/"
        f"{association}",
        "InstanceId": instance.id,
        "IntegrationType": _INTEGRATIONS[item.kind],
        "IntegrationArn": item.arn,
    }


def _attribute(context: Context, attribute: Resource) -> dict[str, Value]:
    return {"Name": attribute.name, **modified(context, attribute)}


def _address(context: Context, address: Resource) -> dict[str, Value]:
    del context
    return {
        "EmailAddressId": address.id,
        "EmailAddressArn": address.arn,
        "EmailAddress": address.name,
    }


list_agent_statuses = lister("AgentStatusSummaryList", AGENT_STATUS, summary)
list_data_tables = lister("DataTableSummaryList", DATA_TABLE, summary)
list_hierarchy_groups = lister(
    "UserHierarchyGroupSummaryList", HIERARCHY_GROUP, summary
)
list_predefined_attributes = lister(
    "PredefinedAttributeSummaryList", PREDEFINED_ATTRIBUTE, _attribute
)
list_routing_profiles = lister("RoutingProfileSummaryList", ROUTING_PROFILE, summary)
list_security_profiles = lister("SecurityProfileSummaryList", SECURITY_PROFILE, summary)
search_email_addresses = lister("EmailAddresses", EMAIL_ADDRESS, _address)
