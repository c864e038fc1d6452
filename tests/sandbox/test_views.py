"""Views: drafts, what is published, versions, and who may take them away."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import pytest
from botocore.client import BaseClient

from flowops.systems.connect.sandbox import Sandbox
from tests.support.views import component, template

Refusal: TypeAlias = "Callable[..., tuple[int, str, str]]"
Given: TypeAlias = Mapping[str, str]
ACTIONS = ["Submit", "Skip"]


def content(button: str = "Send", **more: Any) -> dict[str, Any]:
    return {"Template": json.dumps(template(button)), "Actions": ACTIONS} | more


@pytest.fixture
def given(sandbox: Sandbox) -> Given:
    return {"InstanceId": sandbox.instance_id}


@pytest.fixture
def create(client: BaseClient, given: Given) -> Callable[..., object]:
    return partial(client.create_view, **given)


@pytest.fixture
def made(client: BaseClient, given: Given) -> str:
    """A published view."""
    answer = client.create_view(
        Name="Guide", Status="PUBLISHED", Content=content(), **given
    )
    return str(answer["View"]["Id"])


def shown(client: BaseClient, given: Given, view: str) -> dict[str, Any]:
    found = client.describe_view(ViewId=view, **given)["View"]
    assert isinstance(found, dict)
    return found


def button(view: Mapping[str, Any]) -> str:
    body = json.loads(view["Content"]["Template"])["Body"]
    text = body[0]["Content"][2]["Content"][0]
    assert isinstance(text, str)
    return text


def test_a_saved_view_is_only_a_draft(
    client: BaseClient, given: Given, refusal: Refusal
) -> None:
    answer = client.create_view(
        Name="Guide",
        Status="SAVED",
        Content=content(),
        Description="What to ask",
        Tags={"team": "sales"},
        **given,
    )["View"]
    assert (answer["Status"], answer["Type"]) == ("SAVED", "CUSTOMER_MANAGED")
    assert answer["Arn"].endswith(f"/view/{answer['Id']}:$SAVED")
    status, name, _ = refusal(client.describe_view, ViewId=answer["Id"], **given)
    assert (status, name) == (404, "ResourceNotFoundException")
    found = shown(client, given, f"{answer['Id']}:$SAVED")
    assert found["Description"] == "What to ask"
    assert found["Tags"] == {"team": "sales"}
    listed = client.list_views(Type="CUSTOMER_MANAGED", **given)["ViewsSummaryList"]
    assert {v["Name"]: v["Status"] for v in listed} == {
        "Guide": "SAVED",
        "Order form": "PUBLISHED",
    }


def test_the_service_makes_the_schema_of_the_inputs(
    client: BaseClient, given: Given, made: str
) -> None:
    schema = json.loads(shown(client, given, made)["Content"]["InputSchema"])
    assert schema["required"] == ["Customer"]


def test_a_draft_leaves_what_is_published(
    client: BaseClient, given: Given, made: str, sandbox: Sandbox
) -> None:
    client.update_view_content(
        ViewId=made, Status="SAVED", Content=content("Later"), **given
    )
    assert button(shown(client, given, made)) == "Send"
    assert button(shown(client, given, f"{made}:$LATEST")) == "Send"
    draft = shown(client, given, f"{made}:$SAVED")
    assert (button(draft), draft["Status"]) == ("Later", "SAVED")
    arn = f"{sandbox.instance_arn}/view/{made}"
    client.update_view_content(
        ViewId=arn, Status="PUBLISHED", Content=content("Now"), **given
    )
    for qualifier in ("", ":$LATEST", ":$SAVED"):
        found = shown(client, given, f"{arn}{qualifier}")
        assert (button(found), found["Status"]) == ("Now", "PUBLISHED")


def test_versions_are_of_what_is_published_and_stay(
    client: BaseClient, given: Given, made: str
) -> None:
    def keep(words: str) -> int:
        answer = client.create_view_version(
            ViewId=made, VersionDescription=words, **given
        )
        return int(answer["View"]["Version"])

    assert keep("one") == 1
    assert keep("the same") == 1
    client.update_view_content(
        ViewId=made, Status="PUBLISHED", Content=content("New"), **given
    )
    assert keep("two") == 2
    assert [button(shown(client, given, f"{made}:{n}")) for n in (1, 2)] == [
        "Send",
        "New",
    ]
    listed = client.list_view_versions(ViewId=made, **given)["ViewVersionSummaryList"]
    assert [(v["Version"], v["VersionDescription"]) for v in listed] == [
        (2, "two"),
        (1, "one"),
    ]
    client.delete_view_version(ViewId=made, ViewVersion=2, **given)
    assert keep("three") == 3


def test_a_version_of_a_draft_is_refused(
    client: BaseClient, given: Given, refusal: Refusal
) -> None:
    saved = client.create_view(
        Name="Draft", Status="SAVED", Content=content(), **given
    )["View"]["Id"]
    found = refusal(client.create_view_version, ViewId=saved, **given)
    assert found[:2] == (400, "InvalidRequestException")


def test_names_are_unique(client: BaseClient, given: Given, refusal: Refusal) -> None:
    named = {"Status": "SAVED", "Content": content(), **given}
    found = refusal(client.create_view, Name="Order form", **named)
    assert found[:2] == (409, "DuplicateResourceException")
    other = client.create_view(Name="Other", **named)["View"]["Id"]
    found = refusal(
        client.update_view_metadata, ViewId=other, Name="Order form", **given
    )
    assert found[:2] == (409, "DuplicateResourceException")
    client.update_view_metadata(ViewId=other, Name="Mine", Description="New", **given)
    assert shown(client, given, f"{other}:$SAVED")["Description"] == "New"


def test_a_client_token_makes_one_view(
    client: BaseClient, given: Given, refusal: Refusal
) -> None:
    wanted = {"Status": "SAVED", "Content": content(), "ClientToken": "t", **given}
    first = client.create_view(Name="Once", **wanted)["View"]["Id"]
    assert client.create_view(Name="Once", **wanted)["View"]["Id"] == first
    found = refusal(client.create_view, Name="Twice", **wanted)
    assert found[:2] == (400, "InvalidParameterException")


def broken(**changes: Any) -> str:
    return json.dumps(template() | changes)


@pytest.mark.parametrize(
    ("text", "words", "saved"),
    [
        ("oops", "is not JSON", False),
        ("[]", "must be a JSON object", False),
        ('{"a": "' + "x" * 400_000 + '"}', "at most 400000 bytes", False),
        ('{"Head": {}}', "must have required property 'Body'", True),
        (broken(Head=1), "/Head must be object", True),
        (broken(Body={}), "/Body must be array", True),
        (broken(Body=[{"Type": "Container"}]), "/Body/0 must have the prop", True),
        (
            broken(Body=[component("a", "TextBox"), component("a", "TextBox")]),
            "/Body/1/_id must be unique",
            True,
        ),
        (
            broken(Body=[component("a", "Button", Action="Other")]),
            "must be one of Actions",
            True,
        ),
    ],
)
def test_what_cannot_be_published_may_be_saved_when_it_has_the_form(
    create: Callable[..., object],
    refusal: Refusal,
    text: str,
    words: str,
    saved: object,
) -> None:
    wanted = {"Name": "Bad", "Content": content(Template=text)}
    status, name, message = refusal(create, Status="PUBLISHED", **wanted)
    assert (status, name) == (400, "InvalidParameterException")
    assert words in message
    if saved:
        create(Status="SAVED", **wanted)
    else:
        assert refusal(create, Status="SAVED", **wanted)[0] == 400


@pytest.mark.parametrize("missing", ["Template", "Actions"])
def test_a_content_has_both_parts(
    client: BaseClient, given: Given, refusal: Refusal, missing: str
) -> None:
    given_content = content()
    del given_content[missing]
    _, _, message = refusal(
        client.create_view, Name="x", Status="SAVED", Content=given_content, **given
    )
    assert f"Content.{missing}: is required" in message


@pytest.fixture
def user(
    client: BaseClient,
    given: Given,
    made: str,
    sandbox: Sandbox,
    flow_text: Callable[..., str],
) -> str:
    """A published flow that shows version 1 of the view."""
    client.create_view_version(ViewId=made, **given)
    resource = {"Id": f"{sandbox.instance_arn}/view/{made}:1"}
    text = flow_text("ShowView", {"ViewResource": resource, "ViewData": {}})
    answer = client.create_contact_flow(
        Name="Shows it", Type="CONTACT_FLOW", Content=text, **given
    )
    return str(answer["ContactFlowId"])


def test_a_view_that_a_published_flow_shows_stays(
    client: BaseClient, given: Given, made: str, user: str, refusal: Refusal
) -> None:
    status, name, message = refusal(client.delete_view, ViewId=made, **given)
    assert (status, name) == (409, "ResourceInUseException")
    assert "'Shows it'" in message
    found = refusal(client.delete_view_version, ViewId=made, ViewVersion=1, **given)
    assert found[1] == "ResourceInUseException"
    client.delete_contact_flow(ContactFlowId=user, **given)
    client.delete_view(ViewId=made, **given)
    assert refusal(client.describe_view, ViewId=f"{made}:1", **given)[0] == 404


@pytest.mark.parametrize("qualifier", [":7", ":live", ":$OTHER", ":0"])
def test_a_qualifier_that_means_nothing_is_not_found(
    client: BaseClient, given: Given, made: str, refusal: Refusal, qualifier: str
) -> None:
    found = refusal(client.describe_view, ViewId=f"{made}{qualifier}", **given)
    assert found[:2] == (404, "ResourceNotFoundException")
    found = refusal(
        client.update_view_metadata, ViewId=f"{made}{qualifier}", Name="x", **given
    )
    assert found[:2] == (400, "InvalidParameterException")


def test_views_of_aws_come_first_and_cannot_be_changed(
    client: BaseClient, given: Given, refusal: Refusal
) -> None:
    listed = client.list_views(**given)["ViewsSummaryList"]
    keys = [(view["Type"], view["Name"]) for view in listed]
    assert keys == sorted(keys)
    managed = [view for view in listed if view["Type"] == "AWS_MANAGED"]
    assert "arn:aws:connect:eu-central-1:aws:view/form:1" in [v["Arn"] for v in managed]
    assert shown(client, given, managed[0]["Arn"])["Version"] == 1
    found = refusal(client.delete_view, ViewId=managed[0]["Arn"], **given)
    assert found[:2] == (400, "InvalidParameterException")
    unknown = "arn:aws:connect:eu-central-1:aws:view/nothing:1"
    assert refusal(client.describe_view, ViewId=unknown, **given)[0] == 404


def test_pages_hold_every_view_once(client: BaseClient, given: Given) -> None:
    pages = client.get_paginator("list_views").paginate(
        PaginationConfig={"PageSize": 2}, **given
    )
    names = [view["Name"] for page in pages for view in page["ViewsSummaryList"]]
    assert len(names) == len({*names}) == 7


def test_views_are_found_by_a_tag(
    client: BaseClient, given: Given, made: str, sandbox: Sandbox, refusal: Refusal
) -> None:
    arn = f"{sandbox.instance_arn}/view/{made}"
    client.tag_resource(resourceArn=arn, tags={"team": "sales"})

    def search(key: str, value: str) -> list[str]:
        condition = {"TagCondition": {"TagKey": key, "TagValue": value}}
        found = client.search_views(
            SearchFilter={"AttributeFilter": condition}, **given
        )
        return [view["Name"] for view in found["Views"]]

    assert search("team", "sales") == ["Guide"]
    assert search("team", "service") == []
    assert len(client.search_views(**given)["Views"]) == 2
    other: Mapping[str, Any] = {"AttributeFilter": {"OrConditions": []}}
    assert refusal(client.search_views, SearchFilter=other, **given)[0] == 501
