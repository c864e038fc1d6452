"""Read a flow or a module of the flow language 2019-10-30.

Source: "Flow language" in the Amazon Connect API reference; ``Metadata`` is the
designer's own and has no effect on a contact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue
from flowops.systems.connect.action_types import MODULE_END
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE, api_type
from flowops.systems.connect.shapes import Document, given_text, optional_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.documents.json_text import Span
    from flowops.documents.source import SourceText
    from flowops.model import Graph, Pointer
    from flowops.systems.connect.fingerprint import Behaviour

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


@dataclass(slots=True)
class Learnt:
    """What was worked out of a flow, which is the same in every environment.

    ``graph`` is what it means, ``names`` are what blocks inside of others are called
    in it, and ``behaviour`` is what it does. ``places`` are where the values stand
    that its references may change, and ``secrets`` what is shown of the parameters
    that look like some.
    """

    graph: Graph | None = None
    names: Mapping[str, str] | None = None
    behaviour: Behaviour | None = None
    places: Mapping[Pointer, Span] | None = None
    secrets: Mapping[Pointer, str] | None = None


@dataclass(frozen=True, slots=True)
class ContactFlow:
    """A flow or a module; ``settings`` belong to modules only.

    ``description`` is nothing where the file gives none, and empty where it says so.
    ``stated_type`` is the type in the words of the file, which may be none.
    ``document`` is everything as it was parsed, to look places up in; ``source``
    is its text, which may stand inside a wrapper. ``learnt`` keeps what somebody
    worked out: it belongs to this very object and goes with it. ``tags`` are those of
    the wrapper, and nothing where it has none.
    """

    kind: str
    name: str
    type: str
    description: str | None
    start: str
    actions: tuple[Action, ...]
    metadata: Mapping[str, JsonValue]
    settings: JsonValue
    document: Mapping[str, JsonValue] = field(repr=False)
    source: SourceText = field(repr=False)
    stated_type: str = ""
    tags: Mapping[str, str] | None = None
    learnt: Learnt = field(
        default_factory=Learnt, init=False, repr=False, compare=False
    )


def read_contact_flow(source: SourceText, root: JsonValue, name: str) -> ContactFlow:
    """Read a document; ``name`` is used when the file does not say one.

    Raises ``InputError`` with the place of a value that has the wrong shape, and
    for a legacy export or an unknown version.
    """
    document = Document(source)
    flow = document.mapping(root, ())
    _refuse_other_languages(document, flow)
    metadata = document.mapping(flow.get("Metadata", {}), ("Metadata",))
    actions = _actions(document, flow, metadata)
    start = document.text(flow.get("StartAction"), ("StartAction",))
    module = "Settings" in flow or any(a.type == MODULE_END for a in actions)
    return ContactFlow(
        kind=FLOW_MODULE if module else CONTACT_FLOW,
        name=optional_text(metadata, "name") or name,
        type="" if module else api_type(optional_text(metadata, "type")),
        description=given_text(metadata, "description"),
        start=start,
        actions=actions,
        metadata=metadata,
        settings=flow.get("Settings"),
        document=flow,
        source=source,
        stated_type="" if module else optional_text(metadata, "type"),
    )


def _refuse_other_languages(document: Document, flow: Mapping[str, JsonValue]) -> None:
    if "modules" in flow and "Actions" not in flow:
        raise document.wrong(
            ("modules",),
            "this is a legacy export; Amazon Connect only takes the flow language "
            f"{VERSION}",
            "run `flowops convert` to turn it into the current language",
        )
    if flow.get("Version") != VERSION:
        raise document.wrong(
            ("Version",),
            f"Version {flow.get('Version')!r} of the flow language is unknown",
            f"FlowOps reads {VERSION}",
        )


def _actions(
    document: Document,
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
    document: Document,
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
    document: Document, action: Mapping[str, JsonValue], here: Pointer
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
