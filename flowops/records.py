"""What was promoted, when, by whom: append-only files without secrets.

One file a run, named so that names are in the order of time. They can be
committed, or kept as an artifact of the job. A record holds the visible text of
each flow before and after, so that a later run can compare with it and put it
back. Where a text holds a redaction, the commit it was rendered from says where its
secrets come from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.documents.canonical import pretty_json
from flowops.documents.files import is_file, write_whole
from flowops.documents.json_text import parse_json
from flowops.documents.shapes import list_of, object_of, texts_of
from flowops.documents.source import decode
from flowops.errors import InputError
from flowops.inventory import inventory_json, read_inventory
from flowops.journal import FOLDER
from flowops.model import Address, Inventory, Location
from flowops.systems.protocol import FlowState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from flowops.documents.json_text import JsonValue

FORMAT_VERSION = "1.0"
_RESTORE = "restore the file from where you keep it, or take it away"


@dataclass(frozen=True, slots=True)
class RecordedFlow:
    """One flow of a run: its state before and after; ``None`` is absent.

    ``commit`` is what ``after`` was rendered from; "" where that is no commit's.
    """

    address: Address
    action: str
    before: FlowState | None
    after: FlowState | None
    before_digest: str = ""
    after_digest: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One run that wrote to a target."""

    run: str
    environment: str
    digest: str
    targets: Mapping[str, str]
    flows: tuple[RecordedFlow, ...]
    about: Mapping[str, str] = field(default_factory=dict)
    inventories: Mapping[str, Inventory] = field(default_factory=dict)


def folder_of(root: Path, environment: str) -> Path:
    """Return where the records of an environment lie."""
    return root / FOLDER / "records" / environment


def is_recorded(root: Path, environment: str, run: str) -> bool:
    """Tell whether a run has left its record."""
    return is_file(_place(root, environment, run))


def _place(root: Path, environment: str, run: str) -> Path:
    return folder_of(root, environment) / f"{run}.json"


def write_record(root: Path, record: Record) -> Path:
    """Write the record of a run; raises ``TargetError`` when it cannot."""
    path = _place(root, record.environment, record.run)
    write_whole(path, pretty_json(_document(record)).encode())
    return path


def read_records(root: Path, environment: str) -> tuple[Record, ...]:
    """Return the records of an environment, the oldest first.

    Raises ``InputError`` for one that is damaged or of another version.
    """
    return tuple(_read(root, path) for path in _paths(root, environment))


def latest_states(records: tuple[Record, ...]) -> dict[Address, FlowState]:
    """Return each flow as the last run that touched it left it."""
    states: dict[Address, FlowState] = {}
    for record in records:
        for flow in record.flows:
            if flow.after is None:
                states.pop(flow.address, None)
            else:
                states[flow.address] = flow.after
    return states


def last_recorded(
    root: Path, environment: str, wanted: Collection[Address]
) -> dict[Address, RecordedFlow]:
    """Return what was recorded last of these flows; no older record is read.

    Raises ``InputError`` for a record that is damaged or of another version.
    """
    found: dict[Address, RecordedFlow] = {}
    for path in reversed(_paths(root, environment)):
        if found.keys() >= set(wanted):
            break
        for flow in _read(root, path).flows:
            if flow.address in wanted:
                found.setdefault(flow.address, flow)
    return found


def _paths(root: Path, environment: str) -> list[Path]:
    folder = folder_of(root, environment)
    return sorted(folder.glob("*.json")) if folder.is_dir() else []


def _document(record: Record) -> JsonValue:
    return {
        "format_version": FORMAT_VERSION,
        "run": record.run,
        "environment": record.environment,
        "digest": record.digest,
        "about": record.about,
        "targets": record.targets,
        "inventories": {
            system: inventory_json(inventory)
            for system, inventory in record.inventories.items()
        },
        "flows": [
            {
                "system": flow.address.system,
                "kind": flow.address.kind,
                "name": flow.address.name,
                "action": flow.action,
                "before_digest": flow.before_digest or None,
                "after_digest": flow.after_digest or None,
                "commit": flow.commit or None,
                "before": _state(flow.before),
                "after": _state(flow.after),
            }
            for flow in record.flows
        ],
    }


def _state(state: FlowState | None) -> JsonValue:
    if state is None:
        return None
    return {
        "attributes": state.attributes,
        "files": {name: str(text) for name, text in state.files.items()},
    }


def _read(root: Path, path: Path) -> Record:
    shown = path.relative_to(root).as_posix()
    try:
        data = path.read_bytes()  # of all flows: it may be larger than a flow's file
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise InputError(
            f"cannot read the record: {reason}",
            hint=_RESTORE,
            location=Location(shown),
        ) from error
    document = parse_json(decode(shown, data), _RESTORE)
    try:
        return _record(object_of(document))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"this is not a record that FlowOps {FORMAT_VERSION} wrote",
            hint=_RESTORE,
            location=Location(shown),
        ) from error


def _record(document: Mapping[str, JsonValue]) -> Record:
    if document["format_version"] != FORMAT_VERSION:
        message = "another format version"
        raise ValueError(message)
    return Record(
        run=str(document["run"]),
        environment=str(document["environment"]),
        digest=str(document["digest"]),
        targets=texts_of(document["targets"]),
        flows=tuple(_flow(object_of(flow)) for flow in list_of(document["flows"])),
        about=texts_of(document["about"]),
        inventories={
            system: read_inventory(object_of(inventory))
            for system, inventory in object_of(document["inventories"]).items()
        },
    )


def _flow(entry: Mapping[str, JsonValue]) -> RecordedFlow:
    address = Address(str(entry["system"]), str(entry["kind"]), str(entry["name"]))
    return RecordedFlow(
        address=address,
        action=str(entry["action"]),
        before=_read_state(address, entry["before"]),
        after=_read_state(address, entry["after"]),
        before_digest=str(entry["before_digest"] or ""),
        after_digest=str(entry["after_digest"] or ""),
        commit=str(entry.get("commit") or ""),
    )


def _read_state(address: Address, value: JsonValue) -> FlowState | None:
    if value is None:
        return None
    state = object_of(value)
    files = texts_of(state["files"])
    if not files or not all(map(_is_name, files)):
        message = "a state has files with names of their own"
        raise ValueError(message)
    return FlowState(address, files, texts_of(state["attributes"]))


def _is_name(text: str) -> bool:
    """Tell whether a text names a file and no place: a target writes it as it is."""
    return bool(text) and text not in (".", "..") and not set(text) & {*"/\\\0"}
