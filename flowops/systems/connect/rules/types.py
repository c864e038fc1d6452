"""Which action may stand where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.action_types import ACTION_TYPES, MODULE_END
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE
from flowops.systems.connect.rules.rule import Note, Rule, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

_LANGUAGE = "Flow language in the Amazon Connect API reference"
_INBOUND = "CONTACT_FLOW"
_INVOKE_MODULE = "InvokeFlowModule"
_HOOKS = "UpdateContactEventHooks"
_VOICE_ID = frozenset(["CheckVoiceId", "StartVoiceIdStream"])


def _unknown(subject: Subject) -> Iterator[Note]:
    for action in subject.actions:
        if action.type not in ACTION_TYPES:
            words = f"block {action.identifier}: unknown action type {action.type!r}"
            yield Note(("Actions", action.index, "Type"), words)


def _module_end(subject: Subject) -> Iterator[Note]:
    if subject.body.kind == FLOW_MODULE:
        return
    for action in subject.actions:
        if action.type == MODULE_END:
            words = f"block {action.identifier}: {MODULE_END} belongs to modules only"
            yield Note(("Actions", action.index, "Type"), words)


def _caller(subject: Subject) -> Iterator[Note]:
    body = subject.body
    if body.kind != CONTACT_FLOW or body.type in ("", _INBOUND):
        return
    for action in subject.actions:
        if action.type == _INVOKE_MODULE:
            words = f"block {action.identifier}: a flow of type {body.type}"
            place = ("Actions", action.index, "Type")
            yield Note(place, f"{words} may not invoke a module")


def _hooks(subject: Subject) -> Iterator[Note]:
    for action in subject.actions:
        hooks = action.parameters.get("EventHooks")
        count = len(hooks) if isinstance(hooks, dict) else 0
        if action.type == _HOOKS and count != 1:
            words = f"block {action.identifier}: {count} event hooks are set"
            yield Note(("Actions", action.index, "Parameters"), f"{words}, not one")


def _voice_id(subject: Subject) -> Iterator[Note]:
    for action in subject.actions:
        if action.type in _VOICE_ID:
            words = f"block {action.identifier}: {action.type} uses Voice ID, which"
            yield Note(("Actions", action.index, "Type"), f"{words} AWS has ended")


UNKNOWN_ACTION = Rule(
    "connect/unknown-action",
    Severity.WARNING,
    "The type of an action is not known",
    "FlowOps knows the documented types and those that exports show. A new one may "
    "work; an invented one is refused when the flow is published.",
    _LANGUAGE,
    _unknown,
)
MODULE_ACTION = Rule(
    "connect/module-action",
    Severity.ERROR,
    "A flow ends as only a module can",
    f"`{MODULE_END}` returns to the flow that invoked a module.",
    f"{MODULE_END} in the Amazon Connect API reference",
    _module_end,
)
MODULE_CALLER = Rule(
    "connect/module-caller",
    Severity.WARNING,
    "A flow of this type may not invoke modules",
    "The documentation has modules for flows of the type `CONTACT_FLOW` only; newer "
    "consoles may allow more.",
    "Flow modules in the Amazon Connect administrator guide",
    _caller,
)
EVENT_HOOK = Rule(
    "connect/event-hook",
    Severity.WARNING,
    "A block sets none or several event hooks",
    "`EventHooks` has exactly one entry: one event and the flow that runs then.",
    "UpdateContactEventHooks in the Amazon Connect API reference",
    _hooks,
)
VOICE_ID = Rule(
    "connect/voice-id",
    Severity.WARNING,
    "A block uses a service that has ended",
    "Amazon Connect Voice ID ended on 20 May 2026.",
    "Voice ID end of support in the Amazon Connect administrator guide",
    _voice_id,
)
