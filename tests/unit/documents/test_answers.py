"""What a server answers is read within limits, and is JSON that can be used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowops.documents.answers import TooLargeError, parse_answer, read_whole


def test_the_chunks_are_put_together() -> None:
    assert read_whole([b"ab", b"", b"c"], 3) == b"abc"


def test_no_more_is_taken_than_the_limit_allows() -> None:
    taken: list[int] = []

    def endless() -> Iterator[bytes]:
        for _ in range(100):
            taken.append(1)
            yield b"x" * 10

    with pytest.raises(TooLargeError):
        read_whole(endless(), 25)
    assert len(taken) == 3


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"<html>", b"[" * 100_000, b'{"a":' * 5000, b"NaN", b"[Infinity]"),
        *(b"9" * 5000, b"1e999", b'"\\ud800"', b"\xff", b"\xff\xfe", b'{"a": 1'),
        *(b'{"a": 1, "a": 2}', b"{} {}", b"null"),
    ],
)
def test_what_cannot_be_used_is_nothing(data: bytes) -> None:
    assert parse_answer(data) is None


def test_json_is_what_it_says() -> None:
    assert parse_answer(b'{"a": [1, "\\ud83d\\ude00"]}') == {"a": [1, "😀"]}
