"""The story a newcomer is told, every word of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.golden import assert_golden
from tests.support.projects import run

EXPECTED = Path(__file__).parent / "demo" / "demo.txt"


def test_demo(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    result = run("demo", "--keep", str(tmp_path / "kept"))
    assert result.code == 0, result.err
    text = result.transcript("demo").replace(str(tmp_path), "FOLDER")
    text = re.sub(r"at http://127\.0\.0\.1:[0-9]+", "at http://127.0.0.1:PORT", text)
    text = re.sub(r"\b[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-", "TIME-", text)
    assert_golden(text, EXPECTED, bool(pytestconfig.getoption("--update-goldens")))


def test_demo_overwrites_nothing(tmp_path: Path) -> None:
    result = run("demo", "--keep", str(tmp_path))
    assert result.code == 1
    assert "already exists" in result.err
    assert list(tmp_path.iterdir()) == []
