"""The tags of a wrapper go with the flow; those of others stay where they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowops.systems.connect.tags import changed_tags, tags_of
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject
from tests.support.views import NAME, view, write

OWN = {"flowops:project", "flowops:run", "flowops:digest"}


def put(project: SandboxProject, tags: object, text: str = "Hello") -> None:
    """Write the flow Tagged; without tags when there are none to say."""
    says = action("a", "MessageParticipant", {"Text": text}, "b")
    content = contact_flow([says, action("b", "DisconnectParticipant")])
    fields: dict[str, Any] = {
        "Name": "Tagged",
        "Type": "CONTACT_FLOW",
        "Content": json.dumps(content),
    }
    wrapper: Any = {"ContactFlow": fields | ({} if tags is None else {"Tags": tags})}
    if isinstance(tags, list):
        wrapper = {"Type": "AWS::Connect::ContactFlow", "Properties": fields}
        fields["Tags"] = tags
    path = project.root / "flows" / "connect" / "tagged.json"
    path.write_text(json.dumps(wrapper), "utf-8")


def promote(project: SandboxProject, name: str = "Tagged") -> None:
    result = project.run("promote", "staging", name, "--yes")
    assert result.code == 0, result.err


def tags(project: SandboxProject) -> dict[str, str]:
    """Return the tags on the instance that no promote keeps for itself."""
    found = project.live("Tagged")["Tags"]
    assert found.keys() >= OWN
    return {k: v for k, v in found.items() if not k.startswith("flowops:")}


def shown(project: SandboxProject) -> list[tuple[str, Any, Any]]:
    changes = project.json("plan", "staging", "Tagged")["changes"]
    fields = [field for change in changes for field in change["fields"]]
    return [(f["path"], f["before"], f["after"]) for f in fields]


@pytest.mark.parametrize(
    "given",
    [
        {"team": "ivr", "cost": "12", "flowops:run": "x", "aws:stack": "y"},
        [{"Key": "team", "Value": "ivr"}, {"Key": "cost", "Value": "12"}],
    ],
)
def test_a_flow_is_created_with_its_tags(example: SandboxProject, given: Any) -> None:
    put(example, given)
    promote(example)
    assert tags(example) == {"team": "ivr", "cost": "12"}
    assert example.live("Tagged")["Tags"]["flowops:run"] != "x"
    assert shown(example) == []
    written = [call.operation for call in example.sandbox.writes()]
    assert "UntagResource" not in written


def test_tags_follow_the_file_and_those_of_others_stay(
    example: SandboxProject,
) -> None:
    put(example, {"team": "ivr", "cost": "12"})
    promote(example)
    example.client.tag_resource(
        resourceArn=example.live("Tagged")["Arn"], tags={"by": "hand", "old": "1"}
    )
    put(example, {"team": "voice", "old": "2"})
    ((path, before, after),) = shown(example)
    assert (path, json.loads(before)) == ("tags", {"team": "ivr", "cost": "12"})
    assert json.loads(after) == {"team": "voice", "old": "2"}
    promote(example)
    assert tags(example) == {"team": "voice", "old": "2", "by": "hand"}
    put(example, {})
    promote(example)
    assert tags(example) == {"by": "hand"}
    assert "flowops:tags" not in example.live("Tagged")["Tags"]
    assert shown(example) == []


def test_a_file_that_says_nothing_of_tags_leaves_them(example: SandboxProject) -> None:
    put(example, {"team": "ivr"})
    promote(example)
    put(example, None, "Other words")
    promote(example)
    assert tags(example) == {"team": "ivr"}


def test_a_promote_that_fails_puts_the_tags_back(example: SandboxProject) -> None:
    put(example, {"team": "ivr", "cost": "12"})
    promote(example)
    put(example, {"team": "voice", "new": "1"}, "Other words")
    example.sandbox.fail("TagResource", "AccessDeniedException")
    result = example.run("promote", "staging", "Tagged", "--yes")
    assert result.code != 0
    assert tags(example) == {"team": "ivr", "cost": "12"}


def test_a_view_keeps_its_tags_too(example: SandboxProject) -> None:
    write(example, view(Tags={"team": "ivr"}), "view")
    promote(example, NAME)
    given = {"InstanceId": example.sandbox.instance_id}
    listed = example.client.list_views(Type="CUSTOMER_MANAGED", **given)
    (arn,) = [v["Arn"] for v in listed["ViewsSummaryList"] if v["Name"] == NAME]
    assert (
        example.client.list_tags_for_resource(resourceArn=arn)["tags"]["team"] == "ivr"
    )


def test_a_tag_of_promotes_is_never_taken_away() -> None:
    found = {**tags_of({"tags": '{"a":"1"}'}), "a": "1", "flowops:run": "r", "b": "2"}
    assert changed_tags({"tags": ""}, found) == ({}, ["a", "flowops:tags"])
    assert changed_tags({}, found) == ({}, [])
    assert changed_tags({"tags": '{"a":"1"}'}, found) == ({}, [])
