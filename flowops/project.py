"""Find a project, its settings, and the flows it holds.

A project is the folder of ``flowops.yaml``, found upward from where the command
runs to the root of the Git repository. Paths are written from the project, with
forward slashes.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from flowops.documents.files import is_file, read_bytes, refuse_misnamed
from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.documents.yaml_text import (
    YamlMapping,
    YamlSequence,
    mapping_of,
    parse_yaml,
    text_of,
)
from flowops.errors import FlowOpsError, InputError
from flowops.model import Finding, Location, Severity
from flowops.policy import read_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flowops.documents.yaml_text import YamlNode
    from flowops.model import Address
    from flowops.systems.protocol import Flow

FILE_NAME = "flowops.yaml"
_ENVIRONMENTS = "environments"
_VERSION = 1
_KEYS = ("version", "name", "flows", "environments", "guards")
_SKIPPED_FOLDERS = frozenset(["node_modules", "__pycache__"])
_WILDCARDS = frozenset("*?")
_JSON_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*[{\[]")
_NOT_UTF_8 = re.compile("[\ud800-\udfff]")


class SourceTree(Protocol):
    """The files of a project: of the working folder, or of a Git ref."""

    def paths(self, folder: str = "") -> Sequence[str]:
        """Return every file's path below a folder of the project, in order."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or nothing where there is no such file."""
        ...


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """The files of a project as they are on disk; links out are not followed."""

    root: Path

    def paths(self, folder: str = "") -> Sequence[str]:
        """Return every file's path below a folder of the project, in order.

        Links to folders are not followed; hidden folders are not looked into,
        unless ``folder`` is one. Raises ``InputError`` for a folder that cannot be
        listed: what lies there would read as gone.
        """
        try:
            if self._has_link(folder):
                return []
        except OSError:  # such as a name that is too long: nothing can be there
            return []
        found: list[str] = []
        for place, folders, names in os.walk(self.root / folder, onerror=self._refuse):
            folders[:] = [name for name in folders if not _is_hidden(name)]
            below = Path(place).relative_to(self.root)
            found += [(below / name).as_posix() for name in names]
        return sorted(found)

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes; raises ``InputError`` for a path that leads out."""
        if _is_outside(PurePosixPath(path)):
            raise _leads_out(path)
        place = self.root / path
        try:
            if self._has_link(path):
                place = place.resolve(strict=True)
                if not place.is_relative_to(self.root.resolve()):
                    raise _leads_out(path)
            place.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, RuntimeError, ValueError):
            raise InputError(
                "cannot read the file: nothing can be at this path",
                location=Location(path),
            ) from None
        return read_bytes(place, path)

    def _refuse(self, error: OSError) -> None:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return
        try:
            place = Path(error.filename).relative_to(self.root).as_posix()
        except (TypeError, ValueError):
            place = str(error.filename)
        raise InputError(
            f"cannot look into the folder: {(error.strerror or 'error').lower()}",
            hint="let it be read: a flow that lies there would count as gone",
            location=Location(place),
        ) from None

    def _has_link(self, path: str) -> bool:
        parts = PurePosixPath(path)
        places = [parts, *parts.parents][:-1]
        return any((self.root / place).is_symlink() for place in places)


def _leads_out(path: str) -> InputError:
    return InputError(
        f"{path} lies outside the project",
        hint="keep the project's files below flowops.yaml",
        location=Location(path),
    )


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its files, and what ``flowops.yaml`` says."""

    root: Path
    tree: SourceTree
    patterns: tuple[str, ...]
    environments: str = _ENVIRONMENTS
    name: str = ""

    def environment_names(self) -> tuple[str, ...]:
        """Return the names of all environments, in order."""
        pattern = re.compile(rf"{re.escape(self.environments)}/([^/.][^/]*)\.yaml")
        paths = self.tree.paths(self.environments)
        matches = (pattern.fullmatch(path) for path in paths)
        return tuple(match[1] for match in matches if match)


@dataclass(frozen=True, slots=True)
class ReadFlows:
    """Every flow that could be read, and what went wrong with the others.

    ``unread`` are the paths of the files of which no flow could be made.
    """

    flows: tuple[Flow, ...]
    findings: tuple[Finding, ...]
    unread: tuple[str, ...] = ()


def find_root(start: Path) -> Path:
    """Return the folder of the nearest ``flowops.yaml`` upward.

    Raises ``InputError`` when there is none up to the repository's root.
    """
    try:
        place = start.resolve(strict=True)
    except (OSError, RuntimeError):  # such as a working folder that was deleted
        raise InputError(f"there is no folder {start}") from None
    if not place.is_dir():
        raise InputError(f"there is no folder {start}")
    start = place
    for folder in (start, *start.parents):
        if is_file(folder / FILE_NAME):
            return folder
        refuse_misnamed(folder / "flowops.yml", FILE_NAME)
        if (folder / ".git").exists():
            break
    raise InputError(
        f"there is no {FILE_NAME} in {start.name or start} or above it",
        hint="run in a project's folder, or name it with --project; "
        "`flowops init` makes one from exports",
    )


def open_project(root: Path, tree: SourceTree | None = None) -> Project:
    """Read ``flowops.yaml``; raises ``InputError`` for what it may not say."""
    tree = tree or WorkingTree(root)
    data = tree.read(FILE_NAME)
    if data is None:
        raise InputError(f"there is no {FILE_NAME} in {root}")
    settings = mapping_of(parse_yaml(decode(FILE_NAME, data)), FILE_NAME)
    for entry in settings:
        if entry.key not in _KEYS:
            raise InputError(
                f"{FILE_NAME} has no key {entry.key!r}",
                hint=f"keys are {', '.join(_KEYS)}",
                location=entry.location,
            )
    _check_version(settings)
    read_policy(FILE_NAME, data)
    folder, name = settings.get("environments"), settings.get("name")
    return Project(
        root=root,
        tree=tree,
        patterns=_patterns(settings),
        environments=_inside(folder, "environments") if folder else _ENVIRONMENTS,
        name=text_of(name, "name") if name else root.resolve().name,
    )


def _check_version(settings: YamlMapping) -> None:
    found = settings.get("version")
    if found is None or text_of(found, "version") != str(_VERSION):
        raise InputError(
            f"{FILE_NAME} must say `version: {_VERSION}`",
            location=found.location if found else settings.location,
        )


def _patterns(settings: YamlMapping) -> tuple[str, ...]:
    flows = settings.get("flows")
    if not isinstance(flows, YamlSequence) or not flows.items:
        raise InputError(
            "`flows` must list where flows lie",
            hint='write `flows: [{path: "flows/**/*.json"}]`',
            location=flows.location if flows else settings.location,
        )
    return tuple(_pattern(item) for item in flows.items)


def _pattern(item: YamlNode) -> str:
    entry = mapping_of(item, "an entry of `flows`")
    path = entry.get("path")
    if path is None or len(entry.entries) != 1:
        raise InputError(
            "an entry of `flows` has one key, path", location=item.location
        )
    return _inside(path, "path")


def _inside(node: YamlNode, what: str) -> str:
    text = text_of(node, what)
    path = PurePosixPath(text)
    if not path.parts or _is_outside(path) or "\\" in text or "\0" in text:
        raise InputError(
            f"{what} must lie inside the project",
            hint="write it from the project's folder, with forward slashes",
            location=node.location,
        )
    return path.as_posix()


def reserved_folders(project: Project) -> tuple[str, ...]:
    """Return the folders of a project that it reads from, and those of tools."""
    fixed = ("/".join(_fixed_folders(pattern)) for pattern in project.patterns)
    own = dict.fromkeys((".git", ".flowops", project.environments, *fixed))
    return tuple(folder for folder in own if folder)


def _is_outside(path: PurePosixPath) -> bool:
    return path.is_absolute() or ".." in path.parts


def _is_hidden(name: str) -> bool:
    """Tell whether a wildcard passes over a file or folder, as in a shell."""
    return name.startswith(".") or name in _SKIPPED_FOLDERS


def flow_paths(project: Project) -> Iterator[str]:
    """Give the paths of all files that a pattern of ``flows`` matches, in order.

    What is hidden, or belongs to a tool, has to be named: no wildcard finds it.
    """
    found: set[str] = set()
    for pattern in project.patterns:
        finds = _finder(pattern)
        folder = "/".join(_fixed_folders(pattern))
        found |= {path for path in project.tree.paths(folder) if finds(path)}
    yield from sorted(found)


def pattern_that_finds(project: Project, path: str) -> str:
    """Return the pattern of ``flows`` that would take a file for a flow, or nothing."""
    return next((p for p in project.patterns if _finder(p)(path)), "")


def _finder(pattern: str) -> Callable[[str], bool]:
    fixed, expression = len(_fixed_folders(pattern)), glob_expression(pattern)

    def finds(path: str) -> bool:
        if path == pattern:
            return True
        is_hidden = any(_is_hidden(name) for name in path.split("/")[fixed:])
        return not is_hidden and bool(expression.fullmatch(path))

    return finds


def _fixed_folders(pattern: str) -> list[str]:
    """Return the folders that a pattern names before its first wildcard."""
    return list(takewhile(_WILDCARDS.isdisjoint, pattern.split("/")[:-1]))


def glob_expression(pattern: str) -> re.Pattern[str]:
    """Translate a glob: ``*`` stays in a folder, ``**`` spans any number of them."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(words.get(p, re.escape(p)) for p in pieces), re.DOTALL)


def read_flows(project: Project) -> ReadFlows:
    """Read every flow; one that cannot be read is a finding, the others go on."""
    from flowops.systems import SYSTEMS

    flows: dict[Address, Flow] = {}
    unread: list[str] = []
    paths = list(flow_paths(project))
    findings = list(_idle_patterns(project, paths))
    for path in paths:
        try:
            flow = read_flow(path, project.tree)
        except FlowOpsError as error:
            findings.append(as_finding(error, "flow/unreadable"))
            unread.append(path)
            continue
        if (first := flows.get(flow.address)) is not None:
            findings.append(_twice(flow, first))
            continue
        flows[flow.address] = flow
        findings += flow.findings
    read = tuple(flows[a] for a in sorted(flows))
    for name, system in SYSTEMS.items():
        own = [flow for flow in read if flow.address.system == name]
        findings += system.review_together(own)
    return ReadFlows(read, tuple(findings), tuple(unread))


def _idle_patterns(project: Project, paths: Sequence[str]) -> Iterator[Finding]:
    """Say which patterns of ``flows`` find no file: a typo would go unseen."""
    for pattern in project.patterns:
        expression = glob_expression(pattern)
        if not any(expression.fullmatch(path) for path in paths):
            yield Finding(
                "project/no-files",
                Severity.WARNING,
                f"no file matches {pattern!r}",
                Location(FILE_NAME),
                hint="mend the pattern under `flows`, or take it out",
            )


def read_flow(path: str, tree: SourceTree) -> Flow:
    """Read one file as a flow of the system it belongs to.

    Raises ``InputError`` when it is no flow of a system that FlowOps knows.
    """
    from flowops.systems import SYSTEMS

    if _NOT_UTF_8.search(path):
        shown = path.encode("utf-8", "backslashreplace").decode()
        raise InputError(
            "the name of the file is not UTF-8",
            hint="rename it",
            location=Location(shown),
        )
    data = tree.read(path)
    if data is None:
        raise InputError("there is no such file", location=Location(path))
    if not _JSON_START.match(data):
        for system in SYSTEMS.values():
            if system.recognises_file(path, data):
                return system.read_file(path, data)
    source = decode(path, data)
    root = parse_json(source)
    for system in SYSTEMS.values():
        if system.recognises(root):
            return system.read(source, root)
    raise InputError(
        "this JSON is neither an Event Processing nor an Amazon Connect flow",
        hint=f"take it out of `flows` in {FILE_NAME}, or export it again",
        location=Location(path),
    )


def as_finding(error: FlowOpsError, rule: str) -> Finding:
    """Turn an error about one thing into a finding, so that others go on."""
    return Finding(rule, Severity.ERROR, error.message, error.location, hint=error.hint)


def _twice(flow: Flow, first: Flow) -> Finding:
    return Finding(
        "flow/twice",
        Severity.ERROR,
        f"{flow.address} is also in {first.source.path}",
        Location(flow.source.path),
        flow.address,
        "keep one file a flow",
    )
