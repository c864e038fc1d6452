"""Put a flow back as it was: content, description, and whether it is archived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.secrets import open_text
from flowops.systems.connect.flow_types import CONTACT_FLOW
from flowops.systems.connect.inventory import ARCHIVED
from flowops.systems.connect.read_back import check_written, state_of
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.connect.tags import put_back_tags
from flowops.systems.protocol import SAVED

if TYPE_CHECKING:
    from flowops.model import Resource
    from flowops.systems.connect.api import ConnectApi
    from flowops.systems.connect.families import Described, Family
    from flowops.systems.protocol import FlowState

ACTIVE = "active"


def put_back(
    api: ConnectApi, family: Family, resource: Resource, before: FlowState
) -> bool:
    """Write an earlier state; tell whether anything of it was another one.

    Raises ``TargetError`` too when the instance then holds something else.
    """
    draft = before.attributes.get("status") == SAVED
    content = open_text(before.files[CONTENT])
    now = family.describe(api, resource.id, draft=draft)
    described = _describe(api, family, resource, before, now)
    described |= put_back_tags(api, resource.arn, before.attributes, now.tags)
    state, kept = now.attributes["state"], before.attributes.get("state", ACTIVE)
    if now.content == content:
        if state != kept:
            family.set_state(api, resource.id, kept)
        return described or state != kept
    if state == ARCHIVED:
        family.set_state(api, resource.id, ACTIVE)
    family.write(api, resource.id, content, draft=draft)
    if kept == ARCHIVED:
        family.set_state(api, resource.id, kept)
    after = family.describe(api, resource.id, draft=draft)
    check_written(before, state_of(family, before.address, after, draft=draft))
    return True


def _describe(
    api: ConnectApi,
    family: Family,
    resource: Resource,
    before: FlowState,
    now: Described,
) -> bool:
    """Set the earlier description; only that of a flow can be empty."""
    words = before.attributes.get("description")
    differs = words is not None and words != now.attributes["description"]
    if not differs or not (words or family.kind == CONTACT_FLOW):
        return False
    family.set_description(api, resource.id, words or "")
    return True
