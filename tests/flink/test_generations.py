"""Each generation of exports that plain Flink can run does run, and gives rows.

Real events are written to the topics of the export; the flow is promoted with no
change but its brokers. The golden with every node needs a database and an API too, and
is in test_flows_with_lookups.py. Why a golden is not run is in ``REFUSED``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flowops.http_client import Login
from flowops.systems.event_processing.targets.flink.gateway import Gateway
from flowops.systems.event_processing.targets.flink.job_script import job_script
from flowops.systems.event_processing.targets.flink.rest import Endpoint
from tests.flink.cluster import SECONDS, Cluster
from tests.flink.counting import Counting, write
from tests.support.kafka import Broker, consume, create_topics, produce

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("flink-cluster-2.2")]
ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden/event_processing"
EXAMPLE = ROOT / "flows/event_processing/large-orders.json"
AVRO = """
CREATE TABLE numbers (n INT) WITH ('connector' = 'datagen', 'number-of-rows' = '60',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '59');
CREATE TABLE baskets (id STRING NOT NULL, variety STRING NOT NULL,
  weight DOUBLE NOT NULL, `count` BIGINT NOT NULL, note STRING, picker STRING NOT NULL,
  `field` ROW<`row` INT NOT NULL, name STRING NOT NULL> NOT NULL,
  event_time TIMESTAMP(3) METADATA FROM 'timestamp')
WITH ('connector' = 'kafka', 'topic' = 'BASKETS', 'format' = 'avro',
  'properties.bootstrap.servers' = '{broker}');
INSERT INTO baskets SELECT CAST(n AS STRING), 'APPLE-red', 0.2, 3, 'x', 'y',
  ROW(n, 'north'), TIMESTAMPADD(MINUTE, n, TIMESTAMP '2025-01-01 00:00:00')
FROM numbers;
"""


@dataclass(frozen=True)
class Generation:
    """An export: its nodes at a broker, and what goes in and has to come out."""

    export: Path
    name: str
    nodes: Sequence[str]
    source: str
    sink: str
    events: Sequence[Mapping[str, Any]]
    row: Mapping[str, Any]
    options: Mapping[str, str]


GENERATIONS = {
    "version-3": Generation(
        GOLDEN / "version-3/export.json",
        "",
        ("Arrivals", "Berth load"),
        "HARBOUR.ARRIVALS",
        "HARBOUR.BERTHS",
        [
            {
                "ship": f"ship {n % 4}",
                "berth": "dry 'dock'" if n % 2 else "north",
                "tonnage": 2000.0 + n,
                "docked_at": f"2025-01-0{1 + n // 24}T{n % 24:02}:15:00Z",
                "left_at": "2025-01-01 10:00:00",
            }
            for n in range(48)
        ],
        {
            "berth": "north",
            "ships": 1,
            "largest": 2002.0,
            "from": "2025-01-01 02:00:00",
            "to": "2025-01-01 03:00:00",
            "result time": "2025-01-01 02:59:59.999Z",
        },
        {},
    ),
    "version-5": Generation(
        GOLDEN / "version-5/export.json",
        "",
        ("Baskets", "Harvest"),
        "BASKETS",
        "HARVEST",
        [],
        {
            "pieces": 90,
            "mean grams": 200.0,
            "kind": "APPLE-red",
            "family": "APPLE",
            "result time": "2025-01-01 00:29:59.999",
        },
        {},
    ),
    "version-9": Generation(
        GOLDEN / "version-9/export.json",
        "",
        ("climate", "hot air", "days"),
        "GLASS.CLIMATE",
        "GLASS.DAYS",
        [
            {
                "sensor": f"s{n % 3}",
                "air": {
                    "temperature": 20.0 + n,
                    "humidity": n,
                    "checked": "2025-01-01T00:00:00",
                },
                "leaf": {"colour": "green", "size": 1.5},
                "tags": ["watch" if n % 2 else "ignore", "b"],
                "is_day": n % 24 > 6,
                "time": f"2025-01-0{1 + n // 24}T{n % 24:02}:00:00",
            }
            for n in range(72)
        ],
        {"readings": 18, "start": "2025-01-01 00:00:00"},
        {"scan.startup.mode": "earliest-offset"},
    ),
    "the example": Generation(
        EXAMPLE,
        "Large orders",
        ("orders", "alerts"),
        "ORDERS",
        "LARGE.ORDERS",
        [
            {
                "id": str(n),
                "customer": "c",
                "country": "de",
                "price": 100.0,
                "quantity": n,
                "ordered": f"2025-01-01T{n // 10:02}:{n % 10:02}:00Z",
            }
            for n in range(60)
        ],
        {"region": "DE", "orders": 9, "hour": "2025-01-01 01:00:00"},
        {},
    ),
}


REFUSED = {
    "version-6": "reads `seen` by TO_TIMESTAMP_LTZ_UDF to the nanosecond",
    "no-sql": "forecast sends 'token' as query, which is not written for the open",
}
"""The goldens that plain Flink cannot run, and what FlowOps says of them."""


def test_every_golden_is_run_or_has_a_reason() -> None:
    goldens = {path.parent.name for path in GOLDEN.glob("*/export.json")}
    run = {one.export.parent.name for one in GENERATIONS.values()} & goldens
    assert run | REFUSED.keys() | {"every-node"} == goldens
    assert not run & REFUSED.keys()


@pytest.mark.parametrize("golden", REFUSED)
def test_a_golden_that_cannot_run_is_refused(
    new_flink: Cluster, broker: Broker, tmp_path: Path, golden: str
) -> None:
    one = Generation(GOLDEN / golden / "export.json", "", (), "", "", (), {}, {})
    project = project_of(one, tmp_path / "project", new_flink, broker)
    result = project.promote()
    assert result.code == 1
    assert REFUSED[golden] in result.out + result.err
    assert new_flink.jobs(project.name) == []


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_generation_runs_and_gives_rows(
    new_flink: Cluster, broker: Broker, tmp_path: Path, generation: str
) -> None:
    one = GENERATIONS[generation]
    project = project_of(one, tmp_path / "project", new_flink, broker)
    create_topics(broker, one.source, one.sink)
    if "GLASS.DAYS" in one.sink:
        create_topics(broker, "GLASS.HOT")
    if one.events:
        produce(broker, one.source, [json.dumps(e).encode() for e in one.events])
    else:
        gateway = Gateway(Endpoint(new_flink.gateway, Login(), None), SECONDS)
        gateway.submit(job_script(AVRO.format(broker=broker.plain)), {})
        assert len(consume(broker, one.source, 60, seconds=60)) == 60
    result = project.promote()
    assert result.code == 0, result.out + result.err
    rows = [json.loads(row) for row in consume(broker, one.sink, 1, seconds=60)]
    assert rows == [one.row]
    new_flink.end_jobs()


def project_of(
    one: Generation, root: Path, cluster: Cluster, broker: Broker
) -> Counting:
    """Make a project of an export, its nodes at the broker of the tests."""
    document = json.loads(one.export.read_text("utf-8"))
    name = document["flowDetails"]["flowName"]
    project = Counting(root, name, one.source, one.sink)
    project.configure(cluster, broker)
    (root / "flows").mkdir()
    shutil.copy2(one.export, root / "flows" / "flow.json")
    options: dict[str, str | None] = {
        "properties.bootstrap.servers": broker.plain,
        "properties.security.protocol": "PLAINTEXT",
        "properties.sasl.jaas.config": None,
        "properties.sasl.mechanism": None,
    }
    config = {node: {"*": dict(options)} for node in one.nodes}
    if one.nodes:
        config[one.nodes[0]]["*"] |= one.options
    target = {
        "kind": "flink",
        "url": cluster.url,
        "savepoints": cluster.savepoints,
        "timeout": "60",
    }
    environment = {
        "targets": {"event_processing": target},
        "flows": {name: {"config": config}},
    }
    write(root / "environments" / "live.yaml", environment)
    return project
