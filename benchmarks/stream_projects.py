"""Projects of Event Processing whose flows differ, as those of a real one do.

They are copies of exports by other names and with topics of their own, as JSON, as zip
and as SQL in turns. Each environment has brokers and logins of its own, and says of
every flow which topics, tables and hosts it has there.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowops.project import WorkingTree, read_flow
from flowops.render import bundle_bytes
from flowops.systems import SYSTEMS
from flowops.systems.protocol import BoundFlow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.documents.json_text import JsonValue
    from flowops.systems.protocol import Flow, Setting

EXPORTS = Path(__file__).parent.parent / "tests/golden/event_processing"

LOGIN = (
    "org.apache.kafka.common.security.scram.ScramLoginModule required "
    'username="{{ user }}" password="{{ password }}";'
)
JSON, ZIP, SQL = "json", "zip", "sql"


def write_streams(root: Path, flows: int, environments: Sequence[str]) -> None:
    """Write so many flows and their environments below the folder of a project."""
    forms = list(product(_exports(EXPORTS), (JSON, ZIP, SQL)))
    said: dict[str, dict[str, Any]] = {name: {} for name in environments}
    (root / "password").write_text("opensesame")
    for number in range(flows):
        export, form = forms[number % len(forms)]
        flow = _write_flow(root / "flows", export, form, number)
        for name, below in said.items():
            if config := _config(flow.settings, name):
                below[flow.address.name] = {"config": config}
    for name, below in said.items():
        brokers = {"properties.bootstrap.servers": "kafka.{{ place }}:9093"}
        below["*"] = {"config": {"*": {"*": brokers}}}
        environment = {
            "variables": {"place": name, "user": f"flows-{name}"},
            "secrets": {"password": {"file": "password"}},
            "flows": below,
        }
        path = root / f"environments/{name}.yaml"
        path.write_text(json.dumps(environment, indent=1))


def _exports(folder: Path) -> list[dict[str, Any]]:
    paths = sorted(folder.rglob("*.json"))
    found = (json.loads(path.read_text()) for path in paths)
    return [export for export in found if "contextState" in export]


def _write_flow(folder: Path, export: dict[str, Any], form: str, number: int) -> Flow:
    """Write a copy of an export in one of its forms, and read it.

    What has no SQL is written as JSON.
    """
    name, stem = f"Flow {number}", f"flow-{number:05}"
    details = {**export["flowDetails"], "flowName": name}
    copy = {**export, "flowDetails": details}
    path = folder / f"{stem}.json"
    path.write_text(json.dumps(_renamed(copy, number), indent=2))
    flow = read_flow(path.name, WorkingTree(folder))
    if form == JSON:
        return flow
    bundle = SYSTEMS["event_processing"].render(BoundFlow(flow, settings=flow.settings))
    made = bundle_bytes(bundle, with_secrets=False)
    wanted = {ZIP: bundle.archives[0].name, SQL: "flow.sql"}[form]
    if wanted not in made:
        return flow
    path.unlink()
    path = path.with_suffix(f".{form}")
    path.write_bytes(made[wanted][0])
    return read_flow(path.name, WorkingTree(folder))


def _renamed(value: JsonValue, number: int, key: str = "") -> JsonValue:
    """Give every topic of a document a name of its own."""
    if isinstance(value, dict):
        return {k: _renamed(below, number, k) for k, below in value.items()}
    if isinstance(value, list):
        return [_renamed(item, number, key) for item in value]
    if key == "topic" and isinstance(value, str):
        return f"{value}-{number}"
    return value


def _config(settings: Sequence[Setting], environment: str) -> dict[str, Any]:
    """Return what an environment says of a flow: node, table, option."""
    config: dict[str, Any] = {}
    for setting in settings:
        value = str(setting.value)
        said = {
            "topic": f"{environment}.{value}",
            "table-name": f"{environment}.{value}",
            "url": value.replace("://", f"://{environment}."),
            "properties.sasl.jaas.config": LOGIN,
        }
        if setting.name in said:
            tables = config.setdefault(setting.node, {})
            tables.setdefault(setting.table, {})[setting.name] = said[setting.name]
    return config
