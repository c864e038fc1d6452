"""How long a server is waited for, and when it is asked once more."""

from __future__ import annotations

import threading

import pytest

from flowops.patience import Patience, when_to_ask, within


def test_what_is_in_time_is_given_and_what_fails_is_raised() -> None:
    def fails() -> int:
        raise KeyError(7)

    assert within(10, lambda: 5) == 5
    with pytest.raises(KeyError, match="7"):
        within(10, fails)


def test_what_is_late_is_left_alone() -> None:
    release = threading.Event()
    before = {*threading.enumerate()}  # another test may have left one alone too
    with pytest.raises(TimeoutError, match=r"nothing came within 0\.05 s"):
        within(0.05, release.wait)
    (left,) = {*threading.enumerate()} - before
    assert left.name == "flowops-asks"
    assert left.daemon  # so it does not keep the process
    release.set()
    left.join(10)
    assert not left.is_alive()


class Flaky:
    """Fails so many times, and then answers."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        if self.asked <= self.failures:
            raise ConnectionResetError
        return "here"


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_what_may_pass_is_asked_again_after_a_growing_pause(failures: int) -> None:
    pauses: list[float] = []
    ask = Flaky(failures)
    patience = Patience(pauses=(1, 3), sleep=pauses.append)
    assert patience.again(ask, ConnectionResetError) == "here"
    assert pauses == [1, 3][:failures]


def test_it_is_not_asked_for_ever() -> None:
    ask = Flaky(9)
    patience = Patience(pauses=(1, 3), sleep=lambda _: None)
    with pytest.raises(ConnectionResetError):
        patience.again(ask, ConnectionResetError)
    assert ask.asked == 3


def test_what_will_not_pass_is_asked_once() -> None:
    ask = Flaky(9)
    with pytest.raises(ConnectionResetError):
        Patience(sleep=lambda _: None).again(ask, KeyError)
    assert ask.asked == 1


def test_a_client_is_told_to_read_a_little_longer_than_the_whole() -> None:
    assert Patience(connect=10).limits(30) == (10, 35)
    assert Patience(connect=10).limits(0.5) == (0.5, 5.5)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("120", "try again in 120 s"),
        ("Wed, 21 Oct 2015 07:28:00 GMT", "try again in a while"),
        ("²", "try again in a while"),
        ("", "try again in a while"),
        ("9" * 5000, "try again in 999999999 s"),
    ],
)
def test_when_a_busy_server_wants_to_be_asked(value: str, words: str) -> None:
    assert when_to_ask({"Retry-After": value}) == words
