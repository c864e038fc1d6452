"""A flow counts on while it is changed, put back and fails: nothing lost or doubled.

The real operator, the real Flink with RocksDB, and a real Kafka that is reached by TLS
only. The node alone is a stand-in: tests/support/node.py says what it does.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.flink.counting import (
    JOURNAL,
    PER_SECOND,
    PROMOTE,
    Counting,
    events,
    last_event,
    send,
    write,
)
from tests.kubernetes.on_a_node import Deployed
from tests.support.api_server import ApiServer
from tests.support.kafka import (
    ADMIN,
    USERS,
    Broker,
    consume,
    create_topics,
    kafka_broker,
)
from tests.support.operator import Operator
from tests.support.projects import Result

# The same operator as in test_operator.py.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("operator")]

FLOW = "counted"
STORE = "kafka-truststore"
TOTAL = 30_000
MINUTE = 60 * PER_SECOND
LOGIN = (
    "org.apache.kafka.common.security.scram.ScramLoginModule required "
    f'username="{ADMIN}" password="{{{{ kafka_password }}}}";'
)


@dataclass(frozen=True)
class Counted:
    """A project whose flow counts numbered events, where it runs, and the broker."""

    project: Counting
    flow: Deployed
    broker: Broker

    def configure(self) -> None:
        """Write the environment: a PEM for the source, the sink trusts the store."""
        login = {
            "properties.bootstrap.servers": self.broker.secure,
            "properties.security.protocol": "SASL_SSL",
            "properties.sasl.jaas.config": LOGIN,
        }
        trusted = {
            "properties.ssl.truststore.type": "PEM",
            "properties.ssl.truststore.certificates": self.broker.certificate.read_text(
                "utf-8"
            ),
        }
        source = {**login, **trusted, "topic": self.project.source}
        sink = {**login, "topic": self.project.sink}
        target = {**self.flow.target(), "truststore": f"{STORE}/truststore.jks"}
        config = {"events": {"*": source}, "counts": {"*": sink}}
        environment: dict[str, Any] = {
            "targets": {"event_processing": target},
            "secrets": {"kafka_password": {"file": "kafka.secret"}},
            "flows": {FLOW: {"config": config}},
        }
        write(self.project.root / "environments" / "live.yaml", environment)

    def promote(self, statement: str) -> Result:
        self.project.write(statement)
        return self.project.run(*PROMOTE)

    def send(self, first: int, last: int) -> None:
        send(self.broker, self.project, events(range(first, last)))


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with kafka_broker(tmp_path_factory.mktemp("kafka")) as found:
        yield found


@pytest.fixture
def server(operator: Operator) -> ApiServer:
    return operator.server


@pytest.fixture
def counted(
    start_node: Callable[[str], Deployed], broker: Broker, tmp_path: Path
) -> Counted:
    flow = start_node(FLOW)
    project = Counting(tmp_path / "project", FLOW, f"{FLOW}-in", f"{FLOW}-out")
    create_topics(broker, project.source, project.sink)
    keep_truststore(flow, broker.certificate, tmp_path)
    root = project.root
    (root / "environments").mkdir(parents=True)
    named = {"version": 1, "name": "tests", "flows": [{"path": "flows/*.json"}]}
    write(root / "flowops.yaml", named)
    (root / "kafka.secret").write_text(USERS[ADMIN], "utf-8")
    (root / ".gitignore").write_text("*.secret\n", "utf-8")
    made = Counted(project, flow, broker)
    made.configure()
    return made


def keep_truststore(flow: Deployed, certificate: Path, folder: Path) -> None:
    """Make a truststore as docs/running-flows.md says, and a Secret that holds it."""
    store = folder / "truststore.jks"
    words = [
        *("keytool", "-importcert", "-noprompt", "-storetype", "JKS"),
        *("-alias", "kafka", "-file", str(certificate)),
        *("-keystore", str(store), "-storepass", "changeit"),
    ]
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    data = {"truststore.jks": base64.b64encode(store.read_bytes()).decode()}
    secret = {"metadata": {"name": STORE}, "data": data}
    path = f"/api/v1/namespaces/{flow.node.namespace}/secrets"
    flow.node.server.ask("POST", path, secret)


def test_a_flow_counts_on_through_a_change_a_rollback_and_a_failure(
    counted: Counted,
) -> None:
    project, flow = counted.project, counted.flow
    quarter = TOTAL // 4  # each in the middle of a window
    result = counted.promote("`n` >= 0")
    assert result.code == 0, result.err
    counted.send(0, quarter)

    result = counted.promote("`n` >= 0 AND `n` < 10000000")
    assert result.code == 0, result.err
    changed = flow.job()
    assert changed["restored"]["is_savepoint"]
    counted.send(quarter, 2 * quarter)

    result = project.run("rollback", "live", "--yes")
    assert result.code == 0, result.err
    assert "Put back 1 flow." in result.out + result.err
    put_back = flow.job()
    assert put_back["restored"]["is_savepoint"]
    assert put_back["restored"] != changed["restored"]
    counted.send(2 * quarter, 3 * quarter)

    result = counted.promote("`no such column` >= 0")
    assert result.code == 1, result.err
    assert f"the job of {FLOW} failed; the operator says lifecycle FAILED" in result.err
    assert f"\nrestored: event_processing/flow/{FLOW}" in result.err
    assert not (project.root / JOURNAL).exists()
    assert flow.job()["restored"] not in (None, put_back["restored"])
    project.write("`n` >= 0")
    assert "No changes." in project.run("plan", "live").out
    send(counted.broker, project, [*events(range(3 * quarter, TOTAL)), last_event()])

    windows = -(-TOTAL // MINUTE)
    found = consume(counted.broker, project.sink, windows, seconds=60)
    assert [int(json.loads(value)["count"]) for value in found] == [MINUTE] * windows
    state = flow.ask(f"/jobs/{flow.job()['jid']}/checkpoints/config")["state_backend"]
    assert state == "EmbeddedRocksDBStateBackend"
