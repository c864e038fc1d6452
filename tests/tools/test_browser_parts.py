from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tools import browser_parts
from tools.browser_parts import LIST, Package, integrity_of, read_list


def archive(text: str, name: str = "package/file.js") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as packed:
        member = tarfile.TarInfo(name)
        member.size = len(text)
        packed.addfile(member, io.BytesIO(text.encode()))
    return data.getvalue()


def npm(folder: Path, data: bytes, code: int = 0) -> None:
    """Put an npm into a folder that packs these bytes, whatever it is asked for."""
    (folder / "data").write_bytes(data)
    answer = json.dumps([{"filename": "it.tgz"}])
    script = folder / "npm"
    script.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, shutil, sys\n"
        "place = sys.argv[sys.argv.index('--pack-destination') + 1]\n"
        f"shutil.copy({str(folder / 'data')!r}, pathlib.Path(place) / 'it.tgz')\n"
        f"print({answer!r})\nsys.exit({code})\n",
        "utf-8",
    )
    script.chmod(0o755)


def test_each_part_is_pinned_by_version_and_integrity() -> None:
    packages = read_list(LIST.read_text("utf-8"))
    assert [package.folder for package in packages] == ["chromium", "axe-core", "tiny"]
    for package in packages:
        assert package.integrity.startswith("sha512-")
        assert all(part.isdigit() for part in package.version.split("."))
    text = LIST.read_text("utf-8") + Path(browser_parts.__file__).read_text("utf-8")
    assert "://" not in text, "npm knows where to look, this project does not"


def test_a_package_with_its_hash_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = archive("let a")
    npm(tmp_path, data)
    monkeypatch.setenv("PATH", str(tmp_path))
    package = Package(integrity_of(data), "@scope/name", "1.0.0")
    browser_parts.unpack(package, browser_parts.fetch(package), tmp_path)
    assert (tmp_path / "name" / "file.js").read_text("utf-8") == "let a"


def test_no_file_is_written_outside(tmp_path: Path) -> None:
    data = archive("let a", "package/../../outside.js")
    package = Package("", "name", "1.0.0")
    browser_parts.unpack(package, data, tmp_path / "store")
    assert not list(tmp_path.rglob("outside.js"))


@pytest.mark.parametrize(
    ("integrity", "code", "words"),
    [("sha512-AAAA", 0, "has another hash"), ("", 1, "npm could not fetch")],
)
def test_any_other_package_is_refused(
    integrity: str,
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    npm(tmp_path, archive("let a"), code)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=words):
        browser_parts.fetch(Package(integrity, "name", "1.0.0"))


def test_without_npm_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="install Node"):
        browser_parts.fetch(Package("", "name", "1.0.0"))


def test_another_list_asks_for_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_parts, "_DONE", tmp_path / "done.txt")
    assert "run python3 tools/browser_parts.py" in browser_parts.lacking()
    (tmp_path / "done.txt").write_text(LIST.read_text("utf-8"), "utf-8")
    assert browser_parts.lacking() == ""
    (tmp_path / "done.txt").write_text("an older list", "utf-8")
    assert browser_parts.lacking()


def test_it_runs_as_a_script() -> None:
    words = [sys.executable, str(Path(browser_parts.__file__)), "--help"]
    if browser_parts.lacking():
        pytest.skip("it would fetch")
    done = subprocess.run(words, capture_output=True, check=True, text=True, timeout=60)
    assert done.stdout.startswith("browser_parts: @sparticuz/chromium ")
