"""One comment for a project and an environment, however often a job runs.

A hidden marker says which comment it is, and only the author's own count: anybody may
write the same marker. A long report has several pages, each a comment of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowops.github.api import Comment

# GitHub refuses a longer comment with an error.
LIMIT = 65_536
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Create:
    """A page that has no comment yet."""

    body: str


@dataclass(frozen=True, slots=True)
class Update:
    """A comment whose page is another one now."""

    id: int
    body: str


@dataclass(frozen=True, slots=True)
class Delete:
    """A comment for which there is no page any more."""

    id: int


Edit = Create | Update | Delete


class Writer(Protocol):
    """Who can write comments."""

    def create(self, body: str) -> None:
        """Write a new comment."""
        ...

    def update(self, identifier: int, body: str) -> None:
        """Write over a comment."""
        ...

    def delete(self, identifier: int) -> None:
        """Take a comment away."""
        ...


def marker(project: str, environment: str) -> str:
    """Return the hidden text that all pages of one report begin with."""
    return f"<!-- flowops:{_quoted(project)}:{_quoted(environment)}:"


def _quoted(name: str) -> str:
    """Write a name so that it can end neither its part nor the hidden text."""
    shown = quote(name, safe="").replace("--", "%2D%2D")
    long = len(shown) > _LONGEST_NAME
    return sha256(name.encode()).hexdigest() if long else shown


def marked(pages: Sequence[str], start: str) -> list[str]:
    """Put the marker before each page, with its number."""
    return [f"{start}{n} -->\n{page}" for n, page in enumerate(pages, 1)]


def own_comments(
    comments: Iterable[Comment], author: str, start: str
) -> tuple[Comment, ...]:
    """Return the author's comments that carry the marker, the oldest first."""
    found = [c for c in comments if c.author == author and c.body.startswith(start)]
    return tuple(sorted(found, key=lambda comment: comment.id))


def plan_edits(existing: Sequence[Comment], bodies: Sequence[str]) -> tuple[Edit, ...]:
    """Say what to do so that the comments are the pages, in the fewest writes."""
    edits: list[Edit] = []
    for comment, body in zip(existing, bodies, strict=False):
        if comment.body.replace("\r\n", "\n").rstrip() != body.rstrip():
            edits.append(Update(comment.id, body))
    edits += [Create(body) for body in bodies[len(existing) :]]
    edits += [Delete(comment.id) for comment in existing[len(bodies) :]]
    return tuple(edits)


def make_edits(edits: Iterable[Edit], writer: Writer) -> None:
    """Write; raises ``TargetError`` where GitHub refuses."""
    for edit in edits:
        match edit:
            case Create(body):
                writer.create(body)
            case Update(identifier, body):
                writer.update(identifier, body)
            case Delete(identifier):
                writer.delete(identifier)
