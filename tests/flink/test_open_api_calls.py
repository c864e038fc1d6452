"""An API on loopback is asked about each event, by a job FlowOps promoted.

The flow is a JSON export; its target has the dialect ``flink``, whose SQL calls the
API through the open HTTP connector.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TypeAlias

import pytest

from tests.flink.cluster import Cluster
from tests.flink.counting import Counting, write
from tests.flink.test_database_lookups import in_order, texts_below
from tests.support.kafka import Broker, consume, consume_all, create_topics, produce
from tests.support.real import HOST
from tests.unit.systems.event_processing.builders import (
    Json,
    document,
    filtered,
    kept,
    made,
    node,
    sink,
    source,
    transform,
)

pytestmark = pytest.mark.slow
NAME = "Weather of a city"
KEY = "api-key-that-nobody-sees"
FIELDS: list[object] = [
    {"name": "city", "selected": True, "type": "STRING"},
    {"name": "country", "selected": True, "type": "STRING"},
    {"name": "degrees", "selected": True, "type": "DOUBLE"},
]
# The planner knows that the country and the planet are always the same.
COUNTRY = filtered("`country` = 'NO'", name="in Norway")
PLANET = transform(
    *(kept(name) for name in ("city", "country", "degrees")),
    made("planet", "'Earth'"),
    name="on Earth",
)
EVENTS = [
    {"city": "Oslo", "country": "NO", "degrees": 1.5},
    {"city": "Bergen", "country": "NO", "degrees": -2.0},
    {"city": "Paris", "country": "FR", "degrees": 9.0},
    {"city": "nowhere", "country": "NO", "degrees": 0.0},
    {"city": "broken", "country": "NO", "degrees": 0.0},
    {"city": None, "country": "NO", "degrees": 3.0},
    {"city": "Moss", "country": "NO", "degrees": None},
    {"city": "Oslo", "country": "NO", "degrees": 4.0},
]
ROWS = [
    {"town": "Bergen", "sky": "grey", "days": [{"low": -2.0}, {"low": -1.0}]},
    {"town": "Oslo", "sky": "grey", "days": [{"low": 1.5}, {"low": 2.5}]},
    {"town": "Oslo", "sky": "grey", "days": [{"low": 4.0}, {"low": 5.0}]},
]
ASKED = [("Bergen", -2.0), ("Oslo", 1.5), ("Oslo", 4.0), ("broken", 0), ("nowhere", 0)]


Answer: TypeAlias = tuple[int, Json]


@dataclass
class Api:
    """An API that runs: its address, and what it was asked."""

    url: str
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    @property
    def bodies(self) -> list[Any]:
        return [body for _, _, body in self.requests]


@contextmanager
def api_server(answered: Callable[[Any], Answer]) -> Iterator[Api]:
    """Answer on loopback what a function says to a body, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            api.requests.append((self.path, headers, body))
            status, said = answered(body)
            answer = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    api = Api(f"http://{HOST}:{server.server_port}")
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def weather(body: Any) -> Answer:
    """Say what the weather is; two cities have none."""
    statuses = {"nowhere": 404, "broken": 500}
    if status := statuses.get(body["where"]):
        return status, {"sky": "no answer at all"}
    now = body["now"]["degrees"]
    days = [{"low": now, "high": 9}, {"low": now + 1, "high": 9}]
    return 200, {"sky": "grey", "days": days, "planet": "X"}


def test_events_get_what_the_api_answers(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    with api_server(weather) as api:
        project = calling_project(tmp_path / "project", flink, broker, api)
        produce(broker, project.source, [json.dumps(e).encode() for e in EVENTS])
        result = project.promote()
        assert result.code == 0, result.out + result.err
        consume(broker, project.sink, len(ROWS), seconds=60)
        flink.end_jobs()  # by a savepoint, before which every row is written
    found = consume_all(broker, project.sink)
    assert in_order(map(json.loads, found)) == in_order(ROWS)
    assert in_order(api.bodies) == in_order(map(asked, ASKED))
    for path, headers, _ in api.requests:
        assert path == "/v1/look?version=2024-03-19&of=it%27s%20me"
        assert headers["x-api-key"] == KEY
        assert headers["authorization"] == "Bearer me"
        assert headers["accept"] == headers["content-type"] == "application/json"
    shown = [result.out, result.err, *texts_below(project.root)]
    assert not [text for text in shown if KEY in text]


def asked(case: tuple[str, float]) -> Json:
    city, degrees = case
    inner = {"degrees": degrees, "scale": "C", "digits": 1, "step": 0.5, "live": True}
    return {
        "where": city,
        "country": "NO",
        "planet": "Earth",
        "mode": "it's 'fast'",
        "now": inner,
    }


def parameter(name: str, value: str, kind: str = "column", **more: object) -> Json:
    given = {"kind": kind, "value": value}
    return {"name": name, "type": "string", "input": given, **more}


def fixed(name: str, value: str, place: str = "") -> Json:
    return parameter(name, value, "literal", **({"in": place} if place else {}))


def call() -> Json:
    """Make an API node that sends all that can be sent."""
    body = [
        parameter("where", "`city`"),
        parameter("country", "`country`"),
        parameter("planet", "`planet`"),
        fixed("mode", "it's 'fast'"),
        parameter("now/degrees", "`degrees`", type="number"),
        fixed("now/scale", "C"),
        parameter("now/digits", "1", "literal", type="number"),
        parameter("now/step", "0.5", "literal", type="number"),
        parameter("now/live", "true", "literal", type="boolean"),
        {"name": "unused", "type": "string"},
    ]
    low = {"outputColumn": "low", "input": {"column": "low"}, "outputType": "DOUBLE"}
    days = {"outputType": "ARRAY", "items": {"fields": [low], "outputType": "ROW"}}
    properties = [{"name": name, "type": "number"} for name in ("low", "high")]
    items = {"type": "object", "properties": properties}
    operation = {
        "path": "/look",
        "lookupMethod": "POST",
        "requestBodyParameters": {"parameters": body},
        "requestParameters": [
            fixed("version", "2024-03-19", "query"),
            fixed("of", "it's me", "query"),
            fixed("X-Api-Key", "<value_redacted>", "header"),
            fixed("Authorization", "Bearer me", "header"),
        ],
        "responseParameters": [
            {"name": "sky", "type": "string"},
            {"name": "planet", "type": "string"},
            {"name": "days", "type": "array", "items": items},
        ],
        "securityMethods": [{"type": "none", "usedForApiEnrichment": True}],
        "usedForApiEnrichment": True,
    }
    columns = [
        {"outputColumn": "town", "input": {"column": "city", "table": "on Earth"}},
        {
            "outputColumn": "sky",
            "input": {"column": "response_sky", "table": "ask_lookup__API"},
        },
        {
            "outputColumn": "days",
            "input": {"column": "response_days", "table": "ask_lookup__API"},
            **days,
        },
    ]
    url = "https://weather.example/v1"
    configuration: Json = {
        "info": {"openapiVersion": "V30"},
        "servers": [{"url": url}],
        "operations": [operation],
        "columns": columns,
        "configuredUrl": url,
    }
    return node("ask", "api", configuration)


def calling_project(root: Path, cluster: Cluster, broker: Broker, api: Api) -> Counting:
    """Make a project whose flow calls an API, and the topics it uses."""
    name = f"{root.parent.name}-{cluster.version}"
    project = Counting(root, NAME, f"{name}-in", f"{name}-out")
    create_topics(broker, project.source, project.sink)
    start = source(
        "readings", fields=FIELDS, watermark={"watermarkWithEventSource": False}
    )
    flow = document(start, COUNTRY, PLANET, call(), sink("results"), name=NAME)
    (root / "flows").mkdir(parents=True)
    (root / "flows" / "call.json").write_text(json.dumps(flow, indent=2), "utf-8")
    project.configure(cluster, broker, login=False)
    settings = environment(cluster, api)
    kafka = {"properties.bootstrap.servers": broker.plain}
    settings["flows"][NAME]["config"] |= {
        "readings": {"*": {**kafka, "topic": project.source}},
        "results": {"*": {**kafka, "topic": project.sink}},
    }
    write(root / "environments" / "live.yaml", settings)
    (root / "key.secret").write_text(KEY, "utf-8")
    return project


def environment(cluster: Cluster, api: Api) -> dict[str, Any]:
    key = "gid.connector.http.source.lookup.header.X-Api-Key"
    options = {"url": f"{api.url}/v1/look", key: "{{ api_key }}"}
    target = {
        "kind": "flink",
        "url": cluster.url,
        "savepoints": cluster.savepoints,
        "timeout": "60",
    }
    return {
        "targets": {"event_processing": target},
        "secrets": {"api_key": {"file": "key.secret"}},
        "flows": {NAME: {"config": {"ask": {"*": options}}}},
    }
