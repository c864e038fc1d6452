"""Where references are found, and what is known about each."""

from __future__ import annotations

from typing import Any

import pytest

from flowops.model import Reference, ReferenceForm
from flowops.systems.connect.references import is_dynamic
from tests.support.contact_flows import (
    ID,
    OTHER_ID,
    action,
    arn,
    contact_flow,
    read,
    read_block,
)

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


def test_an_arn_in_a_free_map_is_a_reference() -> None:
    reference = only("UpdateContactAttributes", {"Attributes": {"queue": arn("queue")}})
    assert reference.kind == "queue"
    assert reference.path[-2:] == ("Attributes", "queue")


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:lex:eu-west-1:111122223333:bot-alias/ABC/DEF",
        f"Call {arn('queue')} now",
        arn("view"),
    ],
)
def test_an_arn_that_cannot_be_checked_is_a_warning(value: str) -> None:
    flow = read_block("UpdateContactAttributes", {"Attributes": {"x": value}})
    assert flow.references == ()
    (finding,) = flow.findings
    assert finding.rule == "connect/reference-not-checked"
    assert finding.location is not None
    assert finding.location.line > 1


def test_identifiers_are_never_references() -> None:
    actions = [action(ID, "Wait", {}, OTHER_ID), action(OTHER_ID, "EndFlowExecution")]
    assert read(contact_flow(actions)).references == ()
