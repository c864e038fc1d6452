"""Operations on views, which have a draft, what is published, and versions of it.

``$SAVED`` means the draft, ``$LATEST`` or no qualifier what is published, and a
number a version. Source: the operations ``…View…`` of the API reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.flow_contents import PUBLISHED, SAVED, sha256
from flowops.systems.connect.sandbox.flow_language import MANAGED_VIEWS
from flowops.systems.connect.sandbox.instance import (
    CONTACT_FLOW,
    FLOW_MODULE,
    VIEW,
)
from flowops.systems.connect.sandbox.pages import page
from flowops.systems.connect.sandbox.refusals import (
    ApiError,
    SandboxDefectError,
    ViolationError,
    not_found,
    not_implemented,
)
from flowops.systems.connect.sandbox.resources import (
    change,
    create,
    require,
    set_tags,
    with_tags,
)
from flowops.systems.connect.sandbox.starters import view_starter
from flowops.systems.connect.sandbox.store import Content
from flowops.systems.connect.sandbox.versions import (
    DESCRIPTION,
    content_of,
    keep,
    number_of,
    remove_all,
    require_version,
    versions_of,
)
from flowops.systems.connect.sandbox.view_checks import check_view, input_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.systems.connect.sandbox.context import Arguments, Context, Output
    from flowops.systems.connect.sandbox.store import Resource
    from flowops.systems.connect.sandbox.values import Value

_MANAGED = re.compile(r"arn:[a-z-]+:connect:[a-z0-9-]+:aws:view/(?P<name>\w+)(:1)?")
_LATEST, _DRAFT = "$LATEST", "$SAVED"
_TOKEN = "ClientToken"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What one qualifier of a view means."""

    content: Content
    status: str
    version: Resource | None = None


def create_view(context: Context, arguments: Arguments) -> Output:
    """Create a view once per client token; its content is checked by its status."""
    token = arguments.text(_TOKEN)
    values = {key: value for key, value in arguments.values.items() if key != _TOKEN}
    request = json.dumps(values, sort_keys=True, default=str)
    before = context.store.token(token) if token else None
    if before is not None:
        if before[0] != request:
            raise ViolationError(_TOKEN, "came with other values before")
        return _answer(context, require(context, VIEW, before[1]), _DRAFT)
    content = _given(arguments)
    attributes = {}
    if "Description" in arguments:
        attributes["Description"] = arguments.text("Description")
    view = create(context, VIEW, arguments.text("Name"), attributes)
    _write(context, view, content, arguments.text("Status"))
    set_tags(context, view.arn, arguments.mapping("Tags"))
    if token:
        context.store.set_token(token, request, view.id)
    return _answer(context, view, _DRAFT)


def describe_view(context: Context, arguments: Arguments) -> Output:
    """Describe what a qualifier means; a view that AWS manages has version 1."""
    given = arguments.text("ViewId")
    if match := _MANAGED.fullmatch(given):
        if match["name"] not in MANAGED_VIEWS:
            raise not_found(f"the view {given!r}")
        return {"View": _managed(context, match["name"])}
    view, qualifier = _meant(context, given)
    return _answer(context, view, qualifier or _LATEST)


def update_view_content(context: Context, arguments: Arguments) -> Output:
    """Write the draft, and publish it when the status says so."""
    view = _whole(context, arguments)
    _write(context, view, _given(arguments), arguments.text("Status"))
    change(context, view, view.name, view.attributes)
    return _answer(context, view, _DRAFT)


def update_view_metadata(context: Context, arguments: Arguments) -> Output:
    """Change the name, the description or both."""
    if "Name" not in arguments and "Description" not in arguments:
        raise ViolationError("", "Name or Description is required")
    view = _whole(context, arguments)
    attributes = dict(view.attributes)
    if "Description" in arguments:
        attributes["Description"] = arguments.text("Description")
    change(context, view, arguments.text("Name", view.name), attributes)
    return {}


def create_view_version(context: Context, arguments: Arguments) -> Output:
    """Keep what is published; the highest version is given when nothing changed."""
    view = _whole(context, arguments)
    content = context.store.content(view.arn, PUBLISHED)
    given = arguments.text("ViewContentSha256")
    if content is None or given not in ("", sha256(content)):
        words = "has nothing published with this ViewContentSha256"
        raise ApiError("InvalidRequestException", f"{view.name!r} {words}")
    versions = list(versions_of(context, view))
    if not versions or content_of(context, versions[-1]) != content:
        versions.append(keep(context, view, arguments.text("VersionDescription")))
    return _answer(context, view, str(number_of(versions[-1])))


def list_view_versions(context: Context, arguments: Arguments) -> Output:
    """List versions, the highest first."""
    view = _whole(context, arguments)
    newest_first = list(versions_of(context, view))[::-1]

    def rows(position: int) -> Iterator[tuple[int, Value]]:
        for place, version in enumerate(newest_first, 1):
            if place > position:
                shown = _summary(context, view) | {
                    "Arn": version.arn,
                    "Version": number_of(version),
                }
                shown.pop("Status")
                if words := version.attributes[DESCRIPTION]:
                    shown["VersionDescription"] = words
                yield place, shown

    return page(context, arguments, "ViewVersionSummaryList", rows)


def delete_view_version(context: Context, arguments: Arguments) -> Output:
    """Delete a version that no published flow shows."""
    view = _whole(context, arguments)
    number = arguments.number("ViewVersion", 0)
    version = require_version(context, view, number)
    _refuse_when_shown(context, f"{view.id}:{number}", view)
    context.store.remove(version)
    return {}


def delete_view(context: Context, arguments: Arguments) -> Output:
    """Delete a view that no published flow shows, with all its versions."""
    view = _whole(context, arguments)
    _refuse_when_shown(context, view.id, view)
    remove_all(context, view)
    context.store.remove(view)
    return {}


def list_views(context: Context, arguments: Arguments) -> Output:
    """List views, by type and then by name; those that AWS manages come first."""
    wanted = arguments.text("Type")
    own = sorted(context.store.after(VIEW, 0), key=lambda view: view.name)
    rows_of: list[dict[str, Value]] = [
        *(_managed_summary(context, name) for name in sorted(MANAGED_VIEWS)),
        *(_summary(context, view) for view in own),
    ]
    shown = [row for row in rows_of if wanted in ("", row["Type"])]

    def rows(position: int) -> Iterator[tuple[int, Value]]:
        yield from enumerate(shown[position:], position + 1)

    return page(context, arguments, "ViewsSummaryList", rows)


def search_views(context: Context, arguments: Arguments) -> Output:
    """Search views, all or those with a tag."""
    tag = _wanted_tag(arguments)

    def rows(position: int) -> Iterator[tuple[int, Value]]:
        for view in context.store.after(VIEW, position):
            if tag is None or context.store.tags(view.arn).get(tag[0]) == tag[1]:
                found = _answer(context, view, _DRAFT)["View"]
                yield view.sequence, found

    return page(context, arguments, "Views", rows)


def _wanted_tag(arguments: Arguments) -> tuple[str, str] | None:
    if "SearchFilter" not in arguments:
        return None
    match arguments.values["SearchFilter"]:
        case {"AttributeFilter": {"TagCondition": {"TagKey": key, "TagValue": value}}}:
            return str(key), str(value)
    raise not_implemented("a search for views by anything but one tag")


def _given(arguments: Arguments) -> Content:
    """Read a content: its template, and its actions where modules have settings."""
    content = arguments.values["Content"]
    fields = content if isinstance(content, Mapping) else {}
    for key in ("Template", "Actions"):
        if key not in fields:
            raise ViolationError(f"Content.{key}", "is required")
    return Content(str(fields["Template"]), json.dumps(fields["Actions"]))


def _write(context: Context, view: Resource, content: Content, status: str) -> None:
    published = status == PUBLISHED
    check_view(content.text, json.loads(content.settings), fully=published)
    if published:
        context.store.set_content(view.arn, PUBLISHED, content)
    context.store.set_content(view.arn, SAVED, content)


def _whole(context: Context, arguments: Arguments) -> Resource:
    """Give the view that an id or an ARN without a qualifier means."""
    given = arguments.text("ViewId")
    if _MANAGED.fullmatch(given):
        raise ViolationError("ViewId", "must name a view of the instance, not of AWS")
    view, qualifier = _meant(context, given)
    if qualifier:
        raise ViolationError("ViewId", "must be an id without a qualifier here")
    return view


def _meant(context: Context, given: str) -> tuple[Resource, str]:
    prefix = f"{context.instance.arn}/{VIEW}/"
    if given.startswith("arn:") and not given.startswith(prefix):
        raise ViolationError("ViewId", f"must name a view of the instance, not {given}")
    bare, _, qualifier = given.removeprefix(prefix).partition(":")
    return require(context, VIEW, bare), qualifier


def _shown(context: Context, view: Resource, qualifier: str) -> _Shown:
    """Give what a qualifier means; raises ``ApiError`` where it means nothing."""
    published = context.store.content(view.arn, PUBLISHED)
    if qualifier == _DRAFT:
        saved = context.store.content(view.arn, SAVED) or published
        status = PUBLISHED if saved == published else SAVED
        return _Shown(_there(saved, view), status)
    if qualifier == _LATEST:
        if published is None:
            raise not_found(f"a published content of the view {view.name!r}")
        return _Shown(published, PUBLISHED)
    if not (qualifier.isascii() and qualifier.isdecimal()):
        raise not_found(f"the qualifier {qualifier!r} of {view.name!r}")
    version = require_version(context, view, int(qualifier))
    return _Shown(_there(content_of(context, version), view), PUBLISHED, version)


def _there(content: Content | None, view: Resource) -> Content:
    if content is None:
        raise SandboxDefectError(f"{view.arn} has no content")
    return content


def _answer(context: Context, view: Resource, qualifier: str) -> Output:
    shown = _shown(context, view, qualifier)
    described: dict[str, Value] = {
        "Id": view.id,
        "Arn": f"{view.arn}:{qualifier}",
        "Name": view.name,
        "Status": shown.status,
        "Type": "CUSTOMER_MANAGED",
        "Content": _content(shown.content),
        "ViewContentSha256": sha256(shown.content),
        "LastModifiedTime": view.modified,
        **view.attributes,
    }
    if shown.version:
        described["Version"] = number_of(shown.version)
        if words := shown.version.attributes[DESCRIPTION]:
            described["VersionDescription"] = words
    return {"View": with_tags(context, view.arn, described)}


def _content(content: Content) -> Value:
    return {
        "InputSchema": input_schema(content.text),
        "Template": content.text,
        "Actions": json.loads(content.settings),
    }


def _summary(context: Context, view: Resource) -> dict[str, Value]:
    published = context.store.content(view.arn, PUBLISHED)
    return {
        "Id": view.id,
        "Arn": view.arn,
        "Name": view.name,
        "Type": "CUSTOMER_MANAGED",
        "Status": SAVED if published is None else PUBLISHED,
        **view.attributes,
    }


def _managed_summary(context: Context, name: str) -> dict[str, Value]:
    instance = context.instance
    owner = f"arn:{instance.partition}:connect:{instance.region}:aws"
    return {
        "Id": name,
        "Arn": f"{owner}:view/{name}:1",
        "Name": name.capitalize(),
        "Type": "AWS_MANAGED",
        "Status": PUBLISHED,
    }


def _managed(context: Context, name: str) -> Value:
    """Describe a view of AWS; what it looks like is not known here."""
    content = _content(view_starter(name.capitalize()))
    return {**_managed_summary(context, name), "Version": 1, "Content": content}


def _refuse_when_shown(context: Context, text: str, view: Resource) -> None:
    for kind in (CONTACT_FLOW, FLOW_MODULE):
        for flow in context.store.after(kind, 0):
            content = context.store.content(flow.arn, PUBLISHED)
            if content and text in content.text:
                raise ApiError(
                    "ResourceInUseException",
                    f"the view {view.name!r} is shown by {flow.name!r}",
                )
