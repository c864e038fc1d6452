"""A line of a log is whole, or the writer is told."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flowops.documents.log import append_entry, read_entries
from flowops.errors import TargetError


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size: a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_lines_are_added(tmp_path: Path) -> None:
    path = tmp_path / "new/journal"
    for number in (1, 2):
        append_entry(path, {"step": number})
    assert read_entries("journal", path.read_bytes()) == [{"step": 1}, {"step": 2}]


def test_a_disk_that_takes_a_part_of_a_line_is_an_error(tmp_path: Path) -> None:
    with largest_file(100), pytest.raises(TargetError, match="cannot write"):
        append_entry(tmp_path / "journal", {"content": "x" * 1000})
