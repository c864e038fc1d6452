"""Operations on tags, for whatever the instance holds under an ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.flow_versions import ALIAS
from flowops.systems.connect.sandbox.instance import (
    ASSISTANT,
    CLASSIC_BOT,
    KNOWLEDGE_BASE,
    LAMBDA,
    LEX_BOT,
    PREDEFINED_ATTRIBUTE,
)
from flowops.systems.connect.sandbox.refusals import ViolationError, not_found
from flowops.systems.connect.sandbox.resources import set_tags
from flowops.systems.connect.sandbox.versions import VERSION

if TYPE_CHECKING:
    from flowops.systems.connect.sandbox.context import Arguments, Context, Output

MOST_TAGS = 50
_WITHOUT_TAGS = (
    ALIAS,
    ASSISTANT,
    CLASSIC_BOT,
    KNOWLEDGE_BASE,
    LAMBDA,
    LEX_BOT,
    PREDEFINED_ATTRIBUTE,
    VERSION,
)


def tag_resource(context: Context, arguments: Arguments) -> Output:
    """Add tags; a resource has at most 50 of them."""
    arn = _tagged_arn(context, arguments)
    tags = arguments.mapping("tags")
    if len(context.store.tags(arn).keys() | tags.keys()) > MOST_TAGS:
        raise ViolationError("tags", f"would be more than {MOST_TAGS} on {arn}")
    set_tags(context, arn, tags)
    return {}


def untag_resource(context: Context, arguments: Arguments) -> Output:
    """Remove tags by their keys."""
    arn = _tagged_arn(context, arguments)
    for key in arguments.texts("tagKeys"):
        context.store.remove_tag(arn, key)
    return {}


def list_tags(context: Context, arguments: Arguments) -> Output:
    """List the tags of a resource."""
    return {"tags": context.store.tags(_tagged_arn(context, arguments))}


def _tagged_arn(context: Context, arguments: Arguments) -> str:
    arn = arguments.text("resourceArn")
    found = context.store.find_arn(arn)
    if found is None or found.kind in _WITHOUT_TAGS:
        raise not_found(f"the resource {arn!r}")
    return found.arn
