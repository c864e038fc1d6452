"""Where references are found, and what is known about each."""

from __future__ import annotations

from typing import Any

import pytest

from flowops.model import Reference, ReferenceForm
from flowops.systems.connect.value_forms import is_dynamic
from tests.support.contact_flows import (
    ID,
    OTHER_ID,
    action,
    arn,
    contact_flow,
    read,
    read_block,
)

BOT = "arn:aws:lex:eu-west-1:111122223333:bot-alias/BOT1234567/ALIAS12345"
LEX = "lex-bot-alias"
MANAGED = "arn:aws:connect:eu-west-1:aws:view/form:1"
ASSISTANT = f"arn:aws:wisdom:eu-west-1:111122223333:assistant/{ID}"
PHONE = f"arn:aws:connect:eu-west-1:111122223333:phone-number/{ID}"
LAMBDA = "arn:aws:lambda:eu-west-1:111122223333:function:lookup"
HERE = ("Metadata", "ActionMetadata", "block")


def only(
    kind: str, parameters: dict[str, Any], shown: dict[str, Any] | None = None
) -> Reference:
    """Return the one reference of a flow with this block."""
    (reference,) = read_block(kind, parameters, shown).references
    return reference


@pytest.mark.parametrize(
    ("action_type", "parameters", "kind"),
    [
        ("UpdateContactTargetQueue", {"QueueId": arn("queue")}, "queue"),
        ("DequeueContactAndTransferToQueue", {"QueueId": arn("queue")}, "queue"),
        ("CheckMetricData", {"QueueId": arn("queue")}, "queue"),
        ("GetMetricData", {"QueueId": arn("queue")}, "queue"),
        ("CreateCallbackContact", {"QueueId": arn("queue")}, "queue"),
        ("TransferContactToQueue", {"QueueId": arn("queue")}, "queue"),
        ("MessageParticipant", {"PromptId": arn("prompt")}, "prompt"),
        ("GetParticipantInput", {"PromptId": arn("prompt")}, "prompt"),
        ("ConnectParticipantWithLexBot", {"PromptId": arn("prompt")}, "prompt"),
        (
            "MessageParticipantIteratively",
            {"Messages": [{"Text": "x"}, {"PromptId": arn("prompt")}]},
            "prompt",
        ),
        (
            "CheckHoursOfOperation",
            {"HoursOfOperationId": arn("operating-hours")},
            "hours-of-operation",
        ),
        ("TransferToFlow", {"ContactFlowId": arn("contact-flow")}, "contact-flow"),
        ("CreateTask", {"ContactFlowId": arn("contact-flow")}, "contact-flow"),
        (
            "UpdateContactEventHooks",
            {"EventHooks": {"CustomerRemaining": arn("contact-flow")}},
            "contact-flow",
        ),
        (
            "StartOutboundChatContact",
            {"ContactFlowArn": arn("contact-flow")},
            "contact-flow",
        ),
        ("UpdateContactTargetQueue", {"AgentId": arn("agent")}, "user"),
        ("DequeueContactAndTransferToQueue", {"AgentId": arn("agent")}, "user"),
        ("CheckMetricData", {"AgentId": ID}, "user"),
        ("GetMetricData", {"AgentId": ID}, "user"),
        ("CreateCallbackContact", {"AgentId": ID}, "user"),
        ("ConnectParticipantWithLexBot", {"LexV2Bot": {"AliasArn": BOT}}, LEX),
        ("GetParticipantInput", {"LexV2Bot": {"AliasArn": BOT}}, LEX),
        (
            "GetParticipantInput",
            {"InputEncryption": {"EncryptionKeyId": ID}},
            "security-key",
        ),
        ("ShowView", {"ViewResource": {"Id": arn("view") + ":$LATEST"}}, "view"),
        ("ShowView", {"ViewResource": {"Id": MANAGED}}, "view"),
        ("CreateTask", {"TaskTemplateId": ID}, "task-template"),
        ("CreateCase", {"CaseTemplateId": ID}, "case-template"),
        ("GetCase", {"CaseTemplateId": ID}, "case-template"),
        ("UpdateCase", {"CaseTemplateId": ID}, "case-template"),
        ("CreateWisdomSession", {"WisdomAssistantArn": ASSISTANT}, "assistant"),
        (
            "StartOutboundChatContact",
            {"SourceEndpoint": {"Address": PHONE}},
            "phone-number",
        ),
        (
            "UpdateContactRoutingCriteria",
            {
                "RoutingCriteria": {
                    "Steps": [{"Expression": {"Or": [{"AgentIds": [ID]}]}}]
                }
            },
            "user",
        ),
        (
            "StartOutboundEmailContact",
            {
                "EmailMessage": {
                    "MessageSourceType": "TEMPLATE",
                    "TemplatedMessageConfig": {"MessageTemplateId": ID},
                }
            },
            "message-template",
        ),
        (
            "StartOutboundEmailContact",
            {"EmailMessage": {"TemplatedMessageConfig": {"KnowledgeBaseId": ID}}},
            "knowledge-base",
        ),
        ("InvokeFlowModule", {"FlowModuleId": ID}, "flow-module"),
        ("InvokeLambdaFunction", {"LambdaFunctionARN": LAMBDA}, "lambda-function"),
    ],
)
def test_every_parameter_of_the_table(
    action_type: str, parameters: dict[str, Any], kind: str
) -> None:
    reference = only(action_type, parameters)
    assert reference.kind == kind
    assert reference.form in (ReferenceForm.ARN, ReferenceForm.ID)
    assert reference.block == "block"
    assert reference.location.line > 1


@pytest.mark.parametrize(
    ("value", "form", "key", "suffix"),
    [
        (arn("flow-module"), "arn", arn("flow-module"), ""),
        (arn("flow-module") + ":$LATEST", "arn", arn("flow-module"), ":$LATEST"),
        (ID, "id", ID, ""),
        (f"{ID}:7", "id", ID, ":7"),
        ("", "empty", "", ""),
        ("  ", "empty", "", ""),
        ("$.Attributes.module", "dynamic", "", ""),
        ("$['Attributes']['my module']", "dynamic", "", ""),
        ("${Module}", "placeholder", "", ""),
        ("$${connect:FlowModule:Main}", "placeholder", "", ""),
        ("{{ module }}", "placeholder", "", ""),
        ("%%MODULE%%", "placeholder", "", ""),
        ("%Module%", "placeholder", "", ""),
        ("<<module>>", "placeholder", "", ""),
        ("<module>", "placeholder", "", ""),
        ("##MODULE##", "placeholder", "", ""),
        ("__MODULE__", "placeholder", "", ""),
        ("ENTER MODULE HERE", "placeholder", "", ""),
        ("REPLACE_WITH_MODULE", "placeholder", "", ""),
        ("prefix-${module}", "placeholder", "", ""),
        ("arn:aws:connect:${Region}:1:instance/x/queue/y", "placeholder", "", ""),
        ("Check hours", "name", "Check hours", ""),
    ],
)
def test_forms(value: str, form: str, key: str, suffix: str) -> None:
    reference = only("InvokeFlowModule", {"FlowModuleId": value})
    assert (reference.form, reference.key, reference.suffix) == (form, key, suffix)


def test_region_in_an_arn_is_dynamic() -> None:
    value = "arn:aws:lambda:$.AwsRegion:111122223333:function:lookup"
    reference = only("InvokeLambdaFunction", {"LambdaFunctionARN": value})
    assert reference.form is ReferenceForm.DYNAMIC
    assert is_dynamic(value)
    assert not is_dynamic("a price of $.5")


@pytest.mark.parametrize(
    ("action_type", "parameters", "shown", "name"),
    [
        (
            "UpdateContactTargetQueue",
            {"QueueId": arn("queue")},
            {"queue": {"text": "Old"}},
            "Old",
        ),
        (
            "UpdateContactTargetQueue",
            {"QueueId": arn("queue")},
            {
                "queue": {"text": "Old"},
                "parameters": {"QueueId": {"displayName": "New"}},
            },
            "New",
        ),
        (
            "TransferToFlow",
            {"ContactFlowId": arn("contact-flow")},
            {"ContactFlow": {"text": "Flow"}},
            "Flow",
        ),
        (
            "UpdateContactEventHooks",
            {"EventHooks": {"AgentHold": arn("contact-flow")}},
            {"contactFlow": {"text": "Hold"}},
            "Hold",
        ),
        (
            "CheckHoursOfOperation",
            {"HoursOfOperationId": arn("operating-hours")},
            {"Hours": {"text": "Office"}},
            "Office",
        ),
        (
            "InvokeFlowModule",
            {"FlowModuleId": ID},
            {"contactFlowModuleName": "Module"},
            "Module",
        ),
        (
            "MessageParticipant",
            {"PromptId": arn("prompt")},
            {"promptName": "Beep.wav"},
            "Beep.wav",
        ),
        (
            "MessageParticipant",
            {"PromptId": arn("prompt")},
            {"audio": [{"id": arn("prompt"), "text": "Beep.wav"}]},
            "Beep.wav",
        ),
        (
            "UpdateContactTargetQueue",
            {"QueueId": "$.Attributes.queue"},
            {"queue": "Sample", "useDynamic": True},
            "",
        ),
    ],
)
def test_names_of_both_generations(
    action_type: str, parameters: dict[str, Any], shown: dict[str, Any], name: str
) -> None:
    assert only(action_type, parameters, shown).name == name


def test_a_lambda_says_its_own_name_and_keeps_its_alias() -> None:
    reference = only("InvokeLambdaFunction", {"LambdaFunctionARN": f"{LAMBDA}:live"})
    assert (reference.name, reference.suffix) == ("lookup", ":live")
    assert reference.key == LAMBDA


def test_repeated_ids_and_names_are_twins() -> None:
    shown = {
        "queue": {"text": "Sales", "id": arn("queue")},
        "parameters": {"QueueId": {"displayName": "Sales"}},
    }
    reference = only("UpdateContactTargetQueue", {"QueueId": arn("queue")}, shown)
    assert reference.twins == ((*HERE, "queue", "id"),)
    assert reference.name_twins == (
        (*HERE, "parameters", "QueueId", "displayName"),
        (*HERE, "queue", "text"),
    )


def test_audio_is_paired_by_id_and_not_by_index() -> None:
    one, other = arn("prompt"), arn("prompt", OTHER_ID)
    parameters = {"Messages": [{"PromptId": one}, {"PromptId": other}]}
    shown = {
        "audio": [
            {"id": other, "text": "second.wav"},
            {"prompt": {"id": one, "text": "first.wav"}},
        ]
    }
    flow = read_block("MessageParticipantIteratively", parameters, shown)
    found = {r.value: (r.name, r.twins) for r in flow.references}
    assert found == {
        one: ("first.wav", ((*HERE, "audio", 1, "prompt", "id"),)),
        other: ("second.wav", ((*HERE, "audio", 0, "id"),)),
    }


def test_the_same_prompt_twice_has_its_name_twice() -> None:
    parameters = {"Messages": [{"PromptId": arn("prompt")}] * 2}
    shown = {"audio": [{"id": arn("prompt"), "text": "Jazz.wav"}] * 2}
    flow = read_block("MessageParticipantIteratively", parameters, shown)
    assert [r.name for r in flow.references] == ["Jazz.wav", "Jazz.wav"]
    assert [len(r.twins) for r in flow.references] == [2, 2]
    assert flow.findings == ()


def test_an_arn_in_a_free_map_is_a_reference() -> None:
    reference = only("UpdateContactAttributes", {"Attributes": {"queue": arn("queue")}})
    assert reference.kind == "queue"
    assert reference.path[-2:] == ("Attributes", "queue")


@pytest.mark.parametrize(
    ("action_type", "parameters", "kind"),
    [
        ("MessageParticipant", {"Media": {"Uri": "s3://prompts/a.wav"}}, "s3-object"),
        ("GetParticipantInput", {"Media": {"Uri": "s3://prompts/a.wav"}}, "s3-object"),
        (
            "MessageParticipantIteratively",
            {"Messages": [{"Media": {"Uri": "s3://prompts/a.wav"}}]},
            "s3-object",
        ),
        (
            "TransferParticipantToThirdParty",
            {"CallerId": {"Number": "+491234"}},
            "phone-number",
        ),
        ("CompleteOutboundCall", {"CallerId": {"Number": "+491234"}}, "phone-number"),
        (
            "StartOutboundEmailContact",
            {"FromEmailAddress": {"EmailAddress": "a@example.com"}},
            "email-address",
        ),
        ("ConnectParticipantWithLexBot", {"LexBot": {"Name": "Bot"}}, "lex-bot"),
        ("ConnectParticipantWithLexBot", {"LexBot": {"Alias": "x"}}, "lex-v1-alias"),
        (
            "TransferParticipantToThirdParty",
            {"ThirdPartyPhoneNumber": "+491234"},
            "outside-number",
        ),
        (
            "AuthenticateParticipant",
            {"CognitoConfiguration": {"AppClientId": "1h57kf5cpq17m0eml12EXAMPLE"}},
            "app-client",
        ),
        (
            "UpdateContactRoutingCriteria",
            {
                "RoutingCriteria": {
                    "Steps": [
                        {"Expression": {"AttributeCondition": {"Name": "Language"}}}
                    ]
                }
            },
            "predefined-attribute",
        ),
    ],
)
def test_what_is_named_by_itself(
    action_type: str, parameters: dict[str, Any], kind: str
) -> None:
    reference = only(action_type, parameters)
    assert (reference.kind, reference.form) == (kind, ReferenceForm.LITERAL)
    assert reference.name == reference.value


@pytest.mark.parametrize(
    ("action_type", "parameters"),
    [
        ("ShowView", {"ViewResource": {"Id": "form", "Version": "Latest"}}),
        ("ShowView", {"ViewResource": {"Id": "formWithSteps"}}),
        ("StartOutboundEmailContact", {"FromEmailAddress": {"EmailAddress": ""}}),
        ("ConnectParticipantWithLexBot", {"LexBot": {"Name": "", "Region": ""}}),
        ("TransferParticipantToThirdParty", {"ThirdPartyPhoneNumber": ""}),
        (
            "UpdateContactRoutingCriteria",
            {
                "RoutingCriteria": {
                    "AttributeCondition": {"Name": "connect:Language", "Value": "de"}
                }
            },
        ),
    ],
)
def test_what_refers_to_nothing(action_type: str, parameters: dict[str, Any]) -> None:
    assert read_block(action_type, parameters).references == ()


@pytest.mark.parametrize(
    ("value", "kind", "key", "suffix"),
    [
        (arn("queue"), "queue", arn("queue"), ""),
        (arn("queue/agent"), "queue", arn("queue/agent"), ""),
        (arn("agent"), "user", arn("agent"), ""),
        (arn("view") + ":3", "view", arn("view"), ":3"),
        (arn("transfer-destination"), "quick-connect", arn("transfer-destination"), ""),
        (arn("task-template"), "task-template", arn("task-template"), ""),
        (arn("routing-profile"), "routing-profile", arn("routing-profile"), ""),
        (arn("tomorrow"), "resource", arn("tomorrow"), ""),
        (PHONE, "phone-number", PHONE, ""),
        (MANAGED, "view", MANAGED.removesuffix(":1"), ":1"),
        (BOT, LEX, BOT, ""),
        (f"{LAMBDA}:live", "lambda-function", LAMBDA, ":live"),
        (
            "arn:aws-us-gov:lambda:us-gov-west-1:1:function:f",
            "lambda-function",
            None,
            "",
        ),
        (ASSISTANT, "assistant", ASSISTANT, ""),
        (
            "arn:aws:sqs:eu-west-1:1:queue",
            "resource",
            "arn:aws:sqs:eu-west-1:1:queue",
            "",
        ),
    ],
)
def test_an_arn_says_its_kind(
    value: str, kind: str, key: str | None, suffix: str
) -> None:
    reference = only("UpdateContactAttributes", {"Attributes": {"x": value}})
    assert (reference.kind, reference.value, reference.span) == (kind, value, None)
    assert (reference.key, reference.suffix) == (key or value, suffix)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (f"Call {arn('queue')} now", [arn("queue")]),
        (f"{arn('queue')},{LAMBDA}", [arn("queue"), LAMBDA]),
        (f'{{"a": "{LAMBDA}:1", "b": "{BOT}"}}', [f"{LAMBDA}:1", BOT]),
        (f"({arn('queue')}).", [arn("queue")]),
        ("learn:aws:this", []),
        ("an arn:aws: is no ARN", []),
    ],
)
def test_arns_inside_a_text(text: str, values: list[str]) -> None:
    flow = read_block("MessageParticipant", {"Text": text})
    assert [r.value for r in flow.references] == values
    for reference in flow.references:
        assert reference.span is not None
        assert text[slice(*reference.span)] == reference.value


@pytest.mark.parametrize(
    ("value", "kind", "form"),
    [
        ("arn:aws:lambda:$.AwsRegion:1:function:f", "lambda-function", "dynamic"),
        ("arn:aws:connect:${R}:1:instance/${I}/queue/${Q:x:Q}", "queue", "placeholder"),
        ("arn:${P}:lex:${R}:1:bot-alias/A/B", LEX, "placeholder"),
        ("arn:aws:connect:$.AwsRegion:1:instance/$.X/prompt/1", "prompt", "dynamic"),
        ("arn:aws:lambda:eu-west-1:1:function:my__odd__name", "lambda-function", "arn"),
    ],
)
def test_an_arn_that_is_not_complete(value: str, kind: str, form: str) -> None:
    reference = only("UpdateContactAttributes", {"Attributes": {"x": value}})
    assert (reference.kind, reference.form) == (kind, form)


def test_what_aws_manages_only_moves_to_another_region() -> None:
    reference = only("ShowView", {"ViewResource": {"Id": MANAGED}})
    assert reference.regional == "arn:{partition}:connect:{region}:aws:view/form:1"
    assert reference.name == "form"
    bot = {"Name": "Bot", "Alias": "$LATEST", "Region": "eu-west-1"}
    flow = read_block("ConnectParticipantWithLexBot", {"LexBot": bot})
    assert [(r.kind, r.regional) for r in flow.references] == [
        ("lex-bot", ""),
        ("lex-v1-alias", ""),
        ("region", "{region}"),
    ]


def test_a_lex_bot_is_called_by_bot_and_alias() -> None:
    parameters = {"LexV2Bot": {"AliasArn": BOT}}
    new = {
        "parameters": {
            "LexV2Bot": {"AliasArn": {"displayName": "live", "lexV2BotName": "Order"}}
        }
    }
    old = {"lexV2BotName": "Order", "lexV2BotAliasName": "live"}
    for shown in (new, old, new | old):
        name = only("ConnectParticipantWithLexBot", parameters, shown).name
        assert name == "Order/live"
    half = {"lexV2BotName": "Order"}
    assert only("ConnectParticipantWithLexBot", parameters, half).name == ""


def test_a_user_is_called_by_the_login() -> None:
    shown = {"queue": {"text": "jo@example.com (Jo Doe)", "id": arn("agent")}}
    reference = only("UpdateContactTargetQueue", {"AgentId": arn("agent")}, shown)
    assert reference.name == "jo@example.com"
    assert reference.twins == ((*HERE, "queue", "id"),)


def test_an_id_of_an_earlier_choice_is_a_twin_too() -> None:
    shown = {"Hours": {"id": arn("operating-hours", OTHER_ID), "text": "Office"}}
    parameters = {"HoursOfOperationId": arn("operating-hours")}
    reference = only("CheckHoursOfOperation", parameters, shown)
    assert reference.twins == ((*HERE, "Hours", "id"),)


def test_an_id_in_another_blocks_metadata_is_a_twin() -> None:
    actions = [
        action("block", "UpdateContactTargetQueue", {"QueueId": arn("queue")}, "end"),
        action("end", "EndFlowExecution"),
    ]
    flow = read(contact_flow(actions, {"end": {"old": {"id": arn("queue")}}}))
    (reference,) = flow.references
    assert reference.twins == (("Metadata", "ActionMetadata", "end", "old", "id"),)
    assert flow.findings == ()


def test_an_arn_in_metadata_alone_is_reported() -> None:
    shown = {"aiAgentVersionArn": f"{ASSISTANT}:1"}
    flow = read_block("CreateWisdomSession", {"WisdomAssistantArn": "$.A"}, shown)
    (finding,) = flow.findings
    assert (finding.rule, finding.severity) == ("connect/metadata-only", "info")
    assert finding.location is not None
    assert finding.location.line > 1


def test_a_display_name_that_is_the_arn_is_an_id() -> None:
    shown = {"parameters": {"WisdomAssistantArn": {"displayName": ASSISTANT}}}
    parameters = {"WisdomAssistantArn": ASSISTANT}
    reference = only("CreateWisdomSession", parameters, shown)
    assert (reference.name, reference.name_twins) == ("", ())
    place = (*HERE, "parameters", "WisdomAssistantArn", "displayName")
    assert reference.twins == (place,)


def test_a_bare_id_is_what_another_block_says_it_is() -> None:
    actions = [
        action("block", "UpdateContactTargetQueue", {"QueueId": arn("queue")}, "keep"),
        action("keep", "UpdateContactAttributes", {"Attributes": {"q": ID}}, "end"),
        action("end", "EndFlowExecution"),
    ]
    flow = read(contact_flow(actions))
    assert [(r.kind, r.form) for r in flow.references] == [
        ("queue", "arn"),
        ("queue", "id"),
    ]


@pytest.mark.parametrize("first", ["keep", "block"])
def test_what_has_no_name_beside_it_is_called_as_elsewhere(first: str) -> None:
    kept = {"q": ID, "whole": arn("queue")}
    actions = {
        "block": action("block", "UpdateContactTargetQueue", {"QueueId": arn("queue")}),
        "keep": action("keep", "UpdateContactAttributes", {"Attributes": kept}),
    }
    ordered = sorted(actions.values(), key=lambda a: a["Identifier"] != first)
    shown = {"block": {"queue": {"text": "Sales", "id": arn("queue")}}}
    flow = read(contact_flow(ordered, shown))
    assert {str(r.path[-1]): (r.name, r.key) for r in flow.references} == dict.fromkeys(
        ("QueueId", "whole", "q"), ("Sales", arn("queue"))
    )


def test_a_bare_id_of_nothing_known_is_reported() -> None:
    flow = read_block("UpdateContactAttributes", {"Attributes": {"q": ID}})
    assert flow.references == ()
    assert [f.rule for f in flow.findings] == ["connect/bare-id"]


def test_identifiers_are_never_references() -> None:
    actions = [action(ID, "Wait", {}, OTHER_ID), action(OTHER_ID, "EndFlowExecution")]
    assert read(contact_flow(actions)).references == ()
