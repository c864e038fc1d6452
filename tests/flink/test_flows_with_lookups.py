"""Whole flows that ask a database and an API run on plain Flink, and give their rows.

One is the golden with every node; two are real exports, where the corpus is. They are
promoted with no change but their addresses, topics and logins; one of the exports also
without a field that plain Flink cannot read, and that nothing of it uses.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.flink.cluster import SECONDS, Cluster
from tests.flink.counting import Counting, write
from tests.flink.test_database_lookups import in_order
from tests.flink.test_open_api_calls import Answer, api_server
from tests.flink.test_real_exports import (
    CORPUS,
    JOURNEYS,
    START,
    clock,
    in_json,
    produce_at,
)
from tests.support.kafka import Broker, consume, consume_all, create_topics
from tests.support.postgresql import PASSWORD, USER, Database, postgresql_server
from tests.unit.systems.event_processing.builders import Json

pytestmark = pytest.mark.slow
GOLDEN = Path(__file__).resolve().parents[1] / "golden/event_processing/every-node"
BIKES = CORPUS / "json" / "bike hire forecasts.json"
WATSONX = CORPUS / "json" / "WatsonX Flow.json"
HOURS = 4  # those that are over for the watermarks of both sources
WITHOUT_TLS = {
    "properties.ssl.truststore.certificates": None,
    "properties.ssl.truststore.type": None,
}
SERVICES = ("registration", "parking")
COMMENTS = ("fine", "bad", "good", "all bad")  # those of parking are the bad ones
TABLES = (
    "create table owners (boat text, owner text)",
    "insert into owners values ('Ida', 'Ms Berg'), ('Ulla', 'Mr Dahl')",
    """create table bikesharingcalendar (day int, mnth int, yr int, originalyear int,
       holiday int, weekday int, workingday int)""",
    "insert into bikesharingcalendar values (1, 1, 0, 2011, 1, 6, 0)",
)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with postgresql_server() as started:
        for statement in TABLES:
            started.run(statement)
        yield started


def pilots(body: Any) -> Answer:
    return 200, {"pilot": f"the pilot of {body['boat']} in the {body['harbour']}"}


def test_a_flow_with_every_node_gives_its_rows(
    flink: Cluster, broker: Broker, database: Database, tmp_path: Path
) -> None:
    topics = ("BOATS", "TIDES", "ASSIGNED", "ALL", "TIDES.COPY")
    names = {f"HARBOUR.{name}": f"{flink.version}-{name}" for name in topics}
    create_topics(broker, *names.values())
    arrivals = [("Ida", 1, 0), ("Nobody's", 2, 10), ("Ulla", 3, 20)]
    boats = [
        {"boat": b, "berth": n, "arrived": f"{START + timedelta(minutes=m):%FT%T}"}
        for b, n, m in arrivals
    ]
    tides = [{"berth": n, "depth": 2.5 + n} for n in (1, 2, 4)]
    produce_at(broker, names["HARBOUR.BOATS"], [(START, in_json(b)) for b in boats])
    produce_at(broker, names["HARBOUR.TIDES"], [(START, in_json(t)) for t in tides])
    with api_server(pilots) as api:
        config = {
            "*": {"*": plain(broker)},
            "with owner": {"register": jdbc(database)},
            "ask the pilot": {"*": {"url": f"{api.url}/assign"}},
        }
        project = project_of(GOLDEN / "export.json", tmp_path / "project")
        configure(project, flink, config, names)
        result = project.promote()
        assert result.code == 0, result.out + result.err
        everything = rows_of(flink, broker, names["HARBOUR.ALL"], 2)
    assert everything == [
        {
            "boat": boat,
            "arrived": clock(START + timedelta(minutes=minutes)),
            "owner": owner,
            "pilot": f"the pilot of {boat} in the North",
        }
        for boat, minutes, owner in (("Ida", 0, "Ms Berg"), ("Nobody's", 10, None))
    ]
    assigned = rows_of(flink, broker, names["HARBOUR.ASSIGNED"], 2)
    assert assigned == [
        {"boat": row["boat"], "pilot": row["pilot"]} for row in everything
    ]
    copies = rows_of(flink, broker, names["HARBOUR.TIDES.COPY"], 3)
    assert copies == [{**tide, "event_time": clock(START)} for tide in tides]


def weather(hour: int) -> Json:
    return {
        "temperature": {"reading": 20.5, "feelslike": 10.0 + hour},
        "type": {"description": "CLEAR", "code": 1 + hour % 2},
        "humidity": 75,
        "windSpeed": 134,
        "time": clock(START + timedelta(hours=hour), ".000"),
    }


def hour_of_history(hour: int) -> Json:
    """Return what the flow makes of an hour, the database's holiday in it."""
    return {
        "dteday": "2025-01-01",
        "season": 1,
        "yr": 14,
        "mnth": 1,
        "hr": hour,
        "holiday": 1,
        "weekday": 3,
        "workingday": 0,
        "weathersit": 1 + hour % 2,
        "temp": 0.5,
        "atemp": (10.0 + hour) / 50,
        "hum": 0.75,
        "windspeed": 2.0,
        "casual": 2,
        "registered": 3,
    }


def forecast(body: Any) -> Answer:
    hours = len(body["history"])
    casual, cnt = body["history"][0]["casual"] + 0.5, float(hours)
    return 200, {"forecast": [{"casual": casual, "cnt": cnt, "registered": 1.0}]}


IN_CORPUS = pytest.mark.skipif(
    not BIKES.is_file(), reason="the corpus of real exports is not on this machine"
)


@IN_CORPUS
def test_a_real_export_with_a_database_and_an_api_gives_its_rows(
    flink: Cluster, broker: Broker, database: Database, tmp_path: Path
) -> None:
    topics = ("WEATHER", "LOCATION", "PREDICTIONS")
    names = {f"BIKESHARING.{name}": f"{flink.version}-{name}" for name in topics}
    create_topics(broker, *names.values())
    hours = [(START, in_json(weather(hour))) for hour in range(HOURS + 2)]
    produce_at(broker, names["BIKESHARING.WEATHER"], hours)
    journeys = [(START, in_json(journey)) for journey in JOURNEYS]
    produce_at(broker, names["BIKESHARING.LOCATION"], journeys)
    with api_server(forecast) as api:
        config = {
            "*": {"*": {**plain(broker), **WITHOUT_TLS}},
            "lookup holiday info": {"bikesharingcalendar_database": jdbc(database)},
            "granite timeseries forecast": {"*": {"url": f"{api.url}/forecast"}},
        }
        project = project_of(BIKES, tmp_path / "project")
        configure(project, flink, config, names)
        result = project.promote()
        assert result.code == 0, result.out + result.err
        rows = rows_of(flink, broker, names["BIKESHARING.PREDICTIONS"], HOURS)
    history = [hour_of_history(hour) for hour in range(HOURS)]
    wanted = [
        {
            "history": history[: number + 1],
            "forecast": [{"casual": 2.5, "cnt": 1.0 + number, "registered": 1.0}],
        }
        for number in range(HOURS)
    ]
    assert in_order(map(by_hour, rows)) == in_order(wanted)
    asked = [{"history": row["history"]} for row in wanted]
    assert in_order(map(by_hour, api.bodies)) == in_order(asked)


def sentiment(body: Any) -> Answer:
    is_bad = "bad" in body["data"]["input"]
    return 200, {"model_id": "x", "results": "Negative" if is_bad else "Positive"}


@IN_CORPUS
def test_a_real_export_that_asks_a_model_gives_its_rows(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    names = {
        name: f"{flink.version}-{name}" for name in ("feedback", "service-at-risk")
    }
    create_topics(broker, *names.values())
    said = [(hour, number) for hour in range(HOURS) for number in range(12)]
    comments = [
        (
            START + timedelta(hours=hour, minutes=number),
            {"comment": COMMENTS[number % 4], "service": SERVICES[number % 2]},
        )
        for hour, number in said
    ]
    events = [(moment, in_json(comment)) for moment, comment in comments]
    produce_at(broker, names["feedback"], events)
    with api_server(sentiment) as api:
        config = {
            "*": {"*": {**plain(broker), **WITHOUT_TLS}},
            "classify using ai (watsonx)": {"*": {"url": f"{api.url}/v2/generation"}},
        }
        project = project_of(WATSONX, tmp_path / "project")
        leave_out(project.root / "flows" / "flow.json", "timestamp")
        configure(project, flink, config, names)
        result = project.promote()
        assert result.code == 0, result.out + result.err
        rows = rows_of(flink, broker, names["service-at-risk"], HOURS - 1)
    assert rows == [
        {
            "service": "parking",
            "number of complaints": 6,
            "processing time": clock(START + timedelta(hours=h, seconds=3599), ".999"),
        }
        for h in range(HOURS - 1)
    ]
    path, headers, body = api.requests[0]
    assert path == "/v2/generation?version=2024-03-19"
    assert headers["apikey"] == "add-your-own-BAM-key-here"
    assert body == {
        "model_id": "ibm/granite-13b-instruct-v2",
        "data": {
            "input": body["data"]["input"],
            "input_prefix": "Input:",
            "instruction": "Classify this review as positive or negative",
            "output_prefix": "Output:",
        },
        "prompt_id": "prompt_builder",
        "parameters": {
            "decoding_method": "greedy",
            "max_new_tokens": 200,
            "include_stop_sequence": False,
            "min_new_tokens": 1,
        },
    }
    assert len(api.requests) == len(comments)


def leave_out(file: Path, field: str) -> None:
    """Take a field out of the source and of the call after it, as in the editor."""
    document = json.loads(file.read_text("utf-8"))
    configurations = [n["configuration"] for n in document["contextState"]["nodes"]]
    for one in configurations:
        for each in one.get("fields", []):
            each["selected"] = each["name"] != field
        kept = [c for c in one.get("columns", []) if c["outputColumn"] != field]
        if "operations" in one:
            one["columns"] = kept
    file.write_text(json.dumps(document), "utf-8")


def by_hour(row: Any) -> Json:
    """Return a row with its history in order: ARRAY_AGG of Flink promises none."""
    return {**row, "history": sorted(row["history"], key=lambda hour: hour["hr"])}


def rows_of(flink: Cluster, broker: Broker, topic: str, count: int) -> list[Json]:
    """Return the rows of a topic once the job has ended, in their own order."""
    consume(broker, topic, count, seconds=SECONDS)
    flink.end_jobs()  # by a savepoint, before which every row is written
    return in_order(map(json.loads, consume_all(broker, topic)))


def plain(broker: Broker) -> dict[str, str | None]:
    return {
        "properties.bootstrap.servers": broker.plain,
        "properties.security.protocol": "PLAINTEXT",
        "properties.sasl.jaas.config": None,
        "properties.sasl.mechanism": None,
    }


def jdbc(database: Database) -> dict[str, str]:
    return {
        "url": database.jdbc,
        "username": USER,
        "password": "{{ db_password }}",
    }


def project_of(export: Path, root: Path) -> Counting:
    """Make a project of an export; its environment is still to be written."""
    name = json.loads(export.read_text("utf-8"))["flowDetails"]["flowName"]
    (root / "flows").mkdir(parents=True)
    (root / "environments").mkdir()
    shutil.copyfile(export, root / "flows" / "flow.json")
    flows = {"version": 1, "name": "tests", "flows": [{"path": "flows/*"}]}
    write(root / "flowops.yaml", flows)
    (root / "db.secret").write_text(PASSWORD, "utf-8")
    (root / ".gitignore").write_text("*.secret\n", "utf-8")
    return Counting(root, name, "", "")


def configure(
    project: Counting,
    cluster: Cluster,
    config: Mapping[str, Any],
    topics: Mapping[str, str],
) -> None:
    target = {
        "kind": "flink",
        "url": cluster.url,
        "savepoints": cluster.savepoints,
        "timeout": "60",
    }
    flow = {"config": dict(config), "references": {"topic": dict(topics)}}
    environment = {
        "targets": {"event_processing": target},
        "secrets": {"db_password": {"file": "db.secret"}},
        "flows": {project.name: flow},
    }
    write(project.root / "environments" / "live.yaml", environment)
