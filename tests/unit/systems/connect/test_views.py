"""A view is read in every shape, described, rendered, and refused with a place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from flowops.diff import diff_graphs
from flowops.errors import InputError
from flowops.model import Address, Binding, BindingState, Graph, Resource
from flowops.secrets import Secret
from flowops.systems import connect
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.connect.view_contents import VIEWS
from flowops.systems.connect.view_templates import inputs, results
from flowops.systems.connect.views import View
from flowops.systems.protocol import BoundFlow, FlowState
from tests.support.contact_flows import INSTANCE, read
from tests.support.views import ACTIONS, NAME, component, template, view

TEXT = json.dumps(template())
CONTENT_FIELDS = {"Actions": list(ACTIONS), "Template": TEXT}
RESOURCE = {
    "Type": "AWS::Connect::View",
    "Properties": {"Name": NAME, "Actions": [*ACTIONS], "Template": template()},
}
SHAPES: Mapping[str, Any] = {
    "a file of a project": view(),
    "a template in a text": {"Name": NAME, "Content": CONTENT_FIELDS},
    "an answer of DescribeView": {
        "View": {
            "Id": "x",
            "Arn": "y",
            "Name": NAME,
            "Status": "PUBLISHED",
            "Type": "CUSTOMER_MANAGED",
            "Content": CONTENT_FIELDS | {"InputSchema": "{}"},
        }
    },
    "a resource of CloudFormation": RESOURCE,
    "a template of CloudFormation": {"Resources": {"Other": RESOURCE}},
}


def body(document: Any) -> View:
    found = read(document).body
    assert isinstance(found, View)
    return found


def graph(document: Any) -> Graph:
    flow = read(document)
    return connect.describe(connect.render(BoundFlow(flow)).state())


@pytest.mark.parametrize("document", SHAPES.values(), ids=SHAPES)
def test_every_shape_is_the_same_view(document: Any) -> None:
    flow = read(document)
    assert flow.address == Address("connect", "view", NAME)
    assert flow.findings == ()
    assert body(document).actions == ACTIONS
    assert body(document).template == template()
    bundle = connect.render(BoundFlow(flow))
    assert bundle.attributes == {"name": NAME, "status": "published"}
    content = json.loads(str(bundle.files[CONTENT]))
    assert content["Actions"] == [*ACTIONS]
    assert json.loads(content["Template"]) == template()
    assert graph(document).fingerprint == graph(view()).fingerprint


def test_a_bare_content_is_named_by_its_file() -> None:
    assert read(CONTENT_FIELDS, "flows/Wrap up.json").address.name == "Wrap up"


def test_a_template_in_a_text_is_sent_to_the_byte() -> None:
    text = TEXT.replace(", ", " ,  ").replace("12", "\\u0031\\u0032")
    document = {"Name": NAME, "Content": CONTENT_FIELDS | {"Template": text}}
    bundle = connect.render(BoundFlow(read(document)))
    assert json.loads(str(bundle.files[CONTENT]))["Template"] == text


@pytest.mark.parametrize(
    ("document", "words", "place"),
    [
        (
            {"Name": NAME, "Content": CONTENT_FIELDS | {"Template": '{"Head": }'}},
            "this is not JSON",
            (8, 27),
        ),
        (view() | {"Content": {"Template": [1]}}, "must be an object", (5, 15)),
        (
            {"Name": NAME, "Content": CONTENT_FIELDS | {"Actions": [1]}},
            "must be a text",
            (5, 4),
        ),
        (
            {"Name": NAME, "Content": {"Template": {"Body": {}}}},
            "Body must be a list",
            (5, 12),
        ),
        (
            {"Name": NAME, "Content": {"Template": {"Fn::Sub": "x"}}},
            "neither Head nor Body",
            (4, 15),
        ),
        (
            {"Resources": {"A": RESOURCE, "B": RESOURCE}},
            "the template holds 2 views: Order form, Order form",
            None,
        ),
        (
            {
                "Resources": {
                    "A": RESOURCE,
                    "B": {"Type": "AWS::Connect::ContactFlow", "Properties": {}},
                }
            },
            "the template holds a flow and a view",
            (1, 1),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(
    document: Any, words: str, place: tuple[int, int] | None
) -> None:
    with pytest.raises(InputError, match=words) as error:
        read(document)
    found = error.value.location
    assert found is not None
    if place:
        assert (found.line, found.column) == place


def test_inputs_are_those_of_the_template_unless_a_schema_says_them() -> None:
    assert inputs(body(view())) == {"Customer"}
    shown = template()
    shown["Head"]["Title"] = "$.Title.Text"
    shown["Body"][0]["Props"] = {"A": "no $.Input here", "B": "$.#x", "C": "$"}
    assert inputs(body(view(shown))) == {"Customer", "Title"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"properties": {}, "required": ["Other"]}, {"Other"}),
        ('{"properties": {"Customer": {}}}', set()),
        ('{"properties": {"A": {}}, "required": ["A"]}', {"A"}),
        ("{}", {"Customer"}),
        ("oops", {"Customer"}),
        (None, {"Customer"}),
    ],
)
def test_a_schema_counts_more_than_the_template(
    schema: Any, expected: set[str]
) -> None:
    content = view()["Content"] | {"InputSchema": schema}
    assert inputs(body(view(Content=content))) == expected


def test_results_are_the_names_of_components() -> None:
    assert results(body(view())) == frozenset(["order"])
    shown = template()
    shown["Body"].append(component("x", "FormInput", Name="$.Name"))
    assert results(body(view(shown))) is None


def test_a_graph_tells_what_differs() -> None:
    changed = template("Order now")
    changed["Head"]["Title"] = "Orders"
    changed["Body"][0]["Content"].append(component("new", "TextBox", "Hello"))
    found = diff_graphs(graph(view()), graph(view(changed, ["Submit", "Skip", "x"])))
    assert {c.path: (c.before, c.after) for c in found.attributes} == {
        "Actions": ("Skip, Submit", "Skip, Submit, x")
    }
    changes = {(b.block, b.action) for b in found.blocks}
    assert changes == {("Template", "change"), ("send", "change"), ("new", "add")}


def test_order_of_actions_and_of_keys_is_no_difference() -> None:
    turned = json.loads(json.dumps(template(), sort_keys=True))
    assert graph(view(turned, ["Skip", "Submit"])) == graph(view())


def test_order_of_components_is_a_difference() -> None:
    turned = template()
    turned["Body"][0]["Content"].reverse()
    assert diff_graphs(graph(view()), graph(view(turned))).changes_behaviour


def test_components_of_the_same_id_are_not_taken_for_one() -> None:
    shown = template()
    shown["Body"].append(component("send", "Button", "Again", Action="Submit"))
    ids = [block.id for block in graph(view(shown)).blocks]
    assert len(ids) == len({*ids}) == 7


def test_an_arn_in_a_template_follows_the_environment() -> None:
    old, new = f"{INSTANCE}/queue/a-1", f"{INSTANCE}/queue/b-2"
    shown = template()
    shown["Body"][0]["Props"] = {"One": old, "Two": f"see {old} and {old}."}
    flow = read(view(shown))
    assert [r.value for r in flow.references] == [old] * 3
    assert {r.block for r in flow.references} == {"card"}
    assert all(r.location.line > 1 for r in flow.references)
    resource = Resource("queue", "B", arn=new)
    bindings = tuple(
        Binding(r, BindingState.RESOLVED, new, "test", resource)
        for r in flow.references
    )
    bundle = connect.render(BoundFlow(flow, bindings))
    made = json.loads(json.loads(str(bundle.files[CONTENT]))["Template"])
    assert made["Body"][0]["Props"] == {"One": new, "Two": f"see {new} and {new}."}


def test_what_looks_like_a_secret_is_not_shown() -> None:
    shown = template()
    shown["Body"][0]["Props"] = {"apiKey": "s3cret"}
    bundle = connect.render(BoundFlow(read(view(shown))))
    sealed = bundle.files[CONTENT]
    assert isinstance(sealed, Secret)
    assert "s3cret" not in str(sealed)
    assert "s3cret" in sealed.open()
    assert "s3cret" not in repr(graph(view(shown)))


def test_a_content_that_is_no_view_is_hidden_whole() -> None:
    address = Address("connect", "view", NAME)
    sealed = VIEWS.seal(address, '{"Template": "oops", "Actions": []}')
    assert isinstance(sealed, Secret)
    with pytest.raises(InputError):
        connect.describe(FlowState(address, {CONTENT: sealed}))
