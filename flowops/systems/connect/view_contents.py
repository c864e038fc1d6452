"""The operations that hold views.

A view is created as a draft, and what is written goes live by the status that is
given with it. Source: the operations ``…View…`` of the Amazon Connect API reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.source import source_text
from flowops.errors import InputError, TargetError
from flowops.model import Resource
from flowops.secrets import Secret
from flowops.systems.connect.api import UNKNOWN_OPERATION, RefusedCallError
from flowops.systems.connect.arns import VIEW
from flowops.systems.connect.families import DRAFT, Described, texts_of_tags
from flowops.systems.connect.stubs import view_stub
from flowops.systems.connect.view_states import content_of, seal_view, view_of_content
from flowops.systems.connect.views import ACTIONS, TEMPLATE
from flowops.systems.protocol import PUBLISHED, SAVED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.model import Address
    from flowops.secrets import Text
    from flowops.systems.connect.api import ConnectApi
    from flowops.systems.protocol import Bundle

_QUALIFIER = re.compile(r":(\$[A-Z]+|[0-9]+)$")
_NOT_FOUND = "ResourceNotFoundException"
_WITHOUT_VIEWS = ("AccessDeniedException", UNKNOWN_OPERATION)


@dataclass(frozen=True, slots=True)
class ViewContents:
    """The operations for views; a view cannot be archived."""

    kind: str = VIEW
    operations: str = "view"
    drafts: bool = True
    archives: bool = False

    def seal(self, address: Address, content: str) -> Text:
        """Return a content with what looks like a secret hidden."""
        try:
            view = view_of_content(address, content)
        except InputError:
            return Secret(content, f"<content of {address}>")
        return seal_view(view.source.text.open(), view)

    def describe(self, api: ConnectApi, identifier: str, *, draft: bool) -> Described:
        """Describe what is live, or the draft; the draft too where nothing is live.

        The service has no view without a qualifier where none was published.
        """
        wanted = f"{identifier}{DRAFT}" if draft else identifier
        try:
            answer = api.call("describe_view", ViewId=wanted)
        except RefusedCallError as error:
            if draft or error.code != _NOT_FOUND:
                raise
            return self.describe(api, identifier, draft=True)
        found = _view(answer, "describe_view")
        content = found.get("Content")
        fields = content if isinstance(content, dict) else {}
        return Described(
            content=content_of(
                str(fields.get(TEMPLATE) or ""), map(str, fields.get(ACTIONS) or ())
            ),
            attributes={
                "name": str(found.get("Name", "")),
                "description": str(found.get("Description") or ""),
                "status": str(found.get("Status", "")).lower() or PUBLISHED,
                "state": "active",
            },
            tags=texts_of_tags(found.get("Tags")),
            hash=str(found.get("ViewContentSha256") or ""),
        )

    def search(
        self, api: ConnectApi, tag: tuple[str, str] | None = None
    ) -> Iterator[Mapping[str, object]]:
        """Give every view, or those that bear a tag.

        Whoever may not search views, or cannot, has promoted none: they are passed
        over.
        """
        arguments: dict[str, object] = {}
        if tag:
            condition = {"TagKey": tag[0], "TagValue": tag[1]}
            arguments["SearchFilter"] = {"AttributeFilter": {"TagCondition": condition}}
        try:
            for item in api.list("search_views", "Views", **arguments):
                if isinstance(item, dict):
                    yield item
        except RefusedCallError as error:
            if error.code not in _WITHOUT_VIEWS:
                raise

    def create(
        self, api: ConnectApi, bundle: Bundle, content: str, tags: Mapping[str, str]
    ) -> Resource:
        """Create a view as a draft; an empty content puts a stub in its place."""
        attributes = bundle.attributes
        name = attributes["name"]
        arguments: dict[str, object] = {
            "Name": name,
            "Status": SAVED.upper(),
            "Content": _fields(content or content_of(view_stub(name), ())),
            "Tags": tags,
        }
        if description := attributes.get("description"):
            arguments["Description"] = description
        found = _view(api.call("create_view", **arguments), "create_view")
        return Resource(
            kind=VIEW,
            name=name,
            id=_QUALIFIER.sub("", str(found.get("Id", ""))),
            arn=_QUALIFIER.sub("", str(found.get("Arn", ""))),
        )

    def write(
        self, api: ConnectApi, identifier: str, content: str, *, draft: bool
    ) -> None:
        """Write the draft, or make a content live, which is the draft then too."""
        status = SAVED if draft else PUBLISHED
        api.call(
            "update_view_content",
            ViewId=identifier,
            Status=status.upper(),
            Content=_fields(content),
        )

    def set_description(
        self, api: ConnectApi, identifier: str, description: str
    ) -> None:
        """Set the description that people see beside the name."""
        api.call("update_view_metadata", ViewId=identifier, Description=description)

    def set_state(self, api: ConnectApi, identifier: str, state: str) -> None:
        """Do nothing: a view cannot be archived."""
        del api, identifier, state

    def snapshot(
        self, api: ConnectApi, identifier: str, words: str, content_hash: str
    ) -> str:
        """Keep what is live as a version, and return its number.

        The hash is not sent: the service's model allows one character of it.
        """
        del content_hash
        answer = api.call(
            "create_view_version", ViewId=identifier, VersionDescription=words
        )
        return str(_view(answer, "create_view_version").get("Version") or "")

    def delete(self, api: ConnectApi, identifier: str) -> None:
        """Delete a view for good; the service refuses while a flow shows it."""
        api.call("delete_view", ViewId=identifier)


VIEWS = ViewContents()


def _view(answer: Mapping[str, object], operation: str) -> Mapping[str, object]:
    found = answer.get("View")
    if not isinstance(found, dict):
        raise TargetError(f"{operation} did not answer View")
    return found


def _fields(content: str) -> Mapping[str, JsonValue]:
    """Return a content as the service takes it."""
    document = parse_json(source_text("content of a view", content))
    return document if isinstance(document, dict) else {}
