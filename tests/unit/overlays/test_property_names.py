"""A property that is nearly one of the flow's own is a typo, any other is new."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowops.overlays.flow_overlay import read_overlays
from flowops.overlays.property_names import edits, misspelt
from flowops.systems.protocol import Flow
from tests.support.builders import environment_from, flow_with
from tests.support.projects import copy_example, run

ORDERS = flow_with(
    "Orders",
    {
        "orders/source/topic": "orders",
        "orders/source/properties.ssl.truststore.location": "x",
        "orders/source/value.format": "json",
        "orders/source/url": "x",
        "large/sink/sink.partitioner": "fixed",
    },
)
PAYMENTS = flow_with("Payments", {"paid/source/topics": "a;b"})


def problems(properties: str, *flows: Flow, node: str = "'*'") -> list[str]:
    text = f"flows: {{Orders: {{config: {{{node}: {{'*': {{{properties}}}}}}}}}}}"
    overlays = read_overlays(environment_from(text))
    found = list(misspelt(overlays, flows or [ORDERS]))
    assert all(error.location for error in found)
    return [f"{error.message}; {error.hint}" for error in found]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("topci", "topic"),
        ("topicc", "topic"),
        ("tpic", "topic"),
        ("Topic", "topic"),
        ("VALUE.FORMAT", "value.format"),
        ("properties.ssl.trustsore.locatoin", "properties.ssl.truststore.location"),
    ],
)
def test_a_name_that_is_nearly_another_is_an_error(name: str, near: str) -> None:
    assert problems(f"{name}: x") == [
        f"no table this is for has a property {name!r}; did you mean {near!r}?"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "topic",
        "properties.ssl.keystore.location",
        "properties.ssl.truststore.password",
        "key.format",
        "scan.startup.mode",
        "gid.connector.http.source.lookup.header.X-Api-Key",
        "uri",  # too short to tell
    ],
)
def test_any_other_name_is_new(name: str) -> None:
    assert problems(f"{name}: x") == []


def test_only_the_tables_of_the_rule_are_looked_at() -> None:
    assert problems("sink.partitoner: x", node="orders") == []
    assert len(problems("sink.partitoner: x", node="large")) == 1


def test_a_name_that_another_flow_has_is_no_typo() -> None:
    assert len(problems("topics: x")) == 1
    assert problems("topics: x", ORDERS, PAYMENTS) == []


def test_a_null_is_for_another_check() -> None:
    assert problems("topci: ") == []


@pytest.mark.parametrize("name", ["scan startup", "topic=x", "topic:", "''"])
def test_a_name_that_can_be_no_option_is_an_error(name: str) -> None:
    (found,) = problems(f"{name if name == chr(39) * 2 else json.dumps(name)}: x")

    assert found.endswith("; write it as the connector's documentation does")


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("", "", 0),
        ("ab", "ab", 0),
        ("ab", "ba", 1),
        ("abc", "ac", 1),
        ("abc", "axc", 1),
        ("abcd", "bacx", 2),
        ("ab", "abcd", 2),
        ("abc", "xyz", 3),
        ("abcdefgh", "hgfedcba", 3),
        ("a", "abcdef", 3),
    ],
)
def test_edits_are_counted_both_ways(one: str, other: str, count: int) -> None:
    assert edits(one, other) == edits(other, one) == count


def test_check_and_plan_name_the_rule_and_the_place(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "project")
    (root / "environments" / "this.yaml").write_text(
        "targets: {event_processing: {kind: directory, path: d}}\n"
        "flows:\n  Large orders: {config: {orders: {'*': {scan.startup.mdoe: x}}}}\n"
    )
    for words in (["check"], ["plan", "this"]):
        result = run(*words, "--project", str(root))
        assert result.code == 1
        assert (
            "environments/this.yaml:3:61: error: no table this is for has a property "
            "'scan.startup.mdoe' [overlay/unknown-property]\n"
            "    did you mean 'scan.startup.mode'?\n"
        ) in result.out
