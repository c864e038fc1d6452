from __future__ import annotations

import pytest

from flowops.documents.source import decode, source_text
from flowops.errors import InputError
from flowops.model import Location


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xef\xbb\xbf{}\r\n",
        "Größe 😀\n".encode(),
        b"\x00\x01",
        b"\r\r\n\n",
    ],
)
def test_bytes_come_back(data: bytes) -> None:
    assert decode("a.json", data).to_bytes() == data


def test_the_text_is_sealed() -> None:
    source = source_text("flows/a.json", '{"password": "hunter2"}')

    assert "hunter2" not in f"{source} {source!r} {source.text}"
    assert "flows/a.json" in str(source)


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"\xff", 1, 1),
        (b"ab\xffc", 1, 3),
        (b"a\nb\xe9", 2, 2),
        (b"a\r\nb\xe9", 2, 2),
        ("ä".encode() + b"\xc3", 1, 2),
        (b"\xef\xbb\xbfa\xff", 1, 2),
        (b"\xed\xa0\x80", 1, 1),
    ],
)
def test_what_is_not_utf_8_is_refused_with_its_place(
    data: bytes, line: int, column: int
) -> None:
    with pytest.raises(InputError, match="not UTF-8") as refusal:
        decode("a.json", data)

    assert refusal.value.location == Location("a.json", line, column)


def test_the_refusal_holds_no_bytes_of_the_file() -> None:
    with pytest.raises(InputError) as refusal:
        decode("a.json", b"password=hunter2 \xff")

    assert refusal.value.__cause__ is None
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_utf_16_is_named(mark: bytes) -> None:
    with pytest.raises(InputError, match="UTF-16") as refusal:
        decode("a.json", mark + "{}".encode("utf-16-le"))

    assert refusal.value.location == Location("a.json")


@pytest.mark.parametrize(
    ("text", "offset", "line", "column"),
    [
        ("", 0, 1, 1),
        ("abc", 2, 1, 3),
        ("abc", 3, 1, 4),
        ("a\nbc", 1, 1, 2),
        ("a\nbc", 2, 2, 1),
        ("a\nbc", 3, 2, 2),
        ("a\r\nbc", 4, 2, 2),
        ("a\n\n\nb", 4, 4, 1),
        ("😀b", 1, 1, 2),
        ("\ufeffab", 1, 1, 1),
        ("\ufeffab", 2, 1, 2),
        ("\ufeffa\nb", 3, 2, 1),
        ("\ufeff", 0, 1, 1),
    ],
)
def test_lines_and_columns_count_from_1(
    text: str, offset: int, line: int, column: int
) -> None:
    place = source_text("a", text).place(offset)

    assert place == Location("a", line, column)


def test_many_places_at_once_in_any_order() -> None:
    source = source_text("a", "one\ntwo\nthree")

    places = source.places([9, 0, 4, 9, 13])

    assert places == {offset: source.place(offset) for offset in (0, 4, 9, 13)}
    assert str(places[13]) == "a:3:6"
