"""Topics, as a Kafka cluster lists them for the user who asks.

Two calls. A cluster leaves out, without a word, each topic that the user may not
describe; so it is first asked for one that does not exist. It calls that one unknown
only to a user who may describe every topic (Apache Kafka, "Authorization and ACLs").
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from flowops.errors import TargetError
from flowops.systems.event_processing.inventory.sources import (
    AUTHORITY,
    CERTIFICATE,
    KEY,
    KEY_PASSWORD,
    MECHANISM,
    PROTOCOL,
    SASL_PASSWORD,
    SASL_USER,
    SERVERS,
    Answer,
    Source,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confluent_kafka import KafkaError
    from confluent_kafka.admin import AdminClient

NOBODY = "_flowops_asks_for_a_topic_that_is_not_there"
INTERNAL = frozenset(
    ("__consumer_offsets", "__transaction_state", "__share_group_state")
)
_TEXTS = (SERVERS, PROTOCOL, MECHANISM, SASL_USER, SASL_PASSWORD, KEY_PASSWORD)
_FILES = (AUTHORITY, CERTIFICATE, KEY)
_SLICE = 0.02  # seconds between two looks at what the client met
# What librdkafka puts around a reason: which broker it was, and after how long.
_AROUND = re.compile(
    r"\A\S+://\S+: |\A\S+/(?:bootstrap|\d+): |"
    r"\s*\(after \d+ms[^)]*\)|(?<=Connect )to \S+ "
)
_UNTRUSTED = "certificate verify failed"
_CLOSED = "SSL connection closed by peer"
# librdkafka's own errors. Which end the wait at once: it would go on trying for long.
_DOWN, _LOGIN, _TLS = "_ALL_BROKERS_DOWN", "_AUTHENTICATION", "_SSL"
_FINAL = frozenset((_DOWN, _LOGIN, _TLS))
_PLAIN = ("_RESOLVE", "_TRANSPORT", "_INVALID_ARG")
_LATE = frozenset(("_TIMED_OUT", "_TIMED_OUT_QUEUE", "REQUEST_TIMED_OUT"))
_HIDDEN, _UNKNOWN = "TOPIC_AUTHORIZATION_FAILED", "UNKNOWN_TOPIC_OR_PART"
_LISTENER = "the connection is closed: does security.protocol fit the listener?"


def ask_topics(source: Source) -> Answer:
    """Ask a cluster for its topics, without those Kafka keeps for itself.

    Raises ``TargetError`` when it does not answer in time or refuses, and
    ``InputError`` where confluent-kafka is not installed.
    """
    try:
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient
    except ImportError:
        raise source.not_installed("confluent-kafka", "kafka") from None
    met: list[KafkaError] = []
    settings = _settings(source)
    try:
        client = AdminClient(settings | {"error_cb": met.append})
        is_whole = _sees_all(client, source, met)
        listed = client.list_topics(timeout=source.seconds).topics
    except KafkaException as error:
        raise _reason(source, [*met, error.args[0]]) from None
    names = tuple(sorted(listed.keys() - INTERNAL))
    return _answer(source, names, is_whole=is_whole)


def _settings(source: Source) -> dict[str, Any]:
    """Return what librdkafka is told; only here are the secrets opened."""
    given = source.values.keys()
    return {
        **{key: source.text(key) for key in _TEXTS if key in given},
        **{key: source.file(key) for key in _FILES if key in given},
        "client.id": "flowops",
        "log_level": 0,
        "socket.timeout.ms": max(10, int(source.seconds * 1000)),
    }


def _answer(source: Source, names: tuple[str, ...], *, is_whole: bool) -> Answer:
    if is_whole:
        return Answer(names)
    user = source.shown(SASL_USER) or "the user who asks"
    if not names:
        return Answer(None, f"{user} may describe no topic: an ACL has to allow it")
    words = f"{user} may not describe every topic: one it may not counts as absent"
    return Answer(names, words)


def _sees_all(client: AdminClient, source: Source, met: Sequence[KafkaError]) -> bool:
    """Tell whether the cluster shows this user everything."""
    from confluent_kafka import KafkaException, TopicCollection

    wanted = TopicCollection([NOBODY])
    asked = client.describe_topics(wanted, request_timeout=source.seconds)[NOBODY]
    limit = time.monotonic() + source.seconds + 1
    while not asked.done() and time.monotonic() < limit:
        client.poll(_SLICE)
        if any(error.name() in _FINAL for error in met):
            break
    if not asked.done():
        raise _reason(source, met)
    try:
        asked.result(0)
    except KafkaException as error:
        name = str(error.args[0].name())
        if name not in (_HIDDEN, _UNKNOWN):
            raise
        return name == _UNKNOWN
    return True


def _reason(source: Source, met: Sequence[KafkaError]) -> TargetError:
    """Say what went wrong, by the error that says most about it."""
    said = {error.name(): _AROUND.sub("", error.str()) for error in met}
    where = f"Kafka at {source.shown(SERVERS)}"
    if any(_UNTRUSTED in words for words in said.values()):
        hint = f"name its authority as {AUTHORITY}"
        words = "its certificate is not trusted here, or is for another host"
        return TargetError(f"{where}: {words}", hint=hint)
    if words := said.get(_LOGIN, ""):
        user = source.shown(SASL_USER) or "nobody"
        return TargetError(f"{where} refuses the login of {user}: {words}")
    for name in (_TLS, *_PLAIN):
        if words := said.get(name, ""):
            words = _LISTENER if _CLOSED in words else words
            return TargetError(f"{where}: {words}")
    if _LATE & said.keys():
        return TargetError(f"{where} gives no answer within {source.seconds:g} s")
    others = [said[name] for name in said if name != _DOWN]
    return TargetError(f"{where}: {others[0] if others else _LISTENER}")
