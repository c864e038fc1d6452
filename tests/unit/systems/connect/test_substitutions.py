"""A content under Fn::Sub is a flow whose placeholders have to be mapped."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowops.bind import Binder
from flowops.errors import InputError
from flowops.model import Inventory, Location, Resource
from flowops.overlays.environment import Environment
from flowops.overlays.flow_overlay import FlowOverlays, ReferenceRule
from flowops.systems import connect
from flowops.systems.protocol import Flow
from tests.support.contact_flows import action, contact_flow, read

QUEUE = "${SalesQueue.QueueArn}"
FUNCTION = "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:look-up"
THERE = "arn:aws:connect:eu-west-1:111122223333:instance/i/queue/q"


def content(text: str = "Hello", **metadata: Any) -> str:
    actions = [
        action("a", "MessageParticipant", {"Text": text}, "b"),
        action("b", "UpdateContactTargetQueue", {"QueueId": QUEUE}, "c"),
        action("c", "InvokeLambdaFunction", {"LambdaFunctionARN": FUNCTION}, "d"),
        action("d", "DisconnectParticipant"),
    ]
    return json.dumps(contact_flow(actions, **metadata), indent=1)


def template(sub: object) -> dict[str, Any]:
    fields = {"Name": "Main", "Type": "CONTACT_FLOW", "Content": {"Fn::Sub": sub}}
    flow = {"Type": "AWS::Connect::ContactFlow", "Properties": fields}
    return {"Resources": {"Main": flow}}


def line_of(text: str, location: Location | None) -> str:
    assert location is not None
    return text.splitlines()[location.line - 1][location.column - 1 :]


@pytest.mark.parametrize("sub", [content(), [content(), {"SalesQueue": {"Ref": "Q"}}]])
def test_a_placeholder_in_a_reference_waits_for_an_overlay(sub: object) -> None:
    text = json.dumps(template(sub), indent=2)
    flow = read(text)
    assert [(r.kind, r.form, r.value) for r in flow.references] == [
        ("queue", "placeholder", QUEUE),
        ("lambda-function", "placeholder", FUNCTION),
    ]
    place = line_of(text, flow.references[0].location)
    assert place.lstrip("\\").startswith(f'"{QUEUE}')
    assert {b.state for b in bound(flow)[0]} == {"placeholder"}


def bound(flow: Flow, *rules: ReferenceRule) -> tuple[Any, str]:
    overlays = FlowOverlays(Environment("test", Location("test.yaml")), (), rules)
    queue = Resource("queue", "Sales", "q", THERE)
    inventory = Inventory((queue,), frozenset(["queue", "lambda-function"]))
    answers = Binder(overlays, inventory, {}).bind(flow)
    return answers.bindings, str(connect.render(answers).files["content.json"])


def test_the_answer_takes_the_place_of_the_placeholder() -> None:
    rule = ReferenceRule("Main", "queue", QUEUE, "Sales", Location("test.yaml", 3))
    _, made = bound(read(template(content())), rule)
    assert made == content().replace(QUEUE, THERE)


def test_what_is_no_placeholder_is_written_as_it_is_meant() -> None:
    text = json.dumps(template(content("Say ${!Name} and ${!x}, 5 $")), indent=2)
    flow = read(text)
    assert flow.source.to_bytes() == text.encode()
    assert bound(flow)[1] == content("Say ${Name} and ${x}, 5 $")
    place = line_of(text, flow.references[1].location)
    assert place.lstrip("\\").startswith(f'"{FUNCTION}')


@pytest.mark.parametrize(
    ("made", "mark"),
    [
        (content("Welcome to ${Company}"), r"\$\{Company\}"),
        (content("${!Name} of ${Name}"), r"\$\{Name\}"),
        (content(name="${Env}-main"), r"\$\{Env\}"),
        (content(**{"${Env}": "x"}), r"\$\{Env\}"),
    ],
)
def test_a_placeholder_anywhere_else_is_refused_with_its_place(
    made: str, mark: str
) -> None:
    text = json.dumps(template(made), indent=2)
    with pytest.raises(InputError, match=f"{mark} of Fn::Sub stands where") as error:
        read(text)
    assert '"' in line_of(text, error.value.location)
    assert "write the value" in error.value.hint


def test_a_placeholder_beside_a_reference_in_a_text_is_refused() -> None:
    value = f"{FUNCTION} in ${{Env}}"
    flow = contact_flow([action("a", "UpdateContactAttributes", {"x": value})])
    with pytest.raises(InputError, match=r"\$\{Env\} of Fn::Sub"):
        read(template(json.dumps(flow)))
    alone = contact_flow(
        [action("a", "UpdateContactAttributes", {"x": f"{FUNCTION} "})]
    )
    assert len(read(template(json.dumps(alone))).references) == 1
