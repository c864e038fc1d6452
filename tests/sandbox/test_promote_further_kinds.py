"""Lex V1 bots, addresses, attributes and assistants: one list each, where named."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.contact_flows import ID, action, contact_flow
from tests.support.projects import (
    SandboxProject,
    copy_example,
    held_by_staging,
    serve,
)

HELD = {
    "lex_v1_bots": ["Pizza"],
    "predefined_attributes": ["Skill"],
    "email_addresses": ["help@example.com"],
    "assistants": ["Helper"],
    "knowledge_bases": ["Templates"],
}
FAR = f"arn:aws:wisdom:us-east-1:999988887777:assistant/{ID}"
LISTS = {
    "ListBots",
    "ListPredefinedAttributes",
    "SearchEmailAddresses",
    "ListIntegrationAssociations",
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[SandboxProject]:
    root = copy_example(tmp_path / "project")
    with serve(root, {**held_by_staging(), **HELD}) as served:
        yield served


def arn_of(project: SandboxProject, integration: str) -> str:
    answer = project.client.list_integration_associations(
        InstanceId=project.sandbox.instance_id, IntegrationType=integration
    )
    (found,) = answer["IntegrationAssociationSummaryList"]
    return str(found["IntegrationArn"])


def put(project: SandboxProject, assistant: str, base: str, **other: str) -> None:
    named = {"bot": "Pizza", "mail": "help@example.com", "skill": "Skill"} | other
    bot = {"Name": named["bot"], "Alias": "live", "Region": "eu-central-1"}
    skill = {"AttributeCondition": {"Name": named["skill"], "Value": "5"}}
    mail = {
        "FromEmailAddress": {"EmailAddress": named["mail"]},
        "EmailMessage": {"TemplatedMessageConfig": {"KnowledgeBaseId": base}},
    }
    number = {"ThirdPartyPhoneNumber": "+491234"}
    actions = [
        action("a", "ConnectParticipantWithLexBot", {"LexBot": bot}, "b"),
        action("b", "UpdateContactRoutingCriteria", {"RoutingCriteria": skill}, "c"),
        action("c", "StartOutboundEmailContact", mail, "d"),
        action("d", "CreateWisdomSession", {"WisdomAssistantArn": assistant}, "e"),
        action("e", "TransferParticipantToThirdParty", number, "f"),
        action("f", "DisconnectParticipant"),
    ]
    path = project.root / "flows" / "connect" / "many.json"
    path.write_text(json.dumps(contact_flow(actions, name="Many")), "utf-8")


def answers(project: SandboxProject) -> tuple[dict[str, str], list[str]]:
    plan = project.json("plan", "staging", "Many")
    (change,) = plan["changes"]
    states = {r["kind"]: str(r["state"]) for r in change["references"]}
    return states, [f["rule"] for f in plan["findings"]]


def test_what_is_there_is_found_with_one_list_each(project: SandboxProject) -> None:
    base = arn_of(project, "Q_MESSAGE_TEMPLATES")
    put(project, arn_of(project, "WISDOM_ASSISTANT"), base)
    project.sandbox.calls.clear()
    states, rules = answers(project)
    assert states == {
        "lex-bot": "resolved",
        "lex-v1-alias": "unchecked",
        "region": "resolved",
        "predefined-attribute": "resolved",
        "email-address": "resolved",
        "knowledge-base": "resolved",
        "assistant": "resolved",
        "outside-number": "unchecked",
    }
    assert rules == ["reference/unchecked"]  # of the alias; a telephone needs none
    calls = Counter(call.operation for call in project.sandbox.calls)
    assert {name: calls[name] for name in LISTS} == dict.fromkeys(LISTS, 1)


def test_what_is_not_there_is_an_error(project: SandboxProject) -> None:
    put(
        project,
        FAR,
        FAR.replace("assistant", "knowledge-base"),
        bot="Tapas",
        mail="x@y.z",
        skill="S",
    )
    states, rules = answers(project)
    missing = {kind for kind, state in states.items() if state == "unresolved"}
    assert missing == {
        "assistant",
        "email-address",
        "knowledge-base",
        "lex-bot",
        "predefined-attribute",
    }
    assert rules.count("reference/unresolved") == 5
    plan = project.run("plan", "staging", "Many")
    assert plan.code == 1


def test_an_overlay_maps_a_telephone_an_alias_and_an_assistant(
    project: SandboxProject,
) -> None:
    put(project, FAR, arn_of(project, "Q_MESSAGE_TEMPLATES"))
    here = arn_of(project, "WISDOM_ASSISTANT")
    for kind, source, wanted in (
        ("outside-number", "+491234", "+495678"),
        ("lex-v1-alias", "live", "prod"),
        ("assistant", FAR, here),
    ):
        project.edit_environment(wanted, "flows", "Many", "references", kind, source)
    result = project.run("promote", "staging", "Many", "--yes")
    assert result.code == 0, result.err + result.out
    made: dict[str, Any] = {
        block["Identifier"]: block["Parameters"]
        for block in project.content("Many")["Actions"]
    }
    assert made["a"]["LexBot"]["Alias"] == "prod"
    assert made["d"]["WisdomAssistantArn"] == here
    assert made["e"]["ThirdPartyPhoneNumber"] == "+495678"


def test_a_list_that_is_not_permitted_is_said_in_a_warning(
    project: SandboxProject,
) -> None:
    base = arn_of(project, "Q_MESSAGE_TEMPLATES")
    put(project, arn_of(project, "WISDOM_ASSISTANT"), base)
    project.sandbox.fail("SearchEmailAddresses", "AccessDeniedException")
    states, rules = answers(project)
    assert states["email-address"] == "unchecked"
    assert "inventory/gap" in rules
