"""Whatever is asked, the answer is one that the model has, and never a defect."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from urllib.parse import quote

import pytest

from flowops.systems.connect.sandbox import BEHAVIOURS, Sandbox
from flowops.systems.connect.sandbox.model import Operation
from flowops.systems.connect.sandbox.requests import Request
from flowops.systems.connect.sandbox.values import Json

SCALARS: tuple[Json, ...] = (
    None,
    True,
    0,
    -1,
    2**70,
    1.5,
    "",
    "x",
    "ü" * 300,
    "$.A.b",
    "arn:aws:connect:::",
    "arn:aws:lambda:eu-central-1:111122223333:function:lookup-customer:1",
    "a\x00b",
    "PUBLISHED",
    "CONTACT_FLOW",
    "DisconnectParticipant",
)
KEYS = (
    "Version",
    "StartAction",
    "Actions",
    "Identifier",
    "Type",
    "Parameters",
    "Transitions",
    "NextAction",
    "Errors",
    "Conditions",
    "Condition",
    "Operator",
    "Operands",
    "QueueId",
    "Messages",
    "PromptId",
    "EventHooks",
    "",
)


def _value(chance: random.Random, depth: int = 0) -> Json:
    pick = chance.random()
    if depth > 5 or pick < 0.5:
        return chance.choice(SCALARS)
    if pick < 0.7:
        return [_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {
        chance.choice(KEYS): _value(chance, depth + 1)
        for _ in range(chance.randrange(6))
    }


def _document(chance: random.Random) -> str:
    actions = [_value(chance) for _ in range(chance.randrange(4))]
    document = {"Version": "2019-10-30", "StartAction": "x", "Actions": actions}
    return json.dumps(chance.choice([document, _value(chance)]))


def _request(
    chance: random.Random, sandbox: Sandbox, operation: Operation, known: list[str]
) -> Request:
    model = sandbox._model
    path, query, body = operation.template, [], {}
    for member in model.shape(operation.input).members.values():
        text = chance.choice([*known, "x", "1"])
        if member.name == "InstanceId":
            text = sandbox.instance_id
        if member.location == "uri":
            path = path.replace(f"{{{member.key}}}", quote(text, safe=""))
        elif member.location == "querystring" and chance.random() < 0.5:
            query.append(f"{member.key}={quote(text, safe='')}")
        elif member.required or chance.random() < 0.5:
            likely: list[Json] = [text, _document(chance), {"k": "v"}]
            body[member.name] = chance.choice([*likely, _value(chance)])
    target = f"{path}?{'&'.join(query)}" if query else path
    content = json.dumps(body).encode() if body else b""
    return Request(operation.method, target, {"authorization": "x"}, content)


@pytest.mark.parametrize("seed", range(4))
def test_no_request_is_a_defect(
    seed: int, sandbox: Sandbox, ids: Callable[[str, str], str]
) -> None:
    chance = random.Random(seed)
    known = [
        ids("queue", "BasicQueue"),
        ids("contact-flow", "Main IVR"),
        ids("contact-flow", "Main IVR") + ":$SAVED",
        ids("flow-module", "Check Hours"),
        ids("operating-hours", "Basic Hours"),
        f"{sandbox.instance_arn}/queue/{ids('queue', 'BasicQueue')}",
    ]
    seen = set()
    for _ in range(600):
        operation = sandbox._model.operations[chance.choice(list(BEHAVIOURS))]
        answer = sandbox.answer(_request(chance, sandbox, operation, known))
        seen.add(answer.status)
        assert isinstance(json.loads(answer.body), dict)
    assert sandbox.defects == []
    assert {200, 400, 404} <= seen <= {200, 400, 404, 409, 501}
