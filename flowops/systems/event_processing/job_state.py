"""Whether a running job keeps its state over a change, as far as that can be told.

Flink maps state to operators by ids it derives from the shape of the plan, and options
of a connector are no part of that. What else a change does to the plan is certain in
few cases only; everything else is unknown, unless state is sure to be dropped.
Sources: "Savepoints" of the Flink documentation, and of its Kafka SQL connector "Start
Reading Position", which counts for a job without state alone, and "Consistency
guarantees": a destination keeps nothing unless it writes exactly once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.model import StateSafety, StateVerdict
from flowops.systems.event_processing.job_failure import (
    JOB,
    STARTS_FROM,
    failure_verdict,
)
from flowops.systems.event_processing.sql.scripts import read_script, without_options
from flowops.systems.event_processing.sql.text import code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Block, Graph

_STATEFUL = frozenset(("aggregate", "intervalJoin", "deduplicate"))
_SQL = "sql"
# How a job reaches what it reads and writes; not what it reads, nor from where on.
_CONNECTION = re.compile(
    r"config/[^/]+/properties\.(?:"
    r"sasl\..*|ssl\..*|security\.protocol|tls\..*|client\.id|request\.timeout\.ms)"
)
# How much is fetched at once, and who is told how far: where a job goes on from is kept
# in its own state.
_FETCHING = re.compile(
    r"config/[^/]+/properties\.(?:"
    r"group\.id|max\.poll\..*|fetch\..*|session\.timeout\.ms|heartbeat\.interval\.ms)"
)
_START = re.compile(r"config/[^/]+/scan\.startup\..*|startUpMode")
_WRITTEN_TO = re.compile(
    r"config/[^/]+/(?:topic|properties\.bootstrap\.servers)|topic|bootstrapServers/\d+"
)
_DELIVERY = re.compile(r"config/[^/]+/sink\.(?:delivery-guarantee|transactional-id.*)")
_GATHERS_NOTHING = frozenset(("source", "sink", "filter", "transform", "api"))
_KEPT_IN_FLOW_JSON = re.compile(
    r"credentials/|truststoreCertificates/|topicPayload|certs/"
)


_ORDER = (StateSafety.DROPPED, StateSafety.UNKNOWN, StateSafety.RESTART)


def state_safety(before: Graph, after: Graph) -> StateVerdict:
    """Classify the change between two descriptions of a flow; the worst counts."""
    found = [*_changes(before, after)]
    for safety in _ORDER:
        for verdict in found:
            if verdict.safety is safety:
                return _at_stake(verdict, before, after)
    return StateVerdict(StateSafety.LAYOUT, "nothing that runs is different")


def _at_stake(verdict: StateVerdict, before: Graph, after: Graph) -> StateVerdict:
    """Say how little can be lost where neither flow gathers anything."""
    types = {block.type for graph in (before, after) for block in graph.blocks}
    if verdict.safety is StateSafety.UNKNOWN and types <= _GATHERS_NOTHING:
        reason = "only how far it has read is at stake, as it gathers nothing"
        return StateVerdict(verdict.safety, f"{verdict.reason}; {reason}")
    return verdict


def _changes(before: Graph, after: Graph) -> Iterator[StateVerdict]:
    old = {block.id: block for block in before.blocks}
    new = {block.id: block for block in after.blocks}
    for identity in sorted(old.keys() - new.keys()):
        yield _removed(old[identity])
    for identity in sorted(new.keys() - old.keys()):
        yield _unknown(f"{new[identity].label or identity} is new")
    for identity in sorted(old.keys() & new.keys()):
        yield from _block(old[identity], new[identity])
    if set(before.edges) != set(after.edges):
        yield _unknown("nodes are connected in another way")
    yield from _attributes(before.attributes, after.attributes)
    if before.fingerprint != after.fingerprint:
        yield _unknown("something outside the nodes differs")


def _removed(block: Block) -> StateVerdict:
    name = block.label or block.id
    if block.type in _STATEFUL:
        reason = f"{name} is removed, and with it what it has gathered"
        return StateVerdict(StateSafety.DROPPED, reason)
    return _unknown(f"{name} is removed")


def _block(old: Block, new: Block) -> Iterator[StateVerdict]:
    name = new.label or new.id
    if (old.type, old.label) != (new.type, new.label):
        yield _unknown(f"{name} has another name or type")
    keys = old.properties.keys() | new.properties.keys()
    different = {k for k in keys if old.properties.get(k) != new.properties.get(k)}
    for key in sorted(different):
        if key != _SQL:
            yield _property(name, new, key)
    if _statements(old) != _statements(new):
        yield _unknown(f"the SQL of {name} differs")


def _statements(block: Block) -> list[str]:
    """Return the SQL of a node without options, which have properties of their own."""
    sql = block.properties.get(_SQL, "")
    has_options = any(key.startswith("config/") for key in block.properties)
    bare = without_options(sql, read_script(sql)) if has_options else sql
    return [token.text for token in code(bare) if token.text != ","]


def _property(name: str, block: Block, key: str) -> StateVerdict:
    option = key.rpartition("/")[2]
    if _CONNECTION.fullmatch(key) or _KEPT_IN_FLOW_JSON.match(key):
        reason = f"{name} only reaches its broker in another way: {option}"
        return StateVerdict(StateSafety.RESTART, reason)
    if _FETCHING.fullmatch(key):
        reason = f"{name} only fetches in another way: {option}"
        return StateVerdict(StateSafety.RESTART, reason)
    if block.type == "source" and _START.fullmatch(key):
        reason = f"{name} starts elsewhere only in a job without state: {option}"
        return StateVerdict(StateSafety.RESTART, reason)
    if block.type == "sink" and _WRITTEN_TO.fullmatch(key) and _keeps_nothing(block):
        reason = f"{name} writes to another place, and keeps nothing: {option}"
        return StateVerdict(StateSafety.RESTART, reason)
    if block.type == "aggregate" and key.startswith(("aggregationPeriod/", "groupBy")):
        reason = f"{name} gathers by another window or key: {key}"
        return StateVerdict(StateSafety.DROPPED, reason)
    return _unknown(f"{name} differs: {key}")


def _keeps_nothing(sink: Block) -> bool:
    """Tell whether a destination writes what it gets at once, and at least once."""
    return not any(_DELIVERY.fullmatch(key) for key in sink.properties)


def _attributes(
    before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[StateVerdict]:
    if before.get(JOB) != after.get(JOB):
        yield failure_verdict(after)
    for key in sorted((before.keys() | after.keys()) - {JOB, STARTS_FROM}):
        if before.get(key) != after.get(key):
            yield _unknown(f"the {key} differs")


def _unknown(reason: str) -> StateVerdict:
    return StateVerdict(StateSafety.UNKNOWN, reason)
