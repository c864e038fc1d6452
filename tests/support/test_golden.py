from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.golden import TESTS, assert_golden, place_of


@pytest.mark.parametrize("content", ["one\ntwo\n", "", b"\x00\xff"])
def test_the_same_content_passes(tmp_path: Path, content: str | bytes) -> None:
    golden = tmp_path / "golden"
    golden.write_bytes(content.encode() if isinstance(content, str) else content)

    assert_golden(content, golden, update=False, kept=tmp_path / "kept")

    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("expected", "actual", "shown"),
    [
        (b"one\ntwo\n", "one\n2\n", ["-two", "+2"]),
        (b"one\n", "one", ["+(no newline at the end)"]),
        (b"one\n", "one\r\n", ["-one", "+one\\r"]),
        (b"\xff\n", b"\xfe\n", ["-\\xff", "+\\xfe"]),
        (b"", "\n", ["+"]),
    ],
)
def test_a_difference_fails_and_is_shown(
    tmp_path: Path, expected: bytes, actual: str | bytes, shown: list[str]
) -> None:
    golden = tmp_path / "golden"
    golden.write_bytes(expected)

    with pytest.raises(pytest.fail.Exception) as failure:
        assert_golden(actual, golden, update=False, kept=tmp_path / "kept")

    lines = str(failure.value).splitlines()
    assert [line for line in shown if line not in lines] == []
    assert lines[-1] == "To accept it: make goldens (pytest --update-goldens)"


def test_a_difference_keeps_the_output(tmp_path: Path) -> None:
    golden = tmp_path / "golden"
    golden.write_bytes(b"expected\n")

    with pytest.raises(pytest.fail.Exception):
        assert_golden("actual\n", golden, update=False, kept=tmp_path / "kept")

    assert (tmp_path / "kept/golden").read_bytes() == b"actual\n"
    assert golden.read_bytes() == b"expected\n"


def test_a_missing_golden_fails(tmp_path: Path) -> None:
    golden = tmp_path / "golden"

    with pytest.raises(pytest.fail.Exception, match="There is no golden file"):
        assert_golden("actual\n", golden, update=False, kept=tmp_path / "kept")

    assert (tmp_path / "kept/golden").read_bytes() == b"actual\n"
    assert not golden.exists()


def test_an_update_writes_the_golden(tmp_path: Path) -> None:
    golden = tmp_path / "new/golden"

    assert_golden("actual\n", golden, update=True, kept=tmp_path / "kept")

    assert golden.read_bytes() == b"actual\n"
    assert not (tmp_path / "kept").exists()


def test_the_kept_output_lies_as_its_golden_does() -> None:
    golden = TESTS / "golden/promote/plan.txt"

    assert place_of(golden) == Path("golden/promote/plan.txt")
