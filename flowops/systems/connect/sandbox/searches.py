"""Searches: flows and modules with all their details, all or those with a tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.flows import flow_details
from flowops.systems.connect.sandbox.instance import CONTACT_FLOW, FLOW_MODULE
from flowops.systems.connect.sandbox.modules import module_details
from flowops.systems.connect.sandbox.pages import page
from flowops.systems.connect.sandbox.refusals import not_implemented

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowops.systems.connect.sandbox.context import Arguments, Context, Output
    from flowops.systems.connect.sandbox.store import Resource
    from flowops.systems.connect.sandbox.values import Value


def search_flows(context: Context, arguments: Arguments) -> Output:
    """Search flows."""
    return _search(context, arguments, CONTACT_FLOW, "ContactFlows", flow_details)


def search_modules(context: Context, arguments: Arguments) -> Output:
    """Search modules."""
    return _search(
        context, arguments, FLOW_MODULE, "ContactFlowModules", module_details
    )


def _search(
    context: Context,
    arguments: Arguments,
    kind: str,
    key: str,
    details: Callable[[Context, Resource], Value],
) -> Output:
    tag = _wanted_tag(arguments)

    def rows(position: int) -> Iterator[tuple[int, Value]]:
        for found in context.store.after(kind, position):
            if tag is None or context.store.tags(found.arn).get(tag[0]) == tag[1]:
                yield found.sequence, details(context, found)

    return page(context, arguments, key, rows)


def _wanted_tag(arguments: Arguments) -> tuple[str, str] | None:
    """Read a filter by one tag; any other filter is one the sandbox cannot do."""
    if "SearchFilter" not in arguments:
        return None
    match arguments.values["SearchFilter"]:
        case {"TagFilter": {"TagCondition": {"TagKey": key, "TagValue": value}}}:
            return str(key), str(value)
    raise not_implemented("a search by anything but one tag")
