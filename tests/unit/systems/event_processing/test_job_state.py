"""What becomes of a job's state: certain in few cases, and unknown in all others."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from flowops.model import Graph, StateSafety
from flowops.systems import event_processing
from flowops.systems.event_processing.job_state import state_safety
from flowops.systems.protocol import BoundFlow, Setting
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    Json,
    aggregate,
    document,
    filtered,
    read,
    sink,
    source,
)

FLOW = document(
    source(credentials=CREDENTIALS), filtered("`degrees` > 1"), aggregate(), sink()
)
LOGIN = {**CREDENTIALS, "data": {**CREDENTIALS["data"], "mechanism": "PLAIN"}}  # type: ignore[dict-item]
LAYOUT, RESTART, DROPPED, UNKNOWN = StateSafety


def graph_of(value: Json) -> Graph:
    flow = read(value)
    bundle = event_processing.render(BoundFlow(flow, settings=flow.settings))
    return event_processing.describe(bundle.state())


def changed(*path: str | int, to: object) -> Json:
    value = copy.deepcopy(FLOW)
    here: object = value
    for step in path[:-1]:
        here = here[step]  # type: ignore[index]
    here[path[-1]] = to  # type: ignore[index]
    return value


NODES = ("contextState", "nodes")
WINDOW: Json = {"interval": 2, "timeUnit": "HOUR"}
CASES: dict[str, tuple[Json, StateSafety, str]] = {
    "nothing": (FLOW, LAYOUT, "nothing that runs"),
    "canvas": (
        changed(
            "pipelineState",
            "pipelines",
            to=[
                {
                    "nodes": [
                        {"id": "id of hourly", "app_data": {"ui_data": {"x_pos": 9}}}
                    ]
                }
            ],
        ),
        LAYOUT,
        "nothing that runs",
    ),
    "description": (
        changed("flowDetails", "flowDescription", to="new"),
        UNKNOWN,
        "the description differs",
    ),
    "mechanism": (
        changed(*NODES, 0, "configuration", "credentials", to=LOGIN),
        RESTART,
        "reaches its broker in another way",
    ),
    "topic": (
        changed(*NODES, 0, "configuration", "topic", to="OTHER"),
        UNKNOWN,
        "readings differs: config/readings___TABLE/topic",
    ),
    "start": (
        changed(*NODES, 0, "configuration", "startUpMode", to="latest-offset"),
        RESTART,
        "readings starts elsewhere only in a job without state",
    ),
    "topic of a destination": (
        changed(*NODES, 3, "configuration", "topic", to="OTHER"),
        RESTART,
        "results writes to another place, and keeps nothing",
    ),
    "broker of a destination": (
        changed(*NODES, 3, "configuration", "bootstrapServers", to=["other:9"]),
        RESTART,
        "results writes to another place, and keeps nothing",
    ),
    "broker of a source": (
        changed(*NODES, 0, "configuration", "bootstrapServers", to=["other:9"]),
        UNKNOWN,
        "readings differs: bootstrapServers/0",
    ),
    "filter": (
        changed(*NODES, 1, "configuration", "statement", to="TRUE"),
        UNKNOWN,
        "chosen differs: statement",
    ),
    "window": (
        changed(*NODES, 2, "configuration", "aggregationPeriod", to=WINDOW),
        DROPPED,
        "hourly gathers by another window",
    ),
    "key": (
        changed(*NODES, 2, "configuration", "groupBy", to=[{"column": "city"}]),
        DROPPED,
        "hourly gathers by another window or key",
    ),
    "name of a node": (
        changed(*NODES, 1, "viewName", to="picked"),
        UNKNOWN,
        "another name or type",
    ),
    "no aggregate": (
        document(source(credentials=CREDENTIALS), filtered("`degrees` > 1"), sink()),
        DROPPED,
        "hourly is removed",
    ),
    "no filter": (
        document(source(credentials=CREDENTIALS), aggregate(), sink()),
        UNKNOWN,
        "chosen is removed",
    ),
    "a new node": (
        document(
            *(source(credentials=CREDENTIALS), filtered("`degrees` > 1")),
            *(aggregate(), filtered("TRUE", "more"), sink()),
        ),
        UNKNOWN,
        "more is new",
    ),
    "edges": (changed("contextState", "edges", to=[]), UNKNOWN, ""),
    "something else": (changed("novelty", to=1), UNKNOWN, "outside the nodes"),
    "version": (changed("flowDetails", "flowVersion", to=6), UNKNOWN, "flowVersion"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_the_state(case: str) -> None:
    value, safety, reason = CASES[case]
    found = state_safety(graph_of(FLOW), graph_of(value))
    assert (found.safety, reason in found.reason) == (safety, True), found
    assert "marker" not in found.reason


def with_option(node: str, table: str, name: str) -> Graph:
    flow = read(FLOW)
    place = flow.settings[0].origin
    settings = (*flow.settings, Setting(node, table, name, "x", place))
    bundle = event_processing.render(BoundFlow(flow, settings=settings))
    return event_processing.describe(bundle.state())


@pytest.mark.parametrize(
    ("name", "safety"),
    [
        ("properties.group.id", RESTART),
        ("properties.max.poll.records", RESTART),
        ("properties.fetch.min.bytes", RESTART),
        ("scan.startup.timestamp-millis", RESTART),
        ("scan.bounded.mode", UNKNOWN),
        ("scan.topic-partition-discovery.interval", UNKNOWN),
    ],
)
def test_an_option_of_a_source(name: str, safety: StateSafety) -> None:
    after = with_option("readings", "readings___TABLE", name)
    assert state_safety(graph_of(FLOW), after).safety is safety


def test_a_destination_that_writes_exactly_once_keeps_something() -> None:
    option = "sink.delivery-guarantee"
    before = with_option("results", "results", option)
    assert state_safety(graph_of(FLOW), before).safety is UNKNOWN
    changed_too = replace(
        before,
        blocks=tuple(
            replace(block, properties={**block.properties, "topic": "OTHER"})
            if block.type == "sink"
            else block
            for block in before.blocks
        ),
    )
    assert state_safety(before, changed_too).safety is UNKNOWN


def test_little_is_at_stake_where_nothing_is_gathered() -> None:
    def graph(expression: str, *more: Json) -> Graph:
        return graph_of(document(source(), filtered(expression), *more, sink()))

    words = "only how far it has read is at stake, as it gathers nothing"
    found = state_safety(graph("TRUE"), graph("FALSE"))
    assert (found.safety, words in found.reason) == (UNKNOWN, True)
    found = state_safety(graph("TRUE", aggregate()), graph("FALSE", aggregate()))
    assert (found.safety, words in found.reason) == (UNKNOWN, False)


def test_the_worst_change_counts() -> None:
    value = copy.deepcopy(CASES["window"][0])
    value["flowDetails"]["flowVersion"] = 6  # type: ignore[index]
    assert state_safety(graph_of(FLOW), graph_of(value)).safety is DROPPED
