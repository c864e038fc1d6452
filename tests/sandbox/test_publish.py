"""What publishing refuses, one problem at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import pytest

from flowops.systems.connect.sandbox import Sandbox
from flowops.systems.connect.sandbox.model import load_model
from flowops.systems.connect.sandbox.publish import LONGEST_PROBLEM, find_problems
from flowops.systems.connect.sandbox.starters import flow_starter, module_starter
from flowops.systems.connect.sandbox.store import Content

Check: TypeAlias = Callable[..., list[str]]
Flow: TypeAlias = Callable[..., dict[str, object]]


@pytest.fixture
def check(sandbox: Sandbox) -> Iterator[Check]:
    """Give a function that says what is wrong with a document."""

    def find(document: object, *, is_module: bool = False) -> list[str]:
        text = document if isinstance(document, str) else json.dumps(document)
        return find_problems(sandbox._context, Content(text), is_module=is_module)

    with sandbox._store.transaction():
        yield find


def _action(**members: object) -> dict[str, object]:
    return {"Identifier": "a", "Type": "Wait", "Transitions": {}, **members}


@pytest.mark.parametrize("flow_type", load_model().shape("ContactFlowType").allowed)
def test_what_a_sandbox_begins_with_can_be_published(
    flow_type: str, check: Check
) -> None:
    assert check(flow_starter(flow_type).text) == []
    assert check(module_starter().text, is_module=True) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "Content is not JSON: Expecting value at line 1, column 1"),
        ('{"a": }', "Content is not JSON: Expecting value at line 1, column 7"),
        ('{"a": 1, "a": 2}', "Content is not JSON: the key 'a' stands twice in one"),
        ("[" * 100_000, "Content is not JSON: it is nested too deep"),
        ('"\\ud800"', "Content is not JSON: it holds half of a surrogate pair"),
        ("[]", "Content must be a JSON object"),
        ('{"modules": [], "version": "1"}', "Content is a legacy export"),
    ],
)
def test_content_that_is_no_flow(text: str, expected: str, check: Check) -> None:
    (problem,) = check(text)
    assert problem.startswith(expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Version": None}, "Invalid Version; it must be 2019-10-30. Path: Version"),
        ({"Version": "2018"}, "Invalid Version; it must be 2019-10-30. Path: Version"),
        ({"Metadata": []}, "Invalid property value. Path: Metadata"),
        ({"Settings": {}}, "Invalid property name. Path: Settings"),
        ({"Surprise": 1}, "Invalid property name. Path: Surprise"),
        ({"StartAction": "x"}, "Action not found. Identifier: x, Path: StartAction"),
        ({"StartAction": 1}, "Action not found. Identifier: 1, Path: StartAction"),
        ({"Actions": {}}, "Invalid property value. Path: Actions"),
        ({"Actions": []}, "A flow has 1 to 250 actions, this one has 0. Path: Actions"),
    ],
)
def test_an_envelope_that_is_wrong(
    change: Mapping[str, object], expected: str, check: Check, flow: Flow
) -> None:
    assert check({**flow(), **change}) == [expected]


@pytest.mark.parametrize("key", ["Version", "StartAction", "Actions"])
def test_an_envelope_that_lacks_something(key: str, check: Check, flow: Flow) -> None:
    document = flow()
    del document[key]
    assert check(document) == [f"Flow is missing required property. Path: {key}"]


def test_metadata_is_nobodys_business(check: Check, flow: Flow) -> None:
    foreign = "arn:aws:connect:us-east-1:999999999999:instance/x/queue/y"
    assert check({**flow(), "Metadata": {"x": [foreign], "hash": {}}}) == []


def test_a_flow_has_at_most_250_actions(check: Check, flow: Flow) -> None:
    def of(count: int) -> dict[str, object]:
        actions = [
            _action(Identifier=str(n), Type="DisconnectParticipant")
            for n in range(count)
        ]
        return {**flow(), "StartAction": "0", "Actions": actions}

    assert check(of(250)) == []
    assert check(of(251)) == [
        "A flow has 1 to 250 actions, this one has 251. Path: Actions"
    ]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("text", "Invalid Action. Path: Actions[0]"),
        (
            _action(Surprise=1, Type="EndFlowExecution"),
            "Invalid Action property name. Path: Actions[0].Surprise",
        ),
        (
            {"Type": "EndFlowExecution", "Transitions": {}},
            "Action is missing required property. Path: Actions[0].Identifier",
        ),
        (
            _action(Identifier=5, Type="EndFlowExecution"),
            "Invalid Action Identifier. Path: Actions[0].Identifier",
        ),
        (
            _action(Identifier="", Type="EndFlowExecution"),
            "Invalid Action Identifier. Path: Actions[0].Identifier",
        ),
        (
            _action(Identifier="b", Type="EndFlowExecution"),
            (
                "Action Identifier stands twice. Identifier: b,"
                " Path: Actions[1].Identifier"
            ),
        ),
        (
            _action(Identifier="x" * 51, Type="EndFlowExecution"),
            "Action Identifier is longer than 50. Path: Actions[0].Identifier",
        ),
        *(
            (
                _action(Identifier=name, Type="EndFlowExecution"),
                (
                    f"Invalid Action Identifier. Identifier: {name},"
                    " Path: Actions[0].Identifier"
                ),
            )
            for name in (
                "__proto__",
                "toString",
                *(f"a{c}b" for c in "%:(\\/)=$,;[]{}"),
            )
        ),
        (
            {"Identifier": "a", "Transitions": {}},
            "Action is missing required property. Path: Actions[0].Type",
        ),
        (
            _action(Type="SetQueue"),
            "Invalid Action type. Type: SetQueue, Path: Actions[0].Type",
        ),
        (
            _action(Type="UnTagContact"),
            "Invalid Action type. Type: UnTagContact, Path: Actions[0].Type",
        ),
        (
            _action(Type=["Wait"]),
            "Invalid Action type. Type: ['Wait'], Path: Actions[0].Type",
        ),
        (
            _action(Type="EndFlowModuleExecution"),
            (
                "Action type is for modules only. Type: EndFlowModuleExecution,"
                " Path: Actions[0].Type"
            ),
        ),
        (
            _action(Parameters=[], Type="EndFlowExecution"),
            "Invalid Action property value. Path: Actions[0].Parameters",
        ),
        (
            {"Identifier": "a", "Type": "EndFlowExecution"},
            "Action is missing required property. Path: Actions[0].Transitions",
        ),
        (
            _action(Transitions=[]),
            "Invalid Action property value. Path: Actions[0].Transitions",
        ),
        (
            _action(Type="EndFlowExecution", Transitions={"NextAction": "b"}),
            (
                "Action ends the flow and has no transitions."
                " Path: Actions[0].Transitions.NextAction"
            ),
        ),
    ],
)
def test_an_action_that_is_wrong(
    action: Mapping[str, object], expected: str, check: Check, flow: Flow
) -> None:
    end = _action(Identifier="b", Type="DisconnectParticipant")
    document = {**flow(), "StartAction": "b", "Actions": [action, end]}
    assert expected in check(document)
    assert check({**document, "Actions": [end]}) == []


def _condition(**members: object) -> dict[str, object]:
    condition = {"Operator": "Equals", "Operands": ["1"], **members}
    return {"Conditions": [{"NextAction": "end", "Condition": condition}]}


@pytest.mark.parametrize(
    ("transitions", "expected"),
    [
        ({"NextAction": None}, "Action is missing required property. Path: NextAction"),
        ({"NextAction": ""}, "Action not found. Identifier: , Path: NextAction"),
        ({"NextAction": "x"}, "Action not found. Identifier: x, Path: NextAction"),
        ({"NextAction": []}, "Action not found. Identifier: [], Path: NextAction"),
        ({"Next": "end"}, "Invalid Action property name. Path: Next"),
        ({"Errors": {}}, "Invalid Action property value. Path: Errors"),
        ({"Errors": ["x"]}, "Invalid Action property value. Path: Errors[0]"),
        (
            {"Errors": [{"NextAction": "end"}]},
            "Invalid Action error. Error: None, Path: Errors[0].ErrorType",
        ),
        (
            {"Errors": [{"ErrorType": "NoMatchingError"}]},
            "Action is missing required property. Path: Errors[0].NextAction",
        ),
        (
            {"Errors": [{"ErrorType": "NoMatchingError", "NextAction": "x"}]},
            "Action not found. Identifier: x, Path: Errors[0].NextAction",
        ),
        (
            {"Errors": [{"ErrorType": "E", "NextAction": "end", "More": 1}]},
            "Invalid Action property name. Path: Errors[0].More",
        ),
        (
            {"Conditions": [{"NextAction": "end"}]},
            "Action is missing required property. Path: Conditions[0].Condition",
        ),
        (
            _condition(Operator="Contains"),
            (
                "Invalid Condition operator. Operator: Contains,"
                " Path: Conditions[0].Condition.Operator"
            ),
        ),
        (
            _condition(Operands=[]),
            "Invalid Condition operands. Path: Conditions[0].Condition.Operands",
        ),
        (
            _condition(Operands=[1]),
            "Invalid Condition operands. Path: Conditions[0].Condition.Operands",
        ),
        (
            _condition(Operands="1"),
            "Invalid Condition operands. Path: Conditions[0].Condition.Operands",
        ),
        (
            _condition(Negate=True),
            "Invalid Action property name. Path: Conditions[0].Condition.Negate",
        ),
    ],
)
def test_transitions_that_are_wrong(
    transitions: Mapping[str, object], expected: str, check: Check, flow: Flow
) -> None:
    found = check(flow("Wait", None, {"NextAction": "end", **transitions}))
    where = expected.replace("Path: ", "Path: Actions[0].Transitions.")
    assert found == ([where] if expected else [])


def test_only_a_loop_of_prompts_may_stop_going_on(check: Check, flow: Flow) -> None:
    assert check(flow("MessageParticipantIteratively", None, {})) == []
    assert check(flow("MessageParticipant", None, {})) == [
        "Action is missing required property. Path: Actions[0].Transitions.NextAction"
    ]


def test_a_terminal_action_may_write_out_that_it_has_no_branches(
    check: Check, flow: Flow
) -> None:
    end = _action(Type="EndFlowExecution", Transitions={"Errors": [], "Conditions": []})
    assert check({**flow(), "StartAction": "a", "Actions": [end]}) == []


def test_problems_come_in_the_order_of_the_document(check: Check, flow: Flow) -> None:
    document = flow("Nope", {"QueueId": ""}, {"NextAction": "x"})
    document["Version"] = "1"
    expected = [
        "Invalid Version; it must be 2019-10-30. Path: Version",
        "Invalid Action type. Type: Nope, Path: Actions[0].Type",
        "Action not found. Identifier: x, Path: Actions[0].Transitions.NextAction",
        (
            "Unresolved reference to a queue: it is empty."
            " Path: Actions[0].Parameters.QueueId"
        ),
    ]
    assert check(document) == check(document) == expected


def test_a_problem_fits_the_model(check: Check, flow: Flow) -> None:
    (problem,) = check(flow("N" * 1000))
    assert len(problem) == LONGEST_PROBLEM
    assert load_model().shape("ProblemMessageString").maximum == LONGEST_PROBLEM
