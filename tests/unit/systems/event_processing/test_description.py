"""A graph by meaning, from files as they are made or as somebody left them."""

from __future__ import annotations

import copy
import json

import pytest

from flowops.diff import diff_graphs
from flowops.errors import InputError
from flowops.model import Address, Edge, Graph
from flowops.systems import event_processing
from flowops.systems.protocol import FlowState
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    Json,
    document,
    filtered,
    node,
    read,
    render,
    sink,
    source,
)

ADDRESS = Address("event_processing", "flow", "Weather")


def drawn() -> Json:
    value = document(
        source(credentials=CREDENTIALS, securityProtocol="SASL_SSL"),
        filtered("`degrees` > 1"),
        sink(),
    )
    value["pipelineState"] = {
        "id": "canvas",
        "pipelines": [
            {
                "nodes": [
                    {
                        "id": "id of readings",
                        "app_data": {"ui_data": {"x_pos": 50, "y_pos": 60.5}},
                    }
                ]
            }
        ],
    }
    return value


def graph_of(value: object) -> Graph:
    return event_processing.describe(render(read(value)).state())


def described(**files: str) -> Graph:
    names = {"json": "flow.json", "yaml": "config.yaml", "sql": "flow.sql"}
    texts = {names[key]: text for key, text in files.items()}
    return event_processing.describe(FlowState(ADDRESS, texts))


def test_a_block_for_each_node() -> None:
    graph = graph_of(drawn())
    assert graph.attributes == {
        "name": "Weather",
        "description": "",
        "flowVersion": "9",
    }
    assert [(b.id, b.type, b.label) for b in graph.blocks] == [
        ("id of readings", "source", "readings"),
        ("id of chosen", "filter", "chosen"),
        ("id of results", "sink", "results"),
    ]
    assert graph.edges == (
        Edge("id of readings", "", "id of chosen"),
        Edge("id of chosen", "", "id of results"),
    )
    assert [b.layout for b in graph.blocks] == [{"x": "50", "y": "60.5"}, {}, {}]


def test_properties_are_told_by_their_path() -> None:
    first, second, third = graph_of(drawn()).blocks
    found = first.properties
    assert found["topic"] == "READINGS"
    assert found["fields/1/type"] == "DOUBLE"
    assert found["fields/1/selected"] == "true"
    assert found["watermark/interval"] == "5"
    assert found["credentials/data/password"] == "<password_redacted>"
    assert found["config/readings___TABLE/topic"] == "READINGS"
    assert found["config/readings___TABLE/properties.sasl.jaas.config"].endswith(
        'username="<username_redacted>" password="<password_redacted>";'
    )
    assert found["sql"].startswith("CREATE TABLE `readings___TABLE`")
    assert "CREATE TEMPORARY VIEW `readings`" in found["sql"]
    assert second.properties == {
        "statement": "`degrees` > 1",
        "sql": "CREATE TEMPORARY VIEW `chosen` AS\n"
        "SELECT * FROM `readings`\nWHERE `degrees` > 1",
    }
    assert "INSERT INTO `results`" in third.properties["sql"]
    assert all(
        isinstance(v, str) for b in (first, third) for v in b.properties.values()
    )


def test_odd_keys_and_empty_values_are_kept() -> None:
    odd = node("odd", "hologram", {"a/b": {"c~d": [], "e": {}, "f": None}})
    odd["useSqlDeduplication"] = False
    (block,) = graph_of(document(odd)).blocks
    assert block.properties == {
        "node/useSqlDeduplication": "false",
        "a~1b/c~0d": "[]",
        "a~1b/e": "{}",
        "a~1b/f": "null",
    }


def test_a_change_shows_at_its_node() -> None:
    before, after = drawn(), drawn()
    after["contextState"]["nodes"][1]["configuration"]["statement"] = "TRUE"  # type: ignore[index]
    found = diff_graphs(graph_of(before), graph_of(after))
    (block,) = found.blocks
    assert block.label == "chosen"
    assert [field.path for field in block.fields] == ["sql", "statement"]
    assert not found.layout


def test_moving_a_box_is_layout_and_the_rest_of_the_canvas_is_nothing() -> None:
    before, moved, other = drawn(), drawn(), drawn()
    boxes = moved["pipelineState"]["pipelines"][0]["nodes"]  # type: ignore[index]
    boxes[0]["app_data"]["ui_data"]["x_pos"] = 51
    other["pipelineState"]["id"] = "another"  # type: ignore[index]
    found = diff_graphs(graph_of(before), graph_of(moved))
    assert found.layout == 1
    assert not found.changes_behaviour
    assert graph_of(other) == graph_of(before)


def test_what_is_beside_the_nodes_counts_as_well() -> None:
    before, after = drawn(), drawn()
    after["contextState"]["cache"] = {"size": 1}  # type: ignore[index]
    assert graph_of(before).fingerprint != graph_of(after).fingerprint


def test_missing_files_are_absent() -> None:
    files = {k: str(v) for k, v in render(read(drawn())).files.items()}
    assert described() == Graph()
    alone = described(json=files["flow.json"])
    assert "sql" not in alone.blocks[0].properties
    without = described(yaml=files["config.yaml"], sql=files["flow.sql"])
    assert [b.id for b in without.blocks] == ["chosen", "readings", "results"]
    assert without.edges == ()


def test_strangers_in_the_files_are_blocks_of_their_own() -> None:
    files = {k: str(v) for k, v in render(read(drawn())).files.items()}
    yaml = files["config.yaml"] + "  stranger:\n    t:\n      topic: X\n"
    sql = files["flow.sql"] + "CREATE TEMPORARY VIEW `by hand` AS SELECT 1;\n"
    graph = described(json=files["flow.json"], yaml=yaml, sql=sql)
    assert [(b.label, dict(b.properties)) for b in graph.blocks[3:]] == [
        ("by hand", {"sql": "CREATE TEMPORARY VIEW `by hand` AS SELECT 1"}),
        ("stranger", {"config/t/topic": "X"}),
    ]
    found = diff_graphs(graph, graph_of(drawn()))
    assert [b.action for b in found.blocks] == ["remove", "remove"]


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"json": "{"}, "flow.json"),
        ({"json": "[]"}, "flow.json"),
        ({"json": '{"contextState": 5}'}, "flow.json"),
        ({"json": '{"contextState": {"nodes": [{"viewName": "a"}]}}'}, "flow.json"),
        ({"json": '{"pipelineState": {"pipelines": {}}}'}, "flow.json"),
        ({"yaml": "config: [1]"}, "config.yaml"),
        ({"yaml": "config: {a: {b: {c: [1]}}}"}, "config.yaml"),
        ({"yaml": "a: b: c"}, "config.yaml"),
        ({"yaml": "- 1"}, "config.yaml"),
    ],
)
def test_a_damaged_file_is_named(files: dict[str, str], name: str) -> None:
    with pytest.raises(InputError) as caught:
        described(**files)
    assert caught.value.location is not None
    assert caught.value.location.path == f"event_processing/flow/Weather/{name}"


@pytest.mark.parametrize(
    "yaml", ["", "config:\n", "other: 1\n", "config: {a: {b: }}\n"]
)
def test_an_empty_configuration_is_one(yaml: str) -> None:
    assert described(yaml=yaml) == Graph()


def test_describing_what_was_rendered_is_stable() -> None:
    value = drawn()
    again = json.loads(json.dumps(copy.deepcopy(value)))
    assert graph_of(value) == graph_of(again)
