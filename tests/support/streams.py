"""Flows of the example and of tests, bound to a cluster's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from flowops.model import Location
from flowops.progress import Progress, silent
from flowops.secrets import Secret, Text
from flowops.systems import event_processing
from flowops.systems.event_processing.targets.kubernetes.cluster import Cluster
from flowops.systems.event_processing.targets.kubernetes.settings import read_settings
from flowops.systems.event_processing.targets.kubernetes.target import Namespace
from flowops.systems.protocol import BoundFlow, Bundle, Setting, TargetSettings
from tests.support.clusters import SERVER
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    document,
    filtered,
    read,
    sink,
    source,
)

PLACE = Location("environments/production.yaml", 4, 3)
PASSWORD = "marker-password"
IBM: Mapping[str, Text] = {
    "operator": "ibm",
    "server": SERVER,
    "namespace": "flows",
    "storage": "flink-state",
    "timeout": "1",
}
APACHE: Mapping[str, Text] = {
    **IBM,
    "operator": "apache",
    "image": "registry.example/flink:1",
    "dialect": "flink",
    "flink-version": "v1_20",
}


def settings_of(
    values: Mapping[str, Text], root: Path, progress: Progress = silent
) -> TargetSettings:
    return TargetSettings(
        *("event_processing", "kubernetes", values, PLACE, root),
        *("production", progress),
    )


def opened(
    connect: Callable[[], Cluster],
    root: Path,
    values: Mapping[str, Text] = IBM,
    progress: Progress = silent,
) -> Namespace:
    return Namespace(read_settings(settings_of(values, root, progress)), connect)


def flow_bundle(
    statement: str = "TRUE",
    *,
    name: str = "Large orders",
    values: Mapping[str, Text] = IBM,
    **sinks: object,
) -> Bundle:
    """Render a flow whose every credential comes from the environment."""
    first = source(credentials=CREDENTIALS, securityProtocol="SASL_SSL")
    flow = read(document(first, filtered(statement), sink(**sinks), name=name))
    return event_processing.render(
        BoundFlow(flow, settings=tuple(map(filled, flow.settings)), target=values)
    )


def filled(setting: Setting) -> Setting:
    """Give a redacted login the value an environment would."""
    return Setting(
        setting.node,
        setting.table,
        setting.name,
        login() if "jaas" in setting.name else setting.value,
        setting.origin,
    )


def login(password: str = PASSWORD) -> Secret:
    module = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    return Secret(
        f'{module} username="app" password="{password}";',
        f'{module} username="<username_redacted>" password="<password_redacted>";',
    )
