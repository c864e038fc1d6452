"""Find the exports of flows below a folder, by content."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.errors import FlowOpsError, InputError
from flowops.project import WorkingTree
from flowops.systems import SYSTEMS

if TYPE_CHECKING:
    from pathlib import Path

    from flowops.model import Address
    from flowops.systems.protocol import Flow

MAXIMUM_BYTES = 5 * 1024 * 1024
ENVIRONMENTS = "environments"
_TOOLS = frozenset(["node_modules", "__pycache__"])
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEADER_BYTES = 4096
# What every SQL export begins with; another script is not taken for a flow.
_SQL_HEADER = re.compile(rb"^--\s*(?:IBM Event Automation|flowName:)", re.MULTILINE)
_ZIP_MEMBERS = (b"flow.json", b"config.yaml")  # names stand in a zip as they are


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An export that the project does not take, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exports:
    """The flows below a folder; ``paths`` are all files that a glob could find."""

    flows: tuple[Flow, ...]
    left_out: tuple[LeftOut, ...]
    paths: tuple[str, ...]


def find_exports(root: Path) -> Exports:
    """Read every export below a folder.

    Hidden folders, ``node_modules``, ``environments`` and files larger than 5 MB
    are passed over. Raises ``InputError`` when there is no export.
    """
    tree = WorkingTree(root)
    paths = tuple(path for path in tree.paths() if not _is_hidden(path))
    flows: dict[Address, Flow] = {}
    left_out: list[LeftOut] = []
    for path in paths:
        try:
            flow = _read(path, tree) if _is_looked_at(path, root) else None
        except FlowOpsError as error:
            left_out.append(LeftOut(path, error.message))
            continue
        if flow is None:
            continue
        first = flows.setdefault(flow.address, flow)
        if first is not flow:
            words = f"{flow.address} is also in {first.source.path}"
            left_out.append(LeftOut(path, words))
    if not flows:
        raise _nothing(root, paths, left_out)
    return Exports(tuple(flows.values()), tuple(left_out), paths)


def _is_hidden(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return any(part.startswith(".") or part in _TOOLS for part in parts)


def _is_looked_at(path: str, root: Path) -> bool:
    if path.startswith(f"{ENVIRONMENTS}/"):
        return False
    try:
        return (root / path).stat().st_size <= MAXIMUM_BYTES
    except OSError:
        return False


def _read(path: str, tree: WorkingTree) -> Flow | None:
    """Return the flow in a file, or nothing where there is none.

    Raises ``FlowOpsError`` for an export that cannot be read.
    """
    try:
        data = tree.read(path) or b""
    except FlowOpsError:
        return None
    start = data.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1]
    if start not in (b"{", b"["):
        return _read_other(path, data)
    try:
        source = decode(path, data)
        root = parse_json(source)
    except FlowOpsError:
        return None
    for system in SYSTEMS.values():
        if system.recognises(root):
            _refuse_unwritable(path)
            return system.read(source, root)
    return None


def _read_other(path: str, data: bytes) -> Flow | None:
    """Return the flow in a zip or a SQL script, or nothing where it is no export."""
    if not _is_export(path.lower(), data):
        return None
    for system in SYSTEMS.values():
        if system.recognises_file(path, data):
            _refuse_unwritable(path)
            return system.read_file(path, data)
    return None


def _is_export(path: str, data: bytes) -> bool:
    if path.endswith(".sql"):
        return _SQL_HEADER.search(data[:_HEADER_BYTES]) is not None
    return path.endswith(".zip") and any(name in data for name in _ZIP_MEMBERS)


def _refuse_unwritable(path: str) -> None:
    """Raise ``InputError`` for a path that flowops.yaml cannot name."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("the name of the file is not UTF-8: rename it") from None
    if "\\" in path:
        raise InputError("the name of the file has a backslash: rename it")


def _nothing(root: Path, paths: tuple[str, ...], left_out: list[LeftOut]) -> InputError:
    if left_out:
        first = left_out[0]
        words = f"no export below {root} can be used: {first.path}: {first.reason}"
        return InputError(words, hint="export the flow again, or name another folder")
    return InputError(
        f"there is no export of a flow below {root}",
        hint=f"files looked at: {len(paths)}; passed over: hidden folders, "
        f"node_modules, {ENVIRONMENTS} and files larger than 5 MB",
    )
