"""Read a flow or a module of the flow language 2019-10-30.

Source: "Flow language" in the Amazon Connect API reference; ``Metadata`` is the
designer's own and has no effect on a contact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, locate
from flowops.errors import InputError
from flowops.systems.connect.action_types import MODULE_END
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE, api_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.documents.source import SourceText
    from flowops.model import Pointer

VERSION = "2019-10-30"


@dataclass(frozen=True, slots=True)
class Action:
    """One action: what it does, where it leads, and how the designer shows it."""

    index: int
    identifier: str
    type: str
    parameters: Mapping[str, JsonValue]
    transitions: Mapping[str, JsonValue]
    metadata: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ContactFlow:
    """A flow or a module; ``settings`` belong to modules only."""

    kind: str
    name: str
    type: str
    description: str
    start: str
    actions: tuple[Action, ...]
    metadata: Mapping[str, JsonValue]
    settings: JsonValue


@dataclass(frozen=True, slots=True)
class _Document:
    """A parsed document that can say where a value of the wrong shape stands."""

    source: SourceText

    def wrong(self, pointer: Pointer, message: str, hint: str = "") -> InputError:
        return InputError(message, hint=hint, location=locate(self.source, pointer))

    def mapping(self, value: JsonValue, pointer: Pointer) -> Mapping[str, JsonValue]:
        if isinstance(value, dict):
            return value
        raise self.wrong(pointer, f"{_last(pointer)} must be an object")

    def sequence(self, value: JsonValue, pointer: Pointer) -> Sequence[JsonValue]:
        if isinstance(value, list):
            return value
        raise self.wrong(pointer, f"{_last(pointer)} must be a list")

    def text(self, value: JsonValue, pointer: Pointer) -> str:
        if isinstance(value, str):
            return value
        raise self.wrong(pointer, f"{_last(pointer)} must be a text")


def read_contact_flow(source: SourceText, root: JsonValue, name: str) -> ContactFlow:
    """Read a document; ``name`` is used when the file does not say one.

    Raises ``InputError`` with the place of a value that has the wrong shape, and
    for a legacy export or an unknown version.
    """
    document = _Document(source)
    flow = document.mapping(root, ())
    _refuse_other_languages(document, flow)
    metadata = document.mapping(flow.get("Metadata", {}), ("Metadata",))
    actions = _actions(document, flow, metadata)
    start = document.text(flow.get("StartAction"), ("StartAction",))
    module = "Settings" in flow or any(a.type == MODULE_END for a in actions)
    return ContactFlow(
        kind=FLOW_MODULE if module else CONTACT_FLOW,
        name=_optional(metadata, "name") or name,
        type="" if module else api_type(_optional(metadata, "type")),
        description=_optional(metadata, "description"),
        start=start,
        actions=actions,
        metadata=metadata,
        settings=flow.get("Settings"),
    )


def _refuse_other_languages(document: _Document, flow: Mapping[str, JsonValue]) -> None:
    if "modules" in flow and "Actions" not in flow:
        raise document.wrong(
            ("modules",),
            "this is a legacy export; Amazon Connect only takes the flow language "
            f"{VERSION}",
            "open the flow in the current flow designer, save it and export it again",
        )
    if flow.get("Version") != VERSION:
        raise document.wrong(
            ("Version",),
            f"Version {flow.get('Version')!r} of the flow language is unknown",
            f"FlowOps reads {VERSION}",
        )


def _actions(
    document: _Document,
    flow: Mapping[str, JsonValue],
    metadata: Mapping[str, JsonValue],
) -> tuple[Action, ...]:
    shown = metadata.get("ActionMetadata", {})
    shown = document.mapping(shown, ("Metadata", "ActionMetadata"))
    actions: dict[str, Action] = {}
    for index, value in enumerate(document.sequence(flow.get("Actions"), ("Actions",))):
        action = _action(document, index, value, shown)
        if action.identifier in actions:
            raise document.wrong(
                ("Actions", index, "Identifier"),
                f"two actions have the Identifier {action.identifier!r}",
                "Identifiers are unique within a flow",
            )
        actions[action.identifier] = action
    return tuple(actions.values())


def _action(
    document: _Document,
    index: int,
    value: JsonValue,
    shown: Mapping[str, JsonValue],
) -> Action:
    here: Pointer = ("Actions", index)
    action = document.mapping(value, here)
    identifier = document.text(action.get("Identifier"), (*here, "Identifier"))
    metadata = shown.get(identifier)
    return Action(
        index=index,
        identifier=identifier,
        type=document.text(action.get("Type"), (*here, "Type")),
        parameters=document.mapping(
            action.get("Parameters", {}), (*here, "Parameters")
        ),
        transitions=_transitions(document, action, here),
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def _transitions(
    document: _Document, action: Mapping[str, JsonValue], here: Pointer
) -> Mapping[str, JsonValue]:
    path: Pointer = (*here, "Transitions")
    transitions = document.mapping(action.get("Transitions", {}), path)
    if "NextAction" in transitions:
        document.text(transitions["NextAction"], (*path, "NextAction"))
    for key in ("Errors", "Conditions"):
        branches = document.sequence(transitions.get(key, []), (*path, key))
        for number, value in enumerate(branches):
            branch = document.mapping(value, (*path, key, number))
            document.text(branch.get("NextAction"), (*path, key, number, "NextAction"))
    return transitions


def _optional(mapping: Mapping[str, JsonValue], key: str) -> str:
    value = mapping.get(key)
    return value if isinstance(value, str) else ""


def _last(pointer: Pointer) -> str:
    return str(pointer[-1]) if pointer else "the document"
