"""Every rule about views: what breaks it, and what keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from flowops.model import Finding, Severity
from flowops.systems import connect
from flowops.systems.connect.rules import page
from flowops.systems.connect.rules.registry import RULE_BY_ID
from flowops.systems.connect.rules.view_content import LARGEST
from flowops.systems.connect.rules.view_registry import VIEW_RULES
from flowops.systems.connect.rules.view_rule import ViewRule
from tests.support.contact_flows import read
from tests.support.views import ACTIONS, component, showing, template, view


def with_component(*added: Mapping[str, Any], **props: Any) -> dict[str, Any]:
    shown = template()
    shown["Body"] += added
    shown["Body"][0]["Props"] = props
    return shown


VIEWS: Mapping[str, list[dict[str, Any]]] = {
    "connect/view-name": [
        view(Name="Order #1"),
        view(Name="x" * 256),
        view(Name=" x"),
        view(actions=[*ACTIONS, "a/b;c"]),
        view(actions=[*ACTIONS, ""]),
    ],
    "connect/view-description": [
        view(Description="x" * 4097),
        view(Description="What for?"),
    ],
    "connect/view-size": [view(with_component(Text="ü" * (LARGEST // 2)))],
    "connect/view-action": [
        view(actions=["Submit"]),
        view(with_component(component("t", "Table", TableAction="Pick"))),
        view(with_component(Items=[{"Action": "Other"}])),
    ],
    "connect/view-id-twice": [view(with_component(component("send", "TextBox")))],
    "connect/view-secret": [view(with_component(apiKey="abc"))],
    "connect/view-input-in-text": [view(with_component(Text="Hello $.Customer"))],
}
FLOWS: Mapping[str, list[dict[str, Any]]] = {
    "connect/view-input-missing": [showing({}), showing({"customer": "x"})],
    "connect/view-branch-unknown": [showing(branches=["Submit", "Skip", "Back"])],
    "connect/view-branch-missing": [showing(branches=["Submit"])],
    "connect/view-result-unknown": [
        showing(result="$.Views.ViewResultData.Order"),
        showing(result="for $.Views.ViewResultData.number it is"),
    ],
}
KEPT: list[dict[str, Any]] = [
    showing(),
    showing("$.External.data"),
    showing({"Customer": "x", "More": "y"}),
    showing(result="$.Views.ViewResultData.Id"),
    showing(result="$.Views.Action"),
    showing({}, ["Next"], "$.Views.ViewResultData.FormData.x", "form", "Form"),
    showing({}, ["Next"], "$.Views.ViewResultData.x", shown="Another view"),
    showing({}, ["Next"], "$.Views.ViewResultData.x", "$.Attributes.view", ""),
    showing(
        {}, ["Next"], "$.x", "arn:aws:connect:us-east-1:aws:view/form:1", "Order form"
    ),
]


def together(flow: dict[str, Any]) -> tuple[Finding, ...]:
    return connect.review_together([read(flow), read(view())])


@pytest.mark.parametrize("rule", [r for r in VIEW_RULES if r.find], ids=lambda r: r.id)
def test_a_view_that_breaks_the_rule_is_told_so_at_a_place(rule: ViewRule) -> None:
    for document in VIEWS[rule.id]:
        found = [f for f in read(document).findings if f.rule == rule.id]
        assert found, document
        for finding in found:
            assert finding.severity is rule.severity
            assert finding.location
            assert finding.location.path == "flows/flow.json"
            assert finding.address
    assert read(view()).findings == ()


@pytest.mark.parametrize(
    "rule", [r for r in VIEW_RULES if r.find_shown], ids=lambda r: r.id
)
def test_a_flow_that_does_not_fit_its_view_is_told_so(rule: ViewRule) -> None:
    for flow in FLOWS[rule.id]:
        (found,) = together(flow)
        assert found.rule == rule.id
        assert found.severity is rule.severity
        assert found.location
        assert found.location.line > 1
        assert str(found.address) == "connect/contact-flow/Guide"


@pytest.mark.parametrize("flow", KEPT)
def test_a_flow_that_fits_is_not(flow: dict[str, Any]) -> None:
    assert together(flow) == ()


def test_near_misses_are_named() -> None:
    (found,) = together(showing({"customer": "x"}))
    assert found.hint == "did you mean 'customer'?"
    (found,) = together(showing(result="$.Views.ViewResultData.ordr"))
    assert found.hint == "did you mean 'order'?"
    (found,) = together(showing(branches=["Submit", "Skip", "Skipp"]))
    assert found.hint == "did you mean 'Skip'?"


def test_places_in_a_template_that_is_a_text_are_those_of_the_file() -> None:
    shown = json.dumps(template(), indent=1).replace('"Skip"', '"Leap"')
    document = json.dumps(view()).replace(json.dumps(template()), json.dumps(shown))
    found = [f for f in read(document).findings if f.rule == "connect/view-action"]
    assert found
    assert found[0].location
    place = document.encode()[found[0].location.column - 1 :]
    assert place.startswith(rb"\"Leap\"")


def test_a_template_may_leave_names_to_the_flow() -> None:
    other = view(with_component(component("x", "FormInput", Name="$.Customer")))
    flow = showing(result="$.Views.ViewResultData.anything")
    assert connect.review_together([read(flow), read(other)]) == ()


def test_every_rule_has_one_way_to_look_a_page_and_an_example() -> None:
    text = page.rules_page()
    for rule in VIEW_RULES:
        assert bool(rule.find) is not bool(rule.find_shown)
        assert rule.title[0].isupper()
        assert rule.text.endswith(".")
        assert text.count(f"### {rule.id}\n") == 1
        assert rule.id not in RULE_BY_ID
    ids = [rule.id for rule in VIEW_RULES]
    assert sorted(ids) == sorted({*VIEWS, *FLOWS})


def test_what_others_only_saw_is_no_error() -> None:
    seen = [rule for rule in VIEW_RULES if "others" in rule.source]
    assert {rule.severity for rule in seen} == {Severity.WARNING}
