"""How tables reach their brokers, and where they start to read: what to know of it.

Source of the start: "Startup Mode" of the Kafka SQL connector of Flink, whose default
is where the group stopped; the product's own exports always say ``earliest-offset``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from flowops.model import Finding, Severity
from flowops.secrets import open_text
from flowops.systems.event_processing.pipeline import (
    Pipeline,
    Source,
    SqlSource,
    table_of,
)
from flowops.systems.event_processing.reading.findings import warning
from flowops.systems.event_processing.reading.sql_body import SqlExport
from flowops.systems.event_processing.settings.connectors import (
    CONNECTOR,
    KAFKA,
    PROTOCOL,
    STARTUP_MODE,
)
from flowops.systems.event_processing.sql.text import code, unquote_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.model import Address, Location
    from flowops.systems.protocol import BoundFlow, Setting

_CLEAR, _CLEAR_LOGIN = "PLAINTEXT", "SASL_PLAINTEXT"


def broker_findings(bound: BoundFlow, settings: Iterable[Setting]) -> Iterator[Finding]:
    """Say what is sent in the clear, and which tables do not say where they start."""
    kafka: dict[tuple[str, str], dict[str, Setting]] = {}
    for setting in settings:
        kafka.setdefault((setting.node, setting.table), {})[setting.name] = setting
    read = _read_tables(bound)
    for (node, table), options in kafka.items():
        connector = options.get(CONNECTOR)
        if connector is None or str(connector.value) != KAFKA:
            continue
        yield from _in_the_clear(bound.flow.address, node, options)
        if (node, table) in read and STARTUP_MODE not in options:
            yield _unsaid(bound.flow.address, node, connector.origin)
    yield from _by_default(bound, kafka)


def _in_the_clear(
    address: Address, node: str, options: Mapping[str, Setting]
) -> Iterator[Finding]:
    protocol = options.get(PROTOCOL)
    word = str(protocol.value).upper() if protocol else _CLEAR
    place = (protocol or options[CONNECTOR]).origin
    if word == _CLEAR_LOGIN:
        message = f"{node} sends its login and its events unencrypted"
        hint = f"set {PROTOCOL} to SASL_SSL, on a listener of the brokers that has it"
        yield warning(address, "clear-login", message, place, hint)
    elif word == _CLEAR:
        message = f"{node} has brokers that ask for no login, and nothing is encrypted"
        hint = f"fine on a laptop; elsewhere set {PROTOCOL} to SASL_SSL"
        yield _info(address, "clear-broker", message, place, hint)


def _unsaid(address: Address, node: str, place: Location) -> Finding:
    message = f"{node} does not say where it starts to read"
    hint = (
        f"set {STARTUP_MODE}: without it Flink goes on where the group stopped, and "
        "fails where it has not begun"
    )
    return warning(address, "start-implicit", message, place, hint)


def _by_default(
    bound: BoundFlow, tables: Mapping[tuple[str, str], Mapping[str, Setting]]
) -> Iterator[Finding]:
    """Tell of exports older than the option, where the product's default counts."""
    body = bound.flow.body
    for node in body.nodes if isinstance(body, Pipeline) else ():
        if not isinstance(node, Source) or node.startup_mode:
            continue
        found = tables.get((node.name, table_of(node)), {}).get(STARTUP_MODE)
        if found and found in bound.flow.settings:
            message = f"{node.name} starts at the first event there is, by default"
            hint = f"set {STARTUP_MODE} of this node in the environment to say it"
            address = bound.flow.address
            yield _info(address, "start-implicit", message, found.origin, hint)


def _read_tables(bound: BoundFlow) -> frozenset[tuple[str, str]]:
    """Return the tables events are read from: node and table."""
    body = bound.flow.body
    if not isinstance(body, Pipeline | SqlExport):
        return frozenset()
    learnt = body.learnt
    if learnt.sources is None:
        learnt.sources = frozenset(_sources(body))
    return learnt.sources


def _sources(body: Pipeline | SqlExport) -> set[tuple[str, str]]:
    if isinstance(body, SqlExport):
        filled = _filled(open_text(body.text))
        return {(n, t) for t, n in body.nodes.items() if t not in filled}
    found: set[tuple[str, str]] = set()
    for node in body.nodes:
        if isinstance(node, Source):
            found.add((node.name, table_of(node)))
        elif isinstance(node, SqlSource):
            tables = body.learnt.outline(node).tables
            found |= {(node.name, table) for table in tables}
    return found


def _filled(sql: str) -> set[str]:
    after = pairwise(code(sql))
    return {unquote_name(name.text) for into, name in after if into.upper == "INTO"}


def _info(
    address: Address, rule: str, message: str, place: Location, hint: str
) -> Finding:
    name = f"event-processing/{rule}"
    return Finding(name, Severity.INFO, message, place, address, hint)
