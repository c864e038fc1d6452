"""A project with one flow that counts numbered events, and the topics it uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.flink.cluster import Cluster
from tests.support.kafka import ADMIN, USERS, Broker, create_topics, produce
from tests.support.projects import Result, run
from tests.support.repositories import Repository, new_repository
from tests.unit.systems.event_processing.builders import (
    Json,
    aggregate,
    document,
    filtered,
    sink,
    source,
)

PASSWORD = USERS[ADMIN]
PROMOTE = ("promote", "live", "--yes")
JOURNAL = ".flowops/journal/live.jsonl"
FIELDS: list[object] = [
    {"name": "n", "selected": True, "type": "BIGINT"},
    {"name": "time", "selected": True, "type": "TIMESTAMP"},
]
COUNT: Json = {"id": "C", "name": "COUNT", "source": {"column": "n"}}
PER_SECOND = 100
LAST = "2030-01-01 00:00:00"  # past every window, so that all of them close


@dataclass(frozen=True)
class Counting:
    """A project whose flow counts what the topic ``source`` holds into ``sink``."""

    root: Path
    name: str
    source: str
    sink: str

    def run(self, *words: str) -> Result:
        """Run a command; a promote is made from a commit of what there is."""
        if not (self.root / ".git").exists():
            new_repository(self.root)
        Repository(self.root).commit()
        return run(*words, "--project", str(self.root))

    def promote(self) -> Result:
        return self.run(*PROMOTE)

    def write(self, statement: str, *, login: bool = True) -> None:
        """Write the flow with a filter."""
        more: Json = {"topic": "any"}
        if login:
            more["credentials"] = CREDENTIALS
        flow = document(
            source("events", fields=FIELDS, **more),
            filtered(statement),
            aggregate(
                "per minute",
                functions=[COUNT],
                aggregationPeriod={"interval": 1, "timeUnit": "MINUTE"},
            ),
            sink("counts", **more),
            name=self.name,
        )
        path = self.root / "flows" / "count.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(flow, indent=2), "utf-8")

    def configure(
        self,
        cluster: Cluster,
        broker: Broker,
        *,
        source: str = "",
        login: bool = True,
        **target: str,
    ) -> None:
        """Write the project's file and the environment ``live``."""
        values = {
            "kind": "flink",
            "url": cluster.url,
            "savepoints": cluster.savepoints,
            "timeout": "60",
            **target,
        }
        words = (
            "org.apache.kafka.common.security.scram.ScramLoginModule required "
            f'username="{ADMIN}" password="{{{{ kafka_password }}}}";'
        )
        options = {
            "properties.bootstrap.servers": broker.sasl,
            "properties.security.protocol": "SASL_PLAINTEXT",
            "properties.sasl.jaas.config": words,
        }
        if not login:
            options = {"properties.bootstrap.servers": broker.plain}
        environment: dict[str, Any] = {
            "targets": {"event_processing": values},
            "secrets": {"kafka_password": {"file": "kafka.secret"}},
            "flows": {
                self.name: {
                    "config": {
                        "events": {"*": {**options, "topic": source or self.source}},
                        "counts": {"*": {**options, "topic": self.sink}},
                    }
                }
            },
        }
        project = {"version": 1, "name": "tests", "flows": [{"path": "flows/*.json"}]}
        (self.root / "environments").mkdir(parents=True, exist_ok=True)
        write(self.root / "flowops.yaml", project)
        write(self.root / "environments" / "live.yaml", environment)
        (self.root / "kafka.secret").write_text(PASSWORD, "utf-8")
        (self.root / ".gitignore").write_text("*.secret\n", "utf-8")


CREDENTIALS: Json = {
    "type": "SASL",
    "data": {
        "username": "<username_redacted>",
        "password": "<password_redacted>",
        "mechanism": "SCRAM-SHA-512",
    },
}


def write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(value, sort_keys=False), "utf-8")


def counting(root: Path, name: str, cluster: Cluster, broker: Broker) -> Counting:
    """Make the project and its topics."""
    topics = f"{name}-in", f"{name}-out"
    create_topics(broker, *topics)
    project = Counting(root, name, *topics)
    project.configure(cluster, broker)
    return project


def events(numbers: Iterable[int]) -> Iterator[bytes]:
    """Give numbered events, a hundred to a second of event time."""
    for number in numbers:
        minutes, seconds = divmod(number // PER_SECOND, 60)
        time = f"2025-01-01 {minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
        yield json.dumps({"n": number, "time": time}).encode()


def last_event() -> bytes:
    return json.dumps({"n": -1, "time": LAST}).encode()


def send(broker: Broker, project: Counting, values: Iterable[bytes]) -> None:
    produce(broker, project.source, values)
