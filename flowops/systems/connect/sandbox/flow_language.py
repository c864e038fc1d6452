"""The vocabulary of the flow language 2019-10-30, as the service takes it.

Sources: "Actions in the Amazon Connect Flow language" and its pages per action in
the API reference; what the service answered to others where the two disagree: it
takes ``UntagContact`` and refuses the page's ``UnTagContact``, and it wants a
``NextAction`` on every action that is neither terminal nor a loop of prompts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.instance import (
    AGENT,
    CONTACT_FLOW,
    FLOW_MODULE,
    HOURS,
    LAMBDA,
    LEX_BOT,
    PROMPT,
    QUEUE,
    VIEW,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "2019-10-30"
MOST_ACTIONS = 250
LONGEST_IDENTIFIER = 50
FORBIDDEN_CHARACTERS = frozenset("%:(\\/)=$,;[]{}")
FORBIDDEN_IDENTIFIERS = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)
OPERATORS = frozenset(
    {
        "Equals",
        "NumberGreaterOrEqualTo",
        "NumberGreaterThan",
        "NumberLessOrEqualTo",
        "NumberLessThan",
        "TextContains",
        "TextEndsWith",
        "TextStartsWith",
    }
)
MODULE_END = "EndFlowModuleExecution"
TERMINAL_TYPES = frozenset(
    {
        "DisconnectParticipant",
        "EndFlowExecution",
        "TransferContactToAgent",
        MODULE_END,
    }
)
LOOPING_TYPES = frozenset({"MessageParticipantIteratively"})
ACTION_TYPES = (
    TERMINAL_TYPES
    | LOOPING_TYPES
    | frozenset(
        {
            "AssociateContactToCustomerProfile",
            "AuthenticateParticipant",
            "CheckHoursOfOperation",
            "CheckMetricData",
            "CheckOutboundCallStatus",
            "CheckVoiceId",
            "Compare",
            "CompleteOutboundCall",
            "ConnectParticipantWithLexBot",
            "CreateCallbackContact",
            "CreateCase",
            "CreateContact",
            "CreateCustomerProfile",
            "CreateTask",
            "CreateWisdomSession",
            "DequeueContactAndTransferToQueue",
            "DistributeByPercentage",
            "GetCalculatedAttributesForCustomerProfile",
            "GetCase",
            "GetCustomerProfile",
            "GetCustomerProfileObject",
            "GetMetricData",
            "GetParticipantInput",
            "InvokeFlowModule",
            "InvokeLambdaFunction",
            "Loop",
            "MessageParticipant",
            "ResumeContact",
            "ShowView",
            "StartOutboundChatContact",
            "StartOutboundEmailContact",
            "StartVoiceIdStream",
            "TagContact",
            "TransferContactToQueue",
            "TransferParticipantToThirdParty",
            "TransferToFlow",
            "UntagContact",
            "UpdateCase",
            "UpdateContactAttributes",
            "UpdateContactCallbackNumber",
            "UpdateContactData",
            "UpdateContactEventHooks",
            "UpdateContactMediaProcessing",
            "UpdateContactMediaStreamingBehavior",
            "UpdateContactRecordingAndAnalyticsBehavior",
            "UpdateContactRecordingBehavior",
            "UpdateContactRoutingBehavior",
            "UpdateContactRoutingCriteria",
            "UpdateContactTargetQueue",
            "UpdateContactTextToSpeechVoice",
            "UpdateCustomerProfile",
            "UpdateFlowAttributes",
            "UpdateFlowLoggingBehavior",
            "UpdatePreviousContactParticipantState",
            "UpdateRoutingCriteria",
            "Wait",
        }
    )
)
REFERENCE_KINDS: Mapping[str, str] = {
    "AgentId": AGENT,
    "ContactFlowArn": CONTACT_FLOW,
    "ContactFlowId": CONTACT_FLOW,
    "EventHooks.*": CONTACT_FLOW,
    "FlowModuleId": FLOW_MODULE,
    "HoursOfOperationId": HOURS,
    "LambdaFunctionARN": LAMBDA,
    "LexV2Bot.AliasArn": LEX_BOT,
    "Messages[].PromptId": PROMPT,
    "PromptId": PROMPT,
    "QueueId": QUEUE,
    "ViewResource.Id": VIEW,
}
"""The parameters that name a resource, by their path under ``Parameters``."""

MANAGED_VIEWS = frozenset(
    {"cards", "confirmation", "detail", "form", "formWithSteps", "list"}
)
"""The views that AWS keeps for every instance, by name."""
