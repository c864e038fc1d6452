"""Make the files of a flow for one environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.files import safe_name
from flowops.documents.json_text import replace_values
from flowops.errors import InputError
from flowops.model import Location
from flowops.secrets import Secret, Text, open_text
from flowops.systems.event_processing.compiler.compiled import CannotCompileError
from flowops.systems.event_processing.compiler.dialects import dialect_of, in_dialect
from flowops.systems.event_processing.compiler.script import make_script
from flowops.systems.event_processing.learnt import Export
from flowops.systems.event_processing.manifests.files import (
    lacks_savepoints,
    manifest_files,
)
from flowops.systems.event_processing.manifests.options import wanted_options
from flowops.systems.event_processing.output.config import make_config
from flowops.systems.event_processing.output.import_file import (
    IMPORT_FILE,
    import_document,
    is_wanted,
)
from flowops.systems.event_processing.pipeline import Api, Opaque, Pipeline
from flowops.systems.event_processing.reading.findings import warning
from flowops.systems.event_processing.reading.sql_body import SqlExport
from flowops.systems.event_processing.redaction.documents import is_settled
from flowops.systems.event_processing.settings.applied import sealed_settings
from flowops.systems.event_processing.settings.product_version import version_of
from flowops.systems.event_processing.sql.retarget import template
from flowops.systems.protocol import Archive, Bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowops.documents.source import SourceText
    from flowops.model import Address, Finding
    from flowops.systems.protocol import BoundFlow, Flow, Setting

SQL_FILE = "flow.sql"
JSON_FILE = "flow.json"
CONFIG_FILE = "config.yaml"


def render_flow(bound: BoundFlow) -> Bundle:
    """Make SQL, configuration and the redacted export, and the zip of the two last.

    Of a SQL export there is its text alone, with the options of the environment.
    Raises ``InputError`` if that is not in the dialect the environment asks for.
    """
    settings = sealed_settings(bound)
    if isinstance(bound.flow.body, SqlExport):
        return _sql_bundle(bound, bound.flow.body, settings)
    flow, pipeline = bound.flow, pipeline_of(bound.flow)
    dialect = dialect_of(bound.target)
    version = version_of(bound.target)
    script = make_script(flow.address, pipeline, settings, dialect, version)
    files: dict[str, Text] = {} if script.text is None else {SQL_FILE: script.text}
    files[CONFIG_FILE] = make_config(pipeline, settings)
    files[JSON_FILE] = _export(flow.source, pipeline)
    findings = [*script.findings, *_missing_options(flow.address, pipeline)]
    if is_wanted(bound.target):
        made = import_document(flow.source, pipeline, flow.settings, settings)
        files[IMPORT_FILE] = made.text
        findings += _not_imported(flow.address, pipeline, made.left_out)
    findings += _add_manifests(bound, files)
    return Bundle(
        address=flow.address,
        primary=next(iter(files)),
        files=files,
        attributes=attributes_of(pipeline),
        archives=(archive_of(flow.address),),
        findings=tuple(findings),
    )


def _sql_bundle(
    bound: BoundFlow, export: SqlExport, settings: Iterable[Setting]
) -> Bundle:
    tables: dict[str, dict[str, Text]] = {table: {} for table in export.nodes}
    for setting in settings:
        tables.setdefault(setting.table, {})[setting.name] = setting.value
    learnt = export.learnt
    learnt.script = learnt.script or template(open_text(export.text))
    text = learnt.script.retargeted(tables)
    files: dict[str, Text] = {SQL_FILE: _in_dialect(bound, text)}
    findings = tuple(_add_manifests(bound, files))
    return Bundle(bound.flow.address, SQL_FILE, files, findings=findings)


def _in_dialect(bound: BoundFlow, text: Text) -> Text:
    try:
        return in_dialect(text, dialect_of(bound.target))
    except CannotCompileError as error:
        raise InputError(
            f"the SQL {error.reason}",
            hint=f"{error.hint}; or take `dialect: flink` out of the target",
            location=Location(bound.flow.source.path),
        ) from None


def _add_manifests(bound: BoundFlow, files: dict[str, Text]) -> list[Finding]:
    """Add what Kubernetes is told, where the environment's target asks for it."""
    options = wanted_options(bound.target)
    if options is None:
        return []
    address, place = bound.flow.address, Location(bound.flow.source.path)
    files |= manifest_files(address, files, options, place)
    if not lacks_savepoints(files):
        return []
    message = "the job is upgraded by savepoint, and a savepoint has no place to go to"
    hint = "name a PersistentVolumeClaim as `storage` of the target"
    return [warning(address, "no-savepoints", message, place, hint)]


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
        "flowVersion": str(pipeline.version or ""),
    }


def redacted(source: SourceText, pipeline: Pipeline) -> Text:
    """Return an export whose visible text has its secrets replaced, nothing else."""
    text = source.text
    if not pipeline.redactions:
        return text.open()
    values = {r.pointer: r.visible for r in pipeline.redactions}
    return Secret(text.open, replace_values(text.open(), values))


def _export(source: SourceText, pipeline: Pipeline) -> Text:
    """Return the redacted export, which is the same in every environment."""
    known = pipeline.learnt.export
    if known is None or known.original is not source.text:
        text = redacted(source, pipeline)
        settled = all(map(is_settled, pipeline.redactions))
        known = Export(source.text, text, is_settled=settled)
        pipeline.learnt.export = known
    return known.text


def _not_imported(
    address: Address, pipeline: Pipeline, left_out: Iterable[tuple[str, str]]
) -> Iterator[Finding]:
    """Say which options of the environment the product's JSON has no place for."""
    for name, option in left_out:
        node = next(node for node in pipeline.nodes if node.name == name)
        message = f"{IMPORT_FILE} does not carry {option} of {name}"
        hint = "set it in the editor after the import"
        place = pipeline.place(node)
        yield warning(address, "not-imported", message, place, hint)


def _missing_options(address: Address, pipeline: Pipeline) -> Iterator[Finding]:
    """Say which connectors config.yaml does not list, or lists by analogy."""
    for node in pipeline.nodes:
        place = pipeline.place(node)
        if isinstance(node, Opaque) and node.has_connector:
            message = f"config.yaml does not list the connector of {node.name}"
            hint = "its options stay as the export has them"
            yield warning(address, "incomplete-config", message, place, hint)
        if isinstance(node, Api):
            message = f"config.yaml lists {node.name} as its SQL has it"
            hint = "no public example shows how the product lists an API: compare"
            yield warning(address, "unconfirmed-config", message, place, hint)
