"""Read the two other exports: the zip of JSON and configuration, and SQL.

Source: "Exporting flows" of the Event Processing documentation.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.source import SourceText, decode
from flowops.errors import InputError
from flowops.model import Finding, Location
from flowops.systems.event_processing.output.rendering import (
    CONFIG_FILE,
    JSON_FILE,
    pipeline_of,
)
from flowops.systems.event_processing.reading.findings import redact_hint, warning
from flowops.systems.event_processing.reading.reader import read_flow, references_of
from flowops.systems.event_processing.reading.sql_export import read_sql_export
from flowops.systems.event_processing.reading.zip_members import zip_members
from flowops.systems.event_processing.redaction.target_files import located_options
from flowops.systems.event_processing.sql.options import sealed
from flowops.systems.protocol import Flow, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Address
    from flowops.secrets import Text

_CONTEXT = "contextState"
_SIGNATURE = b"PK"


def read_export(path: str, data: bytes) -> Flow:
    """Read a zip or a SQL export; raises ``InputError`` with the place."""
    if path.lower().endswith(".zip") or data.startswith(_SIGNATURE):
        return _read_zip(path, data)
    return read_sql_export(decode(path, data))


def _read_zip(path: str, data: bytes) -> Flow:
    """Read ``flow.json``; what ``config.yaml`` says counts more than it."""
    members = zip_members(path, data)
    name = flow_member(path, members)
    source = decode(f"{path}/{name}", members[name])
    root = parse_json(source)
    if not isinstance(root, dict) or _CONTEXT not in root:
        raise InputError(
            "this JSON is no flow of Event Processing",
            hint="export the flow again",
            location=Location(source.path),
        )
    flow = read_flow(source, root)
    pipeline = pipeline_of(flow)
    settings, findings = flow.settings, flow.findings
    if CONFIG_FILE in members:
        config = decode(f"{path}/{CONFIG_FILE}", members[CONFIG_FILE])
        settings = tuple(_settings(config))
        findings += tuple(_findings(flow.address, settings, config))
    return Flow(
        address=flow.address,
        source=SourceText(path, source.text),
        description=flow.description,
        references=references_of(pipeline, settings),
        settings=settings,
        findings=findings,
        body=pipeline,
    )


def flow_member(path: str, members: Mapping[str, bytes]) -> str:
    """Return the member that holds the flow.

    Raises ``InputError`` when there is none, or no way to choose.
    """
    if JSON_FILE in members:
        return JSON_FILE
    others = [
        n for n in members if n.endswith(".json") and not PurePosixPath(n).parts[1:]
    ]
    if len(others) == 1:
        return others[0]
    raise InputError(
        f"the zip holds no {JSON_FILE}",
        hint="export the flow as JSON and configuration YAML",
        location=Location(path),
    )


def _settings(config: SourceText) -> Iterator[Setting]:
    for option, location in located_options(config):
        value: Text = sealed(option.name, option.text)
        yield Setting(option.node, option.table, option.name, value, location)


def _findings(
    address: Address, settings: tuple[Setting, ...], config: SourceText
) -> Iterator[Finding]:
    """Say which values of config.yaml are secrets that somebody filled in."""
    masked = {
        (o.node, o.table, o.name) for o, _ in located_options(config) if o.is_masked
    }
    for setting in settings:
        if (setting.node, setting.table, setting.name) in masked:
            message = f"{setting.node} holds {setting.name} in the clear"
            hint = redact_hint(config.path)
            yield warning(address, "secret-in-file", message, setting.origin, hint)
