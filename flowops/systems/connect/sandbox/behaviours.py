"""Which operations the sandbox does, and which of their arguments it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox import (
    flow_versions,
    flows,
    further_lists,
    modules,
    resources,
    searches,
    tags,
    views,
)
from flowops.systems.connect.sandbox.instance import HOURS, LAMBDA, PROMPT, QUEUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.systems.connect.sandbox.context import Handler

_PAGING = "MaxResults NextToken"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the sandbox does for one operation.

    ``takes`` are the arguments it honours; any other one is refused, since to pass
    over it would be a silent success.
    """

    handler: Handler
    takes: frozenset[str]
    writes: bool


def _reads(handler: Handler, takes: str = "") -> Behaviour:
    return Behaviour(handler, frozenset(takes.split()), writes=False)


def _writes(handler: Handler, takes: str) -> Behaviour:
    return Behaviour(handler, frozenset(takes.split()), writes=True)


_FLOW = "InstanceId ContactFlowId"
_MODULE = "InstanceId ContactFlowModuleId"
_VIEW = "InstanceId ViewId"
_LIST = f"InstanceId {_PAGING}"


def _of_versions(of: flow_versions.Versioned) -> Mapping[str, Behaviour]:
    """Give the operations on versions and aliases, of flows or of modules."""
    takes = {
        "Create{}Version": f"Description {of.hash}",
        "Delete{}Version": of.version,
        "List{}Versions": _PAGING,
        "Create{}Alias": f"AliasName Description {of.version}",
        "Delete{}Alias": "AliasId",
        "Describe{}Alias": "AliasId",
        "List{}Aliases": _PAGING,
        "Update{}Alias": f"AliasId Name Description {of.version}",
    }
    return {
        name.format(of.word): Behaviour(
            make(of),
            frozenset(f"InstanceId {of.id} {takes[name]}".split()),
            writes=not name.startswith(("List", "Describe")),
        )
        for name, make in flow_versions.HANDLERS
    }


BEHAVIOURS: Mapping[str, Behaviour] = {
    **_of_versions(flow_versions.FLOW),
    **_of_versions(flow_versions.MODULE),
    "AssociateLambdaFunction": _writes(
        resources.associate_lambda, "InstanceId FunctionArn ClientToken"
    ),
    "CreateContactFlow": _writes(
        flows.create_flow, "InstanceId Name Type Description Content Status Tags"
    ),
    "CreateContactFlowModule": _writes(
        modules.create_module,
        "InstanceId Name Description Content Settings Tags ClientToken",
    ),
    "CreateQueue": _writes(
        resources.create_queue, "InstanceId Name Description HoursOfOperationId Tags"
    ),
    "CreateView": _writes(
        views.create_view,
        "InstanceId ClientToken Status Content Description Name Tags",
    ),
    "CreateViewVersion": _writes(
        views.create_view_version, f"{_VIEW} VersionDescription ViewContentSha256"
    ),
    "DeleteContactFlow": _writes(flows.delete_flow, _FLOW),
    "DeleteContactFlowModule": _writes(modules.delete_module, _MODULE),
    "DeletePrompt": _writes(
        resources.remover(PROMPT, "PromptId"), "InstanceId PromptId"
    ),
    "DeleteHoursOfOperation": _writes(
        resources.remover(HOURS, "HoursOfOperationId"), "InstanceId HoursOfOperationId"
    ),
    "DeleteQueue": _writes(resources.remover(QUEUE, "QueueId"), "InstanceId QueueId"),
    "DeleteView": _writes(views.delete_view, _VIEW),
    "DeleteViewVersion": _writes(views.delete_view_version, f"{_VIEW} ViewVersion"),
    "DescribeContactFlow": _reads(flows.describe_flow, _FLOW),
    "DescribeContactFlowModule": _reads(modules.describe_module, _MODULE),
    "DescribeHoursOfOperation": _reads(
        resources.describe_hours, "InstanceId HoursOfOperationId"
    ),
    "DescribeInstance": _reads(resources.describe_instance, "InstanceId"),
    "DescribeView": _reads(views.describe_view, _VIEW),
    "DescribePrompt": _reads(resources.describe_prompt, "InstanceId PromptId"),
    "DescribeQueue": _reads(resources.describe_queue, "InstanceId QueueId"),
    "DisassociateLambdaFunction": _writes(
        resources.remover(LAMBDA, "FunctionArn"), "InstanceId FunctionArn ClientToken"
    ),
    "ListAgentStatuses": _reads(further_lists.list_agent_statuses, _LIST),
    "ListBots": _reads(further_lists.list_bots, f"{_LIST} LexVersion"),
    "ListContactFlowModules": _reads(
        modules.list_modules, f"{_LIST} ContactFlowModuleState"
    ),
    "ListContactFlows": _reads(flows.list_flows, f"{_LIST} ContactFlowTypes"),
    "ListDataTables": _reads(further_lists.list_data_tables, _LIST),
    "ListHoursOfOperations": _reads(resources.list_hours, _LIST),
    "ListInstances": _reads(resources.list_instances, _PAGING),
    "ListIntegrationAssociations": _reads(
        further_lists.list_integrations, f"{_LIST} IntegrationType"
    ),
    "ListLambdaFunctions": _reads(resources.list_lambda_functions, _LIST),
    "ListPhoneNumbersV2": _reads(resources.list_phone_numbers, f"{_LIST} TargetArn"),
    "ListPredefinedAttributes": _reads(further_lists.list_predefined_attributes, _LIST),
    "ListPrompts": _reads(resources.list_prompts, _LIST),
    "ListQueues": _reads(resources.list_queues, f"{_LIST} QueueTypes"),
    "ListQuickConnects": _reads(resources.list_quick_connects, _LIST),
    "ListRoutingProfiles": _reads(further_lists.list_routing_profiles, _LIST),
    "ListSecurityKeys": _reads(resources.list_security_keys, _LIST),
    "ListSecurityProfiles": _reads(further_lists.list_security_profiles, _LIST),
    "ListTagsForResource": _reads(tags.list_tags, "resourceArn"),
    "ListTaskTemplates": _reads(resources.list_task_templates, _LIST),
    "ListUserHierarchyGroups": _reads(further_lists.list_hierarchy_groups, _LIST),
    "ListUsers": _reads(resources.list_users, _LIST),
    "ListViewVersions": _reads(views.list_view_versions, f"{_VIEW} {_PAGING}"),
    "ListViews": _reads(views.list_views, f"{_LIST} Type"),
    "SearchContactFlowModules": _reads(
        searches.search_modules, f"{_LIST} SearchFilter"
    ),
    "SearchContactFlows": _reads(searches.search_flows, f"{_LIST} SearchFilter"),
    "SearchEmailAddresses": _reads(further_lists.search_email_addresses, _LIST),
    "SearchViews": _reads(views.search_views, f"{_LIST} SearchFilter"),
    "TagResource": _writes(tags.tag_resource, "resourceArn tags"),
    "UntagResource": _writes(tags.untag_resource, "resourceArn tagKeys"),
    "UpdateContactFlowContent": _writes(flows.update_flow_content, f"{_FLOW} Content"),
    "UpdateContactFlowMetadata": _writes(
        flows.update_flow_metadata, f"{_FLOW} Name Description ContactFlowState"
    ),
    "UpdateContactFlowModuleContent": _writes(
        modules.update_module_content, f"{_MODULE} Content Settings"
    ),
    "UpdateContactFlowModuleMetadata": _writes(
        modules.update_module_metadata, f"{_MODULE} Name Description State"
    ),
    "UpdateContactFlowName": _writes(
        flows.update_flow_metadata, f"{_FLOW} Name Description"
    ),
    "UpdateQueueName": _writes(
        resources.update_queue_name, "InstanceId QueueId Name Description"
    ),
    "UpdateViewContent": _writes(views.update_view_content, f"{_VIEW} Status Content"),
    "UpdateViewMetadata": _writes(
        views.update_view_metadata, f"{_VIEW} Name Description"
    ),
}
