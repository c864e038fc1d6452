"""Check the settings of an environment against what the product accepts.

The rules are those of "Deploying jobs customized for production or test
environments": node and table names must match the flow, the connector is
``kafka``, the format is changed in the editor, and a login line uses double
quotes and no backslash.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from flowops.model import Address, Finding, Location, Severity
from flowops.secrets import Secret
from flowops.systems.event_processing.output.rendering import pipeline_of
from flowops.systems.event_processing.pipeline import Pipeline, Sink, Source
from flowops.systems.event_processing.reading.findings import trust_all, warning
from flowops.systems.event_processing.reading.sql_body import SqlExport
from flowops.systems.event_processing.redaction.sensitive import has_placeholder
from flowops.systems.event_processing.settings.applied import (
    applied_settings,
    sealed_settings,
)
from flowops.systems.event_processing.settings.brokers import broker_findings
from flowops.systems.event_processing.settings.connectors import (
    CONNECTOR,
    ENGINE_FACTORY,
    FORMAT,
    JAAS,
    KAFKA,
    TRUST_ALL,
    option_tables,
)
from flowops.systems.event_processing.settings.version_review import version_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.systems.protocol import BoundFlow, Setting

_RUN_JOBS = frozenset(("flink", "kubernetes"))
_IN_THE_EDITOR = "change it in the editor, test the flow and export it again"


def review_flow(bound: BoundFlow) -> tuple[Finding, ...]:
    """Give what is wrong with the settings of a bound flow."""
    address, body = bound.flow.address, bound.flow.body
    is_script = isinstance(body, SqlExport)
    tables = _script_tables(bound) if is_script else _tables(pipeline_of(bound.flow))
    settings = applied_settings(bound)
    own = {_key(setting): setting for setting in bound.flow.settings}
    found = [*_lost(address, own, {_key(setting) for setting in settings})]
    for setting, sealed in zip(settings, sealed_settings(bound), strict=True):
        if setting.table not in tables.get(setting.node, ()):
            found.append(_no_such_table(address, setting, tables))
            continue
        found += _of_setting(address, setting, own.get(_key(setting)))
        if sealed is not setting:
            found.append(_in_the_clear(address, setting))
    if not is_script:
        found += _of_logins(bound, pipeline_of(bound.flow), settings, own)
    found += _placeholders(bound, settings)
    found += broker_findings(bound, settings)
    if isinstance(bound.flow.body, Pipeline):
        found += version_findings(bound, bound.flow.body)
    return tuple(sorted(found, key=Finding.sort_key))


def _script_tables(bound: BoundFlow) -> Mapping[str, tuple[str, ...]]:
    """Return the tables of a SQL export by node."""
    tables: dict[str, tuple[str, ...]] = {}
    nodes = bound.flow.body.nodes if isinstance(bound.flow.body, SqlExport) else {}
    for table, node in nodes.items():
        tables[node] = (*tables.get(node, ()), table)
    return tables


def _placeholders(bound: BoundFlow, settings: Iterable[Setting]) -> Iterator[Finding]:
    """Look at what the product's own exports redact: a job cannot run with it."""
    for setting in settings:
        if isinstance(setting.value, str) and has_placeholder(setting.value):
            message = f"{setting.node} has a placeholder in {setting.name}"
            hint = "set this option of the node in the environment, from its secrets"
            found = (message, setting.origin, bound.flow.address, hint)
            yield Finding("event-processing/placeholder", _severity(bound), *found)


def _severity(bound: BoundFlow) -> Severity:
    """Return what a placeholder is: a folder can take it, and what runs jobs cannot."""
    runs_jobs = str(bound.target.get("kind", "")) in _RUN_JOBS
    return Severity.ERROR if runs_jobs else Severity.WARNING


def _key(setting: Setting) -> tuple[str, str, str]:
    return (setting.node, setting.table, setting.name)


def _tables(pipeline: Pipeline) -> Mapping[str, tuple[str, ...]]:
    """Return the tables of every node that has options."""
    learnt = pipeline.learnt
    if learnt.listed is None:
        tables = {node.name: option_tables(node, learnt) for node in pipeline.nodes}
        learnt.listed = {node: found for node, found in tables.items() if found}
    return learnt.listed


def _error(
    address: Address, rule: str, message: str, place: Location, hint: str
) -> Finding:
    name = f"event-processing/{rule}"
    return Finding(name, Severity.ERROR, message, place, address, hint)


def _no_such_table(
    address: Address, setting: Setting, tables: Mapping[str, tuple[str, ...]]
) -> Finding:
    wanted, known = setting.node, [*tables]
    what = f"the flow has no node {wanted!r} with options"
    if setting.node in tables:
        wanted, known = setting.table, [*tables[setting.node]]
        what = f"{setting.node} has no table {wanted!r}"
    near = difflib.get_close_matches(wanted, known, n=1)
    others = f"known are {', '.join(known)}" if known else "it has none"
    hint = f"did you mean {near[0]}?" if near else others
    return _error(address, "unknown-table", what, setting.origin, hint)


def _lost(
    address: Address,
    own: Mapping[tuple[str, str, str], Setting],
    kept: set[tuple[str, str, str]],
) -> Iterator[Finding]:
    """Find options an environment removed and no job runs without."""
    rules = {FORMAT: "format-changed", CONNECTOR: "connector-changed"}
    for key, setting in own.items():
        if setting.name in rules and key not in kept:
            message = f"{setting.node} loses its {setting.name}"
            rule, hint = rules[setting.name], "leave it as the flow has it"
            yield _error(address, rule, message, setting.origin, hint)


def _of_setting(
    address: Address, setting: Setting, own: Setting | None
) -> Iterator[Finding]:
    value, place = str(setting.value), setting.origin
    if setting.name == FORMAT and own and value != str(own.value):
        message = f"{setting.node} changes its format from {own.value} to {value}"
        yield _error(address, "format-changed", message, place, _IN_THE_EDITOR)
    wanted = str(own.value) if own else KAFKA
    if setting.name == CONNECTOR and value != wanted:
        message = f"{setting.node} has the connector {value}, and not {wanted}"
        hint = f"set it to {wanted}"
        yield _error(address, "connector-changed", message, place, hint)
    if setting.name == JAAS and ("'" in value or "\\" in value):
        message = f"the login line of {setting.node} has a single quote or a backslash"
        hint = "use double quotes only, and escape nothing"
        yield _error(address, "jaas-quotes", message, place, hint)
    if setting.name == ENGINE_FACTORY and value == TRUST_ALL:
        yield trust_all(address, setting.node, place)


def _in_the_clear(address: Address, setting: Setting) -> Finding:
    message = f"{setting.node} holds {setting.name} in the clear"
    hint = "put the value under secrets, and change the secret"
    return warning(address, "secret-in-file", message, setting.origin, hint)


def _of_logins(
    bound: BoundFlow,
    pipeline: Pipeline,
    settings: Iterable[Setting],
    own: Mapping[tuple[str, str, str], Setting],
) -> Iterator[Finding]:
    """Look at login lines that no environment has replaced."""
    address = bound.flow.address
    nodes = {node.name: node for node in pipeline.nodes}
    for setting in settings:
        node = nodes.get(setting.node)
        if setting.name != JAAS or not isinstance(node, Source | Sink):
            continue
        if not isinstance(setting.value, Secret) or setting != own.get(_key(setting)):
            continue
        if node.connection.credentials.is_redacted:
            message = f"{node.name} has a placeholder where its login belongs"
            hint = f"set {JAAS} of this node in the environment, from its secrets"
            given = (message, setting.origin, address, hint)
            rule = "event-processing/login-redacted"
            yield Finding(rule, _severity(bound), *given)
        if not node.connection.credentials.is_quotable:
            message = f"the login of {node.name} has a double quote or a backslash"
            hint = "the product cannot read such a login line: change the password"
            yield _error(address, "jaas-quotes", message, setting.origin, hint)
