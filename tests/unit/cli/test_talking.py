"""What is said on stderr: bars on a terminal, lines elsewhere, silence when asked."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import pytest

from flowops.cli.talking import CLEAR, Manner, Talk, bar, clock_text
from flowops.progress import Stage
from tests.support.projects import SandboxProject


@dataclass(slots=True)
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Said:
    """A talk on a stream of its own, with a clock that is set by hand."""

    manner: Manner = field(default_factory=Manner)
    is_terminal: bool = True
    clock: Clock = field(default_factory=Clock)
    stream: io.StringIO = field(default_factory=io.StringIO)

    def talk(self) -> Talk:
        return Talk(self.stream, self.manner, self.clock, self.is_terminal)

    def text(self) -> str:
        return self.stream.getvalue()


def test_a_bar_says_how_much_is_done_and_how_long_the_rest_takes() -> None:
    assert bar(Stage("writing", 10, 40), 30) == (
        "[######------------------] 10/40 writing, 1:30 left"
    )
    assert bar(Stage("writing", 0, 40), 30) == (
        "[------------------------] 0/40 writing"
    )
    assert bar(Stage("writing", 41, 40), 30) == (
        "[########################] 40/40 writing, 0:00 left"
    )
    assert bar(Stage("waiting for the job"), 61) == "waiting for the job (1:01)"
    assert clock_text(59.6) == "1:00"


def test_a_bar_does_not_let_control_characters_through() -> None:
    assert "\x1b" not in bar(Stage("a\x1b[2Jb", 1, 2), 3)


def test_short_work_has_no_bar() -> None:
    said = Said()
    talk = said.talk()
    for done in range(5):
        said.clock.now += 0.2
        talk.progress(Stage("reading", done, 5))
    assert not said.text()


def test_long_work_has_a_bar_that_is_not_drawn_too_often() -> None:
    said = Said()
    talk = said.talk()
    for done in range(400):
        talk.progress(Stage("reading", done, 400))
        said.clock.now += 0.01
    assert 20 <= said.text().count(CLEAR) <= 25
    assert said.text().count("\n") == 0


def test_a_line_takes_the_bar_away_first() -> None:
    said = Said()
    talk = said.talk()
    talk.progress(Stage("reading", 0, 4))
    said.clock.now = 2.0
    talk.progress(Stage("reading", 1, 4))
    talk.line("news")
    talk.line("more")
    assert said.text().endswith(f"{CLEAR}news\nmore\n")


def test_without_a_terminal_each_thing_is_one_line() -> None:
    said = Said(is_terminal=False)
    talk = said.talk()
    for done in range(3):
        said.clock.now += 60
        talk.progress(Stage("reading", done, 3))
    talk.progress(Stage("waiting"))
    assert said.text() == "reading\nwaiting\n"


def test_without_a_terminal_short_work_has_no_line() -> None:
    said = Said(is_terminal=False)
    talk = said.talk()
    for done in range(5):
        said.clock.now += 0.2
        talk.progress(Stage("reading", done, 5))
    assert not said.text()


def test_verbose_says_each_count() -> None:
    said = Said(Manner(verbose=True), is_terminal=False)
    talk = said.talk()
    for done in (0, 1, 1, 2):
        talk.progress(Stage("reading", done, 2))
    assert said.text() == "reading 0/2\nreading 1/2\nreading 2/2\n"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_quiet_shows_no_progress(is_terminal: bool) -> None:
    said = Said(Manner(quiet=True), is_terminal=is_terminal)
    talk = said.talk()
    talk.progress(Stage("reading", 0, 3))
    said.clock.now = 9.0
    talk.progress(Stage("reading", 1, 3))
    assert not said.text()


def test_no_progress_draws_no_bar_on_a_terminal() -> None:
    said = Said(Manner(bar=False))
    talk = said.talk()
    talk.progress(Stage("reading", 0, 3))
    said.clock.now = 9.0
    talk.progress(Stage("reading", 1, 3))
    assert said.text() == "reading\n"


def test_a_quiet_promote_says_nothing_but_its_plan(example: SandboxProject) -> None:
    result = example.run("promote", "staging", "--yes", "-q")
    assert result.code == 0
    assert result.err == ""
    assert "Plan: " in result.out


def test_a_quiet_promote_still_says_why_it_refuses(example: SandboxProject) -> None:
    result = example.run("promote", "staging", "-q")
    assert result.code == 3
    assert result.err.startswith("refused: not-approved: ")
    result = example.run("plan", "nowhere", "-q")
    assert "error: " in result.err


def test_reading_many_flows_says_how_far_it_is(example: SandboxProject) -> None:
    assert example.run("promote", "staging", "--yes").code == 0
    err = example.run("plan", "staging", "-v").err
    assert "reading what is on the instance 0/1\n" in err
    assert "reading what is on the instance" not in example.run("plan", "staging").err


def test_verbose_says_what_takes_how_long(example: SandboxProject) -> None:
    result = example.run("plan", "staging", "-v")
    assert " s: read the project\n" in result.err
    assert f" s: asked sandbox {example.sandbox.instance_arn}\n" in result.err
    assert f" flows in {example.root}\n" in result.err
    assert result.out == example.run("plan", "staging").out
