"""Every operation of the model goes through the sandbox's reading and writing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeAlias

import botocore.awsrequest
import botocore.parsers
import botocore.serialize
import pytest
from botocore.loaders import create_loader
from botocore.model import ServiceModel as BotocoreModel

from flowops.systems.connect.sandbox.answers import write_output
from flowops.systems.connect.sandbox.model import Operation, ServiceModel, load_model
from flowops.systems.connect.sandbox.refusals import ApiError, ViolationError
from flowops.systems.connect.sandbox.requests import Request, read_arguments
from flowops.systems.connect.sandbox.routes import Router
from flowops.systems.connect.sandbox.values import Json

Sample: TypeAlias = (
    "str | int | float | bool | datetime | list[Sample] | dict[str, Sample]"
)
Found: TypeAlias = "dict[str, Sample]"

MODEL = load_model()
ROUTER = Router(MODEL.operations.values())
BOTOCORE = BotocoreModel(create_loader().load_service_model("connect", "service-2"))
MOMENT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
DEEPEST = 4


def sample(name: str, depth: int = 0) -> Sample:
    """Make a value of a shape, with every member down to some depth."""
    shape = MODEL.shape(name)
    if shape.kind == "structure":
        members = list(shape.members.values())
        if shape.is_union:
            members = members[:1]
        elif depth >= DEEPEST:
            members = [member for member in members if member.required]
        return {member.name: sample(member.shape, depth + 1) for member in members}
    if shape.kind == "list":
        return [] if depth >= DEEPEST else [sample(shape.item, depth + 1)]
    if shape.kind == "map":
        return {} if depth >= DEEPEST else {"clé/1": sample(shape.value, depth + 1)}
    scalars: dict[str, Sample] = {
        "string": shape.allowed[0] if shape.allowed else "a/ü:b c%+&",
        "integer": 7,
        "long": 7_000_000_000,
        "float": 1.5,
        "double": 2.25,
        "boolean": True,
        "timestamp": MOMENT,
    }
    return scalars[shape.kind]


def as_json(value: Sample) -> Json:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value


def structure(name: str) -> Found:
    made = sample(name)
    assert isinstance(made, dict)
    return made


def request_of(operation: Operation, arguments: Found) -> Request:
    """Let botocore itself write the request."""
    serializer = botocore.serialize.create_serializer(
        "rest-json", include_validation=False
    )
    made = serializer.serialize_to_request(
        arguments, BOTOCORE.operation_model(operation.name)
    )
    botocore.awsrequest.prepare_request_dict(made, endpoint_url="http://127.0.0.1")
    target = made["url"].removeprefix("http://127.0.0.1")
    headers = {key.lower(): str(value) for key, value in made["headers"].items()}
    body = made["body"]
    return Request(
        made["method"],
        target,
        headers,
        body if isinstance(body, bytes) else body.encode(),
    )


def test_every_operation_is_routed_and_read_as_botocore_writes_it() -> None:
    assert len(MODEL.operations) > 400
    for operation in MODEL.operations.values():
        arguments = structure(operation.input) if operation.input else {}
        request = request_of(operation, arguments)
        found, labels = ROUTER.match(request.method, request.path)
        assert found is operation
        raw = read_arguments(MODEL, operation, labels, request)
        assert raw == as_json(arguments), operation.name


def test_every_output_is_written_as_botocore_reads_it() -> None:
    parser = botocore.parsers.create_parser("rest-json")
    for operation in MODEL.operations.values():
        output = structure(operation.output) if operation.output else {}
        answer = write_output(MODEL, operation, output)
        shape = BOTOCORE.operation_model(operation.name).output_shape
        parsed = parser.parse(
            {"body": answer.body, "headers": {}, "status_code": answer.status}, shape
        )
        parsed.pop("ResponseMetadata")
        assert json.dumps(as_json(parsed)) == json.dumps(as_json(output))


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ("PhoneNumber", "+498912345"),
        ("PhoneNumberPrefix", "+49"),
        ("S3Uri", "https://bucket.s3.eu-central-1.amazonaws.com/beep.wav"),
        ("Password", "Passw0rd!"),
        ("TagKey", "straße ok"),
        ("ViewName", "L'été (2)"),
    ],
)
def test_patterns_that_the_model_spells_wrongly_or_in_unicode(
    shape: str, text: str
) -> None:
    pattern = MODEL.shape(shape).pattern
    assert pattern is not None
    assert pattern.fullmatch(text)


def test_a_model_that_outgrows_the_sandbox_is_noticed() -> None:
    operation = replace(MODEL.operations["ListQueues"], template="/x/{Path+}")
    with pytest.raises(NotImplementedError, match="cannot route ListQueues"):
        Router([operation])
    data = {
        "metadata": {"protocol": "rest-json"},
        "operations": {},
        "shapes": {"Photo": {"type": "blob"}},
    }
    with pytest.raises(NotImplementedError, match="cannot carry shape Photo"):
        ServiceModel(BotocoreModel(data)).shape("Photo")


@pytest.mark.parametrize("method", ["GET", "PATCH", "OPTIONS"])
def test_an_unknown_path_is_an_unknown_operation(method: str) -> None:
    with pytest.raises(ApiError, match="UnknownOperationException"):
        ROUTER.match(method, "/nothing/here")


@pytest.mark.parametrize("path", ["/instance//bots", "/contact-flows/i//content"])
def test_an_empty_label_matches_nothing(path: str) -> None:
    method = "GET" if path.endswith("bots") else "POST"
    with pytest.raises(ApiError, match="UnknownOperationException"):
        ROUTER.match(method, path)


@pytest.mark.parametrize("path", ["/instance/%zz", "/instance/%ff", "/instance/ü"])
def test_a_label_has_to_be_percent_encoded_utf_8(path: str) -> None:
    with pytest.raises(ViolationError, match="InstanceId"):
        ROUTER.match("GET", path)
