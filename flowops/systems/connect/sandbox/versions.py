"""Versions: copies of what is published, numbered, and never changed.

A version is kept as a resource of its own, which names what it is a version of.
Source: the operations ``…Version…`` of the Amazon Connect API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.refusals import ApiError, not_found
from flowops.systems.connect.sandbox.store import Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.systems.connect.sandbox.context import Context
    from flowops.systems.connect.sandbox.store import Content

VERSION = "version"
PUBLISHED = "PUBLISHED"
_OF, _NUMBER, DESCRIPTION = "Of", "Number", "Description"


def keep(context: Context, resource: Resource, description: str) -> Resource:
    """Keep what is published as the next version.

    Raises ``ApiError`` where nothing is.
    """
    content = context.store.content(resource.arn, PUBLISHED)
    if content is None:
        raise ApiError(
            "InvalidRequestException", f"{resource.name!r} has nothing published"
        )
    number = context.store.count_creation(VERSION, resource.arn)
    name = f"{resource.arn}:{number}"
    attributes = {_OF: resource.arn, _NUMBER: str(number), DESCRIPTION: description}
    version = Resource(VERSION, name, name, name, context.clock(), attributes)
    context.store.add(version)
    context.store.set_content(name, PUBLISHED, content)
    return version


def number_of(version: Resource) -> int:
    """Give the number of a version."""
    return int(version.attributes[_NUMBER])


def content_of(context: Context, version: Resource) -> Content | None:
    """Give what a version holds."""
    return context.store.content(version.arn, PUBLISHED)


def versions_of(context: Context, resource: Resource) -> Iterator[Resource]:
    """Give the versions of a resource, the oldest first."""
    for version in context.store.after(VERSION, 0):
        if version.attributes[_OF] == resource.arn:
            yield version


def require_version(context: Context, resource: Resource, number: int) -> Resource:
    """Give a version; raises ``ApiError`` when there is none of this number."""
    found = context.store.find(VERSION, f"{resource.arn}:{number}")
    if found is None:
        raise not_found(f"the version {number} of {resource.name!r}")
    return found


def remove_all(context: Context, resource: Resource) -> None:
    """Remove the versions of a resource that is about to go."""
    for version in list(versions_of(context, resource)):
        context.store.remove(version)
