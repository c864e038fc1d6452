"""Each kind that flows refer to is listed by its own operation, whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from flowops.errors import TargetError
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
    "lex_v1_bots": ["Pizza", "Taxi"],
    "predefined_attributes": [f"Skill {number}" for number in range(101)],
    "email_addresses": [f"help{number}@example.com" for number in range(101)],
    "assistants": ["Helper"],
    "knowledge_bases": ["Templates"],
    "routing_profiles": ["Basic"],
    "security_profiles": ["Admin"],
    "hierarchy_groups": ["Sites"],
    "agent_statuses": ["Lunch"],
    "data_tables": ["Holidays"],
}
LISTS = {
    "agent-status": "ListAgentStatuses",
    "assistant": "ListIntegrationAssociations",
    "contact-flow": "ListContactFlows",
    "data-table": "ListDataTables",
    "email-address": "SearchEmailAddresses",
    "flow-module": "ListContactFlowModules",
    "hierarchy-group": "ListUserHierarchyGroups",
    "hours-of-operation": "ListHoursOfOperations",
    "knowledge-base": "ListIntegrationAssociations",
    "lambda-function": "ListLambdaFunctions",
    "lex-bot": "ListBots",
    "lex-bot-alias": "ListBots",
    "phone-number": "ListPhoneNumbersV2",
    "predefined-attribute": "ListPredefinedAttributes",
    "prompt": "ListPrompts",
    "queue": "ListQueues",
    "quick-connect": "ListQuickConnects",
    "routing-profile": "ListRoutingProfiles",
    "security-key": "ListSecurityKeys",
    "security-profile": "ListSecurityProfiles",
    "task-template": "ListTaskTemplates",
    "user": "ListUsers",
    "view": "ListViews",
}
OF_ONE_INSTANCE = {"assistant", "knowledge-base", "phone-number", "security-key"}


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
    assert LISTS.keys() - OF_ONE_INSTANCE == LISTED_KINDS


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
        ("email-address", sorted(f"help{n}@example.com" for n in range(101))),
        ("routing-profile", ["Basic"]),
        ("security-profile", ["Admin"]),
        ("hierarchy-group", ["Sites"]),
        ("agent-status", ["Lunch"]),
        ("data-table", ["Holidays"]),
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


def test_what_is_no_more_than_a_name_is_known_by_it(listed: Inventory) -> None:
    bots, skills = listed.of_kind("lex-bot"), listed.of_kind("predefined-attribute")
    assert [bot.name for bot in bots] == ["Pizza", "Taxi"]
    assert [s.name for s in skills] == sorted(f"Skill {n}" for n in range(101))
    assert not any(resource.arn or resource.id for resource in (*bots, *skills))


@pytest.mark.parametrize("kind", ["assistant", "knowledge-base"])
def test_an_integration_is_known_by_its_arn_and_id(
    listed: Inventory, kind: str
) -> None:
    (found,) = listed.of_kind(kind)
    assert found.arn == f"arn:aws:wisdom:eu-west-1:111122223333:{kind}/{found.id}"
    assert found.name == found.id
    assert listed.find(kind, found.arn) is listed.find(kind, found.id) is found


def test_an_arn_is_of_the_kind_it_is_listed_as(listed: Inventory) -> None:
    for resource in (r for r in listed.resources if r.arn):
        parsed = parse_arn(resource.arn)
        assert parsed is not None
        assert parsed.kind == resource.kind


def test_pages_are_as_large_as_the_api_allows(
    sandbox: Sandbox, listed: Inventory
) -> None:
    pages = Counter(call.operation for call in sandbox.calls)
    assert len(listed.resources) > 200
    two = {
        "ListBots",  # of Lex V1, and of Lex V2
        "ListLambdaFunctions",
        "ListPredefinedAttributes",
        "SearchEmailAddresses",
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


def test_one_list_serves_assistants_and_knowledge_bases(
    sandbox: Sandbox, api: ConnectApi
) -> None:
    found = list_inventory(api, ["assistant"])
    assert found.kinds == {"assistant"} == {r.kind for r in found.resources}
    list_inventory(api, ["assistant", "knowledge-base"])
    operations = [call.operation for call in sandbox.calls]
    assert operations == ["ListIntegrationAssociations"] * 2


def test_a_list_a_plan_can_do_without_leaves_a_gap(
    sandbox: Sandbox, api: ConnectApi
) -> None:
    sandbox.fail("SearchEmailAddresses", "AccessDeniedException")
    found = list_inventory(api, ["user", "email-address"])
    assert found.kinds == {"user"}
    assert "AccessDeniedException" in found.gaps["email-address"]
    sandbox.fail("ListUsers", "InvalidRequestException")
    with pytest.raises(TargetError, match="InvalidRequestException"):
        list_inventory(api, ["user", "email-address"])


def test_any_other_refusal_is_no_gap(sandbox: Sandbox, api: ConnectApi) -> None:
    sandbox.fail("SearchEmailAddresses", "InvalidRequestException")
    with pytest.raises(TargetError, match="InvalidRequestException"):
        list_inventory(api, ["email-address"])
