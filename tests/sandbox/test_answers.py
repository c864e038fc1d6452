"""A handler that breaks the model is caught, and the sandbox says so loudly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest
from botocore.client import BaseClient

from flowops.systems.connect.sandbox import (
    BEHAVIOURS,
    Behaviour,
    Sandbox,
    SandboxDefectError,
    SandboxInventory,
    SandboxServer,
)
from flowops.systems.connect.sandbox.answers import write_error, write_output
from flowops.systems.connect.sandbox.context import Arguments, Context
from flowops.systems.connect.sandbox.model import load_model
from flowops.systems.connect.sandbox.refusals import ApiError
from flowops.systems.connect.sandbox.values import Value

MODEL = load_model()


@pytest.mark.parametrize(
    ("operation", "output", "fault"),
    [
        ("DescribeQueue", {"Quue": {}}, r"DescribeQueue\.Quue is not in"),
        ("DescribeQueue", {"Queue": {"Id": "1"}}, r"Queue\.Id is not in Queue"),
        ("DescribeQueue", {"Queue": []}, "must be a structure"),
        ("DescribeQueue", {"Queue": {"Name": 5}}, "must be a string"),
        ("DescribeQueue", {"Queue": {"Status": "ON"}}, "one of ENABLED, DISABLED"),
        ("DescribeQueue", {"Queue": {"MaxContacts": "1"}}, "must be an integer"),
        ("DescribeQueue", {"Queue": {"MaxContacts": True}}, "must be an integer"),
        ("DescribeQueue", {"Queue": {"Tags": "x"}}, "must be a map"),
        ("DescribeQueue", {"Queue": {"LastModifiedTime": 5}}, "a time with its zone"),
        (
            "DescribeQueue",
            {"Queue": {"LastModifiedTime": datetime(2026, 1, 1)}},  # noqa: DTZ001
            "a time with its zone",
        ),
        ("ListQueues", {"QueueSummaryList": "x"}, "must be a list"),
        ("ListBots", {"LexBots": [{"LexBot": {"Name": "b"}}]}, "LexRegion is required"),
        ("DescribeInstance", {"Instance": {"InboundCallsEnabled": 1}}, "a boolean"),
        ("DeleteQueue", {"Done": True}, "DeleteQueue has no output"),
        (
            "DescribeContact",
            {"Contact": {"NextContacts": [{"NextContactMetadata": {}}]}},
            "exactly one member",
        ),
        (
            "GetMetricData",
            {"MetricResults": [{"Collections": [{"Value": "1"}]}]},
            "must be a number",
        ),
    ],
)
def test_an_output_that_the_model_does_not_have_is_a_defect(
    operation: str, output: Mapping[str, Value], fault: str
) -> None:
    with pytest.raises(SandboxDefectError, match=fault):
        write_output(MODEL, MODEL.operations[operation], output)


def test_an_error_that_the_service_does_not_have_is_a_defect() -> None:
    with pytest.raises(SandboxDefectError, match="no error TeapotException"):
        write_error(MODEL, ApiError("TeapotException"))
    with pytest.raises(SandboxDefectError, match="Hint is not in"):
        write_error(MODEL, ApiError("ThrottlingException", members={"Hint": "wait"}))


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("ThrottlingException", 429, b'{"Message": "m"}'),
        ("LimitExceededException", 429, b'{"Message": "m"}'),
        ("DuplicateResourceException", 409, b'{"Message": "m"}'),
        ("ResourceNotFoundException", 404, b'{"Message": "m"}'),
        ("AccessDeniedException", 403, b'{"Message": "m"}'),
        ("InternalServiceException", 500, b'{"Message": "m"}'),
        ("InvalidContactFlowException", 400, b"{}"),
        ("NotImplementedException", 501, b'{"Message": "m"}'),
    ],
)
def test_an_error_has_the_status_and_the_shape_of_the_model(
    name: str, status: int, body: bytes
) -> None:
    answer = write_error(MODEL, ApiError(name, "m"))
    assert (answer.status, answer.headers, answer.body) == (
        status,
        {"x-amzn-ErrorType": name},
        body,
    )


def _wrong_member(context: Context, arguments: Arguments) -> Mapping[str, Value]:
    return {"Quue": {}}


def _wrong_error(context: Context, arguments: Arguments) -> Mapping[str, Value]:
    raise ApiError("DuplicateResourceException", "DescribeQueue does not declare it")


def _crash(context: Context, arguments: Arguments) -> Mapping[str, Value]:
    raise KeyError("gone")


@pytest.mark.parametrize("handler", [_wrong_member, _wrong_error, _crash])
def test_a_bad_handler_answers_500_and_fails_whoever_stops_the_server(
    handler: Callable[[Context, Arguments], Mapping[str, Value]],
    inventory: SandboxInventory,
    connect_to: Callable[[str], BaseClient],
    refusal: Callable[..., tuple[int, str, str]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    bad = Behaviour(handler, frozenset({"InstanceId", "QueueId"}), writes=False)
    sandbox = Sandbox(inventory, behaviours={**BEHAVIOURS, "DescribeQueue": bad})
    server = SandboxServer(sandbox)
    with pytest.raises(SandboxDefectError), server:
        status, code, message = refusal(
            connect_to(server.url).describe_queue,
            InstanceId=sandbox.instance_id,
            QueueId="q",
        )
    assert (status, code) == (500, "SandboxDefectException")
    assert "the sandbox failed" in message
    assert len(sandbox.defects) == 1
    assert capfd.readouterr() == ("", "")
    sandbox.close()
