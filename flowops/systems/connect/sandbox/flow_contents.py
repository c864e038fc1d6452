"""What flows and modules share: what is published, what is saved, and which is meant.

Rules: a flow that was never published shows the same content under its id and under
``:$SAVED``; afterwards a draft exists only while it differs from what is published.
Source: DescribeContactFlow and UpdateContactFlowContent in the API reference.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.instance import FLOW_MODULE, KIND_WORDS
from flowops.systems.connect.sandbox.publish import find_problems
from flowops.systems.connect.sandbox.refusals import (
    ApiError,
    SandboxDefectError,
    ViolationError,
    not_found,
)
from flowops.systems.connect.sandbox.resources import require

if TYPE_CHECKING:
    from flowops.systems.connect.sandbox.context import Context
    from flowops.systems.connect.sandbox.store import Content, Resource

PUBLISHED = "PUBLISHED"
SAVED = "SAVED"
LONGEST_CONTENT = 256_000
_SAVED_ALIAS = "$SAVED"
_LATEST_ALIAS = "$LATEST"


def sha256(content: Content) -> str:
    """Give the hash that the API states for a content."""
    return hashlib.sha256(content.text.encode()).hexdigest()


def meant(context: Context, kind: str, given: str, member: str) -> tuple[Resource, str]:
    """Give the resource that an id or an ARN means, and its alias.

    Raises ``ApiError`` for one that does not exist and for a version: the sandbox
    keeps none.
    """
    prefix = f"{context.instance.arn}/{kind}/"
    bare, _, alias = given.removeprefix(prefix).partition(":")
    if given.startswith("arn:") and not given.startswith(prefix):
        raise ViolationError(
            member, f"must name a {KIND_WORDS[kind]} of the instance, not {given}"
        )
    resource = require(context, kind, bare)
    if alias == _LATEST_ALIAS and kind == FLOW_MODULE:
        alias = ""
    if given.endswith(":") or alias not in ("", _SAVED_ALIAS):
        raise not_found(f"the version or alias {alias!r} of {resource.name!r}")
    return resource, alias


def meant_by_id(context: Context, kind: str, given: str, member: str) -> Resource:
    """Give the resource of a plain id; raises ``ApiError`` for anything else."""
    if ":" in given:
        raise ViolationError(member, "must be an id without an alias here")
    return require(context, kind, given)


def current(context: Context, resource: Resource, alias: str) -> tuple[Content, str]:
    """Give the content to show and its status."""
    for status in (SAVED, PUBLISHED) if alias else (PUBLISHED, SAVED):
        content = context.store.content(resource.arn, status)
        if content is not None:
            return content, status
    raise SandboxDefectError(f"{resource.arn} has no content")


def status_of(context: Context, resource: Resource) -> str:
    """Say whether something of a flow or module is published."""
    published = context.store.content(resource.arn, PUBLISHED)
    return SAVED if published is None else PUBLISHED


def save(context: Context, resource: Resource, content: Content) -> None:
    """Write a draft, without checking it; one equal to what is published goes."""
    check_length(content)
    same = context.store.content(resource.arn, PUBLISHED) == content
    context.store.set_content(resource.arn, SAVED, None if same else content)


def publish(context: Context, resource: Resource, content: Content) -> None:
    """Publish a content and end the draft; raises ``ApiError`` with its problems."""
    check_length(content)
    is_module = resource.kind == FLOW_MODULE
    problems = find_problems(context, content, is_module=is_module)
    if problems:
        key = "Problems" if is_module else "problems"
        name = "ContactFlowModule" if is_module else "ContactFlow"
        raise ApiError(
            f"Invalid{name}Exception",
            members={key: [{"message": problem} for problem in problems]},
        )
    context.store.set_content(resource.arn, PUBLISHED, content)
    context.store.set_content(resource.arn, SAVED, None)


def check_length(content: Content) -> None:
    """Hold content to the documented length, which the model has for modules only."""
    if not 0 < len(content.text) <= LONGEST_CONTENT:
        raise ViolationError("Content", f"must have 1 to {LONGEST_CONTENT} characters")
