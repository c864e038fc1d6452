"""File names that are safe and different; zip bytes that are the same."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.documents.archive import zip_bytes
from flowops.documents.files import MAXIMUM_NAME_BYTES, safe_name

NAMES = st.text(max_size=300)
MEMBERS = st.dictionaries(
    st.text("abc./é", min_size=1, max_size=8), st.binary(max_size=200), max_size=5
)


@given(NAMES, NAMES)
def test_different_names_have_different_files(one: str, other: str) -> None:
    assert (safe_name(one) == safe_name(other)) is (one == other)


@given(NAMES)
def test_a_file_name_is_harmless(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert not safe.startswith(".")
    assert not {"/", "\\", "\0", "\n", ":"} & set(safe)
    assert len(safe.encode("utf-8")) <= MAXIMUM_NAME_BYTES


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Tram delays (line 6)", "Tram delays (line 6)"),
        ("café_1.2-x", "café_1.2-x"),
        ("..", "%2E."),
        (".hidden", "%2Ehidden"),
        ("a/b", "a%2Fb"),
        ("100%", "100%25"),
        ("a\tb", "a%09b"),
        ("", "%"),
    ],
)
def test_names_people_give(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_long_names_are_cut_and_stay_different() -> None:
    one, other = "é" * 300, "é" * 301
    assert safe_name(one) != safe_name(other)
    assert safe_name(one).startswith("é" * 50 + "%~")


@given(MEMBERS)
def test_a_zip_depends_on_its_members_alone(members: dict[str, bytes]) -> None:
    data = zip_bytes(members)
    assert data == zip_bytes(dict(members))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {n: archive.read(n) for n in archive.namelist()} == members
        assert archive.namelist() == list(members)


def test_a_zip_says_nothing_of_the_machine() -> None:
    with zipfile.ZipFile(io.BytesIO(zip_bytes({"a": b"x" * 100}))) as archive:
        (entry,) = archive.infolist()
    assert entry.date_time == (1980, 1, 1, 0, 0, 0)
    assert entry.create_system == 3
    assert entry.external_attr >> 16 == 0o100644
    assert entry.compress_type == zipfile.ZIP_DEFLATED
