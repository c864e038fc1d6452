"""From a flow's topic to the broker that has it or has not, by the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.golden import assert_golden
from tests.support.kafka import (
    FLOWS,
    USERS,
    Broker,
    allow,
    create_topics,
    delete_topics,
    forbid,
)
from tests.support.postgresql import PASSWORD, Database
from tests.support.projects import Result, run
from tests.support.real import HOST, free_ports, silent_port
from tests.support.registry import Registry
from tests.support.sources import ROOT
from tests.unit.systems.event_processing.test_references import FLOW

pytestmark = pytest.mark.slow
EXPECTED = Path(__file__).parent / "expected"
SNAPSHOT = "environments/test.inventory.json"
SCHEMA = json.loads((ROOT / "flowops/schema/inventory.schema.json").read_text("utf-8"))
SECRETS = "secrets: {kafka_word: {env: KAFKA_WORD}, base_word: {env: BASE_WORD}}"
KAFKA = """
      kafka:
        bootstrap.servers: SERVERS
        security.protocol: SASL_SSL
        sasl.mechanism: SCRAM-SHA-512
        sasl.username: flows
        sasl.password: "{{ kafka_word }}"
        ssl.ca.location: AUTHORITY"""
TABLES = """
      tables: {url: "JDBC", username: admin, password: "{{ base_word }}"}"""
REGISTRY = """
      registry: {url: "REGISTRY"}"""


class Project:
    """A project with one stream flow, and an environment that says where to ask."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "flows").mkdir()
        (root / "environments").mkdir()
        (root / "flowops.yaml").write_text('version: 1\nflows: [{path: "flows/*"}]\n')
        (root / "flows/weather.json").write_text(json.dumps(FLOW), "utf-8")

    def asks(self, *places: str, **values: str) -> None:
        """Write the environment; capitals in the places stand for values."""
        text = "".join(places)
        for name, value in values.items():
            text = text.replace(name, value)
        head = "targets:\n  event_processing:\n    kind: directory\n    path: out\n"
        (self.root / "environments/test.yaml").write_text(
            f"{SECRETS}\n{head}    ask:\n      timeout: 5{text}\n", "utf-8"
        )

    def run(self, *words: str) -> Result:
        return run(*words, "--project", str(self.root))

    def snapshot(self) -> dict[str, Any]:
        document = json.loads((self.root / SNAPSHOT).read_text("utf-8"))
        jsonschema.validate(document, SCHEMA)
        assert isinstance(document, dict)
        return document

    def findings(self, *words: str) -> list[dict[str, Any]]:
        """Plan, and return what it finds of the inventory and of references."""
        plan = json.loads(self.run("plan", "test", "--format", "json", *words).out)
        rules = ("inventory/", "reference/")
        return [f for f in plan["findings"] if f["rule"].startswith(rules)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("KAFKA_WORD", USERS[FLOWS])
    monkeypatch.setenv("BASE_WORD", PASSWORD)
    return Project(tmp_path)


@pytest.fixture
def weather(broker: Broker) -> Iterator[Broker]:
    """Give a broker with one of the two topics, and the right to see them all."""
    create_topics(broker, "READINGS", "RESULTS.EU")
    allow(broker, "DESCRIBE", "*")
    yield broker
    forbid(broker)
    delete_topics(broker, "READINGS", "RESULTS.EU")


def shown(text: str, **values: str) -> str:
    """Take out what differs from run to run: addresses and times."""
    for name, value in values.items():
        text = text.replace(value, name)
    return re.sub(r'"taken": "[^"]*"', '"taken": "TIME"', text)


def test_a_topic_that_is_not_there_stops_a_plan_until_it_is(
    project: Project, weather: Broker
) -> None:
    project.asks(KAFKA, SERVERS=weather.secure, AUTHORITY=str(weather.certificate))
    first = project.run("plan", "test")
    assert first.code == 1, first.err
    (found,) = project.findings()
    assert found["rule"] == "reference/unresolved"
    assert "the target has no topic named 'RESULTS'" in found["message"]
    assert "did you mean 'RESULTS.EU'?" in found["hint"]

    create_topics(weather, "RESULTS")
    try:
        second = project.run("plan", "test")
        assert second.code == 0, second.out + second.err
        assert project.findings() == []
    finally:
        delete_topics(weather, "RESULTS")


def test_a_snapshot_has_what_each_place_says(
    project: Project,
    weather: Broker,
    database: Database,
    registry: Registry,
    pytestconfig: pytest.Config,
) -> None:
    registry.register("orders-value")
    database.run("create database shop")
    jdbc = database.jdbc.replace("/postgres", "/shop")
    values = {
        "SERVERS": weather.secure,
        "AUTHORITY": str(weather.certificate),
        "JDBC": jdbc,
        "REGISTRY": registry.url,
    }
    project.asks(KAFKA, TABLES, REGISTRY, **values)
    words = ("inventory", "test")
    text = project.run(*words).transcript(*words)
    document = (project.root / SNAPSHOT).read_text("utf-8")
    update = bool(pytestconfig.getoption("--update-goldens"))
    name = EXPECTED / "inventory.txt"
    assert_golden(shown(text + document, **values), name, update)
    kinds = project.snapshot()["systems"]["event_processing"]["kinds"]
    assert kinds == ["jdbc-table", "registry-subject", "topic"]
    assert USERS[FLOWS] not in text + document


def test_a_second_snapshot_differs_in_its_time_only(
    project: Project, weather: Broker, database: Database
) -> None:
    values = {"SERVERS": weather.secure, "AUTHORITY": str(weather.certificate)}
    project.asks(KAFKA, TABLES, JDBC=database.jdbc, **values)
    texts = []
    for _ in range(2):
        assert project.run("inventory", "test").code == 0
        texts.append(shown((project.root / SNAPSHOT).read_text("utf-8")))
    assert texts[0] == texts[1]


def test_what_cannot_be_asked_is_said_and_kept(
    project: Project, pytestconfig: pytest.Config
) -> None:
    ports = free_ports(2)
    with silent_port() as silent:
        values = {
            "SERVERS": f"{HOST}:{ports[0]}",
            "JDBC": f"jdbc:postgresql://{HOST}:{ports[1]}/x",
            "REGISTRY": f"http://{HOST}:{silent}",
        }
        place = KAFKA.partition("        security")[0]
        project.asks(place.rstrip(), TABLES, REGISTRY, **values)
        path = project.root / "environments/test.yaml"
        path.write_text(path.read_text().replace("timeout: 5", "timeout: 0.3"))
        words = ("inventory", "test")
        text = project.run(*words).transcript(*words)
    update = bool(pytestconfig.getoption("--update-goldens"))
    document = (project.root / SNAPSHOT).read_text("utf-8")
    assert_golden(shown(text + document, **values), EXPECTED / "gaps.txt", update)
    assert project.snapshot()["systems"]["event_processing"]["kinds"] == []


def test_a_plan_warns_of_what_it_could_not_ask(project: Project) -> None:
    (port,) = free_ports(1)
    project.asks(KAFKA.partition("        security")[0].rstrip(), SERVERS=f"h:{port}")
    done = project.run("plan", "test")
    assert done.code == 0, done.err
    (found,) = project.findings()
    assert (found["rule"], found["severity"]) == ("inventory/gap", "warning")
    assert found["message"].startswith("not every topic can be checked: Kafka at h:")


def test_a_plan_warns_where_an_acl_cuts_the_list_short(
    project: Project, broker: Broker
) -> None:
    create_topics(broker, "READINGS", "RESULTS")
    allow(broker, "DESCRIBE", "READINGS")
    try:
        project.asks(KAFKA, SERVERS=broker.secure, AUTHORITY=str(broker.certificate))
        found = project.findings()
    finally:
        forbid(broker)
        delete_topics(broker, "READINGS", "RESULTS")
    assert {f["rule"] for f in found} == {"inventory/gap", "reference/unresolved"}


def test_a_secret_without_a_value_is_a_gap(
    project: Project, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAFKA_WORD")
    project.asks(KAFKA, SERVERS=broker.secure, AUTHORITY=str(broker.certificate))
    (found,) = project.findings()
    assert "the secret kafka_word has no value: env KAFKA_WORD is not set" in str(found)


def test_a_wrong_place_to_ask_stops_every_command(project: Project) -> None:
    project.asks("\n      kafak: {a: b}")
    for command in ("inventory", "plan"):
        done = project.run(command, "test")
        assert done.code == 1
        assert done.err == (
            "environments/test.yaml:8:15: error: ask.kafak is nothing to ask\n"
            "    did you mean kafka?\n"
        )
    assert not (project.root / SNAPSHOT).exists()
