"""The settings of a bound flow: what its tables get, with references answered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from operator import is_not
from typing import TYPE_CHECKING, TypeAlias

from flowops.model import BindingState
from flowops.secrets import Secret
from flowops.systems.event_processing.learnt import Applied, Learnt
from flowops.systems.event_processing.pipeline import Pipeline, Sink, Source
from flowops.systems.event_processing.reading.sql_body import SqlExport
from flowops.systems.event_processing.settings.connectors import (
    CONNECTOR,
    EARLIEST,
    ISOLATION_LEVEL,
    KAFKA,
    STARTUP_MODE,
    TOPIC,
)
from flowops.systems.event_processing.settings.product_version import (
    is_first_form,
    version_of,
)
from flowops.systems.event_processing.settings.references import CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.model import Binding, Pointer
    from flowops.systems.protocol import BoundFlow, Setting

_Answers: TypeAlias = "Mapping[Pointer, list[Binding]]"

_KAFKA_CONNECTORS = frozenset((KAFKA, f"upsert-{KAFKA}"))
_KAFKA_NAMES = frozenset((TOPIC, f"{TOPIC}-pattern", STARTUP_MODE))
_KAFKA_PREFIX = "properties."


def sealed_settings(bound: BoundFlow) -> tuple[Setting, ...]:
    """Return what the tables get, each sensitive value that is in the clear hidden."""
    return _known(bound).sealed


def _sealed(settings: Iterable[Setting], learnt: Learnt) -> tuple[Setting, ...]:
    return tuple(_seal(setting, learnt) for setting in settings)


def _seal(setting: Setting, learnt: Learnt) -> Setting:
    """Hide a sensitive value somebody wrote in the clear into an environment."""
    value = setting.value
    if isinstance(value, Secret):
        return setting
    masked = learnt.masked_option(setting.name, value)
    return setting if masked == value else replace(setting, value=Secret(value, masked))


def applied_settings(bound: BoundFlow) -> tuple[Setting, ...]:
    """Return what the tables get: references answered, strange options left out.

    A pattern such as ``"*": {"*": {properties.bootstrap.servers: …}}`` means the
    Kafka tables of a flow; a database or an API has no use for such an option.
    """
    return _known(bound).settings


def _known(bound: BoundFlow) -> Applied:
    """Return the settings, which are worked out once for one environment."""
    body = bound.flow.body
    learnt = body.learnt if isinstance(body, Pipeline | SqlExport) else Learnt()
    asked = (bound.flow.settings, bound.settings, bound.bindings, bound.target)
    known = learnt.applied
    if known is None or any(map(is_not, known.bound, asked)):
        settings = _applied(bound)
        known = learnt.applied = Applied(asked, settings, _sealed(settings, learnt))
    return known


def _applied(bound: BoundFlow) -> tuple[Setting, ...]:
    connectors = {
        (s.node, s.table): str(s.value)
        for s in bound.flow.settings
        if s.name == CONNECTOR
    }
    own = {(s.node, s.table, s.name) for s in bound.flow.settings}
    answers: defaultdict[Pointer, list[Binding]] = defaultdict(list)
    for binding in bound.bindings:
        if binding.state is BindingState.RESOLVED:
            answers[binding.reference.path].append(binding)

    def is_applied(setting: Setting) -> bool:
        connector = connectors.get((setting.node, setting.table), KAFKA)
        is_own = (setting.node, setting.table, setting.name) in own
        return connector in _KAFKA_CONNECTORS or is_own or not _is_of_kafka(setting)

    settings = tuple(_answered(s, answers) for s in bound.settings if is_applied(s))
    if is_first_form(version_of(bound.target)):
        return tuple(_in_first_form(settings, bound))
    return settings


def _in_first_form(settings: Iterable[Setting], bound: BoundFlow) -> Iterator[Setting]:
    """Give the options as 1.1.4 has them, but for those an environment sets.

    It reads what is not committed, and writes the start mode of destinations too.
    """
    body = bound.flow.body
    nodes = body.nodes if isinstance(body, Pipeline) else ()
    names = {node.name for node in nodes if isinstance(node, Source | Sink)}
    sinks = {node.name for node in nodes if isinstance(node, Sink)}
    own = set(bound.flow.settings)
    started = {s.node for s in bound.settings if s.name == STARTUP_MODE}
    for setting in settings:
        is_later = setting.name == ISOLATION_LEVEL and setting in own
        if not (is_later and setting.node in names):
            yield setting
        if setting.name == CONNECTOR and setting.node in sinks - started:
            yield replace(setting, name=STARTUP_MODE, value=EARLIEST)


def _is_of_kafka(setting: Setting) -> bool:
    return setting.name in _KAFKA_NAMES or setting.name.startswith(_KAFKA_PREFIX)


def _answered(setting: Setting, answers: _Answers) -> Setting:
    """Return a setting with the names that its references were answered with."""
    found = answers.get((CONFIG, setting.node, setting.table, setting.name), ())
    if isinstance(setting.value, Secret):
        return setting
    text = setting.value
    for binding in sorted(found, key=_start, reverse=True):  # so that spans stay right
        start, end = binding.reference.span or (0, len(binding.reference.value))
        if text[start:end] == binding.reference.value:
            text = f"{text[:start]}{binding.value}{text[end:]}"
    return replace(setting, value=text) if text != setting.value else setting


def _start(binding: Binding) -> int:
    return binding.reference.span[0] if binding.reference.span else 0
