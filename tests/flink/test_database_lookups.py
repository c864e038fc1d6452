"""Events are joined with the rows of a real PostgreSQL, by a job FlowOps promoted.

The flow is a JSON export whose processor looks a table up as of processing time, as
the product's database node does in the only public SQL of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.flink.cluster import Cluster
from tests.flink.counting import Counting, write
from tests.support.kafka import Broker, consume, consume_all, create_topics, produce
from tests.support.postgresql import PASSWORD, USER, Database, postgresql_server
from tests.unit.systems.event_processing.builders import (
    Json,
    document,
    node,
    sink,
    source,
)

pytestmark = pytest.mark.slow
WRONG = "not-the-password"
NAME, LOOKUP = "Orders with their customers", "with customer"
TABLE = """
create table customers (id bigint primary key, name text, is_gold boolean, credit
  double precision)
"""
ROWS = "insert into customers values (1, 'Ada', true, 9.5), (2, 'Bo', false, null)"
FIELDS: list[object] = [
    {"name": "id", "selected": True, "type": "STRING"},
    {"name": "customer", "selected": True, "type": "BIGINT"},
]
JOIN = """\
CREATE TEMPORARY TABLE `customers`
(
    `id`                           BIGINT,
    `name`                         STRING,
    `is_gold`                      BOOLEAN,
    `credit`                       DOUBLE
)
WITH (
    'connector' = 'jdbc',
    'url' = 'jdbc:postgresql://customers.example:5432/shop',
    'table-name' = 'customers',
    'username' = '<username_redacted>',
    'password' = '<password_redacted>',
    'lookup.cache' = 'PARTIAL',
    'lookup.partial-cache.max-rows' = '7'
);

CREATE TEMPORARY VIEW `orders, timed` AS
SELECT *, PROCTIME() AS `proc_time` FROM `orders`;

CREATE TEMPORARY VIEW `with customer` AS
SELECT
    `orders, timed`.`id` AS `order`,
    `customers`.`name` AS `name`,
    `customers`.`is_gold` AS `gold`,
    `customers`.`credit` AS `credit`
FROM `orders, timed`
{kind} `customers` FOR SYSTEM_TIME AS OF `orders, timed`.`proc_time`
ON `orders, timed`.`customer` = `customers`.`id`;
"""
EVENTS = [{"id": f"o{n}", "customer": n} for n in (1, 2, 3, 1)] + [{"id": "o9"}]
ADA = {"order": "o1", "name": "Ada", "gold": True, "credit": 9.5}
BO = {"order": "o2", "name": "Bo", "gold": False, "credit": None}
NOBODY = {"name": None, "gold": None, "credit": None}
EXPECTED: Mapping[str, list[Json]] = {
    "LEFT JOIN": [ADA, ADA, BO, {"order": "o3", **NOBODY}, {"order": "o9", **NOBODY}],
    "JOIN": [ADA, ADA, BO],
}


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with postgresql_server() as started:
        started.run(TABLE)
        started.run(ROWS)
        yield started


@pytest.mark.parametrize("kind", EXPECTED)
def test_events_get_what_the_database_has(
    flink: Cluster, kind: str, broker: Broker, database: Database, tmp_path: Path
) -> None:
    project = lookup_project(tmp_path / "project", kind, flink, broker, database)
    produce(broker, project.source, [json.dumps(e).encode() for e in EVENTS])
    result = project.promote()
    assert result.code == 0, result.out + result.err
    wanted = EXPECTED[kind]
    consume(broker, project.sink, len(wanted), seconds=60)
    [job] = flink.jobs(NAME)
    said = [flink.ask(f"/jobs/{job['jid']}{path}") for path in ("", "/config", "/plan")]
    flink.end_jobs()  # by a savepoint, before which every row is written
    found = consume_all(broker, project.sink)
    assert in_order(map(json.loads, found)) == in_order(wanted)
    shown = [result.out, result.err, json.dumps(said), *texts_below(project.root)]
    assert not [text for text in shown if PASSWORD in text]
    assert any("password_redacted" in text or "db_password" in text for text in shown)


def test_a_database_that_refuses_the_login_stops_the_promote(
    flink: Cluster, broker: Broker, database: Database, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    project = lookup_project(root, "JOIN", flink, broker, database)
    (root / "db.secret").write_text(WRONG, "utf-8")
    result = project.promote()
    assert result.code == 1
    assert 'password authentication failed for user "<username_redacted>"' in result.err
    shown = [result.out, result.err, *texts_below(root)]
    assert not [text for text in shown if WRONG in text]
    assert flink.jobs(NAME) == []


def lookup_project(
    root: Path, kind: str, cluster: Cluster, broker: Broker, database: Database
) -> Counting:
    """Make a project whose flow looks customers up, and the topics it uses."""
    name = f"{root.parent.name}-{cluster.version}"
    project = Counting(root, NAME, f"{name}-in", f"{name}-out")
    create_topics(broker, project.source, project.sink)
    flow = document(
        source("orders", fields=FIELDS, watermark={"watermarkWithEventSource": False}),
        node(LOOKUP, "sqlProcessor", {"statement": JOIN.replace("{kind}", kind)}),
        sink("results"),
        name=NAME,
    )
    (root / "flows").mkdir(parents=True)
    (root / "flows" / "lookup.json").write_text(json.dumps(flow, indent=2), "utf-8")
    project.configure(cluster, broker, login=False)
    path = root / "environments" / "live.yaml"
    kafka = {"properties.bootstrap.servers": broker.plain}
    write(path, environment(project, cluster, database, kafka))
    (root / "db.secret").write_text(PASSWORD, "utf-8")
    return project


def environment(
    project: Counting, cluster: Cluster, database: Database, kafka: Mapping[str, str]
) -> dict[str, Any]:
    jdbc = {
        "url": database.jdbc,
        "username": USER,
        "password": "{{ db_password }}",
    }
    config = {
        "orders": {"*": {**kafka, "topic": project.source}},
        LOOKUP: {"customers": jdbc},
        "results": {"*": {**kafka, "topic": project.sink}},
    }
    target = {
        "kind": "flink",
        "url": cluster.url,
        "savepoints": cluster.savepoints,
        "timeout": "60",
    }
    return {
        "targets": {"event_processing": target},
        "secrets": {"db_password": {"file": "db.secret"}},
        "flows": {NAME: {"config": config}},
    }


def texts_below(root: Path) -> Iterator[str]:
    """Give every file of a project but its secrets: records, the journal, all of it."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix != ".secret":
            yield path.read_bytes().decode("utf-8", "replace")


def in_order(rows: Any) -> list[Json]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
