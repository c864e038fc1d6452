"""A flow is read out of what other tools wrap it in, with its places in the file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowops.errors import InputError
from flowops.model import Binding, BindingState, Location, Resource
from flowops.systems import connect
from flowops.systems.protocol import BoundFlow, Flow
from tests.support.contact_flows import ID, action, arn, contact_flow, read

QUEUE = arn("queue")
Json = dict[str, Any]


def document() -> Json:
    greeting = {"Text": 'Grüße,\n"there" 😀 \\ \t'}
    actions = [
        action("a", "MessageParticipant", greeting, "b"),
        action("b", "UpdateContactTargetQueue", {"QueueId": QUEUE}, "nowhere"),
    ]
    return contact_flow(actions)


def described(**fields: object) -> Json:
    content = json.dumps(document(), indent=2)
    return {
        "ContactFlow": {
            "Arn": arn("contact-flow"),
            "Id": ID,
            "Name": "Main",
            "Type": "CUSTOMER_QUEUE",
            "Description": "Says hello",
            "Content": content,
            **fields,
        }
    }


def resource(**properties: object) -> Json:
    fields: Json = {"Name": "Main", "Type": "CUSTOMER_QUEUE"}
    content = json.dumps(document(), ensure_ascii=False)
    fields |= {"Description": "Says hello", "Content": content} | properties
    return {"Type": "AWS::Connect::ContactFlow", "Properties": fields}


WRAPPERS: dict[str, Json] = {
    "describe": described(),
    "object": described()["ContactFlow"],
    "native": described(Content=document()),
    "resource": resource(),
    "template": {
        "Resources": {
            "Flow": resource(),
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Odd": 3,
        }
    },
}


@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS)
def test_name_type_and_description_are_the_wrappers(wrapper: Json) -> None:
    assert connect.recognises(wrapper)
    flow = read(wrapper)
    assert str(flow.address) == "connect/contact-flow/Main"
    assert (flow.type, flow.description) == ("CUSTOMER_QUEUE", "Says hello")


@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_places_are_those_in_the_file(
    wrapper: Json, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(wrapper, indent=indent, ensure_ascii=ascii_only)
    flow = read(text)
    assert flow.source.to_bytes() == text.encode()
    (reference,) = flow.references
    assert at(text, reference.location).lstrip("\\").startswith(f'"{QUEUE}')
    (finding,) = flow.findings
    assert finding.rule == "connect/edge-to-nowhere"
    assert at(text, finding.location).lstrip("\\").startswith('"nowhere')


def at(text: str, location: Location | None) -> str:
    assert location is not None
    return text.splitlines()[location.line - 1][location.column - 1 :]


@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS)
def test_the_content_alone_is_rendered(wrapper: Json) -> None:
    flow = read(wrapper)
    there = f"{QUEUE[:-1]}9"
    (reference,) = flow.references
    resource = Resource("queue", "Q", arn=there)
    answer = Binding(reference, BindingState.RESOLVED, there, "test", resource)
    bundle = connect.render(BoundFlow(flow, (answer,), type=flow.type))
    expected = document()
    expected["Actions"][1]["Parameters"]["QueueId"] = there
    assert json.loads(str(bundle.files["content.json"])) == expected
    assert bundle.attributes["description"] == "Says hello"


def module(settings: object) -> Json:
    content = contact_flow([action("a", "DisconnectParticipant")], name="Other")
    fields = {"Name": "Part", "Content": json.dumps(content), "Settings": settings}
    return {"ContactFlowModule": fields}


SETTINGS = {"InputParameters": [], "Transitions": [{"DisplayName": "Ünder"}]}


@pytest.mark.parametrize("settings", [SETTINGS, json.dumps(SETTINGS)])
def test_a_module_keeps_its_settings(settings: object) -> None:
    flow = read(module(settings))
    assert str(flow.address) == "connect/flow-module/Part"
    assert flow.type == ""
    bundle = connect.render(BoundFlow(flow))
    assert json.loads(str(bundle.files["content.json"]))["Settings"] == SETTINGS


@pytest.mark.parametrize("settings", [None, ""])
def test_a_module_without_settings(settings: object) -> None:
    flow = read(module(settings))
    assert flow.address.kind == "flow-module"
    assert "Settings" not in content_of(flow)


def content_of(flow: Flow) -> str:
    return str(connect.render(BoundFlow(flow)).files["content.json"])


def test_settings_that_are_no_json_are_refused_with_their_place() -> None:
    with pytest.raises(InputError, match="not JSON") as error:
        read(module("{nothing}"))
    assert error.value.location is not None
    assert error.value.location.line > 1


def test_a_name_made_by_a_function_is_the_logical_id() -> None:
    wrapper = {"Resources": {"MainFlow": resource(Name={"Ref": "Name"})}}
    assert read(wrapper).address.name == "MainFlow"


@pytest.mark.parametrize(
    "wrapper",
    [
        {"ContactFlow": {"Name": "x"}},
        {"Name": "x", "Content": "plain words"},
        {"Name": "x", "Content": "{}"},
        {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}},
        {"Resources": []},
        {"Type": "AWS::Connect::ContactFlow", "Properties": 1},
        {"ContactFlow": 3},
    ],
)
def test_other_documents_are_not_recognised(wrapper: Json) -> None:
    assert not connect.recognises(wrapper)


@pytest.mark.parametrize(
    ("wrapper", "message"),
    [
        (
            {"Resources": {"One": resource(), "Two": resource(Name="Second")}},
            "the template holds 2 flows: Main, Second",
        ),
        (resource(Content={"Fn::Sub": ["{}"]}), "Content is neither the JSON text"),
        (resource(Content={"Fn::Join": ["", []]}), "Content is neither the JSON"),
        (resource(Tags={"Ref": "Tags"}), "Tags is a function of CloudFormation"),
        (resource(Tags=[{"Key": "a"}]), "Value must be a text"),
        (described(Tags={"a": 1}), "a must be a text"),
        (described(Tags={f"k{n}": "" for n in range(45)}), "there are 45 tags"),
        (resource(Content=""), "the file is empty"),
        (described(Content="{nothing}"), "this is not JSON"),
        (described(Content='{"a": '), "the JSON ends in the middle"),
        (described(Content="[]"), "the document must be an object"),
        (described(Content='{"a": 1, "a": 2}'), "'a' stands twice"),
        (described(Content="[" * 100_000), "nests too deeply"),
        (described(Content='{"a": "\\ud800"}'), "half a surrogate pair"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    wrapper: Json, message: str
) -> None:
    assert connect.recognises(wrapper)
    with pytest.raises(InputError, match=message) as error:
        read(wrapper)
    assert error.value.location is not None
    assert error.value.location.path == "flows/flow.json"
