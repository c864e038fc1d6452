"""Which flows the words of a command line mean."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from flowops.errors import UsageError
from flowops.plan.replacing import near_addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.project import ReadFlows
    from flowops.systems.protocol import Flow

_PATTERN = frozenset("*?[")


def is_pattern(word: str) -> bool:
    """Tell whether a word may mean several flows."""
    return not _PATTERN.isdisjoint(word)


def path_in_project(word: str, root: Path) -> str:
    """Return the path from the project's folder for the path of a file in it."""
    place = Path(word)
    try:
        if not place.is_file():
            return word
        found = place.parent.resolve() / place.name
        return found.relative_to(root.resolve()).as_posix()
    except (OSError, ValueError):  # such as a name too long, or a file elsewhere
        return word


def choose(read: ReadFlows, words: Sequence[str]) -> tuple[Flow, ...]:
    """Return the flows that words name; every flow when there are none."""
    if not words:
        return read.flows
    chosen: set[int] = set()
    for word in words:
        found = {i for i, flow in enumerate(read.flows) if _named(flow, word)}
        broken = any(f.location and f.location.path == word for f in read.findings)
        if not found and not broken:
            raise _no_flow(word, read)
        chosen |= found
    return tuple(read.flows[i] for i in sorted(chosen))


def _no_flow(word: str, read: ReadFlows) -> UsageError:
    hint = near_addresses(word, [flow.address for flow in read.flows])
    if not read.unread:
        return UsageError(f"no flow is called {word!r}", hint=hint)
    count = len(read.unread)
    files = "file" if count == 1 else "files"
    return UsageError(
        f"no flow that could be read is called {word!r}; {count} {files} could not: "
        + ", ".join(read.unread[:3]),
        hint=f"flowops check says why; {hint}",
    )


def _named(flow: Flow, word: str) -> bool:
    names = (flow.address.name, str(flow.address), flow.source.path)
    return any(name == word or fnmatchcase(name, word) for name in names)
