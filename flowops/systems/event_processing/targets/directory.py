"""A folder of the project as a target, for a GitOps controller to pick up.

One folder per flow. A promote first writes beside it, then moves file by file,
so that a reader sees each file whole. Files FlowOps did not make stay. Only
visible text is ever written.
"""

from __future__ import annotations

import difflib
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flowops.documents.archive import zip_bytes
from flowops.documents.canonical import pretty_json
from flowops.documents.files import is_inside, read_bytes, safe_name, write_whole
from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.errors import InputError, TargetError
from flowops.model import Address
from flowops.secrets import Secret
from flowops.systems.event_processing.compiler.dialects import check_dialect
from flowops.systems.event_processing.inventory import (
    check_inventory,
    is_inventory_key,
    stream_inventory,
)
from flowops.systems.event_processing.manifests.files import MANIFEST_FILES
from flowops.systems.event_processing.manifests.folders import (
    list_folders,
    made_files,
    refuse_strangers,
)
from flowops.systems.event_processing.manifests.options import (
    CONFLUENT_KEYS,
    KEYS,
    REFERENCE_KEYS,
    read_options,
)
from flowops.systems.event_processing.output.description import (
    document_attributes,
    read_document,
)
from flowops.systems.event_processing.output.import_file import (
    IMPORT_FILE,
    check_import,
)
from flowops.systems.event_processing.output.rendering import (
    CONFIG_FILE,
    JSON_FILE,
    SQL_FILE,
    archive_of,
)
from flowops.systems.event_processing.redaction.target_files import masked_file
from flowops.systems.event_processing.targets.branch_name import check_branch
from flowops.systems.protocol import FlowState, Mark, TargetIdentity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from flowops.model import Inventory, Resource
    from flowops.secrets import Text
    from flowops.systems.protocol import Archive, Bundle, TargetSettings

KIND = "directory"
_KEYS = (
    *("path", "branch", "inventory", "ask", "version", "dialect", "import"),
    "manifests",
    *(*KEYS, *REFERENCE_KEYS, *CONFLUENT_KEYS),
)
_TEXT_FILES = (SQL_FILE, CONFIG_FILE, JSON_FILE, IMPORT_FILE)
_STAGING = ".flowops-"
MARK_FILE = "flowops.json"


def open_directory(settings: TargetSettings) -> Directory:
    """Return the folder an environment names; it need not exist yet.

    Raises ``InputError`` for a key that is not known, and for a path that is
    missing or leaves the project.
    """
    for key in settings.values:
        if key not in _KEYS and not is_inventory_key(key):
            near = difflib.get_close_matches(key, _KEYS, n=1)
            keys = ", ".join(_KEYS)
            hint = f"did you mean {near[0]}?" if near else f"it has {keys}"
            if key.startswith("spec."):
                hint = "write it as a text: `spec: |`, and the YAML below it"
            message = f"a {KIND} target has no key {key!r}"
            raise InputError(message, hint=hint, location=settings.location)
    path = settings.values.get("path", "")
    if isinstance(path, Secret) or not path.strip():
        raise InputError(
            f"a {KIND} target needs a `path` in the clear",
            hint="name a folder of the project",
            location=settings.location,
        )
    check_branch(settings)
    check_dialect(settings.values, settings.location)
    check_import(settings.values, settings.location)
    check_inventory(settings)
    if "manifests" in settings.values:
        read_options(settings.values, "manifests", settings.location)
    directory = Directory(settings, path)
    _refuse_reserved(settings, directory.folder())
    return directory


def _refuse_reserved(settings: TargetSettings, folder: Path) -> None:
    """Refuse a folder that the project is read from; a branch has files of its own."""
    root = (settings.written or settings.root).resolve()
    parts = folder.resolve().relative_to(root).parts
    for held in settings.reserved if "branch" not in settings.values else (".git",):
        own = tuple(held.casefold().split("/"))
        if tuple(map(str.casefold, parts[: len(own)])) == own:
            raise InputError(
                f"the path {str(settings.values['path'])!r} is that of {held}, "
                "which the project keeps for itself",
                hint="name a folder for what is deployed, such as deploy/NAME",
                location=settings.location,
            )


class Directory:
    """A folder below the project; every method looks at it afresh."""

    def __init__(self, settings: TargetSettings, path: str) -> None:
        """Keep where the folder is, and what says what exists; nothing is read yet."""
        self._settings = settings
        self._root = settings.written or settings.root
        self._path = path
        self._location = settings.location

    @property
    def identity(self) -> TargetIdentity:
        """Return the path as the environment writes it."""
        return TargetIdentity("event_processing", KIND, self._path)

    @property
    def opens_secrets(self) -> bool:
        """Say no: only visible text is ever written here."""
        return False

    @property
    def keeps_state(self) -> bool:
        """Say no: a folder runs nothing."""
        return False

    @property
    def starts_anew(self) -> bool:
        """Say no: the files would be the same, and nobody would act on them."""
        return False

    def verify(self) -> None:
        """Look whether the folder is one, or can become one.

        Raises ``TargetError`` when something else is in its place.
        """
        folder = self.folder()
        with _reporting(folder):
            if folder.exists() and not folder.is_dir():
                words = f"{self._path} is no folder"
                raise TargetError(words, hint="name another path")

    def inventory(self, kinds: Collection[str]) -> Inventory:
        """Return what is listed and what was asked; without either nothing is known.

        Raises ``InputError`` for a file that cannot be used.
        """
        return stream_inventory(self._settings, kinds)

    def read(self, wanted: Mapping[Address, str]) -> Mapping[Address, FlowState]:
        """Return the texts of these flows; one without a file is left out."""
        states = {address: self._state(address) for address in wanted}
        return {address: state for address, state in states.items() if state.files}

    def drafts(self, addresses: Collection[Address]) -> Mapping[Address, FlowState]:
        """Return nothing: a folder has no drafts."""
        del addresses
        return {}

    def managed(self, project: str) -> Mapping[Address, bool]:
        """Return the flows whose folder bears the mark of a project: all its own."""
        folder = self.folder()
        marks = sorted(folder.glob(f"*/{MARK_FILE}")) if folder.is_dir() else []
        found = [_read_mark(path, f"{self._path}/{path.parent.name}") for path in marks]
        return {
            Address("event_processing", "flow", mark["flow"]): True
            for mark in found
            if mark.get("project") == project and "flow" in mark
        }

    def referrers(self, address: Address) -> Collection[str]:
        """Return nothing: stream flows do not refer to each other."""
        del address
        return ()

    def estimate(
        self, creates: Collection[Address], updates: Collection[Address]
    ) -> float:
        """Say 0: a folder sets no pace."""
        del creates, updates
        return 0.0

    def reserve(self, bundles: Iterable[Bundle], mark: Mark) -> tuple[Resource, ...]:
        """Return nothing: a folder needs no place made for a flow."""
        del bundles, mark
        return ()

    def stage(self, bundle: Bundle) -> None:
        """Write the files of a flow into a hidden folder beside its own."""
        staging = self.folder(bundle.address, staged=True)
        if any(name in bundle.files for name in MANIFEST_FILES):
            refuse_strangers(self.folder(bundle.address), bundle.files)
        with _reporting(staging):
            shutil.rmtree(staging, ignore_errors=True)
            for name, data in _contents(bundle.files, bundle.archives).items():
                write_whole(staging / name, data)

    def publish(self, bundle: Bundle, mark: Mark) -> None:
        """Move what was staged into place, and remove what is no longer made.

        Raises ``TargetError`` when nothing was staged.
        """
        address = bundle.address
        staging, folder = self.folder(address, staged=True), self.folder(address)
        if not staging.is_dir():
            raise TargetError(f"{address} was not staged", hint="promote it again")
        with _reporting(folder):
            folder.mkdir(parents=True, exist_ok=True)
            staged = sorted(path.name for path in staging.iterdir())
            for name in staged:
                (staging / name).replace(folder / name)
            _remove(folder, self._own_files(address) - set(staged))
            staging.rmdir()
            write_whole(folder / MARK_FILE, _mark_bytes(address, mark))
            list_folders(self.folder())

    def remove(self, address: Address) -> None:
        """Remove the files of a flow, and its folder when nothing else is in it."""
        self._put_back(address, None)

    def restore(self, address: Address, before: FlowState | None, run: str) -> bool:
        """Put the files back as they were, and remove what was staged."""
        place = self.folder(address) / MARK_FILE
        if before is None and place.is_file():
            mark = _read_mark(place, f"{self._path}/{place.parent.name}")
            if mark.get("run") != run:
                return self._unstage(address)
        return self._put_back(address, before)

    def _unstage(self, address: Address) -> bool:
        staging = self.folder(address, staged=True)
        was_staged = staging.exists()
        with _reporting(staging):
            shutil.rmtree(staging, ignore_errors=True)
        return was_staged

    def _put_back(self, address: Address, before: FlowState | None) -> bool:
        folder = self.folder(address)
        wanted: Mapping[str, bytes] = {}
        if before:
            wanted = _contents(before.files, _whole(before))
        with _reporting(folder):
            changed = self._unstage(address)
            for name, data in wanted.items():
                if _bytes_at(folder / name) != data:
                    write_whole(folder / name, data)
                    changed = True
            gone = self._own_files(address) - wanted.keys()
            changed |= _remove(folder, gone - {MARK_FILE} if before else gone)
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
            list_folders(self.folder())
        return changed

    def _own_files(self, address: Address) -> set[str]:
        made = made_files(self.folder(address))
        return {*_TEXT_FILES, *made, archive_of(address).name, MARK_FILE}

    def folder(self, address: Address | None = None, *, staged: bool = False) -> Path:
        """Return the target's folder, or that of a flow.

        Raises ``InputError`` when it lies outside the project, by its path or by a
        link on the way.
        """
        path = self._root.resolve() / self._path
        if address:
            path /= (_STAGING if staged else "") + safe_name(address.name)
        self._refuse_outside(path)
        return path

    def _refuse_outside(self, path: Path) -> None:
        written = Path(self._path)
        inside = is_inside(self._root, path)
        if written.is_absolute() or ".." in written.parts or not inside:
            raise InputError(
                f"the path {self._path!r} leaves the project",
                hint="name a folder below the project's own, with no link out of it",
                location=self._location,
            )

    def _state(self, address: Address) -> FlowState:
        folder = self.folder(address)
        files: dict[str, Text] = {}
        attributes: dict[str, str] = {}
        for name in (*_TEXT_FILES, *made_files(folder)):
            if not (folder / name).is_file():
                continue
            self._refuse_outside(folder / name)
            shown = f"{self._path}/{folder.name}/{name}"
            source = decode(shown, read_bytes(folder / name, shown))
            files[name] = masked_file(name, source)
            if name == JSON_FILE:
                attributes = _attributes(shown, files[name])
        return FlowState(address, files, attributes)


def _attributes(shown: str, text: Text) -> dict[str, str]:
    """Return what a flow.json says of itself; a damaged one says nothing here."""
    try:
        source = decode(shown, str(text).encode("utf-8"))
        return document_attributes(read_document(source))
    except InputError:
        return {}


def _contents(
    files: Mapping[str, Text], archives: Iterable[Archive]
) -> dict[str, bytes]:
    """Return the bytes of every file: visible text, and zips of it."""
    contents = {name: str(text).encode("utf-8") for name, text in files.items()}
    for archive in archives:
        members = {member: contents[n] for member, n in archive.members.items()}
        contents[archive.name] = zip_bytes(members)
    return contents


def _whole(state: FlowState) -> tuple[Archive, ...]:
    """Return the zip of a state, unless one of its files is missing."""
    archive = archive_of(state.address)
    is_whole = all(name in state.files for name in archive.members.values())
    return (archive,) if is_whole else ()


def _mark_bytes(address: Address, mark: Mark) -> bytes:
    return pretty_json(
        {
            "flow": address.name,
            "project": mark.project,
            "run": mark.run,
            "digest": mark.digest,
        }
    ).encode()


def _read_mark(path: Path, shown: str) -> Mapping[str, str]:
    """Read a mark; one that was damaged by hand marks nothing."""
    try:
        name = f"{shown}/{MARK_FILE}"
        mark = parse_json(decode(name, read_bytes(path, name)))
    except InputError:
        return {}
    if not isinstance(mark, dict):
        return {}
    return {key: str(value) for key, value in mark.items()}


def _remove(folder: Path, names: Collection[str]) -> bool:
    """Remove files of these names; tell whether there were any."""
    present = [folder / name for name in sorted(names) if (folder / name).is_file()]
    for path in present:
        path.unlink()
    return bool(present)


def _bytes_at(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


@contextmanager
def _reporting(path: Path) -> Iterator[None]:
    """Turn a failure of the file system into a ``TargetError``."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        raise TargetError(f"cannot write {path}: {reason}") from error
