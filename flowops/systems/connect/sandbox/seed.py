"""Fills a new sandbox from its inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.systems.connect.sandbox.flow_contents import PUBLISHED
from flowops.systems.connect.sandbox.instance import (
    CONTACT_FLOW,
    FLOW_MODULE,
    HOURS,
    LAMBDA,
    QUEUE,
    VIEW,
)
from flowops.systems.connect.sandbox.resources import create
from flowops.systems.connect.sandbox.starters import (
    flow_starter,
    module_starter,
    view_starter,
)

if TYPE_CHECKING:
    from flowops.systems.connect.sandbox.context import Context
    from flowops.systems.connect.sandbox.inventory import Item, SandboxInventory

_SETTING = "instance"


def load_inventory(context: Context, inventory: SandboxInventory) -> None:
    """Load an inventory, unless the state has been filled before.

    Raises ``InputError`` when the state belongs to another instance.
    """
    with context.store.transaction():
        owner = context.store.setting(_SETTING)
        if owner and owner != inventory.instance.arn:
            raise InputError(
                f"the state holds the instance {owner}, not {inventory.instance.arn}",
                hint="give another file, or remove this one to start anew",
            )
        if owner:
            return
        context.store.set_setting(_SETTING, inventory.instance.arn)
        for item in inventory.items:
            _load(context, item)


def _load(context: Context, item: Item) -> None:
    attributes: dict[str, str] = {}
    if item.kind == QUEUE:
        hours = next(context.store.after(HOURS, 0), None)
        attributes = {} if hours is None else {"HoursOfOperationId": hours.id}
    elif item.kind == CONTACT_FLOW:
        attributes = {"State": "ACTIVE", "Type": item.type}
    elif item.kind == FLOW_MODULE:
        attributes = {"State": "ACTIVE"}
    own_name = item.name if item.kind == LAMBDA else item.id
    resource = create(context, item.kind, item.name, attributes, resource_id=own_name)
    if item.kind == CONTACT_FLOW:
        content = flow_starter(item.type)
    elif item.kind == FLOW_MODULE:
        content = module_starter()
    elif item.kind == VIEW:
        content = view_starter(item.name)
    else:
        return
    context.store.set_content(resource.arn, PUBLISHED, content)
