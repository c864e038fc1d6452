"""What becomes of each type of block.

``paired`` says that flows exist which were exported before and after the change of
language, and show the mapping; a block keeps its id when the console converts it.
The others follow the names of both languages. Source of the current names: the
action pages of "Flow language" in the Amazon Connect API reference, and exports.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.systems.connect.legacy import fills

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowops.systems.connect.legacy.draft import Draft


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a branch becomes: the next action, an error, or a condition.

    A condition without ``operand`` takes operator and operand of the branch.
    """

    error: str = ""
    operator: str = ""
    operand: str = ""
    compares: bool = False


NEXT = Outcome()
EVALUATE = Outcome(compares=True)
FAILED = Outcome(error="NoMatchingError")
UNMATCHED = Outcome(error="NoMatchingCondition")


def _equals(word: str) -> Outcome:
    return Outcome(operator="Equals", operand=word, compares=True)


COMMON: Mapping[str, Outcome] = {
    "Success": NEXT,
    "Error": FAILED,
    "NoMatch": UNMATCHED,
    "Evaluate": EVALUATE,
}
"""What these branches become, unless the block says otherwise."""


@dataclass(frozen=True, slots=True)
class BlockRule:
    """What becomes of one type of block."""

    type: str
    fill: Callable[[Draft], None] | None = None
    copies: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    paired: bool = False
    ends: bool = False
    percent: bool = False


_PLAY = BlockRule("MessageParticipant", fills.speak, paired=True)
_KEYS = BlockRule(
    "GetParticipantInput",
    fills.key_presses,
    outcomes={"Timeout": Outcome(error="InputTimeLimitExceeded")},
    paired=True,
)
_STORE = BlockRule(
    "GetParticipantInput",
    fills.stored_input,
    outcomes={"InvalidNumber": Outcome(error="InvalidPhoneNumber")},
)
_LAMBDA = BlockRule("InvokeLambdaFunction", fills.call_lambda, paired=True)
_COMPARE = BlockRule("Compare", fills.compare, paired=True)
_HOOK = BlockRule("UpdateContactEventHooks", fills.event_hook, paired=True)
_TO_FLOW = BlockRule(
    "TransferToFlow", copies={"ContactFlowId": "ContactFlowId"}, paired=True
)
_TO_QUEUE = BlockRule(
    "TransferContactToQueue",
    outcomes={"AtCapacity": Outcome(error="QueueAtCapacity")},
    paired=True,
)
OUT_OF_THE_QUEUE = BlockRule(
    "DequeueContactAndTransferToQueue",
    fills.queue_or_agent,
    outcomes={"AtCapacity": Outcome(error="QueueAtCapacity")},
)
"""What a transfer to a queue becomes where the contact waits in one already."""

BLOCKS: Mapping[str, BlockRule] = {
    "CheckAttribute": _COMPARE,
    "CheckCallAttribute": _COMPARE,
    "CheckHoursOfOperation": BlockRule(
        "CheckHoursOfOperation",
        copies={"Hours": "HoursOfOperationId"},
        outcomes={"True": _equals("True"), "False": _equals("False")},
        paired=True,
    ),
    "CheckQueueStatus": BlockRule(
        "CheckMetricData",
        fills.queue_metric,
        outcomes=dict.fromkeys(fills.QUEUE_METRICS, EVALUATE),
    ),
    "CheckStaffing": BlockRule(
        "CheckMetricData",
        fills.staffing,
        outcomes={
            "True": Outcome(operator="NumberGreaterThan", operand="0", compares=True),
            "False": UNMATCHED,
        },
    ),
    "CheckVoiceId": BlockRule(
        "CheckVoiceId",
        copies={"CheckVoiceIdOption": "CheckVoiceIdOption"},
        outcomes={
            word: _equals(word)
            for word in (
                "Authenticated",
                "NotAuthenticated",
                "Inconclusive",
                "NotEnrolled",
                "OptedOut",
                "HighRisk",
                "LowRisk",
                "Enrolled",
            )
        },
    ),
    "CreateCallback": BlockRule(
        "CreateCallbackContact",
        fills.queue_or_agent,
        copies={
            "InitialDelaySeconds": "InitialCallDelaySeconds",
            "MaxRetryAttempts": "MaximumConnectionAttempts",
            "RetryDelaySeconds": "RetryDelaySeconds",
        },
    ),
    "CustomerInQueue": _TO_QUEUE,
    "Disconnect": BlockRule("DisconnectParticipant", paired=True, ends=True),
    "GetMetricData": BlockRule("GetMetricData", fills.queue_or_agent),
    "GetUserInput/Digits": _KEYS,
    "GetUserInput/Lex": BlockRule(
        "ConnectParticipantWithLexBot", fills.lex_bot, paired=True
    ),
    "InvokeExternal": _LAMBDA,
    "InvokeExternalResource/Lambda": _LAMBDA,
    "Loop": BlockRule(
        "Loop",
        copies={"LoopCount": "LoopCount"},
        outcomes={
            "Looping": _equals("ContinueLooping"),
            "Complete": _equals("DoneLooping"),
        },
    ),
    "LoopPrompts": BlockRule(
        "MessageParticipantIteratively",
        fills.loop_prompts,
        outcomes={"Timeout": _equals("MessagesInterrupted")},
        paired=True,
    ),
    "PercentileBranching": BlockRule(
        "DistributeByPercentage", fills.percentages, paired=True, percent=True
    ),
    "PlayAudio": _PLAY,
    "PlayAudioAndFetchInput": _KEYS,
    "PlayPrompt": _PLAY,
    "Resume": BlockRule("EndFlowExecution", paired=True, ends=True),
    "SetAttributes": BlockRule(
        "UpdateContactAttributes", fills.set_attributes, paired=True
    ),
    "SetCallBackNumber": BlockRule(
        "UpdateContactCallbackNumber",
        copies={"CallBackNumber": "CallbackNumber"},
        outcomes={
            "InvalidPhoneNumber": Outcome(error="InvalidCallbackNumber"),
            "NonDialableNumber": Outcome(error="CallbackNumberNotDialable"),
        },
    ),
    "SetContactData": BlockRule("UpdateContactData", fills.contact_data, paired=True),
    "SetContactFlow": _HOOK,
    "SetEventHook": _HOOK,
    "SetEventHook/Flow": _HOOK,
    "SetLoggingBehavior": BlockRule(
        "UpdateFlowLoggingBehavior", fills.logging, paired=True
    ),
    "SetQueue": BlockRule(
        "UpdateContactTargetQueue", fills.queue_or_agent, paired=True
    ),
    "SetRecordingBehavior": BlockRule(
        "UpdateContactRecordingBehavior", fills.recording, paired=True
    ),
    "SetScreenPop": BlockRule("UpdateContactAttributes", fills.set_attributes),
    "SetVoice": BlockRule("UpdateContactTextToSpeechVoice", fills.voice),
    "SetVoiceId": BlockRule("StartVoiceIdStream"),
    "StartMediaStreaming": BlockRule(
        "UpdateContactMediaStreamingBehavior", fills.start_streaming, paired=True
    ),
    "StopMediaStreaming": BlockRule(
        "UpdateContactMediaStreamingBehavior", fills.stop_streaming, paired=True
    ),
    "StoreCustomerInput": _STORE,
    "StoreUserInput": _STORE,
    "Transfer/Agent": BlockRule("TransferContactToAgent", ends=True),
    "Transfer/Flow": _TO_FLOW,
    "Transfer/PhoneNumber": BlockRule(
        "TransferParticipantToThirdParty",
        fills.third_party,
        outcomes={
            "CallFailure": Outcome(error="CallFailed"),
            "Timeout": Outcome(error="ConnectionTimeLimitExceeded"),
        },
    ),
    "Transfer/Queue": _TO_QUEUE,
    "TransferToFlow": _TO_FLOW,
    "UpdateRoutingPriority": BlockRule(
        "UpdateContactRoutingBehavior",
        copies={
            "AbsolutePosition": "QueuePriority",
            "TimeOffset": "QueueTimeAdjustmentSeconds",
        },
    ),
    "Wait": BlockRule(
        "Wait",
        fills.wait,
        outcomes={
            "CustomerReturn": _equals("CustomerReturned"),
            "Timeout": _equals("WaitCompleted"),
        },
    ),
}
OLDEST = frozenset(
    """
    CheckCallAttribute CustomerInQueue InvokeExternal PlayAudio PlayAudioAndFetchInput
    SetScreenPop StoreCustomerInput TransferToFlow
    """.split()  # noqa: SIM905  a table of words
)
"""Types of the oldest generation, whose parameters no pair of exports shows."""
