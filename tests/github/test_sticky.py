"""One comment for a project and an environment, in the fewest writes."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from flowops.github.api import Comment
from flowops.github.sticky import (
    Create,
    Delete,
    Update,
    make_edits,
    marked,
    marker,
    own_comments,
    plan_edits,
)

START = marker("flows/connect", "staging")
BODY = st.text(min_size=1, max_size=20)


@dataclass
class Memory:
    """Comments that are only remembered."""

    comments: list[Comment] = field(default_factory=list)

    def create(self, body: str) -> None:
        number = max((c.id for c in self.comments), default=0) + 1
        self.comments.append(Comment(number, "bot", body))

    def update(self, identifier: int, body: str) -> None:
        self.comments = [
            Comment(c.id, c.author, body) if c.id == identifier else c
            for c in self.comments
        ]

    def delete(self, identifier: int) -> None:
        self.comments = [c for c in self.comments if c.id != identifier]


def remembered(bodies: list[str]) -> Memory:
    memory = Memory()
    for body in bodies:
        memory.create(body)
    return memory


@given(st.lists(BODY, max_size=6), st.lists(BODY, max_size=6))
def test_the_comments_become_the_pages(before: list[str], pages: list[str]) -> None:
    memory = remembered(marked(before, START))
    wanted = marked(pages, START)
    make_edits(plan_edits(tuple(memory.comments), wanted), memory)
    assert [c.body.rstrip() for c in memory.comments] == [b.rstrip() for b in wanted]
    assert plan_edits(tuple(memory.comments), wanted) == ()


def test_only_what_differs_is_written() -> None:
    memory = remembered(marked(["a", "b", "c"], START))
    edits = plan_edits(tuple(memory.comments), marked(["a", "B"], START))
    assert edits == (Update(2, f"{START}2 -->\nB"), Delete(3))
    assert plan_edits((), ["a"]) == (Create("a"),)


def test_line_ends_that_github_changed_are_no_difference() -> None:
    body = f"{START}1 -->\na\nb\n"
    stored = Comment(1, "bot", body.replace("\n", "\r\n").rstrip())
    assert plan_edits((stored,), [body]) == ()


def test_a_marker_of_somebody_else_does_not_count() -> None:
    forged = Comment(1, "mallory", f"{START}1 -->\nAll is well.")
    quoted = Comment(2, "bot", f"> {START}1 -->")
    own = Comment(4, "bot", f"{START}1 -->\n1")
    second = Comment(3, "bot", f"{START}2 -->\n2")
    found = own_comments([own, forged, quoted, second], "bot", START)
    assert found == (second, own)


def test_each_project_and_environment_has_a_marker_of_its_own() -> None:
    names = [
        ("a", "b"),
        ("a:b", ""),
        ("", "a:b"),
        ("a", "b:"),
        ("a ", "b"),
        ("-->", ""),
    ]
    names += [("x" * 5000, "y"), ("x" * 5001, "y")]
    markers = [marker(*name) for name in names]
    assert max(map(len, markers)) < 300
    assert len({*markers}) == len(names)
    assert all(m.count("--") == 1 for m in markers)
    assert not any(a.startswith(b) for a in markers for b in markers if a is not b)
