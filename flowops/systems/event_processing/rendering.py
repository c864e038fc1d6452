"""Make the files of a flow for one environment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.documents.files import safe_name
from flowops.documents.json_text import replace_values
from flowops.secrets import Secret, Text
from flowops.systems.event_processing.config import make_config
from flowops.systems.event_processing.findings import warning
from flowops.systems.event_processing.pipeline import Opaque, Pipeline
from flowops.systems.event_processing.script import make_script
from flowops.systems.event_processing.sensitive import mask_option
from flowops.systems.protocol import Archive, Bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.documents.source import SourceText
    from flowops.model import Address, Finding
    from flowops.systems.protocol import BoundFlow, Flow, Setting

SQL_FILE = "flow.sql"
JSON_FILE = "flow.json"
CONFIG_FILE = "config.yaml"


def render_flow(bound: BoundFlow) -> Bundle:
    """Make SQL, configuration and the redacted export, and the zip of the two last."""
    flow, pipeline = bound.flow, pipeline_of(bound.flow)
    settings = [seal(setting) for setting in bound.settings]
    script = make_script(flow.address, pipeline, settings)
    files: dict[str, Text] = {} if script.text is None else {SQL_FILE: script.text}
    files[CONFIG_FILE] = make_config(pipeline, settings)
    files[JSON_FILE] = redacted(flow.source, pipeline)
    return Bundle(
        address=flow.address,
        primary=next(iter(files)),
        files=files,
        attributes=attributes_of(pipeline),
        archives=(archive_of(flow.address),),
        findings=(*script.findings, *_missing_options(flow.address, pipeline)),
    )


def pipeline_of(flow: Flow) -> Pipeline:
    """Return what the reader kept of a flow."""
    if isinstance(flow.body, Pipeline):
        return flow.body
    message = f"{flow.address} was not read by this system"
    raise TypeError(message)


def archive_of(address: Address) -> Archive:
    """Return the zip the product's own export has: the flow and its configuration."""
    members = {JSON_FILE: JSON_FILE, CONFIG_FILE: CONFIG_FILE}
    return Archive(f"{safe_name(address.name)}.zip", members)


def attributes_of(pipeline: Pipeline) -> dict[str, str]:
    """Return what is said of a flow beside its files."""
    return {
        "name": pipeline.name,
        "description": pipeline.description,
        "flowVersion": str(pipeline.version),
    }


def seal(setting: Setting) -> Setting:
    """Hide a sensitive value somebody wrote in the clear into an environment."""
    value = setting.value
    if isinstance(value, Secret):
        return setting
    masked = mask_option(setting.name, value)
    if masked.text == value:
        return setting
    return replace(setting, value=Secret(value, masked.text))


def redacted(source: SourceText, pipeline: Pipeline) -> Text:
    """Return an export whose visible text has its secrets replaced, nothing else."""
    text = source.text
    if not pipeline.redactions:
        return text.open()
    values = {r.pointer: r.visible for r in pipeline.redactions}
    return Secret(text.open, replace_values(text.open(), values))


def _missing_options(address: Address, pipeline: Pipeline) -> Iterator[Finding]:
    """Say which connectors config.yaml does not list yet."""
    for node in pipeline.nodes:
        if isinstance(node, Opaque) and node.has_connector:
            message = f"config.yaml does not list the connector of {node.name}"
            hint = "its options stay as the export has them"
            place = pipeline.place(node)
            yield warning(address, "incomplete-config", message, place, hint)
