"""The connector options of each source and destination, as the product sets them.

Names and values are those of Event Processing 1.5 ("Deploying jobs customized
for production or test environments" and its SQL export). The product writes
options in the order of a hash; here they are sorted by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from flowops.secrets import compose
from flowops.systems.event_processing.pipeline import (
    JSON_FORMAT,
    LOOKUP_SUFFIX,
    Api,
    Connection,
    Sink,
    Source,
    SqlNode,
    table_of,
)
from flowops.systems.event_processing.reading.connection import SASL
from flowops.systems.event_processing.settings.api_settings import api_options
from flowops.systems.event_processing.sql.options import sql_options
from flowops.systems.protocol import Setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.model import Location, Pointer
    from flowops.secrets import Text
    from flowops.systems.event_processing.learnt import Learnt
    from flowops.systems.event_processing.pipeline import AnyNode

CONNECTOR = "connector"
FORMAT = "format"
KAFKA = "kafka"
TOPIC = "topic"
SERVERS = "properties.bootstrap.servers"
JAAS = "properties.sasl.jaas.config"
PROTOCOL = "properties.security.protocol"
ISOLATION_LEVEL = "properties.isolation.level"
STARTUP_MODE = "scan.startup.mode"
EARLIEST = "earliest-offset"
ENGINE_FACTORY = "properties.ssl.engine.factory.class"
TRUST_ALL = "com.ibm.ep.kafka.ssl.TrustAll"

_LOGIN_MODULES = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}


class _Option(NamedTuple):
    name: str
    value: Text
    pointer: Pointer


@dataclass(frozen=True, slots=True)
class Draft:
    """A setting whose place in the file is not worked out yet."""

    node: str
    table: str
    name: str
    value: Text
    pointer: Pointer

    def at(self, places: Mapping[Pointer, Location]) -> Setting:
        """Return the setting at its place; a value that is absent has its parent's."""
        pointer = self.pointer
        while pointer not in places:
            pointer = pointer[:-1]
        return Setting(self.node, self.table, self.name, self.value, places[pointer])


def draft_settings(nodes: Iterable[AnyNode]) -> tuple[Draft, ...]:
    """Give the options of every node with a connector, nodes in their order."""
    return tuple(draft for node in nodes for draft in _drafts(node))


def _drafts(node: AnyNode) -> Iterator[Draft]:
    if isinstance(node, Source | Sink):
        for option in sorted(_options(node), key=lambda option: option.name):
            yield Draft(node.name, table_of(node), *option)
    elif isinstance(node, Api):
        for found in sorted(api_options(node), key=lambda option: option.name):
            yield Draft(node.name, node.name + LOOKUP_SUFFIX, *found)
    elif isinstance(node, SqlNode):
        for table, name, value in sql_options(node.statement):
            yield Draft(node.name, table, name, value, node.statement_pointer)


def option_tables(node: AnyNode, learnt: Learnt) -> tuple[str, ...]:
    """Return the tables of a node that have connector options."""
    if isinstance(node, Source | Sink):
        return (table_of(node),)
    if isinstance(node, Api):
        return (node.name + LOOKUP_SUFFIX,)
    if isinstance(node, SqlNode):
        return learnt.outline(node).listed
    return ()


def can_log_in(connection: Connection) -> bool:
    """Tell whether the login of a connection is one FlowOps can write."""
    credentials = connection.credentials
    if not credentials.type:
        return True
    return credentials.type == SASL and credentials.mechanism in _LOGIN_MODULES


def trusts_all(connection: Connection) -> bool:
    """Tell whether a node accepts any broker certificate.

    The exports keep the certificates a user accepted; the product writes the
    engine factory when there are none ("Configuring", on SSL for config.yaml).
    """
    return connection.is_encrypted and connection.accepts_any_certificate


def _options(node: Source | Sink) -> Iterator[_Option]:
    at = node.connection.pointers
    yield _Option(CONNECTOR, KAFKA, at["node"])
    yield from _connection_options(node.connection)
    if isinstance(node, Sink):
        yield _Option(FORMAT, JSON_FORMAT, at["node"])
        return
    format_pointer = (*at["node"], "format")
    yield _Option(FORMAT, node.format, format_pointer)
    if node.format == JSON_FORMAT:
        yield _Option("json.ignore-parse-errors", "true", format_pointer)
    yield _Option(ISOLATION_LEVEL, "read_committed", at["node"])
    startup_pointer = (*at["node"], "startUpMode")
    yield _Option(STARTUP_MODE, node.startup_mode or EARLIEST, startup_pointer)


def _connection_options(connection: Connection) -> Iterator[_Option]:
    at = connection.pointers
    if connection.topic:
        yield _Option(TOPIC, connection.topic, at["topic"])
    if connection.servers:
        yield _Option(SERVERS, _joined(connection.servers), at["servers"])
    yield _Option(PROTOCOL, connection.protocol, at["protocol"])
    if connection.credentials.type == SASL:
        yield from _login_options(connection)
    if connection.is_encrypted:
        yield from _encryption_options(connection)


def _login_options(connection: Connection) -> Iterator[_Option]:
    credentials = connection.credentials
    pointer = credentials.pointer
    if credentials.mechanism:
        yield _Option("properties.sasl.mechanism", credentials.mechanism, pointer)
    if module := _LOGIN_MODULES.get(credentials.mechanism):
        jaas = compose(
            *(f'{module} required username="', credentials.username),
            *('" password="', credentials.password, '";'),
        )
        yield _Option(JAAS, jaas, pointer)


def _encryption_options(connection: Connection) -> Iterator[_Option]:
    at = connection.pointers
    name = "properties.ssl.endpoint.identification.algorithm"
    yield _Option(name, "", at["protocol"])
    if trusts_all(connection):
        yield _Option(ENGINE_FACTORY, TRUST_ALL, at["accepted"])
    if not connection.certificates:
        return
    bundle = _joined([_with_line_end(pem) for pem in connection.certificates])
    pointer = at["certificates"]
    yield _Option("properties.ssl.truststore.certificates", bundle, pointer)
    yield _Option("properties.ssl.truststore.type", "PEM", pointer)
    yield _Option("properties.tls.pemChainIncluded", "false", pointer)


def _joined(texts: Iterable[Text]) -> Text:
    parts = [part for text in texts for part in (",", text)]
    return compose(*parts[1:])


def _with_line_end(pem: Text) -> Text:
    return pem if str(pem).endswith("\n") else compose(pem, "\n")
