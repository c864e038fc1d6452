"""A real Kafka broker on loopback: KRaft, one node, its data in a folder of its own.

``kafka_broker(folder)`` starts it and always ends it. Its listeners:

=========== ============== ==========================================================
``plain``   PLAINTEXT      everybody may do everything
``sasl``    SASL_PLAINTEXT ``USERS`` by SCRAM-SHA-512 or PLAIN
``secure``  SASL_SSL       the same; ``certificate`` is the authority to trust
=========== ============== ==========================================================

``flows`` may do what its ACLs allow, which is nothing at first; ``admin`` may do
everything. The jars come from ``python3 -m tools.real_components kafka``.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.real import (
    HOST,
    free_ports,
    is_listening,
    lacking,
    make_certificate,
    running,
    wait_for,
)
from tools.real_components import class_path
from tools.real_components import lacking as lacking_jars

ADMIN, FLOWS = "admin", "flows"
USERS = {ADMIN: "admin-password", FLOWS: "flows-password"}
CLUSTER = "flowopsAAAAAAAAAAAAAAA"  # 16 bytes in base64, as Kafka wants
START_SECONDS = 180.0
CALL_SECONDS = 60.0
# Small, and quick to start rather than quick to run.
JAVA = (
    *("java", "-Xms96m", "-Xmx256m", "-XX:+UseSerialGC"),
    *("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Djava.awt.headless=true"),
)


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that runs: where it listens, whom to trust, its process and its log."""

    plain: str
    sasl: str
    secure: str
    certificate: Path
    pid: int
    log: Path

    def client(self, **settings: object) -> dict[str, Any]:
        """Return settings for confluent-kafka that may do everything."""
        return {"bootstrap.servers": self.plain, "log_level": 0, **settings}


@contextmanager
def kafka_broker(folder: Path) -> Iterator[Broker]:
    """Start a broker whose files lie in an empty folder; end it in any case.

    Skips, or fails where FLOWOPS_REAL=1, without Java, openssl or the jars.
    """
    path = _class_path()
    certificate, key = make_certificate(folder)
    (folder / "server.pem").write_bytes(key.read_bytes() + certificate.read_bytes())
    ports = free_ports(4)
    settings = folder / "kafka.properties"
    settings.write_text(_properties(folder, ports), "utf-8")
    _format(path, settings)
    log = folder / "kafka.log"
    words = [*JAVA, "-cp", path, "kafka.Kafka", str(settings)]
    with running(words, log, cwd=folder) as process:
        wait_for(lambda: all(map(is_listening, ports)), process, log, START_SECONDS)
        plain, sasl, secure = (f"{HOST}:{port}" for port in ports[:3])
        yield Broker(plain, sasl, secure, certificate, process.pid, log)


def _class_path() -> str:
    if not shutil.which("java"):
        lacking("there is no Java on this machine")
    if reason := lacking_jars("kafka"):
        lacking(reason)
    return ":".join(map(str, class_path("kafka")))


def _properties(folder: Path, ports: Sequence[int]) -> str:
    names = ("PLAIN", "SASL", "SECURE", "CONTROLLER")
    addresses = [f"{n}://{HOST}:{p}" for n, p in zip(names, ports, strict=True)]
    logins = " ".join(f'user_{name}="{word}"' for name, word in USERS.items())
    login = (
        f"org.apache.kafka.common.security.plain.PlainLoginModule required {logins};"
    )
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    lines = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{ports[3]}",
        "controller.listener.names": "CONTROLLER",
        "listeners": ",".join(addresses),
        "listener.security.protocol.map": "PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,"
        "SECURE:SASL_SSL,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAIN",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(folder / "server.pem"),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer"
        ".StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:{ADMIN}",
        "log.dirs": str(folder / "data"),
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": "1",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "log.cleaner.enable": "false",  # its buffer alone is 128 MB
        "log.retention.ms": "-1",  # events of the tests are old
        "num.network.threads": "2",
        "num.io.threads": "2",
        "background.threads": "2",
        "initial.broker.registration.timeout.ms": "30000",
    }
    for name in ("sasl", "secure"):
        prefix = f"listener.name.{name}"
        lines[f"{prefix}.plain.sasl.jaas.config"] = login
        lines[f"{prefix}.scram-sha-512.sasl.jaas.config"] = scram
    return "".join(f"{key}={value}\n" for key, value in lines.items())


def _format(path: str, settings: Path) -> None:
    """Make the data folder, with the users in it, as Kafka's own tool does."""
    users = [
        word
        for name, password in USERS.items()
        for word in ("-S", f"SCRAM-SHA-512=[name={name},password={password}]")
    ]
    subprocess.run(
        [
            *(*JAVA, "-cp", path, "kafka.tools.StorageTool", "format"),
            *("-t", CLUSTER, "-c", str(settings), *users),
        ],
        check=True,
        capture_output=True,
        timeout=START_SECONDS,
    )


def create_topics(broker: Broker, *names: str, partitions: int = 1) -> None:
    """Create topics, and wait until the broker has them."""
    from confluent_kafka.cimpl import NewTopic

    _finish(broker, "create_topics", [NewTopic(name, partitions, 1) for name in names])
    _until(lambda: {*names} <= _led(broker), f"the broker to lead {names}")


def delete_topics(broker: Broker, *names: str) -> None:
    """Delete topics, and wait until the broker has none of them."""
    _finish(broker, "delete_topics", [*names])
    _until(lambda: not {*names} & {*_topics(broker)}, f"{names} to be gone")


def _led(broker: Broker) -> set[str]:
    """Return the topics whose every partition has a leader, as the broker says."""
    return {
        name
        for name, topic in _topics(broker).items()
        if topic.partitions and all(p.leader >= 0 for p in topic.partitions.values())
    }


def _topics(broker: Broker) -> Mapping[str, Any]:
    """Return the topics the broker knows: some time after its controller does."""
    from confluent_kafka.admin import AdminClient

    found: Mapping[str, Any] = (
        AdminClient(broker.client()).list_topics(timeout=CALL_SECONDS).topics
    )
    return found


def allow(
    broker: Broker, operation: str, topic: str, *, is_prefix: bool = False
) -> None:
    """Let the user ``flows`` do something with a topic, such as ``DESCRIBE``."""
    pattern = "PREFIXED" if is_prefix else "LITERAL"
    right: Any = _rights("AclBinding", topic, pattern, operation)
    _finish(broker, "create_acls", [right])
    _until(lambda: right in _allowed(broker), f"the broker to heed {right}")


def forbid(broker: Broker) -> None:
    """Take every right on topics away from the user ``flows``."""
    _finish(broker, "delete_acls", [_rights("AclBindingFilter", None, "ANY", "ANY")])
    _until(lambda: not _allowed(broker), "the broker to forget all rights")


def _allowed(broker: Broker) -> list[object]:
    """Return the rights the broker knows: some time after its controller does."""
    from confluent_kafka.admin import AdminClient

    wanted: Any = _rights("AclBindingFilter", None, "ANY", "ANY")
    admin = AdminClient(broker.client())  # what it was asked ends with it
    return [*admin.describe_acls(wanted).result(CALL_SECONDS)]


def _rights(kind: str, topic: str | None, pattern: str, operation: str) -> object:
    """Return rights of the user ``flows``, or a filter for them."""
    from confluent_kafka.admin import _acl, _resource

    make: Any = getattr(_acl, kind)
    return make(
        *(_resource.ResourceType.TOPIC, topic, _resource.ResourcePatternType[pattern]),
        *(f"User:{FLOWS}", None if topic is None else "*"),
        *(_acl.AclOperation[operation], _acl.AclPermissionType.ALLOW),
    )


def _finish(broker: Broker, call: str, wanted: object) -> None:
    """Make a call of the admin client, and wait for all its parts."""
    from confluent_kafka.admin import AdminClient

    admin = AdminClient(broker.client())  # what it was asked ends with it
    for done in getattr(admin, call)(wanted).values():
        done.result(CALL_SECONDS)


def _until(done: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + START_SECONDS
    while not done():
        assert time.monotonic() < limit, f"waited {START_SECONDS} s for {what}"
        time.sleep(0.02)


def produce(
    broker: Broker,
    topic: str,
    values: Iterable[bytes],
    *,
    key: bytes | None = None,
) -> int:
    """Write values to a topic and wait until all are there; returns how many."""
    from confluent_kafka import Producer

    failures: list[object] = []
    producer = Producer(
        broker.client(
            **{"linger.ms": 20, "queue.buffering.max.messages": 1_000_000, "acks": 1}
        )
    )

    def delivered(error: object, message: object) -> None:
        if error:
            failures.append(error)

    count = 0
    for value in values:
        producer.produce(topic, value, key, on_delivery=delivered)
        count += 1
        if count % 10_000 == 0:
            producer.poll(0)
    left = producer.flush(CALL_SECONDS)
    assert not left, f"{left} messages were not written"
    assert not failures, failures[0]
    return count


def consume(
    broker: Broker,
    topic: str,
    count: int,
    *,
    seconds: float = CALL_SECONDS,
    isolation: str = "read_uncommitted",
) -> list[bytes]:
    """Read a topic from its start, until it gave so many values or time is up.

    No consumer group is joined. Fewer values come back when there are fewer in time.
    """
    found: list[bytes] = []
    with _reading(broker, topic, **{"isolation.level": isolation}) as (consumer, _):
        limit = time.monotonic() + seconds
        while len(found) < count and time.monotonic() < limit:
            for message in consumer.consume(min(count - len(found), 50_000), 0.2):
                assert not message.error(), message.error()
                found.append(message.value() or b"")
    return found


def consume_all(broker: Broker, topic: str) -> list[bytes]:
    """Read everything that a topic holds now, however long that takes."""
    from confluent_kafka import KafkaError

    found: list[bytes] = []
    settings = {"isolation.level": "read_uncommitted", "enable.partition.eof": True}
    with _reading(broker, topic, **settings) as (consumer, unfinished):
        limit = time.monotonic() + START_SECONDS
        while unfinished:
            assert time.monotonic() < limit, f"{topic} has no end: {len(found)} values"
            for message in consumer.consume(1000, 0.2):
                if (error := message.error()) is None:
                    found.append(message.value() or b"")
                    continue
                assert error.code() == KafkaError._PARTITION_EOF, error
                unfinished.discard(message.partition())
    return found


@contextmanager
def _reading(
    broker: Broker, topic: str, **settings: object
) -> Iterator[tuple[Any, set[int]]]:
    """Give a consumer at the start of a topic, and the partitions it reads."""
    from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

    own = {"group.id": "tests", "enable.auto.commit": False}
    consumer = Consumer(broker.client(**own, **settings))
    try:
        parts = {*consumer.list_topics(topic, CALL_SECONDS).topics[topic].partitions}
        consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in parts])
        yield consumer, parts
    finally:
        consumer.close()
