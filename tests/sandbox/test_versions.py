"""Versions and aliases of flows and modules, by the same rules for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest
from botocore.client import BaseClient

from flowops.systems.connect.sandbox import Sandbox

Refusal: TypeAlias = "Callable[..., tuple[int, str, str]]"


@dataclass(frozen=True, slots=True)
class Family:
    """The calls for flows, or for modules, with what differs filled in."""

    client: Any
    instance: str
    id: str
    word: str
    operations: str

    def call(self, name: str, **more: Any) -> Any:
        method = getattr(self.client, name.format(self.operations))
        return method(**self.given | more)

    @property
    def given(self) -> dict[str, str]:
        return {"InstanceId": self.instance, f"{self.word}Id": self.id}

    def method(self, name: str) -> Callable[..., object]:
        found: Callable[..., object] = getattr(
            self.client, name.format(self.operations)
        )
        return found

    def keep(self, words: str = "", **more: Any) -> int:
        described = {"Description": words} if words else {}
        answer = self.call("create_{}_version", **described, **more)
        return int(answer["Version"])

    def describe(self, qualifier: str = "") -> dict[str, Any]:
        given = {f"{self.word}Id": f"{self.id}{qualifier}"}
        answer = self.call("describe_{}", **given)
        found = answer[self.word]
        assert isinstance(found, dict)
        return found

    def number(self, version: int) -> dict[str, int]:
        return {f"{self.word}Version": version}


@pytest.fixture(params=["contact_flow", "contact_flow_module"])
def family(
    request: pytest.FixtureRequest,
    client: BaseClient,
    sandbox: Sandbox,
    ids: Callable[[str, str], str],
) -> Family:
    flow = request.param == "contact_flow"
    found = (
        ids("contact-flow", "Main IVR") if flow else ids("flow-module", "Check Hours")
    )
    word = "ContactFlow" if flow else "ContactFlowModule"
    return Family(client, sandbox.instance_id, found, word, str(request.param))


def publish(family: Family, text: str) -> None:
    content = family.describe()["Content"]
    family.call("update_{}_content", Content=content.replace('"start"', f'"{text}"'))


def test_a_version_keeps_what_was_published(family: Family) -> None:
    before = family.describe()["Content"]
    assert family.keep("run 1") == 1
    publish(family, "other")
    assert family.keep() == 2
    first = family.describe(":1")
    assert first["Content"] == before
    assert (first["Version"], first["VersionDescription"]) == (1, "run 1")
    assert family.describe(":2")["Content"] == family.describe()["Content"] != before
    assert "Version" not in family.describe()
    listed = family.call("list_{}_versions")[f"{family.word}VersionSummaryList"]
    assert [(v["Version"], v.get("VersionDescription")) for v in listed] == [
        (1, "run 1"),
        (2, None),
    ]


def test_a_version_is_only_made_of_the_content_that_is_named(
    family: Family, refusal: Refusal
) -> None:
    key = next(k for k in family.describe() if k.endswith("ContentSha256"))
    assert family.keep(**{key: family.describe()[key]}) == 1
    found = refusal(
        family.method("create_{}_version"), **family.given, **{key: "0" * 64}
    )
    assert found[:2] == (400, "InvalidRequestException")


def test_numbers_are_not_used_again(family: Family, refusal: Refusal) -> None:
    family.keep()
    family.call("delete_{}_version", **family.number(1))
    assert family.keep() == 2
    given = {**family.given, f"{family.word}Id": f"{family.id}:1"}
    assert refusal(family.method("describe_{}"), **given)[0] == 404
    found = refusal(
        family.method("delete_{}_version"), **family.given, **family.number(1)
    )
    assert found[0] == 404


def test_an_alias_means_a_version(family: Family, refusal: Refusal) -> None:
    before = family.describe()["Content"]
    family.keep()
    publish(family, "other")
    family.keep()
    made = family.call("create_{}_alias", AliasName="live", **family.number(1))["Id"]
    assert family.describe(":live")["Content"] == before
    assert family.describe(f":{made}")["Version"] == 1
    described = family.call("describe_{}_alias", AliasId=made)[f"{family.word}Alias"]
    assert (described["Name"], described["Version"]) == ("live", 1)
    found = refusal(
        family.method("delete_{}_version"), **family.given, **family.number(1)
    )
    assert found[1] == "InvalidRequestException"
    family.call("update_{}_alias", AliasId=made, Name="now", **family.number(2))
    assert family.describe(":now")["Version"] == 2
    family.call("delete_{}_version", **family.number(1))
    listed = family.call("list_{}_aliases")[f"{family.word}AliasSummaryList"]
    assert [(a["AliasName"], a["Version"]) for a in listed] == [("now", 2)]
    family.call("delete_{}_alias", AliasId=made)
    assert family.call("list_{}_aliases")[f"{family.word}AliasSummaryList"] == []
    assert family.describe(":2")["Version"] == 2


def test_an_alias_has_a_name_of_its_own_and_a_version(
    family: Family, refusal: Refusal
) -> None:
    family.keep()
    family.call("create_{}_alias", AliasName="live", **family.number(1))
    create = family.method("create_{}_alias")
    twice = {**family.given, "AliasName": "live", **family.number(1)}
    assert refusal(create, **twice)[:2] == (409, "DuplicateResourceException")
    missing = {**family.given, "AliasName": "next", **family.number(9)}
    assert refusal(create, **missing)[0] == 404
    unknown = {**family.given, "AliasId": "nothing"}
    assert refusal(family.method("describe_{}_alias"), **unknown)[0] == 404


def test_a_version_cannot_be_written_or_tagged(
    family: Family, refusal: Refusal
) -> None:
    family.keep()
    given = {**family.given, f"{family.word}Id": f"{family.id}:1"}
    content = family.describe()["Content"]
    found = refusal(family.method("update_{}_content"), Content=content, **given)
    assert found[0] == 404
    found = refusal(family.method("create_{}_version"), **given)
    assert found[0] in (400, 404)
    arn = f"{family.describe()['Arn']}:1"
    found = refusal(family.client.tag_resource, resourceArn=arn, tags={"a": "b"})
    assert found[0] == 404


def test_what_is_deleted_takes_its_versions_along(
    family: Family, sandbox: Sandbox
) -> None:
    family.keep()
    family.call("create_{}_alias", AliasName="live", **family.number(1))
    family.call("delete_{}")
    with sandbox._store.transaction():
        assert list(sandbox._store.after("version", 0)) == []
        assert list(sandbox._store.after("alias", 0)) == []


def test_a_draft_has_no_versions(
    client: BaseClient,
    sandbox: Sandbox,
    refusal: Refusal,
    flow_text: Callable[..., str],
) -> None:
    given = {"InstanceId": sandbox.instance_id}
    flow = client.create_contact_flow(
        Name="Draft", Type="CONTACT_FLOW", Status="SAVED", Content=flow_text(), **given
    )["ContactFlowId"]
    found = refusal(client.create_contact_flow_version, ContactFlowId=flow, **given)
    assert found[:2] == (400, "InvalidRequestException")
