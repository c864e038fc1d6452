"""The real exports that plain Flink can run do run, and give the right rows.

They are read where the corpus is. An environment points their brokers and topics at
those of the tests, with a login and TLS; nothing else of them changes, but that four,
which their author only ran in the editor, end in no topic and get a destination. Why
one cannot run is in ``REFUSED``; without the field that stops it, it does. The one that
asks a database and an API is run whole in test_flows_with_lookups.py.
"""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.flink.cluster import SECONDS, Cluster
from tests.flink.counting import PASSWORD, Counting, write
from tests.support.kafka import ADMIN, Broker, consume, consume_all, create_topics
from tests.unit.systems.event_processing.builders import sink

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "event_processing"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CORPUS.is_dir(), reason="the corpus of real exports is not on this machine"
    ),
]
NEW = pytest.mark.xdist_group("flink-cluster-2.2")
OLD = pytest.mark.xdist_group("flink-cluster-1.20")
START = datetime(2025, 1, 1, tzinfo=UTC)
LOGIN = (
    "org.apache.kafka.common.security.scram.ScramLoginModule required "
    f'username="{ADMIN}" password="{{{{ kafka_password }}}}";'
)
RESULTS = "results"  # where an export without a destination gets to write
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Export:
    """An export: its topics, and the rows that have to come out of the last one.

    ``kept`` are the nodes that are run, in their order; all of them when empty.
    """

    path: str
    name: str
    sources: Sequence[str]
    sink: str
    rows: Sequence[Row]
    kept: Sequence[str] = ()


def clock(moment: datetime, digits: str = "") -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}{digits}"


def hours(count: int, *rows: Row) -> Iterator[Row]:
    """Give rows for each of the first hours, as a flow of the product writes them."""
    for number in range(count):
        start = START + timedelta(hours=number)
        end = start + timedelta(hours=1)
        times = {
            "aggregateStartTime": clock(start),
            "aggregateEndTime": clock(end),
            "aggregateResultTime": clock(end - timedelta(seconds=1), ".999Z"),
        }
        yield from ({**row, **times} for row in rows)


TYPES = ("Capri", "Skinny")
LARGE, LARGE_TOO = 4, 11  # the orders of more than five; the second is cancelled late
ORDERS: Sequence[Row] = [
    {
        "id": f"o{n}",
        "customer": f"Customer {n}",
        "customerid": f"c{n}",
        "description": f"M Stonewashed {TYPES[n % 2]} Jeans",
        "price": 20.5 + n,
        "quantity": 9 if n in (LARGE, LARGE_TOO) else 1 + n % 5,
        "region": ("EMEA", "NA", "APAC")[n % 3],
        "ordertime": f"order time {n}",
        "event_time": START + timedelta(seconds=20 * n),
    }
    for n in range(60)
]
CANCELS: Sequence[Row] = [
    {
        "id": f"x{n}",
        "orderid": f"o{n}",
        "canceltime": "cancel time",
        "reason": "BADFIT",
        "event_time": START + timedelta(seconds=20 * n, minutes=minutes),
    }
    for n, minutes in ((LARGE, 5), (7, 6), (LARGE_TOO, 40))
]
FEEDBACK: Sequence[Row] = [
    {
        "name": f"Name {n}",
        "email": f"{n}@mail.example",
        "company": "Example",
        "severity": "1",
        "services": "network" if n % 3 else "billing",
        "case_description": "It stopped.",
        "case_time": f"{START + timedelta(minutes=5 * n):%Y-%m-%dT%H:%M:%SZ}",
        "sentiment": "Positive" if n % 2 else "Negative",
        "event_id": str(n),
    }
    for n in range(60)
]
RIDERS = ("CASUAL", "REGISTERED", "REGISTERED", "CASUAL", "REGISTERED", "HEARTBEAT")
VALUES: Sequence[Row] = [
    {
        "ts": f"{START + timedelta(hours=2, minutes=10 * n):%Y-%m-%dT%H:%M:%S}.25+02",
        "value": n % 6,
    }
    for n in range(24)
]
PAYMENTS: Sequence[Row] = [
    {
        "C_BNC_EMTT": "1",
        "C_BNC_RGLM": "2",
        "C_BNC_PGTC": "3",
        "C_ST_RCH_GT": "4",
        "C_ST_RCH_EMTT": "5",
        "ESITO": "AUTORIZZATA" if n % 2 else "NEGATA",
        "S_PREF_PK_OP": str(n),
        "DELAY1200": 100 * minute + n,
        "DELAY1210": 0,
        "V_OP_AUTZ": 1.5,
        "event_time": START + timedelta(minutes=minute, seconds=n),
    }
    for minute in range(6)
    for n in range(30)
]

JOURNEYS: Sequence[Row] = [
    {
        "journeyid": f"j{n // 2}",
        "bikeid": "DY",
        "usertype": RIDERS[n // 2 % 6],
        "location": {"latitude": 51.5, "longitude": -0.1},
        "battery": 97,
        "time": clock(START + timedelta(minutes=5 * n), ".000"),
    }
    for n in range(60)
]


def sales() -> Iterator[Row]:
    """Give what each kind sold in each minute that is over for the watermark."""
    for minute in range(18):
        of_minute = ORDERS[3 * minute : 3 * minute + 3]
        start = START + timedelta(minutes=minute)
        for kind in TYPES:
            sold = [o["quantity"] for o in of_minute if kind in o["description"]]
            yield {
                "total sales": sum(sold),
                "product type": kind,
                "start time": clock(start),
                "end time": clock(start + timedelta(minutes=1)),
                "result time": clock(start + timedelta(seconds=59), ".999"),
            }


def as_written(row: Row, *without: str) -> Row:
    """Return a row as a sink writes it, without some of its fields."""
    time = {"event_time": clock(row["event_time"])}
    return {k: v for k, v in {**row, **time}.items() if k not in without}


EXPORTS = {
    "version 3, a filter and hours": Export(
        "json/Detect Negative Feedback Trend.json",
        "Detect Negative Feedback Trend",
        ["Customer.Feedback.Sentiment.V1"],
        "Service.Status.V1",
        [
            *hours(
                4,
                {"numberOfComplaints": 2, "services": "billing"},
                {"numberOfComplaints": 4, "services": "network"},
            )
        ],
    ),
    "version 5, a filter": Export(
        "json/JGR EP Flow 01.json",
        "JGR Flow 01",
        ["ORDERS"],
        RESULTS,
        [as_written(order) for order in ORDERS if order["region"] == "EMEA"],
    ),
    "version 5, fields left out": Export(
        "json/JGR EP Flow 02.json",
        "JGR Flow 02",
        ["ORDERS"],
        RESULTS,
        [as_written(order, "customer", "customerid") for order in ORDERS],
    ),
    "version 5, an expression and minutes": Export(
        "json/JGR EP Flow 03.json", "JGR Flow 03", ["ORDERS"], RESULTS, [*sales()]
    ),
    "version 5, two joins": Export(
        "json/JGR EP Flow 04.json",
        "JGR Flow 04",
        ["ORDERS", "CANCELS"],
        RESULTS,
        [
            {
                "order id": order["id"],
                "customer name": order["customer"],
                "product": order["description"],
                "small order time": clock(START + timedelta(seconds=20 * n)),
            }
            for n, order in enumerate(ORDERS)
            if n > LARGE and n % 2 == LARGE % 2
        ],
    ),
    "version 9, the nodes before the database and the API": Export(
        "json/bike hire forecasts.json",
        "bike hire forecasts",
        ["BIKESHARING.LOCATION"],
        RESULTS,
        [
            {
                "window_start": clock(START + timedelta(hours=hour)),
                "window_end": clock(START + timedelta(hours=hour + 1)),
                "window_time": clock(
                    START + timedelta(hours=hour, seconds=3599), ".999"
                ),
                "casual": 2,
                "registered": 3,
                "heartbeat": 1,
            }
            for hour in range(4)
        ],
        ("bike location updates", "count journeys per hour"),
    ),
    "SQL of 1.5.3, hours": Export(
        "sql/aggregation-migration_2026-06-19.sql",
        "aggregation-migration",
        ["mn-test"],
        "mn-results",
        [*hours(3, {"SUM_value": 15})],
    ),
    "SQL of 1.1.4, the ten fastest of a minute": Export(
        "sql/tempi-di-risposta-KO-bassi_2024-04-04.sql",
        "Tempi di risposta del servizio - KO Con tempi più bassi",
        ["NEXI.PRIMO.OUTPUT"],
        "NEXI.TEMPI_RISPOSTA",
        [
            {
                "INIZIO_INTERVALLO": clock(START + timedelta(minutes=minute)),
                "FINE_INTERVALLO": clock(START + timedelta(minutes=minute + 1)),
                "FLAG": "KO_BASSI",
                "RESPONSE_TIME": 100 * minute + 9,
            }
            for minute in range(4)
        ],
    ),
}
REFUSED = {
    "json/WatsonX Flow.json": (
        "reads `timestamp` by TO_TIMESTAMP_LTZ_UDF to the nanosecond",
        "nothing in Flink reads an offset to the nanosecond",
    ),
}
"""The exports that cannot run: what FlowOps says, and what they lack."""
ON_A_CLUSTER = [
    *(pytest.param("new_flink", name, marks=NEW) for name in EXPORTS),
    pytest.param("old_flink", "version 3, a filter and hours", marks=OLD),
    pytest.param("old_flink", "SQL of 1.1.4, the ten fastest of a minute", marks=OLD),
]


def test_every_export_is_run_or_has_a_reason() -> None:
    used = {export.path for export in EXPORTS.values()} | REFUSED.keys()
    exports = [*CORPUS.glob("json/*.json"), *CORPUS.glob("sql/*.sql")]
    # The others are views of a flow, or a template: no one of them is a whole export.
    whole = {
        str(path.relative_to(CORPUS))
        for path in exports
        if not path.name.endswith((".views.sql", "_template.sql"))
    }
    assert used == whole


@pytest.mark.parametrize(("cluster", "name"), ON_A_CLUSTER)
def test_a_real_export_runs_and_gives_its_rows(
    cluster: str,
    name: str,
    broker: Broker,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    flink: Cluster = request.getfixturevalue(cluster)
    export = EXPORTS[name]
    prefix = f"{flink.version}-{[*EXPORTS].index(name)}"
    topics = {topic: f"{prefix}-{topic}" for topic in (*export.sources, export.sink)}
    create_topics(broker, *topics.values())
    for topic in export.sources:
        produce_at(broker, topics[topic], EVENTS[topic])
    project = project_of(export, tmp_path / "project", flink, broker, topics)
    result = project.promote()
    assert result.code == 0, result.out + result.err
    assert len(flink.jobs(export.name)) == 1
    consume(broker, topics[export.sink], len(export.rows), seconds=60)
    flink.end_jobs()  # by a savepoint, before which every row is written
    rows = [json.loads(row) for row in consume_all(broker, topics[export.sink])]
    assert sorted(rows, key=in_one_line) == sorted(export.rows, key=in_one_line)


@pytest.mark.xdist_group("flink-cluster-2.2")
@pytest.mark.parametrize("path", REFUSED)
def test_a_real_export_that_cannot_run_is_refused(
    new_flink: Cluster, broker: Broker, tmp_path: Path, path: str
) -> None:
    name = json.loads((CORPUS / path).read_text("utf-8"))["flowDetails"]["flowName"]
    export = Export(path, name, (), "", ())
    project = project_of(export, tmp_path / "project", new_flink, broker, {})
    result = project.promote()
    assert result.code == 1
    assert REFUSED[path][0] in result.out + result.err
    assert new_flink.jobs() == []


def in_one_line(row: Row) -> str:
    return json.dumps(row, sort_keys=True)


def project_of(
    export: Export,
    root: Path,
    cluster: Cluster,
    broker: Broker,
    topics: Mapping[str, str],
) -> Counting:
    """Make a project of an export, and an environment that is the tests' own."""
    file = root / "flows" / Path(export.path).name
    file.parent.mkdir(parents=True)
    shutil.copyfile(CORPUS / export.path, file)
    if export.sink == RESULTS:
        file.write_text(with_destination(file, export.kept), "utf-8")
    options = {
        "properties.bootstrap.servers": broker.secure,
        "properties.security.protocol": "SASL_SSL",
        "properties.ssl.endpoint.identification.algorithm": "",
        "properties.ssl.truststore.certificates": broker.certificate.read_text("utf-8"),
        "properties.ssl.truststore.type": "PEM",
        "properties.sasl.mechanism": "SCRAM-SHA-512",
        "properties.sasl.jaas.config": LOGIN,
    }
    environment = {
        "targets": {
            "event_processing": {
                "kind": "flink",
                "url": cluster.url,
                "savepoints": cluster.savepoints,
                "timeout": "60",
            }
        },
        "secrets": {"kafka_password": {"file": "kafka.secret"}},
        "flows": {
            export.name: {
                "config": {"*": {"*": options}},
                "references": {"topic": dict(topics)},
            }
        },
    }
    (root / "environments").mkdir()
    write(root / "environments" / "live.yaml", environment)
    flows = {"version": 1, "name": "tests", "flows": [{"path": "flows/*"}]}
    write(root / "flowops.yaml", flows)
    (root / "kafka.secret").write_text(PASSWORD, "utf-8")
    (root / ".gitignore").write_text("*.secret\n", "utf-8")
    return Counting(root, export.name, "", export.sink)


def with_destination(file: Path, kept: Sequence[str]) -> str:
    """Return an export with a destination after its last node, or the last one kept."""
    document = json.loads(file.read_text("utf-8"))
    state = document["contextState"]
    if kept:
        state["nodes"] = [n for n in state["nodes"] if n["viewName"] in kept]
    there = {node["nodeId"] for node in state["nodes"]}
    state["edges"] = [
        edge
        for edge in state["edges"]
        if edge["incoming"] in there and edge["outgoing"] in there
    ]
    inner = {edge["incoming"] for edge in state["edges"]}
    (last,) = (n for n in state["nodes"] if n["nodeId"] not in inner)
    new = sink(RESULTS, topic=RESULTS)
    state["edges"] += [{"incoming": last["nodeId"], "outgoing": new["nodeId"]}]
    state["nodes"] += [new]
    return json.dumps(document)


def in_json(row: Row) -> bytes:
    return json.dumps({k: v for k, v in row.items() if k != TIME}).encode()


def in_avro(row: Row) -> bytes:
    """Return a record of fields that are never null, as Avro's specification has it."""
    return b"".join(_avro(value) for name, value in row.items() if name != TIME)


def _avro(value: str | float) -> bytes:
    if isinstance(value, str):
        data = value.encode()
        return _avro(len(data)) + data
    if isinstance(value, float):
        return struct.pack("<d", value)
    left, data = value << 1 ^ value >> 63, bytearray()
    while left > 0x7F:
        data.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes((*data, left))


TIME = "event_time"  # the time a broker keeps for an event, and no field of it
EVENTS: Mapping[str, Sequence[tuple[datetime, bytes]]] = {
    topic: [(row.get(TIME, START), encode(row)) for row in rows]
    for topic, rows, encode in (
        ("ORDERS", ORDERS, in_avro),
        ("CANCELS", CANCELS, in_avro),
        ("Customer.Feedback.Sentiment.V1", FEEDBACK, in_json),
        ("BIKESHARING.LOCATION", JOURNEYS, in_json),
        ("mn-test", VALUES, in_json),
        ("NEXI.PRIMO.OUTPUT", PAYMENTS, in_json),
    )
}


def produce_at(
    broker: Broker, topic: str, events: Iterable[tuple[datetime, bytes]]
) -> None:
    """Write events, each at its time."""
    from confluent_kafka import Producer

    producer = Producer(broker.client())
    for moment, value in events:
        time = int(moment.timestamp() * 1000)
        producer.produce(topic, value, timestamp=time)
    assert not producer.flush(SECONDS), "events were not written"
