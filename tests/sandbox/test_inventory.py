"""An inventory is read strictly, with the place in the message."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from flowops.errors import InputError
from flowops.systems.connect.sandbox import Sandbox, SandboxInventory

INSTANCE = {"alias": "a", "region": "eu-central-1", "account": "111122223333"}
FUNCTION = "arn:aws:lambda:us-east-1:999988887777:function:f"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "needs a mapping 'instance'"),
        ({"instance": "x"}, "needs a mapping 'instance'"),
        ({"instance": {}}, "instance.alias must be an instance alias, not None"),
        (
            {"instance": {**INSTANCE, "alias": "d-x"}},
            "instance.alias must be an instance alias, not 'd-x'",
        ),
        (
            {"instance": {**INSTANCE, "region": "Frankfurt"}},
            "instance.region must be an AWS Region",
        ),
        (
            {"instance": {**INSTANCE, "account": 111122223333}},
            "instance.account must be twelve digits in quotation marks",
        ),
        (
            {"instance": {**INSTANCE, "id": "x"}},
            "instance.id must be a UUID in lower case, not 'x'",
        ),
        (
            {"instance": {**INSTANCE, "name": "x"}},
            "instance has the unknown key 'name'",
        ),
        (
            {"queue": []},
            r"unknown key 'queue' \(did you mean 'queues'\?\)",
        ),
        ({"queues": "x"}, "queues must be a list"),
        ({"queues": None}, "queues must be a list"),
        ({"queues": [5]}, r"queues\[0\] must be a name"),
        ({"queues": [" "]}, r"queues\[0\] must be a name"),
        ({"queues": ["a\nb"]}, r"queues\[0\] must be a name"),
        ({"queues": ["q" * 128]}, r"queues\[0\] must have at most 127 characters"),
        ({"queues": [{}]}, r"queues\[0\]\.name must be a name"),
        ({"queues": [{"name": "q", "type": "X"}]}, "unknown key 'type'"),
        ({"queues": [{"name": "q", "id": 5}]}, r"queues\[0\]\.id must be a UUID"),
        ({"queues": [{"name": "q", "id": NOBODY.upper() + "A"}]}, "must be a UUID"),
        ({"queues": ["q", {"name": "q"}]}, "queues holds the name 'q' twice"),
        (
            {
                "queues": [
                    {"name": "q", "id": NOBODY},
                    {"name": "r", "id": NOBODY},
                ]
            },
            "queues holds the id '0",
        ),
        (
            {"contact_flows": [{"name": "f", "type": "INBOUND"}]},
            r"contact_flows\[0\]\.type must be one of CONTACT_FLOW",
        ),
        ({"contact_flows": [{"name": "f", "type": []}]}, "must be one of"),
        ({"lambda_functions": ["a b"]}, "the name or the ARN of a Lambda function"),
        ({"lambda_functions": [FUNCTION + ":live"]}, "without a version or an alias"),
        ({"lambda_functions": [{"name": "f"}]}, "the name or the ARN"),
        ({"lambda_functions": [FUNCTION, FUNCTION]}, "lambda_functions holds the name"),
        ({"lex_bots": ["MyBot"]}, "the ARN of a Lex V2 bot alias"),
        ({"phone_numbers": ["0891234"]}, "a number such as"),
    ],
)
def test_an_inventory_that_is_wrong_is_refused(
    data: Mapping[str, object], message: str
) -> None:
    given = data if "instance" in data or not data else {"instance": INSTANCE, **data}
    with pytest.raises(InputError, match=message):
        SandboxInventory.parse(given)


def test_ids_and_arns_can_be_given() -> None:
    inventory = SandboxInventory.parse(
        {
            "instance": {**INSTANCE, "id": "11111111-2222-4333-8444-555555555555"},
            "queues": [{"name": "q", "id": NOBODY}],
            "lambda_functions": [FUNCTION, "g"],
        }
    )
    sandbox = Sandbox(inventory)
    assert sandbox.instance_id == "11111111-2222-4333-8444-555555555555"
    assert sandbox.instance_arn.endswith(f":instance/{sandbox.instance_id}")
    with sandbox._store.transaction():
        queue = sandbox._store.find("queue", NOBODY)
        functions = [item.arn for item in sandbox._store.after("lambda", 0)]
    assert queue is not None
    assert queue.arn == f"{sandbox.instance_arn}/queue/{NOBODY}"
    assert functions == [
        FUNCTION,
        "arn:aws:lambda:eu-central-1:111122223333:function:g",
    ]
    sandbox.close()


def test_an_instance_alone_is_enough() -> None:
    assert SandboxInventory.parse({"instance": INSTANCE}).items == ()
