"""Operations on contact flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.flow_contents import (
    PUBLISHED,
    current,
    meant,
    meant_by_id,
    publish,
    save,
    sha256,
    status_of,
)
from flowops.systems.connect.sandbox.flow_versions import (
    find_qualified,
    forget_versions,
    shown_version,
)
from flowops.systems.connect.sandbox.instance import CONTACT_FLOW
from flowops.systems.connect.sandbox.pages import page
from flowops.systems.connect.sandbox.resources import (
    change,
    create,
    modified,
    set_tags,
    with_tags,
)
from flowops.systems.connect.sandbox.store import Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.systems.connect.sandbox.context import Arguments, Context, Output
    from flowops.systems.connect.sandbox.store import Resource
    from flowops.systems.connect.sandbox.values import Value

_ID = "ContactFlowId"


def create_flow(context: Context, arguments: Arguments) -> Output:
    """Create a flow; without a status, or as PUBLISHED, its content is checked."""
    attributes = {"Type": arguments.text("Type"), "State": "ACTIVE"}
    if "Description" in arguments:
        attributes["Description"] = arguments.text("Description")
    flow = create(context, CONTACT_FLOW, arguments.text("Name"), attributes)
    content = Content(arguments.text("Content"))
    write = publish if arguments.text("Status", PUBLISHED) == PUBLISHED else save
    write(context, flow, content)
    set_tags(context, flow.arn, arguments.mapping("Tags"))
    return {
        "ContactFlowId": flow.id,
        "ContactFlowArn": flow.arn,
        "FlowContentSha256": sha256(content),
    }


def describe_flow(context: Context, arguments: Arguments) -> Output:
    """Describe what is published, or with ``:$SAVED`` what is saved."""
    given = arguments.text(_ID)
    flow, alias, version = find_qualified(context, CONTACT_FLOW, given, _ID)
    return {"ContactFlow": flow_details(context, flow, alias, version)}


def flow_details(
    context: Context,
    flow: Resource,
    alias: str = "",
    version: Resource | None = None,
) -> Value:
    """Give all there is about a flow, as it is published or saved, or a version."""
    content, status = current(context, version or flow, alias)
    described: dict[str, Value] = {
        "Arn": flow.arn,
        "Id": flow.id,
        "Name": flow.name,
        "Status": status,
        "Content": content.text,
        "FlowContentSha256": sha256(content),
        **flow.attributes,
        **modified(context, flow),
        **shown_version(version),
    }
    return with_tags(context, flow.arn, described)


def list_flows(context: Context, arguments: Arguments) -> Output:
    """List flows, all or those of some types."""
    types = arguments.texts("ContactFlowTypes")

    def rows(position: int) -> Iterator[tuple[int, Value]]:
        for flow in context.store.after(CONTACT_FLOW, position):
            if not types or flow.attributes["Type"] in types:
                yield flow.sequence, _summary(context, flow)

    return page(context, arguments, "ContactFlowSummaryList", rows)


def _summary(context: Context, flow: Resource) -> Value:
    return {
        "Id": flow.id,
        "Arn": flow.arn,
        "Name": flow.name,
        "ContactFlowType": flow.attributes["Type"],
        "ContactFlowState": flow.attributes["State"],
        "ContactFlowStatus": status_of(context, flow),
    }


def update_flow_content(context: Context, arguments: Arguments) -> Output:
    """Publish a content, or with ``:$SAVED`` keep it as a draft, unchecked."""
    flow, alias = meant(context, CONTACT_FLOW, arguments.text(_ID), _ID)
    write = save if alias else publish
    write(context, flow, Content(arguments.text("Content")))
    change(context, flow, flow.name, flow.attributes)
    return {}


def update_flow_metadata(context: Context, arguments: Arguments) -> Output:
    """Change the name, the description or the state of a flow."""
    flow = meant_by_id(context, CONTACT_FLOW, arguments.text(_ID), _ID)
    attributes = dict(flow.attributes)
    for member, attribute in (
        ("Description", "Description"),
        ("ContactFlowState", "State"),
    ):
        if member in arguments:
            attributes[attribute] = arguments.text(member)
    change(context, flow, arguments.text("Name", flow.name), attributes)
    return {}


def delete_flow(context: Context, arguments: Arguments) -> Output:
    """Delete a flow with its draft, its versions and its aliases."""
    flow = meant_by_id(context, CONTACT_FLOW, arguments.text(_ID), _ID)
    forget_versions(context, flow)
    context.store.remove(flow)
    return {}
