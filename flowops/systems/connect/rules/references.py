"""Whether what a reference names can stand where it is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import BindingState, ReferenceForm, Severity
from flowops.secrets import open_text
from flowops.systems.connect.arns import (
    ASSISTANT,
    KIND_OF_RESOURCE_TYPE,
    KNOWLEDGE_BASE,
    LAMBDA_FUNCTION,
    LEX_BOT_ALIAS,
    MESSAGE_TEMPLATE,
    OTHER,
    PHONE_NUMBER,
    QUEUE,
    USER,
    parse_arn,
)
from flowops.systems.connect.reference_table import REFERENCE_PATHS
from flowops.systems.connect.rules.rule import Note, Rule, Subject
from flowops.systems.connect.trees import expand, text_at
from flowops.systems.connect.value_forms import form_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.model import Binding, Pointer, Reference
    from flowops.systems.connect.language import ContactFlow
    from flowops.systems.connect.value_forms import ValueForm
    from flowops.systems.protocol import BoundFlow

_WITH_ARNS = frozenset(
    [
        *KIND_OF_RESOURCE_TYPE.values(),
        ASSISTANT,
        KNOWLEDGE_BASE,
        LAMBDA_FUNCTION,
        LEX_BOT_ALIAS,
        MESSAGE_TEMPLATE,
        PHONE_NUMBER,
    ]
)
_AGENT_QUEUE = "agent/"
_TYPE_OF_HOOK: Mapping[str, str] = {
    "AgentHold": "AGENT_HOLD",
    "AgentWhisper": "AGENT_WHISPER",
    "CustomerHold": "CUSTOMER_HOLD",
    "CustomerQueue": "CUSTOMER_QUEUE",
    "CustomerWhisper": "CUSTOMER_WHISPER",
}
_HOOKS = "EventHooks"


def _other_kind(subject: Subject) -> Iterator[Note]:
    if not (flow := subject.flow):
        return
    kinds = _kinds_of_ids(flow, subject.found.references)
    for action in flow.actions:
        for row in REFERENCE_PATHS.get(action.type, ()):
            if row.literal or row.kind not in _WITH_ARNS:
                continue
            for path, value in expand(action.parameters, row.path):
                found = form_of(value) if isinstance(value, str) else None
                kind = _kind_of(found, kinds) if found else ""
                if found and kind and not _fits(found, kind, row.kind):
                    yield _mistaken(
                        action.identifier, action.index, path, row.kind, kind
                    )


def _kinds_of_ids(
    flow: ContactFlow, references: Iterable[Reference]
) -> Mapping[str, str]:
    """Return what ARNs of the flow, or of its metadata, say of an id; no more than one.

    The queue of an agent has the id of the agent.
    """
    kinds: dict[str, set[str]] = {}
    for reference in references:
        texts = [text_at(flow.document, twin) for twin in reference.twins]
        for arn in filter(None, map(parse_arn, [reference.value, *texts])):
            kind = USER if arn.id.startswith(_AGENT_QUEUE) else arn.kind
            if kind in _WITH_ARNS:
                kinds.setdefault(arn.id.rpartition("/")[2], set()).add(kind)
    return {key: kind for key, (kind, *more) in kinds.items() if not more}


def _kind_of(found: ValueForm, kinds: Mapping[str, str]) -> str:
    """Return the kind a value says it is of, or that the flow says of its id."""
    if found.arn:
        return found.arn.kind
    return kinds.get(found.key, "") if found.form is ReferenceForm.ID else ""


def _fits(found: ValueForm, kind: str, wanted: str) -> bool:
    """Tell whether a value is of the wanted kind; a user's queue is the user's."""
    agent_queue = found.arn and found.arn.id.startswith(_AGENT_QUEUE)
    return kind == wanted or bool(agent_queue and {kind, wanted} == {QUEUE, USER})


def _mistaken(block: str, index: int, path: Pointer, wanted: str, kind: str) -> Note:
    what = "of another service" if kind == OTHER else f"of the kind {kind}"
    return Note(
        ("Actions", index, "Parameters", *path),
        f"block {block}: {path[-1]} takes the kind {wanted}, and this id is {what}",
        f"choose the {wanted} again in the designer, or write its ARN into the file",
    )


def _other_partition(bound: BoundFlow) -> Iterator[Note]:
    instance = open_text(bound.target.get("instance", ""))
    here = _partition(instance)
    for binding in bound.bindings if parse_arn(instance) else ():
        there, value = _partition(binding.value), binding.value
        reference = binding.reference
        is_known = value.startswith("arn:aws") and reference.kind in _WITH_ARNS
        if is_known and there != here:
            yield Note(
                reference.path,
                f"block {reference.block}: {value} is of the partition {there}, and "
                f"the instance is of {here}",
                f"map the {reference.kind} under `references` to an ARN of {here}",
            )


def _partition(arn: str) -> str:
    return arn.split(":", 2)[1] if ":" in arn else ""


def _other_flow_type(bound: BoundFlow) -> Iterator[Note]:
    for binding in bound.bindings:
        wanted, found = _wanted_type(binding), _found_type(binding)
        if wanted and found and wanted != found:
            reference = binding.reference
            yield Note(
                reference.path,
                f"block {reference.block}: the event {reference.path[-1]} runs flows "
                f"of the type {wanted}, and {_name(binding)!r} there is {found}",
                "rename one of the two flows, or map it under `references`",
            )


def _wanted_type(binding: Binding) -> str:
    path = binding.reference.path
    if binding.state is not BindingState.RESOLVED or _HOOKS not in path:
        return ""
    return _TYPE_OF_HOOK.get(str(path[-1]), "")


def _found_type(binding: Binding) -> str:
    return binding.resource.type if binding.resource else ""


def _name(binding: Binding) -> str:
    return binding.resource.name if binding.resource else ""


OTHER_KIND = Rule(
    "connect/other-kind",
    Severity.ERROR,
    "A parameter holds the id of something of another kind",
    "An ARN says what it names, and an id is known by an ARN elsewhere in the flow. "
    "A prompt is not played from the id of a queue.",
    "Flow language in the Amazon Connect API reference",
    _other_kind,
)
OTHER_PARTITION = Rule(
    "connect/other-partition",
    Severity.ERROR,
    "An ARN is of another AWS partition than the instance",
    "`aws`, `aws-cn` and `aws-us-gov` share nothing: an instance reaches resources of "
    "its own partition only.",
    "Amazon Resource Names in the AWS general reference",
    find_bound=_other_partition,
)
OTHER_FLOW_TYPE = Rule(
    "connect/other-flow-type",
    Severity.WARNING,
    "An event is to run a flow of another type",
    "A hold, queue or whisper event runs flows made for it. A flow of that name on the "
    "target has another type.",
    "Flow types in the Amazon Connect administrator guide",
    find_bound=_other_flow_type,
)
