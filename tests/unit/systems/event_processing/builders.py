"""Small exports of invented flows, made of Python values."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TypeAlias

from flowops.documents.json_text import parse_json
from flowops.documents.source import SourceText, decode
from flowops.systems import event_processing
from flowops.systems.protocol import BoundFlow, Bundle, Flow

Json: TypeAlias = dict[str, object]

PATH = "flows/weather.json"
USERNAME = "marker-username"
PASSWORD = "marker-password"
CREDENTIALS: Json = {
    "type": "SASL",
    "data": {
        "username": USERNAME,
        "password": PASSWORD,
        "mechanism": "SCRAM-SHA-512",
    },
}
FIELDS: list[object] = [
    {"name": "city", "selected": True, "type": "STRING"},
    {"name": "degrees", "selected": True, "type": "DOUBLE"},
    {"name": "time", "selected": True, "type": "TIMESTAMP_UDF"},
]
WATERMARK: Json = {
    "watermarkWithEventSource": True,
    "topicLocalTimeRequired": False,
    "timeUnit": "SECOND",
    "interval": 5,
    "watermarkColumn": "time",
}


def node(name: str, kind: str, configuration: Json | None = None) -> Json:
    return {
        "viewName": name,
        "nodeId": f"id of {name}",
        "nodeType": kind,
        "configuration": configuration if configuration is not None else {},
    }


def source(name: str = "readings", /, **changes: object) -> Json:
    return node(
        name,
        "source",
        {
            "bootstrapServers": ["kafka.example:9092"],
            "securityProtocol": "PLAINTEXT",
            "topic": "READINGS",
            "fields": FIELDS,
            "watermark": WATERMARK,
            "format": "json",
            **changes,
        },
    )


def sink(name: str = "results", /, **changes: object) -> Json:
    return node(
        name,
        "sink",
        {
            "bootstrapServers": ["kafka.example:9092"],
            "securityProtocol": "PLAINTEXT",
            "topic": "RESULTS",
            **changes,
        },
    )


def filtered(statement: str, name: str = "chosen") -> Json:
    return node(name, "filter", {"statement": statement})


def transform(*columns: Json, name: str = "shaped") -> Json:
    return node(name, "transform", {"columns": list(columns)})


def kept(name: str, new: str = "") -> Json:
    return {"outputColumn": new or name, "input": {"column": name}}


def made(name: str, expression: str, **more: object) -> Json:
    column = {"outputColumn": name, "input": {"column": ""}, "expression": expression}
    return {**column, **more}


def aggregate(name: str = "hourly", /, **changes: object) -> Json:
    count = {"id": "C", "name": "COUNT", "source": {"column": "city"}}
    configuration: Json = {
        "functions": [count],
        "groupBy": [],
        "columns": [
            {
                "outputColumn": "count",
                "input": {"column": "C"},
                "kind": "AGGREGATE_RESULT",
                "aggregateFunctionId": "C",
            }
        ],
        "timeEvent": {"table": "", "column": "time"},
        "aggregationPeriod": {"interval": 1, "timeUnit": "HOUR"},
        **changes,
    }
    return node(name, "aggregate", configuration)


def document(
    *nodes: Json,
    edges: list[tuple[str, str]] | None = None,
    version: object = 9,
    name: object = "Weather",
) -> Json:
    """Make an export; nodes are a chain unless edges say otherwise."""
    names = [str(n["viewName"]) for n in nodes]
    if edges is None:
        edges = [*pairwise(names)]
    return {
        "pipelineState": {"pipelines": []},
        "contextState": {
            "edges": [
                {"incoming": f"id of {a}", "outgoing": f"id of {b}"} for a, b in edges
            ],
            "nodes": list(nodes),
        },
        "flowDetails": {
            "flowName": name,
            "flowDescription": "",
            "flowVersion": version,
        },
    }


def text_of(value: object) -> SourceText:
    return decode(PATH, json.dumps(value, indent=2, ensure_ascii=False).encode())


def read(value: object) -> Flow:
    source_text = text_of(value)
    return event_processing.read(source_text, parse_json(source_text))


def render(flow: Flow) -> Bundle:
    return event_processing.render(BoundFlow(flow, settings=flow.settings))


def sql_of(*nodes: Json, edges: list[tuple[str, str]] | None = None) -> str:
    bundle = render(read(document(*nodes, edges=edges)))
    assert "flow.sql" in bundle.files, [f.message for f in bundle.findings]
    return str(bundle.files["flow.sql"])


def refusal_of(*nodes: Json, edges: list[tuple[str, str]] | None = None) -> str:
    """Return why there is no SQL."""
    bundle = render(read(document(*nodes, edges=edges)))
    assert "flow.sql" not in bundle.files
    assert {"config.yaml", "flow.json"} <= bundle.files.keys()
    found = [f for f in bundle.findings if f.rule == "event-processing/no-sql"]
    assert all(f.hint and f.location and f.address for f in found)
    return "; ".join(f.message for f in found)
