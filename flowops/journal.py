"""What a promote keeps so that a failure, or a kill, can be undone.

Before anything is written, the journal holds the pre-image of every flow the
promote will touch. Each step is noted before it is taken. A promote that ends
removes its journal; one that is found is that of a run that was cut off.

A pre-image is the target's own content, so the file is for its owner only, lies
outside what a person commits, and does not outlive the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.files import read_bytes, write_whole
from flowops.documents.log import append_entry, read_entries
from flowops.documents.shapes import list_of, object_of, texts_of
from flowops.errors import InputError, RefusedError
from flowops.model import Address
from flowops.secrets import Secret, Text, open_text
from flowops.systems.protocol import FlowState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from flowops.documents.json_text import JsonValue

FOLDER = ".flowops"
_FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class PreImage:
    """One flow before the run: ``None`` when it did not exist."""

    address: Address
    before: FlowState | None


@dataclass(frozen=True, slots=True)
class UnfinishedRun:
    """A run that was cut off: which, where, and what it may have touched."""

    run: str
    targets: Mapping[str, str]
    pre_images: tuple[PreImage, ...]
    touched: frozenset[Address]


class Journal:
    """The journal of one environment of a project on this machine."""

    def __init__(self, root: Path, environment: str) -> None:
        """Name the file; nothing is read or written yet."""
        self.path = root / FOLDER / "journal" / f"{environment}.jsonl"

    def begin(
        self, run: str, targets: Mapping[str, str], pre_images: Iterable[PreImage]
    ) -> None:
        """Keep every pre-image, in one durable line, before anything is written."""
        ignore = self.path.parent.parent / ".gitignore"
        if not ignore.exists():
            write_whole(ignore, b"/journal/\n")
        append_entry(
            self.path,
            {
                "entry": "begin",
                "format_version": _FORMAT_VERSION,
                "run": run,
                "targets": dict(targets),
                "flows": [_write(image) for image in pre_images],
            },
        )

    def step(self, address: Address, step: str) -> None:
        """Note a step before it is taken."""
        place: list[JsonValue] = [address.system, address.kind, address.name]
        append_entry(self.path, {"entry": "step", "flow": place, "step": step})

    def end(self) -> None:
        """Forget the run: it is finished, or undone."""
        self.path.unlink(missing_ok=True)

    def unfinished(self) -> UnfinishedRun | None:
        """Return the run that was cut off, or nothing.

        Raises ``RefusedError`` when there is one that cannot be read.
        """
        if not self.path.exists():
            return None
        shown = f"{FOLDER}/journal/{self.path.name}"
        try:
            entries = read_entries(shown, read_bytes(self.path, shown))
            return _read(entries) if entries else None
        except (InputError, KeyError, TypeError, ValueError) as error:
            raise RefusedError(
                f"journal-unreadable: {shown} is of a run that was cut off, "
                f"and it cannot be read",
                hint="look at the target, put it right by hand, and delete the file",
            ) from error


def _write(image: PreImage) -> dict[str, JsonValue]:
    address, before = image.address, image.before
    state: JsonValue = None
    if before is not None:
        files = {name: _faces(text) for name, text in before.files.items()}
        state = {"files": files, "attributes": dict(before.attributes)}
    place: list[JsonValue] = [address.system, address.kind, address.name]
    return {"flow": place, "before": state}


def _faces(text: Text) -> JsonValue:
    """Keep what may be seen, and beside it the value where that is a secret."""
    return [str(text), open_text(text)] if isinstance(text, Secret) else [text]


def _text(value: JsonValue) -> Text:
    visible, *opened = (str(face) for face in list_of(value))
    return Secret(opened[0], visible) if opened else visible


def _read(entries: list[JsonValue]) -> UnfinishedRun:
    first, *steps = (object_of(entry) for entry in entries)
    if first["entry"] != "begin" or first["format_version"] != _FORMAT_VERSION:
        message = "this journal is of another version"
        raise ValueError(message)
    return UnfinishedRun(
        run=str(first["run"]),
        targets=texts_of(first["targets"]),
        pre_images=tuple(_image(object_of(f)) for f in list_of(first["flows"])),
        touched=frozenset(_address(step["flow"]) for step in steps),
    )


def _image(entry: Mapping[str, JsonValue]) -> PreImage:
    address = _address(entry["flow"])
    if entry["before"] is None:
        return PreImage(address, None)
    state = object_of(entry["before"])
    files = {name: _text(text) for name, text in object_of(state["files"]).items()}
    attributes = texts_of(state["attributes"])
    return PreImage(address, FlowState(address, files, attributes))


def _address(value: JsonValue) -> Address:
    system, kind, name = (str(part) for part in list_of(value))
    return Address(system, kind, name)
