"""Each rule of the model refuses, with the member and the rule in the message."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import regex
from botocore.client import BaseClient

from flowops.systems.connect.sandbox import Sandbox, validation
from flowops.systems.connect.sandbox.model import load_model
from flowops.systems.connect.sandbox.refusals import ViolationError, declared
from flowops.systems.connect.sandbox.requests import Request, _from_text, read_arguments
from flowops.systems.connect.sandbox.validation import check_members, check_value
from flowops.systems.connect.sandbox.values import Json

MODEL = load_model()


@pytest.mark.parametrize(
    ("shape", "raw", "rule"),
    [
        ("CommonNameLength127", "", "at least 1 characters"),
        ("CommonNameLength127", "é" * 128, "at most 127 characters, 128"),
        ("CommonNameLength127", 5, "must be a string"),
        ("CommonNameLength127", None, "must not be null"),
        ("CommonNameLength127", "\ud800", "must be UTF-8"),
        ("ContactFlowType", "INBOUND", "must be one of CONTACT_FLOW, CUSTOMER_QUEUE"),
        ("ContactFlowModuleName", " \t", "must match the pattern"),
        ("TagKey", "aws:mine", "must match the pattern"),
        ("DirectoryAlias", "d-alias", "must match the pattern"),
        ("RegionName", "eu-central-1x", "must match the pattern"),
        ("MaxResult1000", 0, "at least 1, 0 given"),
        ("MaxResult1000", 1001, "at most 1000, 1001 given"),
        ("MaxResult1000", "5", "must be an integer"),
        ("MaxResult1000", 5.0, "must be an integer"),
        ("MaxResult1000", True, "must be an integer"),
        ("MaxResult1000", 2**31, "of the type integer"),
        ("ResourceVersion", 2**63, "of the type long"),
        ("Boolean", "true", "must be true or false"),
        ("Boolean", 1, "must be true or false"),
        ("Timestamp", "2026-01-01", "seconds since 1970"),
        ("Timestamp", 1e18, "seconds since 1970"),
        ("Timestamp", 10**400, "seconds since 1970"),
        ("Timestamp", False, "seconds since 1970"),
        ("Timestamp", float("inf"), "seconds since 1970"),
        ("TagMap", [], "must be an object"),
        ("TagMap", {}, "at least 1 entries"),
        ("TagMap", {str(n): "" for n in range(51)}, "at most 50 entries"),
        ("TagMap", {"aws:x": "1"}, "x key 'aws:x': must match"),
        ("TagMap", {"k": "v" * 257}, r"x\.k: must be at most 256"),
        ("ContactFlowTypes", "CONTACT_FLOW", "must be a list"),
        ("ContactFlowTypes", ["CONTACT_FLOW"] * 11, "at most 10 items"),
        ("ContactFlowTypes", ["CONTACT_FLOW", "X"], r"x\[1\]: must be one of"),
        ("OutboundCallerConfig", [], "must be an object"),
        ("OutboundCallerConfig", {"Nope": 1}, r"x\.Nope: is not a member"),
        ("HoursOfOperationConfig", {"Day": "MONDAY"}, r"x\.StartTime: is required"),
        ("HoursOfOperationTimeSlice", {"Hours": 24, "Minutes": 0}, "at most 23"),
        ("EvaluationAnswerData", {}, "exactly one member"),
    ],
)
def test_a_value_that_breaks_a_rule_is_refused(
    shape: str, raw: Json, rule: str
) -> None:
    with pytest.raises(ViolationError, match=rule):
        check_value(MODEL, shape, raw, "x")


def test_numbers_may_have_bounds_that_are_not_whole() -> None:
    shape = next(
        name
        for name in MODEL._service.shape_names
        if MODEL._service.shape_for(name).type_name in ("double", "float")
        and "max" in MODEL._service.shape_for(name).metadata
    )
    most = MODEL.shape(shape).maximum
    assert most is not None
    assert check_value(MODEL, shape, most, "x") == most
    with pytest.raises(ViolationError, match="at most"):
        check_value(MODEL, shape, most + 0.5, "x")
    with pytest.raises(ViolationError, match="must be a number"):
        check_value(MODEL, shape, "1", "x")


@pytest.mark.parametrize(
    ("target", "body", "rule"),
    [
        ("/queues/i?surprise=1", b"", "surprise: is not a query parameter"),
        ("/queues/i?a=%zz", b"", "percent-encoded"),
        ("/queues/i?a=%ff", b"", "UTF-8"),
        ("/queues/i?&&", b"", "the query string"),
        ("/queues/i", b"\xff", "the body: is not JSON"),
        ("/queues/i", b"{", "the body: is not JSON: Expecting property name"),
        ("/queues/i", b"[]", "the body: must be a JSON object"),
        ("/queues/i", b'{"Name":"a","Name":"b"}', "'Name' stands twice"),
        ("/queues/i", b'{"Name": NaN}', "NaN is not JSON"),
        ("/queues/i", b'{"Name": "\\ud800"}', "half of a surrogate pair"),
        ("/queues/i", b'{"Name":' + b"[" * 20_000, "nested too deep"),
        ("/queues/i", b'{"InstanceId": "i"}', "InstanceId: is not a member of"),
        ("/queues/i", b'{"Nmae": "x"}', "Nmae: is not a member of the body"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(
    target: str, body: bytes, rule: str
) -> None:
    operation = MODEL.operations["CreateQueue"]
    request = Request("PUT", target, {}, body)
    with pytest.raises(ViolationError, match=rule):
        read_arguments(MODEL, operation, {"InstanceId": "i"}, request)


@pytest.mark.parametrize(
    ("operation", "target", "rule"),
    [
        ("ListQueues", "/x?maxResults=ten", "MaxResults: must be of the type integer"),
        ("ListQueues", "/x?maxResults=1&maxResults=2", "given more than once"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused(
    operation: str, target: str, rule: str
) -> None:
    with pytest.raises(ViolationError, match=rule):
        read_arguments(
            MODEL, MODEL.operations[operation], {}, Request("GET", target, {})
        )


def test_every_scalar_can_travel_as_text() -> None:
    number = next(
        name
        for name in MODEL._service.shape_names
        if MODEL._service.shape_for(name).type_name == "double"
    )
    assert _from_text(MODEL.shape("Boolean"), "true", "x") is True
    assert _from_text(MODEL.shape(number), "-1.5", "x") == -1.5
    for shape, text in (("Boolean", "True"), (number, "inf"), (number, "1e5")):
        with pytest.raises(ViolationError, match="x: must be of the type"):
            _from_text(MODEL.shape(shape), text, "x")


def test_a_pattern_that_takes_too_long_does_not_match(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(validation, "PATTERN_SECONDS", 0.01)
    started = time.monotonic()
    assert not validation._matches(regex.compile("(a|aa|aaa)+$"), "a" * 60 + "b")
    assert time.monotonic() - started < 60  # it would take years


def test_the_type_of_a_flow_cannot_change() -> None:
    operation = MODEL.operations["UpdateContactFlowMetadata"]
    request = Request("POST", "/x", {}, b'{"Type": "CAMPAIGN"}')
    with pytest.raises(ViolationError, match="Type: is not a member of the body"):
        read_arguments(MODEL, operation, {}, request)


def test_a_header_holds_an_http_date() -> None:
    operation = MODEL.operations["UpdateUserNotificationStatus"]
    key = "x-amz-last-modified-time"
    good = Request("POST", "/x", {key: "Tue, 03 Feb 2026 04:05:06 GMT"})
    assert read_arguments(MODEL, operation, {}, good) == {
        "LastModifiedTime": 1770091506.0
    }
    with pytest.raises(ViolationError, match="HTTP date"):
        read_arguments(MODEL, operation, {}, Request("POST", "/x", {key: "soon"}))


def test_an_operation_without_the_usual_errors_still_names_one() -> None:
    violation = ViolationError("x", "is wrong")
    assert declared(violation, ()).name == "InvalidRequestException"
    only = ("InvalidParameterException",)
    assert (
        declared(ViolationError("x", "is wrong", malformed=True), only).name == only[0]
    )


def test_a_missing_member_is_named() -> None:
    shape = MODEL.shape("CreateQueueRequest")
    with pytest.raises(ViolationError, match=r"^Name: is required"):
        check_members(MODEL, shape, {"InstanceId": "i", "HoursOfOperationId": "h"})


def test_the_service_answers_400_and_names_the_rule(
    client: BaseClient, sandbox: Sandbox, refusal: Callable[..., object]
) -> None:
    arguments = {"InstanceId": sandbox.instance_id, "HoursOfOperationId": "h"}
    assert refusal(client.create_queue, Name="x" * 200, **arguments) == (
        400,
        "InvalidParameterException",
        "Name: must be at most 127 characters, 200 characters given",
    )
    assert refusal(client.create_queue, Name=7, **arguments) == (
        400,
        "InvalidRequestException",
        "Name: must be a string",
    )
    assert refusal(client.create_queue, **arguments) == (
        400,
        "InvalidRequestException",
        "Name: is required",
    )
    assert refusal(client.list_instances, MaxResults=11) == (
        400,
        "InvalidRequestException",
        "MaxResults: must be at most 10, 11 given",
    )
