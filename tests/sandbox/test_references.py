"""What publishing asks of references, wherever they stand in an action."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import pytest

from flowops.systems.connect.sandbox import Sandbox
from flowops.systems.connect.sandbox.flow_language import REFERENCE_KINDS
from flowops.systems.connect.sandbox.publish import find_problems
from flowops.systems.connect.sandbox.store import Content

Check: TypeAlias = Callable[[Mapping[str, object]], list[str]]
Arn: TypeAlias = Callable[[str, str], str]

NOBODY = "00000000-0000-4000-8000-000000000000"
FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function:lookup-customer"
BOT = "arn:aws:lex:eu-central-1:111122223333:bot-alias/ABCDEFGHIJ/TSTALIASID"
NAMES = {
    "agent": "ada",
    "contact-flow": "Main IVR",
    "flow-module": "Check Hours",
    "operating-hours": "Basic Hours",
    "prompt": "Beep.wav",
    "queue": "BasicQueue",
    "view": "Order form",
}


@pytest.fixture
def check(sandbox: Sandbox, flow: Callable[..., object]) -> Iterator[Check]:
    """Give a function that says what is wrong with an action's parameters."""

    def find(parameters: Mapping[str, object]) -> list[str]:
        text = json.dumps(flow("UpdateContactAttributes", parameters))
        found = find_problems(sandbox._context, Content(text), is_module=False)
        return [problem.replace("Actions[0].Parameters.", "") for problem in found]

    with sandbox._store.transaction():
        yield find


@pytest.fixture
def arn(sandbox: Sandbox) -> Arn:
    """Give a function that writes the ARN of a kind and an id or a name."""

    def make(kind: str, name: str) -> str:
        found = sandbox._store.after(kind, 0)
        known = {item.name: item.id for item in found}
        return f"{sandbox.instance_arn}/{kind}/{known.get(name, name)}"

    return make


def _parameters(path: str, value: object) -> dict[str, object]:
    """Put a value at a path such as ``Messages[].PromptId``."""
    name, dot, rest = path.partition(".")
    inner = _parameters(rest, value) if dot else value
    if name.endswith("[]"):
        return {name[:-2]: [inner]}
    return {"CustomerQueue" if name == "*" else name: inner}


def _place(path: str) -> str:
    return path.replace("[]", "[0]").replace("*", "CustomerQueue")


def _valid(kind: str, arn: Arn) -> str:
    special = {"lambda": FUNCTION, "lex": BOT}
    return special.get(kind) or arn(kind, NAMES[kind])


@pytest.mark.parametrize(("path", "kind"), REFERENCE_KINDS.items())
def test_a_known_parameter_takes_what_exists(
    path: str, kind: str, check: Check, arn: Arn
) -> None:
    valid = _valid(kind, arn)
    assert check(_parameters(path, valid)) == []
    bare = valid.replace(":", "/").rpartition("/")[2]
    assert bool(check(_parameters(path, bare))) == (kind in ("lambda", "lex"))
    assert check(_parameters(path, "$.Attributes.x")) == []
    assert check(_parameters(path, "$['Attributes']['x']")) == []
    assert check(_parameters(path, "arn:aws:lambda:$.AwsRegion:1:function:f")) == []


@pytest.mark.parametrize(("path", "kind"), REFERENCE_KINDS.items())
def test_a_known_parameter_refuses_what_is_empty_or_missing(
    path: str, kind: str, check: Check, arn: Arn
) -> None:
    place = _place(path)
    (problem,) = check(_parameters(path, ""))
    assert problem.startswith("Unresolved reference to a ")
    assert problem.endswith(f": it is empty. Path: {place}")
    odd: tuple[object, ...] = (5, None, {}, [], {"x": "y"})
    for value in odd:
        expected = f"Invalid Action property value. Path: {place}"
        assert check(_parameters(path, value)) == [expected]
    (problem,) = check(_parameters(path, "Customer Service"))
    arns_only = kind in ("lambda", "lex")
    why = "Not a supported id format" if arns_only else "Failed to convert id"
    assert problem == f"{why}. Path: {place}, Value: Customer Service"
    (problem,) = check(_parameters(path, NOBODY))
    assert f"Path: {place}, Value: {NOBODY}" in problem
    other = arn("prompt" if kind == "queue" else "queue", "BasicQueue")
    (problem,) = check(_parameters(path, other))
    assert problem.startswith("Not the ARN of a ")


@pytest.mark.parametrize(("kind", "name"), NAMES.items())
def test_an_arn_anywhere_has_to_name_something_here(
    kind: str, name: str, check: Check, arn: Arn, sandbox: Sandbox
) -> None:
    valid = arn(kind, name)
    for text in (valid, f"see {valid}.", f'{{"x":"{valid}"}}', f"({valid}), {valid}"):
        assert check({"Attributes": {"x": [{"y": text}]}}) == []
    missing = arn(kind, NOBODY)
    expected = f"Resource not found. Path: Attributes.x[0].y, Value: {missing}"
    for text in (missing, f"see {missing}.", f"{valid} {missing}"):
        assert check({"Attributes": {"x": [{"y": text}]}}) == [expected]
    foreign = valid.replace(sandbox.instance_id, NOBODY)
    assert check({"Text": foreign}) == [
        f"ARN of another instance. Path: Text, Value: {foreign}"
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("eu-central-1", "eu-west-1"),
        ("111122223333", "999988887777"),
        ("arn:aws:", "arn:aws-cn:"),
    ],
)
def test_another_region_account_or_partition_is_refused(
    old: str, new: str, check: Check, arn: Arn
) -> None:
    foreign = arn("queue", "BasicQueue").replace(old, new)
    problem = f"ARN of another Region or account. Path: QueueId, Value: {foreign}"
    assert check({"QueueId": foreign}) == [problem]


def test_qualifiers_belong_to_flows_modules_and_views(check: Check, arn: Arn) -> None:
    module = arn("flow-module", "Check Hours")
    for suffix in (":$LATEST", ":$SAVED", ":3", ":live"):
        assert check({"FlowModuleId": module + suffix}) == []
        assert check({"FlowModuleId": module.rpartition("/")[2] + suffix}) == []
        flow = arn("contact-flow", "Main IVR") + suffix
        assert check({"ContactFlowId": flow, "Text": flow}) == []
    assert check({"ViewResource": {"Id": arn("view", "Order form") + ":$LATEST"}}) == []
    queue = arn("queue", "BasicQueue")
    for value in (f"{queue}:1", f"{module}:"):
        assert check({"Text": f"{value} "})[:1] != [] or value.endswith(":")
    assert check({"QueueId": f"{queue}:1"}) == [
        f"Malformed ARN. Path: QueueId, Value: {queue}:1"
    ]
    bare = queue.rpartition("/")[2]
    assert check({"QueueId": f"{bare}:1"}) == [
        f"Failed to convert id. Path: QueueId, Value: {bare}:1"
    ]
    assert check({"FlowModuleId": f"{module}:"}) == [
        f"Malformed ARN. Path: FlowModuleId, Value: {module}:"
    ]


def test_a_lambda_function_has_to_be_associated(check: Check) -> None:
    for value in (FUNCTION, f"{FUNCTION}:$LATEST", f"{FUNCTION}:live", f"{FUNCTION}:7"):
        assert check({"LambdaFunctionARN": value, "Text": f"calls {value}"}) == []
    other = FUNCTION.replace("lookup-customer", "lookup-customer-2")
    expected = "Lambda function is not associated with the instance. Path: "
    assert check({"LambdaFunctionARN": other, "Text": f"calls {other}."}) == [
        f"{expected}LambdaFunctionARN, Value: {other}",
        f"{expected}Text, Value: {other}",
    ]
    assert check({"LambdaFunctionARN": "arn:aws:lambda:x"}) == [
        "Malformed ARN. Path: LambdaFunctionARN, Value: arn:aws:lambda:x"
    ]
    layer = "arn:aws:lambda:eu-central-1:111122223333:layer:x"
    assert check({"Text": layer}) == [f"Malformed ARN. Path: Text, Value: {layer}"]


def test_a_lex_bot_alias_has_to_be_associated(check: Check) -> None:
    other = BOT.replace("TSTALIASID", "OTHERALIAS")
    expected = "Lex bot alias is not associated with the instance. Path: "
    assert check({"LexV2Bot": {"AliasArn": other}, "Text": other}) == [
        f"{expected}LexV2Bot.AliasArn, Value: {other}",
        f"{expected}Text, Value: {other}",
    ]


def test_what_another_service_owns_is_left_alone(check: Check) -> None:
    assert (
        check(
            {
                "WisdomAssistantArn": "arn:aws:wisdom:eu-west-1:1:assistant/x",
                "Media": {"Uri": "s3://bucket/arn:aws:s3:::bucket"},
                "Note": "arn:aws:lex:eu-west-1:1:bot/ABC",
            }
        )
        == []
    )


@pytest.mark.parametrize(
    ("view", "accepted"),
    [
        ("form", True),
        ("formWithSteps", True),
        ("forms", False),
        ("arn:aws:connect:eu-central-1:aws:view/form:1", True),
        ("arn:aws:connect:eu-central-1:aws:view/forms:1", False),
        ("arn:aws:connect:eu-west-1:aws:view/form:1", False),
    ],
)
def test_views_of_aws_are_in_every_instance(
    view: str, check: Check, *, accepted: bool
) -> None:
    assert (check({"ViewResource": {"Id": view}}) == []) is accepted


def test_an_agent_queue_is_there_when_its_agent_is(check: Check, arn: Arn) -> None:
    agent = arn("agent", "ada").rpartition("/")[2]
    queue = arn("queue", f"agent/{agent}")
    assert check({"AgentId": queue, "Text": queue}) == []
    missing = arn("queue", f"agent/{NOBODY}")
    assert check({"Text": missing}) == [
        f"Resource not found. Path: Text, Value: {missing}"
    ]


def test_other_arns_of_connect(check: Check, arn: Arn, sandbox: Sandbox) -> None:
    phone = next(iter(sandbox._store.after("phone-number", 0))).arn
    assert check({"Text": f"{sandbox.instance_arn} {phone}"}) == []
    for value in (
        arn("routing-profile", NOBODY),
        arn("queue", "x/y"),
        phone.replace("phone-number/", "phone-number/x"),
        sandbox.instance_arn.replace("instance/", "traffic-distribution-group/"),
    ):
        assert len(check({"Text": value})) == 1


def test_depth_and_odd_shapes_are_no_trouble(check: Check) -> None:
    deep: object = "arn:aws:connect:x"
    for _ in range(400):
        deep = [{"x": deep}]
    (problem,) = check({"Deep": deep})
    assert problem.startswith("Malformed ARN. Path: Deep[0].x")
    assert check({"EventHooks": {}, "Messages": [], "": {"": ""}}) == []
