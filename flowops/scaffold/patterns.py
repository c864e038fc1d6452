"""Choose patterns that match the flows found, and no other file."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.model import Location
from flowops.project import Project, WorkingTree, flow_paths

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


def choose_patterns(
    root: Path, wanted: Collection[str], everything: Collection[str]
) -> tuple[str, ...]:
    """Return one glob a folder that holds only flows, else the paths themselves.

    Raises ``InputError`` when a name with a wildcard would match other files too.
    """
    patterns = tuple(sorted(_cover("", frozenset(wanted), frozenset(everything))))
    matched = set(flow_paths(Project(root, WorkingTree(root), patterns)))
    if others := sorted(matched - set(wanted)):
        raise InputError(
            "this file would be taken for a flow: the name of another has a wildcard",
            hint="rename the flow's file so that it has no * and no ?",
            location=Location(others[0]),
        )
    return patterns


def _cover(
    folder: str, wanted: frozenset[str], everything: frozenset[str]
) -> Iterator[str]:
    """Give patterns for the wanted files of a folder and what is below it."""
    folders = {f for path in wanted if (f := _next_folder(folder, path))}
    here = {path for path in wanted if not _next_folder(folder, path)}
    if folder and (here or len(folders) > 1):  # else a deeper folder is tighter
        for suffix in _suffixes(wanted):
            if (found := _ending(everything, suffix)) <= wanted:
                yield f"{folder}/**/*{suffix}"
                wanted -= found
                here -= found
    yield from _of_files(folder, here, everything)
    for below in folders:
        yield from _cover(below, _inside(below, wanted), _inside(below, everything))


def _of_files(
    folder: str, here: Collection[str], everything: Collection[str]
) -> Iterator[str]:
    beside = frozenset(path for path in everything if not _next_folder(folder, path))
    start = f"{folder}/" if folder else ""
    for suffix in _suffixes(here):
        if (found := _ending(beside, suffix)) <= frozenset(here):
            yield f"{start}*{suffix}"
            here = frozenset(here) - found
    yield from here


def _next_folder(folder: str, path: str) -> str:
    """Return the folder one step nearer to a file, or nothing where it lies here."""
    start = len(folder) + 1 if folder else 0
    end = path.find("/", start)
    return path[:end] if end >= 0 else ""


def _inside(folder: str, paths: Collection[str]) -> frozenset[str]:
    return frozenset(path for path in paths if path.startswith(f"{folder}/"))


def _suffixes(paths: Collection[str]) -> list[str]:
    return sorted({PurePosixPath(path).suffix for path in paths} - {""})


def _ending(paths: Collection[str], suffix: str) -> frozenset[str]:
    return frozenset(path for path in paths if path.endswith(suffix))
