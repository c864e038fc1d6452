"""Where a flow holds references, and where their names and ids are repeated.

One row a parameter. ``path`` is below ``Parameters``; ``*`` stands for any key
or index. ``names`` and ``ids`` are below the block's ``ActionMetadata``, where
older consoles keep the resource's name and repeat its id; newer consoles write
the name to ``parameters/<path>/displayName``, which every row has.

Source: the action pages of "Flow language" in the Amazon Connect API reference,
and exports of both generations of the console.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowops.model import Pointer


@dataclass(frozen=True, slots=True)
class ReferencePath:
    """One parameter that names a resource."""

    path: Pointer
    kind: str
    names: tuple[Pointer, ...] = ()
    ids: tuple[Pointer, ...] = ()


_QUEUE = ReferencePath(("QueueId",), "queue", (("queue", "text"),), (("queue", "id"),))
_PROMPT = ReferencePath(("PromptId",), "prompt", (("promptName",),))
_FLOW = ReferencePath(
    ("ContactFlowId",),
    "contact-flow",
    (("ContactFlow", "text"),),
    (("ContactFlow", "id"),),
)

REFERENCE_PATHS: dict[str, tuple[ReferencePath, ...]] = {
    "CheckHoursOfOperation": (
        ReferencePath(
            ("HoursOfOperationId",),
            "hours-of-operation",
            (("Hours", "text"),),
            (("Hours", "id"),),
        ),
    ),
    "CheckMetricData": (_QUEUE,),
    "ConnectParticipantWithLexBot": (_PROMPT,),
    "CreateCallbackContact": (_QUEUE,),
    "CreateTask": (_FLOW,),
    "DequeueContactAndTransferToQueue": (_QUEUE,),
    "GetMetricData": (_QUEUE,),
    "GetParticipantInput": (_PROMPT,),
    "InvokeFlowModule": (
        ReferencePath(("FlowModuleId",), "flow-module", (("contactFlowModuleName",),)),
    ),
    "InvokeLambdaFunction": (ReferencePath(("LambdaFunctionARN",), "lambda-function"),),
    "MessageParticipant": (_PROMPT,),
    "MessageParticipantIteratively": (
        ReferencePath(("Messages", "*", "PromptId"), "prompt"),
    ),
    "StartOutboundChatContact": (ReferencePath(("ContactFlowArn",), "contact-flow"),),
    "TransferContactToQueue": (_QUEUE,),
    "TransferToFlow": (_FLOW,),
    "UpdateContactEventHooks": (
        ReferencePath(
            ("EventHooks", "*"),
            "contact-flow",
            (("contactFlow", "text"),),
            (("contactFlow", "id"),),
        ),
    ),
    "UpdateContactTargetQueue": (_QUEUE,),
}
