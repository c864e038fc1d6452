"""The operations that hold the content of a flow, and those of a module.

Both come in the same shape; what differs is data. Source: the operations
``...ContactFlow...`` and ``...ContactFlowModule...`` of the API reference. An id
that ends in ``:$SAVED`` means the draft; without it the content goes live.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.canonical import canonical_json, pretty_json
from flowops.documents.json_text import JsonValue, parse_json
from flowops.documents.source import source_text
from flowops.errors import TargetError
from flowops.model import Resource
from flowops.secrets import open_text
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE, api_type
from flowops.systems.connect.language import read_contact_flow
from flowops.systems.connect.references import NOWHERE, find_references
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.connect.stubs import stub
from flowops.systems.protocol import SAVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.model import Inventory, Reference
    from flowops.systems.connect.api import ConnectApi
    from flowops.systems.connect.language import Action
    from flowops.systems.protocol import Bundle, FlowState

_DRAFT = ":$SAVED"


@dataclass(frozen=True, slots=True)
class Contents:
    """One family of operations; ``drafts`` says whether it can create a draft."""

    kind: str
    word: str
    operations: str
    drafts: bool

    @property
    def _id(self) -> str:
        return f"{self.word}Id"

    def describe(
        self, api: ConnectApi, identifier: str, *, draft: bool
    ) -> tuple[str, Mapping[str, str]]:
        """Return the content and attributes of a flow or module."""
        wanted = f"{identifier}{_DRAFT}" if draft else identifier
        answer = api.call(f"describe_{self.operations}", **{self._id: wanted})
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
        return _join(str(found.get("Content", "")), settings), attributes

    def tags(self, api: ConnectApi, identifier: str) -> Mapping[str, str]:
        """Return the tags of a flow or module."""
        answer = api.call(f"describe_{self.operations}", **{self._id: identifier})
        found = answer.get(self.word)
        tags = found.get("Tags") if isinstance(found, dict) else None
        return tags if isinstance(tags, dict) else {}

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
        wanted = f"{identifier}{_DRAFT}" if draft else identifier
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

    def delete(self, api: ConnectApi, identifier: str) -> None:
        """Delete a flow or module for good."""
        api.call(f"delete_{self.operations}", **{self._id: identifier})


FLOWS = Contents(CONTACT_FLOW, "ContactFlow", "contact_flow", drafts=True)
MODULES = Contents(
    FLOW_MODULE, "ContactFlowModule", "contact_flow_module", drafts=False
)


def file_text(state: FlowState, inventory: Inventory) -> str:
    """Write a flow of an instance as a file keeps it: named, and in a stable form.

    Names of resources come from ``inventory`` where the flow does not say them.
    Raises ``InputError`` for a content that is no flow.
    """
    content = open_text(state.files[CONTENT])
    source = source_text(str(state.address), content)
    flow = read_contact_flow(source, parse_json(source), state.address.name)
    found = find_references(flow, lambda pointers: dict.fromkeys(pointers, NOWHERE))
    metadata = _of_instance(flow.metadata, state)
    if shown := _with_names(flow.actions, found.references, inventory):
        known = metadata.get("ActionMetadata")
        metadata["ActionMetadata"] = (known if isinstance(known, dict) else {}) | shown
    document = dict(flow.document) | {"Metadata": metadata}
    if state.address.kind == FLOW_MODULE and flow.kind != FLOW_MODULE:
        document["Settings"] = {}  # nothing else in it says that it is a module
    return pretty_json(document)


def _of_instance(
    metadata: Mapping[str, JsonValue], state: FlowState
) -> dict[str, JsonValue]:
    """Return the metadata with what the instance keeps beside the content."""
    found = dict(metadata) | {"name": state.address.name}
    if (word := state.attributes.get("type")) and api_type(
        str(found.get("type"))
    ) != word:
        found["type"] = word
    found["status"] = state.attributes["status"]
    if description := state.attributes.get("description"):
        found["description"] = description
    else:
        found.pop("description", None)
    return found


def _with_names(
    actions: Iterable[Action], references: Iterable[Reference], inventory: Inventory
) -> dict[str, JsonValue]:
    """Return the metadata of each block that does not name what it refers to."""
    known = {action.identifier: action.metadata for action in actions}
    changed: dict[str, JsonValue] = {}
    for reference in references:
        path = [str(key) for key in reference.path[3:]]
        resource = inventory.find(reference.kind, reference.key)
        if reference.name or reference.span or not (resource and resource.name):
            continue
        if all(isinstance(key, str) for key in reference.path[3:]):
            before = changed.get(reference.block, dict(known[reference.block]))
            place = ["parameters", *path, "displayName"]
            changed[reference.block] = _set(before, place, resource.name)
    return changed


def _set(value: JsonValue, path: list[str], text: str) -> JsonValue:
    """Return a value with a text at a path, whatever stood in its way."""
    if not path:
        return text
    below = value if isinstance(value, dict) else {}
    return below | {path[0]: _set(below.get(path[0]), path[1:], text)}


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
