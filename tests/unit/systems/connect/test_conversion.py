"""What becomes of each block of the old language, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowops.documents.json_text import parse_json
from flowops.documents.source import source_text
from flowops.errors import InputError
from flowops.systems.connect.action_types import ACTION_TYPES
from flowops.systems.connect.legacy.blocks import BLOCKS
from flowops.systems.connect.legacy.conversion import Conversion, convert_flow
from flowops.systems.connect.legacy.language import read_legacy_flow
from tests.support.contact_flows import arn, read
from tests.support.legacy_flows import legacy_flow, module, parameter

Json = dict[str, Any]
DOCUMENTED = " follows the documentation; no export shows both"
LAMBDA = "arn:aws:lambda:eu-west-1:111122223333:function:lookup"
BOT = "arn:aws:lex:eu-west-1:111122223333:bot-alias/BOT1234567/ALIAS12345"


def convert(document: Json) -> Conversion:
    source = source_text("flows/old.json", json.dumps(document, indent=1))
    return convert_flow(read_legacy_flow(source, parse_json(source), "old"))


def block(
    kind: str, parameters: list[Json], *conditions: Json | str, **fields: object
) -> tuple[Json, list[str]]:
    """Convert one block; return its action and the doubts about it."""
    branches = [
        {"condition": c, "transition": c} if isinstance(c, str) else c
        for c in conditions
    ]
    kind, _, target = kind.partition("/")
    if target:
        fields["target"] = target
    document = legacy_flow([module("a", kind, parameters, branches, **fields)])
    converted = convert(document)
    (action,) = json.loads(converted.content)["Actions"]
    assert action["Identifier"] == "a"
    return action, [doubt.words for doubt in converted.doubts]


def evaluate(value: object, operator: str = "Equals", **fields: str) -> Json:
    return {
        "condition": "Evaluate",
        "conditionType": operator,
        "conditionValue": value,
        "transition": f"to {value}",
        **fields,
    }


def condition(operand: str, target: str, operator: str = "Equals") -> Json:
    compared = {"Operator": operator, "Operands": [operand]}
    return {"NextAction": target, "Condition": compared}


def failed(target: str = "Error", error: str = "NoMatchingError") -> Json:
    return {"NextAction": target, "ErrorType": error}


def goes(following: str, *errors: Json, conditions: list[Json] | None = None) -> Json:
    transitions: Json = {"NextAction": following}
    if errors:
        transitions["Errors"] = list(errors)
    if conditions:
        transitions["Conditions"] = conditions
    return transitions


SUCCESS = ("Success", "Error")
P = parameter
TIMES = [P("Timeout", "5"), P("MaxDigits", "1")]
Case = tuple[str, list[Json], tuple[Json | str, ...], str, Json, Json]
CASES: list[Case] = [
    (
        "PlayPrompt",
        [P("Text", "Hello"), P("TextToSpeechType", "text")],
        ("Success",),
        "MessageParticipant",
        {"Text": "Hello"},
        goes("Success"),
    ),
    (
        "PlayAudio",
        [P("Text", "<speak>Hello</speak>"), P("TextToSpeechType", "text")],
        SUCCESS,
        "MessageParticipant",
        {"SSML": "<speak>Hello</speak>"},
        goes("Success", failed()),
    ),
    (
        "PlayPrompt",
        [P("Text", "menu", namespace="External"), P("TextToSpeechType", "ssml")],
        ("Success",),
        "MessageParticipant",
        {"SSML": "$.External.menu"},
        goes("Success"),
    ),
    (
        "PlayPrompt",
        [P("AudioPrompt", arn("prompt"), resourceName="Beep.wav")],
        ("Success",),
        "MessageParticipant",
        {"PromptId": arn("prompt")},
        goes("Success"),
    ),
    ("Disconnect", [], (), "DisconnectParticipant", {}, {}),
    ("Resume", [], (), "EndFlowExecution", {}, {}),
    (
        "SetAttributes",
        [
            P("Attribute", "1", key="a"),
            P("Attribute", "b", key="b", namespace="User Defined"),
            P("Attribute", "Customer Number", key="c", namespace="System"),
        ],
        SUCCESS,
        "UpdateContactAttributes",
        {
            "Attributes": {
                "a": "1",
                "b": "$.Attributes.b",
                "c": "$.CustomerEndpoint.Address",
            }
        },
        goes("Success", failed()),
    ),
    (
        "SetLoggingBehavior",
        [P("LoggingBehavior", "Enable")],
        ("Success",),
        "UpdateFlowLoggingBehavior",
        {"FlowLoggingBehavior": "Enabled"},
        goes("Success"),
    ),
    (
        "SetQueue",
        [P("Queue", arn("queue"), resourceName="Sales")],
        SUCCESS,
        "UpdateContactTargetQueue",
        {"QueueId": arn("queue")},
        goes("Success", failed()),
    ),
    (
        "SetQueue",
        [P("Agent", "who", namespace="User Defined")],
        SUCCESS,
        "UpdateContactTargetQueue",
        {"AgentId": "$.Attributes.who"},
        goes("Success", failed()),
    ),
    (
        "Transfer/Queue",
        [],
        ("AtCapacity", "Error"),
        "TransferContactToQueue",
        {},
        goes("Error", failed("AtCapacity", "QueueAtCapacity"), failed()),
    ),
    (
        "Transfer/Flow",
        [P("ContactFlowId", arn("contact-flow"))],
        ("Error",),
        "TransferToFlow",
        {"ContactFlowId": arn("contact-flow")},
        goes("Error", failed()),
    ),
    (
        "GetUserInput/Digits",
        [P("Text", "Press"), P("TextToSpeechType", "text"), *TIMES],
        (evaluate("1"), "Timeout", "NoMatch", "Error"),
        "GetParticipantInput",
        {"Text": "Press", "StoreInput": "False", "InputTimeLimitSeconds": "5"},
        goes(
            "Error",
            failed("Timeout", "InputTimeLimitExceeded"),
            failed("NoMatch", "NoMatchingCondition"),
            failed(),
            conditions=[condition("1", "to 1")],
        ),
    ),
    (
        "GetUserInput/Lex",
        [
            P("Text", "Ask"),
            P("BotName", "Order"),
            P("BotAlias", "$LATEST"),
            P("BotRegion", "eu-west-1"),
            P("Parameter", "Channel", key="how", namespace="System"),
        ],
        (evaluate("Buy"), "NoMatch", "Error"),
        "ConnectParticipantWithLexBot",
        {
            "Text": "Ask",
            "LexBot": {"Name": "Order", "Region": "eu-west-1", "Alias": "$LATEST"},
            "LexSessionAttributes": {"how": "$.Channel"},
        },
        goes(
            "Error",
            failed("NoMatch", "NoMatchingCondition"),
            failed(),
            conditions=[condition("Buy", "to Buy")],
        ),
    ),
    (
        "GetUserInput/Lex",
        [P("BotAliasArn", BOT), P("LexVersion", "V2")],
        ("NoMatch", "Error"),
        "ConnectParticipantWithLexBot",
        {"LexV2Bot": {"AliasArn": BOT}},
        goes("Error", failed("NoMatch", "NoMatchingCondition"), failed()),
    ),
    (
        "InvokeExternalResource/Lambda",
        [
            P("FunctionArn", LAMBDA),
            P("TimeLimit", "8"),
            P("Parameter", "x", key="a"),
        ],
        SUCCESS,
        "InvokeLambdaFunction",
        {
            "LambdaFunctionARN": LAMBDA,
            "InvocationTimeLimitSeconds": "8",
            "LambdaInvocationAttributes": {"a": "x"},
        },
        goes("Success", failed()),
    ),
    (
        "CheckAttribute",
        [P("Attribute", "level"), P("Namespace", "User Defined")],
        (evaluate("1"), evaluate(2, "GreaterThan"), "NoMatch"),
        "Compare",
        {"ComparisonValue": "$.Attributes.level"},
        goes(
            "NoMatch",
            failed("NoMatch", "NoMatchingCondition"),
            conditions=[
                condition("1", "to 1"),
                condition("2", "to 2", "NumberGreaterThan"),
            ],
        ),
    ),
    (
        "CheckHoursOfOperation",
        [P("Hours", arn("operating-hours"))],
        ("True", "False", "Error"),
        "CheckHoursOfOperation",
        {"HoursOfOperationId": arn("operating-hours")},
        goes(
            "Error",
            failed(),
            conditions=[condition("True", "True"), condition("False", "False")],
        ),
    ),
    (
        "SetEventHook",
        [P("Type", "AgentWhisper"), P("ContactFlowId", arn("contact-flow"))],
        SUCCESS,
        "UpdateContactEventHooks",
        {"EventHooks": {"AgentWhisper": arn("contact-flow")}},
        goes("Success", failed()),
    ),
    (
        "SetRecordingBehavior",
        [
            P("RecordingBehaviorOption", "Enable"),
            P("RecordingParticipantOption", "Both"),
        ],
        ("Success",),
        "UpdateContactRecordingBehavior",
        {"RecordingBehavior": {"RecordedParticipants": ["Agent", "Customer"]}},
        goes("Success"),
    ),
    (
        "StartMediaStreaming",
        [
            P("Track", "FromCustomer"),
            P("Track", "ToCustomer"),
            P("MediaStreamTypes", "Audio"),
        ],
        SUCCESS,
        "UpdateContactMediaStreamingBehavior",
        {
            "MediaStreamingState": "Enabled",
            "MediaStreamType": "Audio",
            "Participants": [
                {"ParticipantType": "Customer", "MediaDirections": ["From", "To"]}
            ],
        },
        goes("Success", failed()),
    ),
    (
        "StopMediaStreaming",
        [P("Track", "FromCustomer")],
        SUCCESS,
        "UpdateContactMediaStreamingBehavior",
        {
            "MediaStreamingState": "Disabled",
            "MediaStreamType": "Audio",
            "Participants": [
                {"ParticipantType": "Customer", "MediaDirections": ["From"]}
            ],
        },
        goes("Success", failed()),
    ),
    (
        "LoopPrompts",
        [
            P("Text", "Wait", key="text"),
            P("AudioPrompt", arn("prompt"), resourceName="Jazz.wav"),
            P("InterruptSeconds", 120),
        ],
        ("Timeout", "Error"),
        "MessageParticipantIteratively",
        {
            "Messages": [{"Text": "Wait"}, {"PromptId": arn("prompt")}],
            "InterruptFrequencySeconds": "120",
        },
        goes(
            "Error", failed(), conditions=[condition("MessagesInterrupted", "Timeout")]
        ),
    ),
    (
        "SetContactData",
        [
            {"name": "ContactData", "namespace": None, "languageCode": "es-MX"},
            P("IsVoiceIdStreamingEnabled", "true"),
        ],
        SUCCESS,
        "UpdateContactData",
        {"LanguageCode": "es-MX", "IsVoiceIdStreamingEnabled": "true"},
        goes("Success", failed()),
    ),
    (
        "PercentileBranching",
        [],
        (evaluate(3), evaluate(6), evaluate(8), "NoMatch"),
        "DistributeByPercentage",
        {},
        goes(
            "NoMatch",
            failed("NoMatch", "NoMatchingCondition"),
            conditions=[
                condition("4", "to 3", "NumberLessThan"),
                condition("10", "to 6", "NumberLessThan"),
                condition("18", "to 8", "NumberLessThan"),
            ],
        ),
    ),
]
DOCUMENTED_CASES: list[Case] = [
    (
        "StoreUserInput",
        [
            P("Text", "Number?"),
            P("CustomerInputType", "Custom"),
            P("Timeout", "5"),
            P("MaxDigits", 6),
            P("EncryptEntry", value=False),
            P("TerminatorDigits", "#"),
            P("DisableCancel", "true"),
        ],
        SUCCESS,
        "GetParticipantInput",
        {
            "Text": "Number?",
            "StoreInput": "True",
            "InputTimeLimitSeconds": "5",
            "DTMFConfiguration": {
                "InputTerminationSequence": "#",
                "DisableCancelKey": "True",
            },
            "InputValidation": {"CustomValidation": {"MaximumLength": "6"}},
        },
        goes("Success", failed()),
    ),
    (
        "StoreUserInput",
        [
            P("CustomerInputType", "PhoneNumber"),
            P("PhoneNumberFormat", "Local"),
            P("CountryCode", "US"),
            P("EncryptEntry", value=True),
            P("EncryptionKeyId", "key"),
            P("EncryptionKey", "PEM"),
        ],
        ("Success", "InvalidNumber", "Error"),
        "GetParticipantInput",
        {
            "StoreInput": "True",
            "InputValidation": {
                "PhoneNumberValidation": {"NumberFormat": "Local", "CountryCode": "US"}
            },
            "InputEncryption": {"EncryptionKeyId": "key", "Key": "PEM"},
        },
        goes("Success", failed("InvalidNumber", "InvalidPhoneNumber"), failed()),
    ),
    (
        "Transfer/PhoneNumber",
        [
            P("TimeLimit", "15"),
            P("BlindTransfer", value=True),
            P("PhoneNumber", "+491234"),
        ],
        ("Success", "CallFailure", "Timeout", "Error"),
        "TransferParticipantToThirdParty",
        {
            "ThirdPartyPhoneNumber": "+491234",
            "ThirdPartyConnectionTimeLimitSeconds": "15",
            "ContinueFlowExecution": "False",
        },
        goes(
            "Success",
            failed("CallFailure", "CallFailed"),
            failed("Timeout", "ConnectionTimeLimitExceeded"),
            failed(),
        ),
    ),
    ("Transfer/Agent", [], (), "TransferContactToAgent", {}, {}),
    (
        "SetVoice",
        [
            P("GlobalVoice", "Joanna"),
            P("GlobalEngine", "Neural"),
            P("SpeakingStyle", "None"),
        ],
        ("Success",),
        "UpdateContactTextToSpeechVoice",
        {"TextToSpeechVoice": "Joanna", "TextToSpeechEngine": "Neural"},
        goes("Success"),
    ),
    (
        "SetVoice",
        [P("GlobalVoice", "Joanna"), P("SpeakingStyle", "Newscaster")],
        ("Success",),
        "UpdateContactTextToSpeechVoice",
        {"TextToSpeechVoice": "Joanna", "TextToSpeechStyle": "Newscaster"},
        goes("Success"),
    ),
    (
        "Loop",
        [P("LoopCount", "3")],
        ("Looping", "Complete"),
        "Loop",
        {"LoopCount": "3"},
        goes(
            "Complete",
            conditions=[
                condition("ContinueLooping", "Looping"),
                condition("DoneLooping", "Complete"),
            ],
        ),
    ),
    (
        "Wait",
        [P("TimeoutSeconds", "9"), P("InterruptOnCustomerReturn", value=True)],
        ("CustomerReturn", "Timeout", "Error"),
        "Wait",
        {"TimeLimitSeconds": "9", "Events": ["CustomerReturned"]},
        goes(
            "Error",
            failed(),
            conditions=[
                condition("CustomerReturned", "CustomerReturn"),
                condition("WaitCompleted", "Timeout"),
            ],
        ),
    ),
    (
        "CheckStaffing",
        [P("Status", "Available"), P("Queue", arn("queue"))],
        ("True", "False", "Error"),
        "CheckMetricData",
        {"MetricType": "NumberOfAgentsAvailable", "QueueId": arn("queue")},
        goes(
            "Error",
            failed("False", "NoMatchingCondition"),
            failed(),
            conditions=[condition("0", "True", "NumberGreaterThan")],
        ),
    ),
    (
        "CheckQueueStatus",
        [],
        (
            evaluate(5, "LessThanOrEqualTo", condition="CheckQueueSize"),
            "NoMatch",
            "Error",
        ),
        "CheckMetricData",
        {"MetricType": "NumberOfContactsInQueue"},
        goes(
            "Error",
            failed("NoMatch", "NoMatchingCondition"),
            failed(),
            conditions=[condition("5", "to 5", "NumberLessOrEqualTo")],
        ),
    ),
    (
        "GetMetricData",
        [P("Queue", arn("queue"))],
        SUCCESS,
        "GetMetricData",
        {"QueueId": arn("queue")},
        goes("Success", failed()),
    ),
    (
        "UpdateRoutingPriority",
        [P("AbsolutePosition", 1), P("TimeOffset", 30)],
        ("Success",),
        "UpdateContactRoutingBehavior",
        {"QueuePriority": "1", "QueueTimeAdjustmentSeconds": "30"},
        goes("Success"),
    ),
    (
        "SetCallBackNumber",
        [P("CallBackNumber", "number", namespace="User Defined")],
        ("Success", "InvalidPhoneNumber", "NonDialableNumber"),
        "UpdateContactCallbackNumber",
        {"CallbackNumber": "$.Attributes.number"},
        goes(
            "Success",
            failed("InvalidPhoneNumber", "InvalidCallbackNumber"),
            failed("NonDialableNumber", "CallbackNumberNotDialable"),
        ),
    ),
    (
        "CreateCallback",
        [
            P("InitialDelaySeconds", 1),
            P("RetryDelaySeconds", 600),
            P("MaxRetryAttempts", 2),
        ],
        SUCCESS,
        "CreateCallbackContact",
        {
            "InitialCallDelaySeconds": "1",
            "RetryDelaySeconds": "600",
            "MaximumConnectionAttempts": "2",
        },
        goes("Success", failed()),
    ),
    ("SetVoiceId", [], SUCCESS, "StartVoiceIdStream", {}, goes("Success", failed())),
    (
        "CheckVoiceId",
        [P("CheckVoiceIdOption", "voiceAuthentication")],
        ("Authenticated", "Error"),
        "CheckVoiceId",
        {"CheckVoiceIdOption": "voiceAuthentication"},
        goes(
            "Error", failed(), conditions=[condition("Authenticated", "Authenticated")]
        ),
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_a_mapping_that_exports_show(case: Case) -> None:
    kind, parameters, branches, action_type, expected, transitions = case
    action, doubts = block(kind, parameters, *branches)
    assert action["Type"] == action_type
    assert action["Parameters"] == expected
    assert action["Transitions"] == transitions
    oldest = "a block of the oldest generation; no export shows both"
    assert doubts == ([oldest] if kind == "PlayAudio" else [])


@pytest.mark.parametrize("case", DOCUMENTED_CASES)
def test_a_mapping_by_the_documentation_is_in_doubt(case: Case) -> None:
    kind, parameters, branches, action_type, expected, transitions = case
    action, doubts = block(kind, parameters, *branches)
    assert action["Type"] == action_type
    assert action["Parameters"] == expected
    assert action["Transitions"] == transitions
    assert doubts[0] == f"{action_type}{DOCUMENTED}"


def test_every_type_of_block_has_an_example() -> None:
    shown = {case[0] for case in (*CASES, *DOCUMENTED_CASES)}
    same = {
        "CheckCallAttribute",
        "CustomerInQueue",
        "InvokeExternal",
        "PlayAudioAndFetchInput",
        "SetContactFlow",
        "SetEventHook/Flow",
        "SetScreenPop",
        "StoreCustomerInput",
        "TransferToFlow",
    }
    assert shown | same == BLOCKS.keys()
    assert {rule.type for rule in BLOCKS.values()} <= ACTION_TYPES


@pytest.mark.parametrize(
    ("kind", "parameters", "branches", "doubt"),
    [
        ("Disconnect", [P("Mood", "good")], (), "the parameter Mood has no known"),
        ("Disconnect", [], ("Success",), "the branch Success is left out"),
        (
            "GetUserInput/Digits",
            [P("MaxDigits", "4")],
            ("Error",),
            "MaxDigits 4 has no counterpart",
        ),
        (
            "PlayPrompt",
            [P("AudioPrompt", "", resourceName="Beep.wav")],
            ("Success",),
            "the prompt has no ARN",
        ),
        (
            "SetAttributes",
            [P("Attribute", "1", key="a"), P("Attribute", "2", key="a")],
            SUCCESS,
            "a is set twice",
        ),
        (
            "SetAttributes",
            [P("Attribute", "Dialed Number", key="a", namespace="System")],
            SUCCESS,
            "System 'Dialed Number' became $.SystemEndpoint.Address",
        ),
        (
            "SetAttributes",
            [P("Attribute", "my key", key="a", namespace="External")],
            SUCCESS,
            "External 'my key' became $.External['my key']",
        ),
        (
            "CheckAttribute",
            [P("Attribute", "x"), P("Namespace", "Lex.Slots")],
            ("NoMatch",),
            "Lex.Slots 'x' became $.Lex.Slots.x",
        ),
        (
            "CheckAttribute",
            [P("Attribute", "Channel"), P("Namespace", "System")],
            (evaluate("V", "StartsWith"), "NoMatch"),
            "the comparison StartsWith became TextStartsWith",
        ),
        (
            "SetRecordingBehavior",
            [
                P("RecordingBehaviorOption", "Enable"),
                P("RecordingParticipantOption", "AgentOnly"),
            ],
            ("Success",),
            "recording Enable AgentOnly became ['Agent']",
        ),
        (
            "StartMediaStreaming",
            [P("ParticipantTypes", "Customer")],
            SUCCESS,
            "it names no track",
        ),
        (
            "SetContactData",
            [{"name": "ContactData", "mood": "good"}],
            SUCCESS,
            "mood has no known counterpart",
        ),
        (
            "CheckQueueStatus",
            [],
            (evaluate(300_000, "LessThan", condition="CheckQueueTime"), "NoMatch"),
            "300000 milliseconds became 300 seconds",
        ),
    ],
)
def test_what_is_not_certain_is_noted(
    kind: str, parameters: list[Json], branches: tuple[Json | str, ...], doubt: str
) -> None:
    _, doubts = block(kind, parameters, *branches)
    assert any(words.startswith(doubt) or doubt in words for words in doubts), doubts


@pytest.mark.parametrize(
    ("kind", "parameters", "branches", "reason"),
    [
        ("Teleport", [], (), "this type of block is unknown"),
        ("Transfer/Moon", [], (), "this type of block is unknown"),
        ("Loop", [], ("Sideways",), "the branch 'Sideways' is unknown"),
        (
            "SetAttributes",
            [P("Attribute", "x", key="a", namespace="Dreams")],
            (),
            "filled in from Dreams 'x'",
        ),
        (
            "SetAttributes",
            [P("Attribute", "Shoe size", key="a", namespace="System")],
            (),
            "filled in from System 'Shoe size'",
        ),
        (
            "SetAttributes",
            [P("Attribute", "it's", key="a", namespace="External")],
            (),
            "no JSONPath is known",
        ),
        ("CheckAttribute", [P("Namespace", "Dreams")], (), "no JSONPath is known"),
        (
            "CheckAttribute",
            [P("Namespace", "External"), P("Attribute", "a")],
            (evaluate("1", "Rhymes"),),
            "the comparison 'Rhymes' is unknown",
        ),
        ("SetLoggingBehavior", [], (), "LoggingBehavior '' is unknown"),
        ("SetEventHook", [], (), "it does not say at which event"),
        ("SetRecordingBehavior", [], (), "recording '' of '' is unknown"),
        ("StartMediaStreaming", [P("Track", "Up")], (), "Track 'Up' is unknown"),
        ("CheckStaffing", [P("Status", "Tired")], (), "Status 'Tired' is unknown"),
        ("CheckQueueStatus", [], (), "exactly one metric"),
        (
            "CheckQueueStatus",
            [],
            (evaluate("soon", "LessThan", condition="CheckQueueTime"),),
            "the time 'soon' is no number",
        ),
        (
            "StoreUserInput",
            [P("CustomerInputType", "Song")],
            (),
            "CustomerInputType 'Song' is unknown",
        ),
        ("PercentileBranching", [], (evaluate(5),), "no branch for the rest"),
        ("PercentileBranching", [], (evaluate("half"),), "the share 'half' is no"),
    ],
)
def test_what_is_not_known_is_refused_by_name(
    kind: str, parameters: list[Json], branches: tuple[Json | str, ...], reason: str
) -> None:
    with pytest.raises(InputError, match="cannot be converted") as error:
        block(kind, parameters, *branches)
    assert reason in error.value.message
    assert f"block a ({kind})" in error.value.message
    assert error.value.location is not None
    assert error.value.location.line > 1


def test_a_transfer_out_of_the_queue_has_its_own_action() -> None:
    block_ = module("a", "Transfer", [], {"Error": "a"}, target="Queue")
    converted = convert(legacy_flow([block_], type="customerQueue"))
    (action,) = json.loads(converted.content)["Actions"]
    assert action["Type"] == "DequeueContactAndTransferToQueue"
    assert [doubt.block for doubt in converted.doubts] == ["a"]


def test_ids_canvas_and_names_are_kept() -> None:
    queue = {"text": "Sales", "id": arn("queue")}
    blocks = [
        module(
            "a",
            "SetQueue",
            [P("Queue", arn("queue"), resourceName="Sales")],
            {"Success": "b", "Error": "b"},
            metadata={"position": {"x": 7, "y": 8}, "queue": queue},
        ),
        module(
            "b",
            "SetAttributes",
            [P("Attribute", "x", key="k", namespace="External")],
            {"Success": "c"},
        ),
        module(
            "c", "SetQueue", [P("Queue", "q", namespace="External")], {"Success": "d"}
        ),
        module("d", "Disconnect"),
    ]
    text = convert(legacy_flow(blocks)).content
    document = json.loads(text)
    assert document["Version"] == "2019-10-30"
    assert document["StartAction"] == "a"
    shown = document["Metadata"].pop("ActionMetadata")
    assert shown["a"] == {
        "position": {"x": 7, "y": 8},
        "queue": queue,
        "parameters": {"QueueId": {"displayName": "Sales"}},
    }
    assert shown["b"]["dynamicParams"] == ["k"]
    assert shown["c"]["parameters"] == {"QueueId": {"useDynamic": True}}
    assert document["Metadata"] == {
        "name": "Old",
        "description": "From before",
        "type": "customerQueue",
        "status": "published",
        "entryPointPosition": {"x": 0},
    }
    (reference, _) = read(text).references
    assert reference.name == "Sales"
    assert len(reference.twins) == 1
    assert len(reference.name_twins) == 2


def test_the_same_flow_gives_the_same_text() -> None:
    document = legacy_flow([module("a", "SetVoice", [P("GlobalVoice", "Joanna")])])
    assert convert(document) == convert(document)


def test_a_flow_without_a_type_in_its_metadata_gets_the_one_of_the_file() -> None:
    document = legacy_flow([module("a", "Disconnect")], metadata={"name": "x"})
    converted = json.loads(convert(document).content)
    assert converted["Metadata"]["type"] == "CONTACT_FLOW"
