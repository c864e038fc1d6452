"""What becomes of a job's state: certain in few cases, and unknown in all others."""

from __future__ import annotations

import copy

import pytest

from flowops.model import Graph, StateSafety
from flowops.systems import event_processing
from flowops.systems.event_processing.job_state import state_safety
from flowops.systems.protocol import BoundFlow
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


def test_the_worst_change_counts() -> None:
    value = copy.deepcopy(CASES["window"][0])
    value["flowDetails"]["flowDescription"] = "new"  # type: ignore[index]
    assert state_safety(graph_of(FLOW), graph_of(value)).safety is DROPPED
