"""Cut a report where one record ends, and say what is missing.

GitHub refuses a comment of more than 65,536 characters, and a job summary of more
than 1 MiB. Sizes here are bytes of UTF-8, of which a character has at least one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.report.visible import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

COMMENT_LIMIT = 65_000
SUMMARY_LIMIT = 1_000_000
_NOTE = 400


@dataclass(frozen=True, slots=True)
class Record:
    """A piece of a report that is shown whole or not at all.

    ``sort`` is what to call it when it is counted; ``heading`` stands above the first
    record that has it.
    """

    sort: str
    heading: str
    text: str


def paged(
    head: Callable[[int], str],
    records: Sequence[Record],
    whole: str,
    *,
    limit: int,
    most: int = 1,
) -> tuple[str, ...]:
    """Put records on at most so many pages of a size; the last says what is missing.

    ``head`` is what page n, from 1, begins with. Raises ``ValueError`` when that
    leaves no room.
    """
    pages: list[str] = []
    left = list(records)
    while left or not pages:
        page = head(len(pages) + 1)
        if size(page) + _NOTE > limit:
            message = f"{limit} bytes are not enough for the head of a report"
            raise ValueError(message)
        is_last = len(pages) + 1 == most
        shown = _fitting(left, limit - size(page) - _NOTE)
        page += "".join(_with_headings(left[:shown]))
        left = left[shown:]
        if left and (is_last or not shown):
            page += (
                f"\n**Left out here: {_counted(left)}.** The whole report: {whole}\n"
            )
            left = []
        pages.append(page)
    return tuple(pages)


def size(text: str) -> int:
    """Return the bytes that a text has in UTF-8."""
    return len(text.encode("utf-8"))


def bounded(parts: Iterable[str], limit: int) -> tuple[list[str], int]:
    """Return the parts that fit into so many bytes, and how many do not."""
    kept: list[str] = []
    left, room = 0, limit
    for part in parts:
        needed = size(part)
        if left or needed > room:
            left += 1
        else:
            kept.append(part)
            room -= needed
    return kept, left


def _fitting(records: Sequence[Record], room: int) -> int:
    heading = ""
    for index, record in enumerate(records):
        room -= size(record.text)
        if record.heading != heading:
            heading = record.heading
            room -= size(heading) + 2
        if room < 0:
            return index
    return len(records)


def _with_headings(records: Iterable[Record]) -> Iterator[str]:
    heading = ""
    for record in records:
        if record.heading != heading:
            heading = record.heading
            yield f"\n{heading}\n"
        yield record.text


def _counted(records: Iterable[Record]) -> str:
    counts = Counter(record.sort for record in records)
    return ", ".join(plural(count, sort) for sort, count in sorted(counts.items()))
