"""The texts of a new project's files, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from flowops.documents.files import is_folder, write_whole
from flowops.errors import InputError, TargetError
from flowops.model import Location
from flowops.project import FILE_NAME
from flowops.scaffold.entries import FlowEntries, SecretNames, list_entries
from flowops.scaffold.exports import ENVIRONMENTS, Exports, find_exports
from flowops.scaffold.patterns import choose_patterns
from flowops.scaffold.yaml_lines import comment_out, entry_lines, scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from flowops.scaffold.entries import PropertyEntry, ReferenceEntry

BASE = f"{ENVIRONMENTS}/base.yaml"
PRODUCTION = f"{ENVIRONMENTS}/production.yaml"
_TARGETS: Mapping[str, tuple[str, ...]] = {
    "connect": (
        "    kind: amazon-connect",
        "    instance: arn:aws:connect:REGION:ACCOUNT:instance/ID",
    ),
    "event_processing": ("    kind: directory", "    path: deploy/production"),
}


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project that is not written yet: its texts by path, and what it holds."""

    root: Path
    texts: dict[str, str]
    exports: Exports


def plan_project(root: Path) -> NewProject:
    """Work out the files of a project for the exports below a folder.

    Raises ``InputError`` when one of the files exists, and when there is no export.
    """
    if not is_folder(root):
        raise InputError(f"there is no folder {root}")
    _refuse_to_overwrite(root)
    exports = find_exports(root)
    wanted = [flow.source.path for flow in exports.flows]
    patterns = choose_patterns(root, wanted, exports.paths)
    secrets = SecretNames()
    flows = list_entries(exports.flows, secrets)
    systems = sorted({flow.address.system for flow in exports.flows})
    texts = {
        FILE_NAME: _text(_project_lines(root.resolve().name, patterns)),
        BASE: _text(_base_lines(flows, secrets.names)),
        PRODUCTION: _text(_production_lines(flows, systems)),
    }
    return NewProject(root, texts, exports)


def write_project(project: NewProject) -> tuple[str, ...]:
    """Write all files of a new project, or none, and return their paths.

    Raises ``InputError`` when one of them has come to exist, ``TargetError`` when
    one cannot be written.
    """
    _refuse_to_overwrite(project.root)
    written: list[Path] = []
    try:
        for path, text in reversed(project.texts.items()):
            write_whole(project.root / path, text.encode("utf-8"))
            written.append(project.root / path)
    except TargetError:
        for place in written:
            place.unlink(missing_ok=True)
        raise
    return tuple(project.texts)


def _refuse_to_overwrite(root: Path) -> None:
    for path in (FILE_NAME, BASE, PRODUCTION):
        place = root / path
        if place.exists() or place.is_symlink():
            raise InputError(
                "this file exists already, so nothing was written",
                hint="init starts a new project: move the file, or use it as it is",
                location=Location(path),
            )
    folder = root / ENVIRONMENTS
    if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
        raise InputError(
            "this is not a folder, so nothing was written",
            hint="the environments of a project lie there: move it away",
            location=Location(ENVIRONMENTS),
        )


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _project_lines(name: str, patterns: Sequence[str]) -> Iterator[str]:
    yield "# Where the flows of this project lie; the content tells its system."
    yield "version: 1"
    yield f"name: {scalar(name)}   # what a promote tags on the flows it writes"
    yield "flows:"
    for pattern in patterns:
        yield f"  - path: {scalar(pattern)}"


def _base_lines(flows: Sequence[FlowEntries], secrets: Sequence[str]) -> Iterator[str]:
    yield "# What all environments share. It has no target: nothing is promoted to it."
    yield "# The values are those of the exports; an environment says what differs."
    if secrets:
        yield ""
        yield "# Where secret values come from, where a command runs; never the values."
        yield "secrets:"
        for name in secrets:
            yield f"  {name}: {{env: {name.upper()}}}"
    if flows:
        yield ""
        yield from _flows_lines(flows)


def _production_lines(
    flows: Sequence[FlowEntries], systems: Sequence[str]
) -> Iterator[str]:
    yield "extends: base"
    yield "# protected: true   # a promote needs the digest of the reviewed plan"
    yield ""
    yield "# Where flows are promoted to. Without a target they can be checked, planned"
    yield "# and rendered."
    yield "# targets:"
    for system in systems:
        yield f"#   {system}:"
        yield from (f"# {line}" for line in _TARGETS.get(system, ()))
    open_flows = [found for flow in flows if not (found := _open(flow)).says_nothing()]
    if open_flows:
        yield ""
        yield "# What differs in production: take the # away and write what is there."
        yield "# The rest comes from base.yaml."
        yield from comment_out(_flows_lines(open_flows))


def _open(flow: FlowEntries) -> FlowEntries:
    """Return what an environment has to say itself: secrets come from base."""
    properties = tuple(entry for entry in flow.properties if not entry.is_secret)
    return FlowEntries(flow.name, properties, flow.references, flow.lacks_type)


def _flows_lines(flows: Sequence[FlowEntries]) -> list[str]:
    lines = ["flows:"]
    for flow in flows:
        lines += entry_lines(1, flow.name)
        if flow.lacks_type:
            lines.append("    # type: CONTACT_FLOW   # the file does not say it")
        lines += _config_lines(flow.properties)
        lines += _references_lines(flow.references)
    return lines


def _config_lines(properties: Sequence[PropertyEntry]) -> Iterator[str]:
    if not properties:
        return
    yield "    # By node, table and property, as in the product's config.yaml."
    yield "    config:"
    for node, tables in groupby(properties, lambda entry: entry.node):
        yield from entry_lines(3, node)
        for table, entries in groupby(tables, lambda entry: entry.table):
            yield from entry_lines(4, table)
            for entry in entries:
                yield from entry_lines(5, entry.name, entry.value)


def _references_lines(references: Sequence[ReferenceEntry]) -> Iterator[str]:
    if not references:
        return
    yield "    # By kind: what the flow refers to, and what it is called here."
    if any(entry.is_open for entry in references):
        yield "    # What is commented out cannot be looked up by name: write what it"
        yield "    # is in an environment, such as its ARN, and take the # away."
    lines = ["    references:"]
    for kind, group in groupby(references, lambda entry: entry.kind):
        lines += _kind_lines(kind, [*group])
    is_open = all(entry.is_open for entry in references)
    yield from [comment_out(lines[:1], 2)[0], *lines[1:]] if is_open else lines


def _kind_lines(kind: str, entries: Sequence[ReferenceEntry]) -> Iterator[str]:
    head = entry_lines(3, kind)
    yield from comment_out(head, 2) if all(e.is_open for e in entries) else head
    for entry in entries:
        lines = entry_lines(4, entry.source, entry.target)
        yield from comment_out(lines, 2) if entry.is_open else lines
