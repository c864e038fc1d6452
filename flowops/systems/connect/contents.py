"""The operations that hold the content of a flow, and those of a module.

Both come in the same shape; what differs is data. Source: the operations
``...ContactFlow...`` and ``...ContactFlowModule...`` of the API reference. An id
that ends in ``:$SAVED`` means the draft; without it the content goes live.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.canonical import canonical_json
from flowops.documents.json_text import JsonValue, parse_json
from flowops.documents.source import source_text
from flowops.errors import TargetError
from flowops.model import Resource
from flowops.systems.connect.api import RefusedCallError
from flowops.systems.connect.families import DRAFT, Described, texts_of_tags
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE
from flowops.systems.connect.sealing import seal_text
from flowops.systems.connect.stubs import stub
from flowops.systems.protocol import SAVED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Address
    from flowops.secrets import Text
    from flowops.systems.connect.api import ConnectApi
    from flowops.systems.protocol import Bundle

_NOT_PUBLISHED = "ContactFlowNotPublishedException"


@dataclass(frozen=True, slots=True)
class Contents:
    """One family of operations; ``hash`` is its member for the hash of a content."""

    kind: str
    word: str
    operations: str
    hash: str
    drafts: bool
    archives: bool = True

    @property
    def _id(self) -> str:
        return f"{self.word}Id"

    def seal(self, address: Address, content: str) -> Text:
        """Return a content with what looks like a secret hidden."""
        return seal_text(address, content)

    def describe(self, api: ConnectApi, identifier: str, *, draft: bool) -> Described:
        """Describe what is live, or the draft; the draft too where nothing is live."""
        wanted = f"{identifier}{DRAFT}" if draft else identifier
        try:
            answer = api.call(f"describe_{self.operations}", **{self._id: wanted})
        except RefusedCallError as error:
            if draft or error.code != _NOT_PUBLISHED:
                raise
            return self.describe(api, identifier, draft=True)
        found = answer.get(self.word)
        if not isinstance(found, dict):
            raise TargetError(f"describe_{self.operations} did not answer {self.word}")
        attributes = {
            "name": str(found.get("Name", "")),
            "description": str(found.get("Description", "")),
            "status": str(found.get("Status", "")).lower() or "published",
            "state": str(found.get("State", "ACTIVE")).lower(),
        }
        if "Type" in found:
            attributes["type"] = str(found["Type"])
        settings = str(found.get("Settings") or "")
        return Described(
            content=_join(str(found.get("Content", "")), settings),
            attributes=attributes,
            tags=texts_of_tags(found.get("Tags")),
            hash=str(found.get(self.hash) or ""),
        )

    def search(
        self, api: ConnectApi, tag: tuple[str, str] | None = None
    ) -> Iterator[Mapping[str, object]]:
        """Give every flow or module, or those that bear a tag."""
        arguments: dict[str, object] = {}
        if tag:
            condition = {"TagKey": tag[0], "TagValue": tag[1]}
            arguments["SearchFilter"] = {"TagFilter": {"TagCondition": condition}}
        for item in api.list(
            f"search_{self.operations}s", f"{self.word}s", **arguments
        ):
            if isinstance(item, dict):
                yield item

    def create(
        self, api: ConnectApi, bundle: Bundle, content: str, tags: Mapping[str, str]
    ) -> Resource:
        """Create a flow as a draft; an empty content puts a stub in its place."""
        attributes = bundle.attributes
        flow_type = attributes.get("type", "")
        body, settings = _split(content or stub(flow_type if self.drafts else ""))
        arguments: dict[str, object] = {
            "Name": attributes["name"],
            "Content": body,
            "Tags": tags,
        }
        if self.drafts:
            arguments |= {"Type": flow_type, "Status": SAVED.upper()}
        if settings:
            arguments["Settings"] = settings
        if description := attributes.get("description"):
            arguments["Description"] = description
        answer = api.call(f"create_{self.operations}", **arguments)
        return Resource(
            kind=self.kind,
            name=attributes["name"],
            id=str(answer.get(self._id) or answer.get("Id")),
            arn=str(answer.get(f"{self.word}Arn") or answer.get("Arn")),
            type=flow_type,
        )

    def write(
        self, api: ConnectApi, identifier: str, content: str, *, draft: bool
    ) -> None:
        """Write the draft, or make a content live."""
        wanted = f"{identifier}{DRAFT}" if draft else identifier
        body, settings = _split(content)
        arguments: dict[str, object] = {self._id: wanted, "Content": body}
        if settings:
            arguments["Settings"] = settings
        api.call(f"update_{self.operations}_content", **arguments)

    def set_description(
        self, api: ConnectApi, identifier: str, description: str
    ) -> None:
        """Set the description that people see beside the name."""
        arguments = {self._id: identifier, "Description": description}
        api.call(f"update_{self.operations}_metadata", **arguments)

    def set_state(self, api: ConnectApi, identifier: str, state: str) -> None:
        """Make a flow or module ``active``, or ``archived`` before it is deleted."""
        member = "ContactFlowState" if self.drafts else "State"
        arguments = {self._id: identifier, member: state.upper()}
        api.call(f"update_{self.operations}_metadata", **arguments)

    def snapshot(
        self, api: ConnectApi, identifier: str, words: str, content_hash: str
    ) -> str:
        """Keep what is live as a version, and return its number."""
        arguments = {self._id: identifier, "Description": words}
        if content_hash:
            arguments[self.hash] = content_hash
        answer = api.call(f"create_{self.operations}_version", **arguments)
        return str(answer.get("Version") or "")

    def delete(self, api: ConnectApi, identifier: str) -> None:
        """Delete a flow or module for good."""
        api.call(f"delete_{self.operations}", **{self._id: identifier})


FLOWS = Contents(
    CONTACT_FLOW, "ContactFlow", "contact_flow", "FlowContentSha256", drafts=True
)
MODULES = Contents(
    FLOW_MODULE,
    "ContactFlowModule",
    "contact_flow_module",
    "FlowModuleContentSha256",
    drafts=False,
)


def _split(content: str) -> tuple[str, str]:
    """Take ``Settings`` out of an exported module: the API has them apart."""
    if '"Settings"' not in content:
        return content, ""
    document = _parsed(content)
    settings = document.pop("Settings", None)
    if settings is None:
        return content, ""
    return canonical_json(document).decode(), canonical_json(settings).decode()


def _join(content: str, settings: str) -> str:
    """Put ``Settings`` back where an export has them."""
    if not settings:
        return content
    return canonical_json(_parsed(content) | {"Settings": _parsed(settings)}).decode()


def _parsed(text: str) -> dict[str, JsonValue]:
    value = parse_json(source_text("content of the instance", text))
    return dict(value) if isinstance(value, dict) else {}
