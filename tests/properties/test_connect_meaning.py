"""A render means what its text means, though a plan does not read the text anew."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowops.documents.json_text import replace_values
from flowops.model import Binding, BindingState, Graph, Resource
from flowops.secrets import open_text
from flowops.systems import connect
from flowops.systems.connect.language import ContactFlow
from flowops.systems.connect.rendering import new_values
from flowops.systems.protocol import BoundFlow, Bundle, Flow
from tests.support.contact_flows import ID, OTHER_ID, action, arn, contact_flow, read
from tests.support.json_documents import is_same, with_value

PART = "71569bb2-0000-4000-8000-00000000000a"
words = st.sampled_from(["", "a", "Sales 'é\"\\", "$.Queue", "<x_redacted>", PART, ID])
values = words | st.sampled_from([arn("queue"), arn("queue", OTHER_ID), OTHER_ID])
ids = st.sampled_from(["a", "b", PART, ID])
kinds = st.sampled_from(
    ["UpdateContactTargetQueue", "MessageParticipant", "InvokeFlowModule", "Other"]
)
leaves: st.SearchStrategy[Any] = values | st.sampled_from(
    [0, 1, True, False, None, 1.0, 10**20, [], {}]
)
keys = st.sampled_from(["QueueId", "Text", "FlowModuleId", "password", "a/b", "0"])
parameters = st.dictionaries(keys, leaves | st.lists(leaves, max_size=2), max_size=3)
shown = st.dictionaries(
    st.sampled_from(["queue", "children", "fragments", "conditions", "position"]),
    leaves
    | st.lists(leaves | st.just({"id": ID}), max_size=2)
    | st.fixed_dictionaries({"text": values, "id": values}),
    max_size=3,
)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """Return a flow of up to three blocks, some with references."""
    names = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    actions = [
        action(name, draw(kinds), draw(parameters), draw(st.sampled_from(names)))
        for name in names
    ]
    blocks: dict[str, Any] = {name: draw(shown) for name in names}
    document = contact_flow(actions, blocks, note=draw(leaves))
    if draw(st.booleans()):
        document["Settings"] = draw(parameters)
    if draw(st.booleans()):
        properties = {"Name": "Wrapped", "Content": json.dumps(document)}
        document = {"Type": "AWS::Connect::ContactFlow", "Properties": properties}
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return read(mark + json.dumps(document, indent=draw(st.sampled_from([None, 1]))))


@st.composite
def bound_flows(draw: st.DrawFn, flow: Flow) -> BoundFlow:
    """Return a flow with an answer for each reference, not all of them new."""
    states = st.sampled_from([BindingState.RESOLVED, BindingState.UNCHECKED])
    answers = []
    for reference in flow.references:
        resource = Resource(reference.kind, draw(words), draw(words), draw(values))
        value = draw(values | st.just(reference.value))
        answers.append(Binding(reference, draw(states), value, "test", resource))
    status = draw(st.sampled_from(["saved", "published"]))
    return BoundFlow(flow, tuple(answers), type=flow.type, status=status)


def content_of(bundle: Bundle) -> str:
    return open_text(bundle.files["content.json"])


@given(flows(), st.data())
def test_a_render_has_the_new_values_and_nothing_else(
    flow: Flow, data: st.DataObject
) -> None:
    before = content_of(connect.render(BoundFlow(flow)))
    for _ in range(2):
        bound = data.draw(bound_flows(flow))
        assert isinstance(flow.body, ContactFlow)
        values = new_values(bound, flow.body)
        expected = json.loads(before)
        for pointer, value in values.items():
            expected = with_value(expected, pointer, value)
        after = content_of(connect.render(bound))
        assert is_same(json.loads(after), expected)
        assert after == replace_values(before, values)


def read_anew(bundle: Bundle) -> Graph:
    return connect.describe(bundle.state())


@given(flows(), st.data())
def test_a_render_means_what_its_text_means(flow: Flow, data: st.DataObject) -> None:
    for _ in range(2):  # the second one finds what the first one left
        bound = data.draw(bound_flows(flow))
        bundle = connect.render(bound)
        assert connect.describe_bundle(bound, bundle) == read_anew(bundle)


@given(flows(), flows())
def test_a_flow_never_means_what_another_one_does(one: Flow, other: Flow) -> None:
    for flow in (one, other, one):
        bound = BoundFlow(flow, type=flow.type)
        bundle = connect.render(bound)
        assert connect.describe_bundle(bound, bundle) == read_anew(bundle)
