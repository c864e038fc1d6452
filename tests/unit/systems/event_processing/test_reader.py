"""What the reader accepts, and what it refuses with the place of the fault."""

from __future__ import annotations

import copy
import json

import pytest

from flowops.documents.json_text import parse_json
from flowops.errors import InputError
from flowops.model import Address, Severity
from flowops.systems import event_processing
from flowops.systems.event_processing.pipeline import (
    Aggregate,
    Api,
    Filter,
    Interval,
    Link,
    Opaque,
    Pipeline,
    Sink,
    Source,
    Transform,
)
from flowops.systems.protocol import BoundFlow
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    PASSWORD,
    PATH,
    Json,
    aggregate,
    document,
    filtered,
    kept,
    node,
    read,
    sink,
    source,
    text_of,
    transform,
)

WHOLE = document(
    source(credentials=CREDENTIALS),
    filtered("`degrees` > 1"),
    transform(kept("city"), kept("time")),
    aggregate(),
    sink(),
)


def pipeline_of(value: object) -> Pipeline:
    body = read(value).body
    assert isinstance(body, Pipeline)
    return body


def line_of(value: object, text: str) -> int:
    lines = text_of(value).text.open().splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line)


def changed(*path: str | int, to: object) -> Json:
    value = copy.deepcopy(WHOLE)
    here: object = value
    for step in path[:-1]:
        here = here[step]  # type: ignore[index]
    here[path[-1]] = to  # type: ignore[index]
    return value


def refusal(value: object) -> InputError:
    with pytest.raises(InputError) as caught:
        read(value)
    assert caught.value.location is not None
    assert caught.value.location.path == PATH
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ({"contextState": {}, "flowDetails": {}}, True),
        ({"contextState": {}, "pipelineState": {}}, True),
        ({"contextState": {}}, False),
        ({"flowDetails": {}, "pipelineState": {}}, False),
        ({"Version": "2019-10-30", "Actions": []}, False),
        ([], False),
        ("contextState", False),
        (None, False),
    ],
)
def test_a_flow_is_recognised_by_its_keys(root: Json, expected: bool) -> None:
    assert event_processing.recognises(root) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize("version", [3, 5, 6, 9])
def test_known_versions_are_read(version: int) -> None:
    flow = read(document(source(), sink(), version=version))
    assert flow.address == Address("event_processing", "flow", "Weather")
    assert pipeline_of(document(source(), version=version)).version == version


def test_nodes_become_values_of_their_own() -> None:
    pipeline = pipeline_of(WHOLE)
    kinds = [type(n) for n in pipeline.nodes]
    assert kinds == [Source, Filter, Transform, Aggregate, Sink]
    assert pipeline.links[0] == Link("id of readings", "id of chosen")
    found = pipeline.nodes[0]
    assert isinstance(found, Source)
    assert [field.name for field in found.fields] == ["city", "degrees", "time"]
    assert found.watermark is not None
    assert found.watermark.delay == Interval("5", "SECOND")


def test_a_flow_comes_back_byte_for_byte() -> None:
    text = text_of(WHOLE)
    assert read(WHOLE).source.to_bytes() == text.to_bytes()


@pytest.mark.parametrize("version", [3.0, "9", True, None, [], -1, 0])
def test_what_is_no_version_is_refused_where_it_stands(version: object) -> None:
    value = document(source(), version=version)
    error = refusal(value)
    assert error.location is not None
    assert error.location.line == line_of(value, '"flowVersion"')
    assert error.location.column == 20
    assert "3, 5, 6, 9" in error.hint


@pytest.mark.parametrize("version", [1, 2, 4, 7, 8, 10, 99])
def test_another_version_of_a_known_shape_is_warned_about(version: int) -> None:
    value = document(source(), aggregate(), sink(), version=version)
    flow = read(value)
    (found,) = flow.findings
    assert found.rule == "event-processing/flow-version"
    assert found.severity is Severity.WARNING
    assert found.location is not None
    assert found.location.line == line_of(value, '"flowVersion"')
    assert (
        "flow.sql"
        in event_processing.render(BoundFlow(flow, settings=flow.settings)).files
    )


@pytest.mark.parametrize("version", [1, 4, 10])
@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (node("puzzle", "hologram"), "puzzle is of type hologram"),
        (sink("out", novelty=1), "out has the property 'novelty'"),
        ({**filtered("TRUE"), "novelty": 1}, "chosen has the property 'novelty'"),
    ],
)
def test_another_version_of_another_shape_is_refused(
    version: int, odd: Json, words: str
) -> None:
    value = document(source(), odd, version=version)
    error = refusal(value)
    assert error.message == f"flowVersion {version} is not known, and {words}"
    assert error.location is not None
    assert error.location.line == line_of(value, '"flowVersion"')


def flat(kind: str, name: str, **more: object) -> Json:
    return node(
        name,
        kind,
        {
            "topicName": name,
            "topic": "READINGS",
            "bootstrapServers": ["kafka.example:9092"],
            "ssl": True,
            "certs": [],
            "certificatesAccepted": False,
            "type": "SASL",
            "username": "u",
            "password": PASSWORD,
            "mechanism": "PLAIN",
            **more,
        },
    )


def test_an_export_of_the_first_version_says_none() -> None:
    fields = [{"name": "city", "type": "STRING", "selected": True}]
    start = flat("source", "in", sampleMessage="{}", fields=fields, watermark=None)
    value = document(start, flat("sink", "out"))
    del value["flowDetails"]["flowVersion"]  # type: ignore[attr-defined]
    flow = read(value)
    assert {f.rule for f in flow.findings} == {"event-processing/secret-in-file"}
    bundle = event_processing.render(BoundFlow(flow, settings=flow.settings))
    assert "'topic' = 'READINGS'" in str(bundle.files["flow.sql"])
    assert "'properties.security.protocol' = 'SASL_SSL'" in str(
        bundle.files["flow.sql"]
    )
    assert bundle.attributes["flowVersion"] == ""
    graph = event_processing.describe(bundle.state())
    assert graph.attributes == bundle.attributes


def test_an_absent_version_of_another_shape_is_refused_at_its_parent() -> None:
    value = document(source())
    del value["flowDetails"]["flowVersion"]  # type: ignore[attr-defined]
    error = refusal(value)
    assert "no usable flowVersion" in error.message
    assert "readings has 'securityProtocol', which came later" in error.message
    assert error.location is not None
    assert error.location.line == line_of(value, '"flowDetails"')


def test_an_api_of_a_newer_version_is_called_by_the_newer_connector() -> None:
    call: Json = {"operations": [{"lookupMethod": "POST"}]}
    for version, expected in ((9, None), (10, True)):
        found = pipeline_of(document(node("ask", "api", call), version=version))
        assert isinstance(found.nodes[0], Api)
        assert found.nodes[0].is_apache is expected


@pytest.mark.parametrize("name", ["", "  ", None, 7, ["x"]])
def test_a_flow_has_to_have_a_name(name: object) -> None:
    value = document(source(), name=name)
    error = refusal(value)
    assert "flowName" in error.message
    assert error.location is not None
    assert error.location.line == line_of(value, '"flowName"')


MALFORMED: dict[str, tuple[Json, str, str]] = {
    "no nodes": (
        changed("contextState", to={}),
        '"contextState"',
        "contextState/nodes",
    ),
    "nodes no list": (
        changed("contextState", "nodes", to={"a": 1}),
        '"nodes"',
        "must be a list",
    ),
    "context no object": (
        changed("contextState", to=[]),
        '"contextState"',
        "an object",
    ),
    "node no object": (
        changed("contextState", "nodes", 1, to="chosen"),
        '"chosen"',
        "must be an object",
    ),
    "name no text": (
        changed("contextState", "nodes", 1, "viewName", to=5),
        '"viewName": 5',
        "must be a text",
    ),
    "id empty": (
        changed("contextState", "nodes", 1, "nodeId", to=""),
        '"nodeId": ""',
        "missing or empty",
    ),
    "type missing": (
        changed("contextState", "nodes", 1, "nodeType", to=None),
        '"nodeType": null',
        "missing or empty",
    ),
    "same name": (
        changed("contextState", "nodes", 4, "viewName", to="hourly"),
        '"viewName": "hourly"',
        "two nodes have the viewName 'hourly'",
    ),
    "same id": (
        changed("contextState", "nodes", 4, "nodeId", to="id of hourly"),
        '"nodeId": "id of hourly"',
        "two nodes have the nodeId",
    ),
    "edge to nowhere": (
        changed("contextState", "edges", 0, "outgoing", to="id of nobody"),
        '"id of nobody"',
        "which is no node",
    ),
    "edge from nowhere": (
        changed("contextState", "edges", 0, "incoming", to="id of nobody"),
        '"id of nobody"',
        "which is no node",
    ),
    "fields no list": (
        changed("contextState", "nodes", 0, "configuration", "fields", to="city"),
        '"fields"',
        "must be a list",
    ),
    "selected no flag": (
        changed(
            *("contextState", "nodes", 0, "configuration", "fields"),
            to=[{"name": "a", "selected": "yes"}],
        ),
        '"selected"',
        "true or false",
    ),
    "interval no number": (
        changed(
            *("contextState", "nodes", 3, "configuration", "aggregationPeriod"),
            to={"interval": "1", "timeUnit": "HOUR"},
        ),
        '"interval": "1"',
        "a number",
    ),
    "servers no list": (
        changed(
            "contextState", "nodes", 0, "configuration", "bootstrapServers", to="k"
        ),
        '"bootstrapServers"',
        "must be a list",
    ),
    "password no text": (
        changed(
            *("contextState", "nodes", 0, "configuration", "credentials"),
            to={"type": "SASL", "data": {"password": ["marker-password"]}},
        ),
        '"password"',
        "must be a text",
    ),
    "description no text": (
        changed("flowDetails", "flowDescription", to={}),
        '"flowDescription"',
        "must be a text",
    ),
}


@pytest.mark.parametrize("case", MALFORMED, ids=str)
def test_a_malformed_structure_is_refused_where_it_is(case: str) -> None:
    value, text, words = MALFORMED[case]
    error = refusal(value)
    assert words in error.message
    assert "marker" not in str(error)
    places = [
        index
        for index, line in enumerate(text_of(value).text.open().splitlines(), 1)
        if text in line
    ]
    assert error.location is not None
    assert error.location.line in places


@pytest.mark.parametrize(
    "edges",
    [
        [("chosen", "chosen")],
        [("chosen", "shaped"), ("shaped", "chosen")],
        [("readings", "chosen"), ("chosen", "shaped"), ("shaped", "chosen")],
    ],
)
def test_a_cycle_is_refused_at_one_of_its_edges(edges: list[tuple[str, str]]) -> None:
    nodes = (source(), filtered("TRUE"), transform(kept("city")))
    value = document(*nodes, edges=edges)
    error = refusal(value)
    assert "cycle" in error.message
    assert error.location is not None
    cyclic = {e for e in edges if e[0] != "readings"}
    lines = {
        line - 1
        for line, text in enumerate(text_of(value).text.open().splitlines(), 1)
        for edge in cyclic
        if f'"incoming": "id of {edge[0]}"' in text
    }
    assert error.location.line in lines


def test_a_document_that_nests_without_end_is_refused() -> None:
    field: Json = {"name": "x", "type": "STRING"}
    for _ in range(40):
        field = {"name": "x", "type": "ROW", "fields": [field]}
    error = refusal(document(source(fields=[field])))
    assert "nests too deeply" in error.message


def test_an_unknown_node_is_kept_and_warned_about() -> None:
    value = document(
        source(), node("odd", "hologram", {"statement": {"deep": [1]}}), sink()
    )
    flow = read(value)
    (found,) = flow.findings
    assert found.rule == "event-processing/unknown-node"
    assert found.severity is Severity.WARNING
    assert found.address == flow.address
    assert found.location is not None
    assert found.location.line == line_of(value, '"viewName": "odd"') - 1
    kept_node = pipeline_of(value).nodes[1]
    assert isinstance(kept_node, Opaque)
    assert not kept_node.is_known


@pytest.mark.parametrize(
    "kind", ["api", "sqlProcessor", "sqlSink", "intervalJoin", "deduplicate"]
)
def test_a_known_node_without_a_compiler_is_no_warning(kind: str) -> None:
    assert read(document(source(), node("other", kind))).findings == ()


def test_an_unfinished_flow_can_be_read() -> None:
    nodes = [node(kind, kind) for kind in ("source", "filter", "transform", "sink")]
    value = document(*nodes, node("aggregate", "aggregate"), edges=[])
    del value["contextState"]["nodes"][0]["configuration"]  # type: ignore[index]
    assert len(pipeline_of(value).nodes) == 5
    assert read(document()).settings == ()


def test_reading_is_deterministic() -> None:
    assert read(WHOLE) == read(json.loads(json.dumps(WHOLE)))


def test_a_byte_order_mark_is_kept() -> None:
    text = "\ufeff" + text_of(WHOLE).text.open()
    from flowops.documents.source import decode

    marked = decode(PATH, text.encode())
    flow = event_processing.read(marked, parse_json(marked))
    assert flow.source.to_bytes() == text.encode()
