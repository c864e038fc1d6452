"""Where a flow holds references, and where their names and ids are repeated.

One row a parameter. ``path`` is below ``Parameters``; ``*`` stands for any key or
index, ``**`` for any number of them. ``names`` and ``stale`` are below the block's
``ActionMetadata``, where older consoles keep the resource's name and repeat its id;
newer consoles write the name to ``parameters/<path>/displayName``, which every row
has. An id that is repeated anywhere else in a block's metadata is found by its value.

Source: the action pages of "Flow language" in the Amazon Connect API reference,
and exports of both generations of the console.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.systems.connect.arns import (
    ASSISTANT,
    KNOWLEDGE_BASE,
    LAMBDA_FUNCTION,
    LEX_BOT_ALIAS,
    MESSAGE_TEMPLATE,
    PHONE_NUMBER,
    QUEUE,
    USER,
    VIEW,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.model import Pointer

EMAIL_ADDRESS = "email-address"
LEX_BOT = "lex-bot"
LEX_V1_ALIAS = "lex-v1-alias"
OUTSIDE_NUMBER = "outside-number"
PREDEFINED_ATTRIBUTE = "predefined-attribute"
REGION = "region"
S3_OBJECT = "s3-object"


@dataclass(frozen=True, slots=True)
class ReferencePath:
    """One parameter that names a resource.

    ``names`` are places of its name in the block's metadata, ``stale`` places of
    its id, which may be that of an earlier choice. ``literal`` says that the value
    is the resource's own name: a number, a bot, the address of a file.
    """

    path: Pointer
    kind: str
    names: tuple[Pointer, ...] = ()
    stale: tuple[Pointer, ...] = ()
    literal: bool = False


_QUEUE = ReferencePath(("QueueId",), QUEUE, (("queue", "text"),), (("queue", "id"),))
_AGENT = ReferencePath(("AgentId",), USER, (("queue", "text"),), (("queue", "id"),))
_PROMPT = ReferencePath(("PromptId",), "prompt", (("promptName",),))
_MEDIA = ReferencePath(("Media", "Uri"), S3_OBJECT, literal=True)
_FLOW = ReferencePath(
    ("ContactFlowId",),
    "contact-flow",
    (("ContactFlow", "text"),),
    (("ContactFlow", "id"),),
)
_HOOK = ReferencePath(
    ("EventHooks", "*"),
    "contact-flow",
    (("contactFlow", "text"),),
    (("contactFlow", "id"),),
)
_HOURS = ReferencePath(
    ("HoursOfOperationId",),
    "hours-of-operation",
    (("Hours", "text"),),
    (("Hours", "id"),),
)
_MODULE = ReferencePath(("FlowModuleId",), "flow-module", (("contactFlowModuleName",),))
_LEX_V2 = ReferencePath(
    ("LexV2Bot", "AliasArn"),
    LEX_BOT_ALIAS,
    (
        ("parameters", "LexV2Bot", "AliasArn", "lexV2BotName"),
        ("lexV2BotName",),
        ("lexV2BotAliasName",),
    ),
    (("LexV2Bot", "id"),),
)
_LEX_V1 = (
    ReferencePath(("LexBot", "Name"), LEX_BOT, literal=True),
    ReferencePath(("LexBot", "Alias"), LEX_V1_ALIAS, literal=True),
    ReferencePath(("LexBot", "Region"), REGION, literal=True),
)
_CASE = ReferencePath(("CaseTemplateId",), "case-template", (("templateName",),))

_CALLER = ReferencePath(("CallerId", "Number"), PHONE_NUMBER, literal=True)
_CRITERION = ("RoutingCriteria", "**")
_TEMPLATE = ("EmailMessage", "TemplatedMessageConfig")

REFERENCE_PATHS: Mapping[str, tuple[ReferencePath, ...]] = {
    "AuthenticateParticipant": (
        ReferencePath(
            ("CognitoConfiguration", "AppClientId"), "app-client", literal=True
        ),
    ),
    "CheckHoursOfOperation": (_HOURS,),
    "CheckMetricData": (_QUEUE, _AGENT),
    "CompleteOutboundCall": (_CALLER,),
    "ConnectParticipantWithLexBot": (_PROMPT, _MEDIA, _LEX_V2, *_LEX_V1),
    "CreateCallbackContact": (_QUEUE, _AGENT),
    "CreateCase": (_CASE,),
    "CreateTask": (_FLOW, ReferencePath(("TaskTemplateId",), "task-template")),
    "CreateWisdomSession": (ReferencePath(("WisdomAssistantArn",), ASSISTANT),),
    "DequeueContactAndTransferToQueue": (_QUEUE, _AGENT),
    "GetCase": (_CASE,),
    "GetMetricData": (_QUEUE, _AGENT),
    "GetParticipantInput": (
        _PROMPT,
        _MEDIA,
        _LEX_V2,
        ReferencePath(("InputEncryption", "EncryptionKeyId"), "security-key"),
    ),
    "InvokeFlowModule": (_MODULE,),
    "InvokeLambdaFunction": (ReferencePath(("LambdaFunctionARN",), LAMBDA_FUNCTION),),
    "MessageParticipant": (_PROMPT, _MEDIA),
    "MessageParticipantIteratively": (
        ReferencePath(("Messages", "*", "PromptId"), "prompt"),
        ReferencePath(("Messages", "*", "Media", "Uri"), S3_OBJECT, literal=True),
    ),
    "ShowView": (ReferencePath(("ViewResource", "Id"), VIEW),),
    "StartOutboundChatContact": (
        ReferencePath(("ContactFlowArn",), "contact-flow"),
        ReferencePath(("SourceEndpoint", "Address"), PHONE_NUMBER),
    ),
    "StartOutboundEmailContact": (
        ReferencePath(
            ("FromEmailAddress", "EmailAddress"), EMAIL_ADDRESS, literal=True
        ),
        ReferencePath((*_TEMPLATE, "KnowledgeBaseId"), KNOWLEDGE_BASE),
        ReferencePath((*_TEMPLATE, "MessageTemplateId"), MESSAGE_TEMPLATE),
    ),
    "TransferContactToQueue": (_QUEUE,),
    "TransferParticipantToThirdParty": (
        _CALLER,
        ReferencePath(("ThirdPartyPhoneNumber",), OUTSIDE_NUMBER, literal=True),
    ),
    "TransferToFlow": (_FLOW,),
    "UpdateCase": (_CASE,),
    "UpdateContactEventHooks": (_HOOK,),
    "UpdateContactRoutingCriteria": (
        ReferencePath((*_CRITERION, "AgentIds", "*"), USER),
        ReferencePath(
            (*_CRITERION, "AttributeCondition", "Name"),
            PREDEFINED_ATTRIBUTE,
            literal=True,
        ),
    ),
    "UpdateContactTargetQueue": (_QUEUE, _AGENT),
}

MANAGED_VIEWS = frozenset(
    ["cards", "confirmation", "detail", "form", "formWithSteps", "list"]
)
"""Views that AWS keeps in every instance; a flow may call them by bare name."""

MANAGED_ATTRIBUTE = "connect:"
"""How a predefined attribute begins that AWS keeps; nobody else may call one so."""
