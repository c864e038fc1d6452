"""The versions and aliases of what flows refer to by one.

A qualifier stands behind an id, an ARN or a name, such as ``:3`` or ``:prod``. Each
list is asked once for a resource that somebody qualifies. Source: the operations
``List…Versions`` and ``List…Aliases`` of the Amazon Connect API reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flowops.systems.connect.api import UNKNOWN_OPERATION, RefusedCallError
from flowops.systems.connect.arns import VIEW
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from flowops.model import Inventory, Resource
    from flowops.systems.connect.api import ConnectApi

_QUALIFIED = re.compile(r"(?P<base>.+):[\w-]+")
_FOR_GOOD = frozenset(
    ["AccessDeniedException", "NotImplementedException", UNKNOWN_OPERATION]
)


@dataclass(frozen=True, slots=True)
class _List:
    """A list operation, the key of its items, and the members that can qualify."""

    operation: str
    key: str
    members: tuple[str, ...] = ("Version",)
    page: int = 1000


_ALIAS = ("AliasName", "AliasId")
_LISTS: Mapping[str, tuple[str, tuple[_List, ...]]] = {
    CONTACT_FLOW: (
        "ContactFlowId",
        (
            _List("list_contact_flow_versions", "ContactFlowVersionSummaryList"),
            _List("list_contact_flow_aliases", "ContactFlowAliasSummaryList", _ALIAS),
        ),
    ),
    FLOW_MODULE: (
        "ContactFlowModuleId",
        (
            _List(
                "list_contact_flow_module_versions",
                "ContactFlowModuleVersionSummaryList",
            ),
            _List(
                "list_contact_flow_module_aliases",
                "ContactFlowModuleAliasSummaryList",
                _ALIAS,
            ),
        ),
    ),
    VIEW: (
        "ViewId",
        (_List("list_view_versions", "ViewVersionSummaryList", page=100),),
    ),
}


def with_qualifiers(
    api: ConnectApi, inventory: Inventory, words: Mapping[str, Collection[str]]
) -> Inventory:
    """Return an inventory that knows the qualifiers of what is qualified.

    ``words`` are names, ids and ARNs by kind, as flows and environments write them.
    Raises ``TargetError``; where a list is not permitted, or not known, nothing is
    learnt.
    """
    qualified = {
        (kind, match["base"])
        for kind in _LISTS.keys() & words.keys()
        for word in words[kind]
        if (match := _QUALIFIED.fullmatch(word))
    }
    if not qualified:
        return inventory
    resources = (
        replace(resource, qualifiers=_listed(api, resource))
        if any((resource.kind, key) in qualified for key in _keys(resource))
        else resource
        for resource in inventory.resources
    )
    return replace(inventory, resources=tuple(resources))


def _keys(resource: Resource) -> tuple[str, str, str]:
    return resource.arn, resource.id, resource.name


def _listed(api: ConnectApi, resource: Resource) -> tuple[str, ...] | None:
    try:
        return tuple(dict.fromkeys(_qualifiers(api, resource)))
    except RefusedCallError as error:
        if error.code not in _FOR_GOOD:
            raise
        return None


def _qualifiers(api: ConnectApi, resource: Resource) -> Iterator[str]:
    member, lists = _LISTS[resource.kind]
    for listed in lists:
        for item in api.list(
            listed.operation,
            listed.key,
            **{member: resource.id},
            PaginationConfig={"PageSize": listed.page},
        ):
            fields = item if isinstance(item, dict) else {}
            yield from (str(fields[key]) for key in listed.members if key in fields)
