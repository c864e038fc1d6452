"""Operations on flow modules, which have settings beside their content.

A module has no status argument: what is created is checked and published.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.flow_contents import (
    current,
    meant,
    meant_by_id,
    publish,
    save,
    sha256,
)
from flowops.systems.connect.sandbox.flow_versions import (
    find_qualified,
    forget_versions,
    shown_version,
)
from flowops.systems.connect.sandbox.instance import FLOW_MODULE
from flowops.systems.connect.sandbox.pages import page
from flowops.systems.connect.sandbox.refusals import ApiError, ViolationError
from flowops.systems.connect.sandbox.resources import (
    change,
    create,
    require,
    set_tags,
    with_tags,
)
from flowops.systems.connect.sandbox.store import Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.systems.connect.sandbox.context import Arguments, Context, Output
    from flowops.systems.connect.sandbox.store import Resource
    from flowops.systems.connect.sandbox.values import Value

_ID = "ContactFlowModuleId"
_TOKEN = "ClientToken"


def create_module(context: Context, arguments: Arguments) -> Output:
    """Create a module once per client token, and publish it."""
    token = arguments.text(_TOKEN)
    request = _fingerprint(arguments)
    before = context.store.token(token) if token else None
    if before is not None:
        if before[0] != request:
            raise ApiError("IdempotencyException", "the token came with other values")
        module = require(context, FLOW_MODULE, before[1])
        return {"Id": module.id, "Arn": module.arn}
    module = _make(context, arguments)
    if token:
        context.store.set_token(token, request, module.id)
    return {"Id": module.id, "Arn": module.arn}


def _make(context: Context, arguments: Arguments) -> Resource:
    attributes = {"State": "ACTIVE"}
    if "Description" in arguments:
        attributes["Description"] = arguments.text("Description")
    module = create(context, FLOW_MODULE, arguments.text("Name"), attributes)
    content = Content(arguments.text("Content"), arguments.text("Settings"))
    publish(context, module, content)
    set_tags(context, module.arn, arguments.mapping("Tags"))
    return module


def _fingerprint(arguments: Arguments) -> str:
    values = {key: value for key, value in arguments.values.items() if key != _TOKEN}
    return json.dumps(values, sort_keys=True, default=str)


def describe_module(context: Context, arguments: Arguments) -> Output:
    """Describe what is published, or with ``:$SAVED`` what is saved."""
    given = arguments.text(_ID)
    module, alias, version = find_qualified(context, FLOW_MODULE, given, _ID)
    return {"ContactFlowModule": module_details(context, module, alias, version)}


def module_details(
    context: Context,
    module: Resource,
    alias: str = "",
    version: Resource | None = None,
) -> Value:
    """Give all there is about a module, as it is published or saved, or a version."""
    content, status = current(context, version or module, alias)
    described: dict[str, Value] = {
        "Arn": module.arn,
        "Id": module.id,
        "Name": module.name,
        "Status": status,
        "Content": content.text,
        "FlowModuleContentSha256": sha256(content),
        **module.attributes,
        **shown_version(version),
    }
    if content.settings:
        described["Settings"] = content.settings
    return with_tags(context, module.arn, described)


def list_modules(context: Context, arguments: Arguments) -> Output:
    """List modules, all or those of one state."""
    state = arguments.text("ContactFlowModuleState")

    def rows(position: int) -> Iterator[tuple[int, Value]]:
        for module in context.store.after(FLOW_MODULE, position):
            if state in ("", module.attributes["State"]):
                yield (
                    module.sequence,
                    {
                        "Id": module.id,
                        "Arn": module.arn,
                        "Name": module.name,
                        "State": module.attributes["State"],
                    },
                )

    return page(context, arguments, "ContactFlowModulesSummaryList", rows)


def update_module_content(context: Context, arguments: Arguments) -> Output:
    """Publish content, settings or both, or with ``:$SAVED`` keep them as a draft."""
    if "Content" not in arguments and "Settings" not in arguments:
        raise ViolationError("", "Content or Settings is required")
    module, alias = meant(context, FLOW_MODULE, arguments.text(_ID), _ID)
    before, _ = current(context, module, alias)
    content = Content(
        arguments.text("Content", before.text),
        arguments.text("Settings", before.settings),
    )
    write = save if alias else publish
    write(context, module, content)
    change(context, module, module.name, module.attributes)
    return {}


def update_module_metadata(context: Context, arguments: Arguments) -> Output:
    """Change the name, the description or the state of a module."""
    module = meant_by_id(context, FLOW_MODULE, arguments.text(_ID), _ID)
    attributes = dict(module.attributes)
    for member in ("Description", "State"):
        if member in arguments:
            attributes[member] = arguments.text(member)
    change(context, module, arguments.text("Name", module.name), attributes)
    return {}


def delete_module(context: Context, arguments: Arguments) -> Output:
    """Delete a module with its draft, its versions and its aliases."""
    module = meant_by_id(context, FLOW_MODULE, arguments.text(_ID), _ID)
    forget_versions(context, module)
    context.store.remove(module)
    return {}
