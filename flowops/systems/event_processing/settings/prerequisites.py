"""What each version of the product asks of a flow before it exports it.

Source: "Exporting flows" of the Event Processing documentation, 1.0 to 1.5. Whether
a node is configured correctly only the editor can tell. Plain JSON has no
prerequisites in any version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from flowops.systems.event_processing.pipeline import (
    Opaque,
    Source,
    SqlSource,
    is_destination,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowops.systems.event_processing.pipeline import AnyNode, Pipeline

Version: TypeAlias = tuple[int, int, int]
SQL, ZIP = "sql", "zip"
FIRST_ZIP: Version = (1, 2, 3)
PARALLEL: Version = (1, 4, 5)
DEDUPLICATE_AS_SQL: Version = (1, 5, 5)
_NEVER_SQL = frozenset(("detectPatterns",))


class _Rule(NamedTuple):
    """A prerequisite: of which export, from and before which version."""

    form: str
    since: Version
    before: Version
    words: str
    is_met: Callable[[Pipeline], bool]


def obstacles(pipeline: Pipeline, form: str, version: Version) -> tuple[str, ...]:
    """Return why this version does not export a flow in this form, if it does not."""
    found = [
        rule.words
        for rule in RULES
        if rule.form == form
        and rule.since <= version < rule.before
        and not rule.is_met(pipeline)
    ]
    if form == ZIP and version < FIRST_ZIP:
        found.append("JSON with configuration YAML came with 1.2.3")
    if form == SQL:
        found += [f"{n.name} has no SQL" for n in pipeline.nodes if _no_sql(n, version)]
    return tuple(found)


def _no_sql(node: AnyNode, version: Version) -> bool:
    is_late = node.type == "deduplicate" and version < DEDUPLICATE_AS_SQL
    return isinstance(node, Opaque) and (is_late or node.type in _NEVER_SQL)


def _graphs(pipeline: Pipeline) -> list[list[AnyNode]]:
    """Return the parts of a flow that edges hold together."""
    part = {node.id: number for number, node in enumerate(pipeline.nodes)}
    for link in pipeline.links:
        old, new = part[link.target], part[link.source]
        part = {key: new if value == old else value for key, value in part.items()}
    groups: dict[int, list[AnyNode]] = {}
    for node in pipeline.nodes:
        groups.setdefault(part[node.id], []).append(node)
    return [*groups.values()]


def _in_one_graph(pipeline: Pipeline, is_wanted: Callable[[AnyNode], bool]) -> bool:
    holding = [g for g in _graphs(pipeline) if any(map(is_wanted, g))]
    return len(holding) <= 1


def _ends(pipeline: Pipeline) -> Sequence[AnyNode]:
    """Return the nodes that lead nowhere."""
    leading = {link.source for link in pipeline.links}
    return [node for node in pipeline.nodes if node.id not in leading]


def _is_source(node: AnyNode) -> bool:
    return isinstance(node, Source | SqlSource)


def _has_one_end(pipeline: Pipeline) -> bool:
    return len(_ends(pipeline)) == 1


def _ends_in_destinations(pipeline: Pipeline) -> bool:
    return all(map(is_destination, _ends(pipeline)))


def _is_connected(pipeline: Pipeline) -> bool:
    return all(len(graph) > 1 for graph in _graphs(pipeline))


_ALWAYS: Version = (1, 0, 0)
_EVER: Version = (99, 0, 0)
_ONE_GRAPH = "its sources are on more than one graph"
_ONE_END = "it ends in more than one node"
RULES: tuple[_Rule, ...] = (
    _Rule(SQL, _ALWAYS, PARALLEL, _ONE_GRAPH, lambda p: _in_one_graph(p, _is_source)),
    _Rule(SQL, _ALWAYS, PARALLEL, _ONE_END, _has_one_end),
    _Rule(
        *(SQL, PARALLEL, _EVER, "its destinations are on more than one graph"),
        lambda p: _in_one_graph(p, is_destination),
    ),
    _Rule(
        *(ZIP, FIRST_ZIP, PARALLEL, _ONE_GRAPH),
        lambda p: _in_one_graph(p, _is_source),
    ),
    _Rule(ZIP, FIRST_ZIP, PARALLEL, _ONE_END, _has_one_end),
    _Rule(
        ZIP, FIRST_ZIP, _EVER, "it does not end in a destination", _ends_in_destinations
    ),
    _Rule(ZIP, PARALLEL, _EVER, "a node is not connected", _is_connected),
)
"""What each export asks for, from one version on and before another."""


LATEST: Version = (1, 5, 5)


def advice(pipeline: Pipeline) -> str:
    """Say which exports of the product can be used where FlowOps makes no SQL."""
    ways: Mapping[str, str] = {
        ZIP: "deploy the zip with ibm-ep-flow-deployer.jar",
        SQL: "export the flow as SQL from Event Processing",
    }
    open_ways = [
        words for form, words in ways.items() if not obstacles(pipeline, form, LATEST)
    ]
    if open_ways:
        return ", or ".join(open_ways)
    return "finish it in the editor: the product cannot export it to run yet"
