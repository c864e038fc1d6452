"""Each kind that flows refer to is listed by its own operation, whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from flowops.model import Inventory
from flowops.systems.connect.api import ConnectApi
from flowops.systems.connect.arns import parse_arn
from flowops.systems.connect.inventory import (
    INVENTORY_KINDS,
    LISTED_KINDS,
    list_inventory,
)
from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer

HELD = {
    "instance": {"alias": "a", "region": "eu-west-1", "account": "111122223333"},
    "hours_of_operation": ["Office hours"],
    "queues": ["Sales"],
    "prompts": ["welcome.wav"],
    "lambda_functions": [f"function-{number}" for number in range(30)],
    "quick_connects": ["Back office"],
    "phone_numbers": ["+498912345"],
    "views": [f"View {number}" for number in range(101)],
    "task_templates": [f"Task {number}" for number in range(101)],
    "contact_flows": ["Main"],
    "flow_modules": ["Identify"],
    "users": ["ada"],
    "lex_bots": ["Order/live"],
    "security_keys": ["key-1", "key-2", "key-3"],
}
LISTS = {
    "contact-flow": "ListContactFlows",
    "flow-module": "ListContactFlowModules",
    "hours-of-operation": "ListHoursOfOperations",
    "lambda-function": "ListLambdaFunctions",
    "lex-bot-alias": "ListBots",
    "phone-number": "ListPhoneNumbersV2",
    "prompt": "ListPrompts",
    "queue": "ListQueues",
    "quick-connect": "ListQuickConnects",
    "security-key": "ListSecurityKeys",
    "task-template": "ListTaskTemplates",
    "user": "ListUsers",
    "view": "ListViews",
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(SandboxInventory.parse(HELD))
    yield made
    made.close()


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[ConnectApi]:
    with SandboxServer(sandbox) as server:
        yield ConnectApi(sandbox.instance_arn, server.url, sandbox=True)


@pytest.fixture
def listed(api: ConnectApi) -> Inventory:
    return list_inventory(api, INVENTORY_KINDS)


def test_every_kind_is_listed() -> None:
    assert LISTS.keys() == INVENTORY_KINDS
    assert LISTS.keys() - {"phone-number", "security-key"} == LISTED_KINDS


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("queue", ["", "Sales"]),
        ("prompt", ["welcome.wav"]),
        ("hours-of-operation", ["Office hours"]),
        ("contact-flow", ["Main"]),
        ("flow-module", ["Identify"]),
        ("lambda-function", sorted(f"function-{n}" for n in range(30))),
        ("user", ["ada"]),
        ("quick-connect", ["Back office"]),
        ("phone-number", ["+498912345"]),
        ("view", sorted(f"View {n}" for n in range(101))),
        ("task-template", sorted(f"Task {n}" for n in range(101))),
        ("lex-bot-alias", ["Order/live"]),
    ],
)
def test_a_kind_is_listed_whole_by_name(
    listed: Inventory, kind: str, names: list[str]
) -> None:
    found = listed.of_kind(kind)
    assert [resource.name for resource in found] == names
    assert all(resource.arn for resource in found)
    own_arns = ("lambda-function", "lex-bot-alias")
    assert all(listed.find(kind, r.id) for r in found if kind not in own_arns)


def test_a_security_key_is_known_by_its_id(listed: Inventory) -> None:
    found = listed.of_kind("security-key")
    assert [(key.name, key.id, key.arn) for key in found] == [
        (f"key-{number}", f"key-{number}", "") for number in (1, 2, 3)
    ]


def test_an_arn_is_of_the_kind_it_is_listed_as(listed: Inventory) -> None:
    for resource in (r for r in listed.resources if r.kind != "security-key"):
        parsed = parse_arn(resource.arn)
        assert parsed is not None
        assert parsed.kind == resource.kind


def test_pages_are_as_large_as_the_api_allows(
    sandbox: Sandbox, listed: Inventory
) -> None:
    pages = Counter(call.operation for call in sandbox.calls)
    assert len(listed.resources) > 200
    two = {
        "ListLambdaFunctions",
        "ListSecurityKeys",
        "ListTaskTemplates",
        "ListViews",
    }
    lex = {"lexv2-models:ListBots": 1, "lexv2-models:ListBotAliases": 1}
    assert pages == lex | {name: 2 if name in two else 1 for name in LISTS.values()}


def test_only_what_is_asked_for_is_listed(sandbox: Sandbox, api: ConnectApi) -> None:
    found = list_inventory(api, ["user", "case-template", "s3-object"])
    assert found.kinds == {"user"}
    assert [resource.name for resource in found.resources] == ["ada"]
    assert [call.operation for call in sandbox.calls] == ["ListUsers"]
