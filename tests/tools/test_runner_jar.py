"""The runner's jar that ships is what its source makes."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.flink.cluster import require
from tools.runner_jar import JAR, MAIN, OLDEST, build, is_our_compiler


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as jar:
        return {name: jar.read(name) for name in jar.namelist()}


def test_it_is_small_and_says_what_to_start() -> None:
    data = JAR.read_bytes()
    assert len(data) < 4096
    assert f"Main-Class: {MAIN}\r\n" in members(data)["META-INF/MANIFEST.MF"].decode()


@pytest.mark.slow
def test_building_it_again_gives_the_same_files() -> None:
    """The files, as how well they are packed depends on the zlib of the machine."""
    require(OLDEST)
    if not is_our_compiler():
        pytest.skip("its class files are those of the compiler of Java 17")
    assert members(build()) == members(JAR.read_bytes())
