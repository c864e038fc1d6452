"""Fetch the packages of tools/browser_parts.txt into .cache/browser, and unpack them.

They come through npm as this machine is set up: its settings, its registry, its
cache. No address stands here, no script of a package is run, and a package with
another hash is refused. What is there already is not fetched again.

    python3 tools/browser_parts.py
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

LIST = Path(__file__).resolve().with_name("browser_parts.txt")
STORE = Path(__file__).resolve().parent.parent / ".cache" / "browser"
CHROMIUM = STORE / "chromium" / "chromium"
LIBRARIES = STORE / "chromium" / "lib"
AXE = STORE / "axe-core" / "axe.min.js"
MERMAID = STORE / "tiny" / "dist" / "mermaid.tiny.js"
_DONE = STORE / "done.txt"
_SECONDS = 900
_UNPACK = (
    "require('zlib').brotliDecompress(require('fs').readFileSync(0),"
    "(error, data) => { if (error) throw error; process.stdout.write(data) })"
)


class Package(NamedTuple):
    """A package by its name and version, and the integrity it has to have."""

    integrity: str
    name: str
    version: str

    @property
    def folder(self) -> str:
        """Return where it is unpacked."""
        return self.name.rpartition("/")[2]


def read_list(text: str) -> list[Package]:
    """Read lines of an integrity and a package; a ``#`` starts a comment."""
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return [Package(row[0], *row[1].rsplit("@", 1)) for row in rows if row]


def integrity_of(data: bytes) -> str:
    """Return the integrity of a package as npm writes it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"


def lacking() -> str:
    """Say what to do where the parts are not there; nothing when all are."""
    wanted = LIST.read_text(encoding="utf-8")
    if _DONE.is_file() and _DONE.read_text(encoding="utf-8") == wanted:
        return ""
    return "run python3 tools/browser_parts.py first"


def fetch(package: Package) -> bytes:
    """Fetch a package through npm; raises ``SystemExit`` with what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        words = [_program("npm"), "pack", "--json", "--ignore-scripts"]
        words += ["--pack-destination", folder, f"{package.name}@{package.version}"]
        done = subprocess.run(  # noqa: S603
            words, cwd=folder, capture_output=True, check=False, timeout=_SECONDS
        )
        if done.returncode:
            raise SystemExit(f"browser_parts: npm could not fetch {package.name}")
        file: str = json.loads(done.stdout)[0]["filename"]
        data = (Path(folder) / file).read_bytes()
    if integrity_of(data) != package.integrity:
        raise SystemExit(f"browser_parts: {package.name} has another hash")
    return data


def unpack(package: Package, data: bytes, store: Path) -> None:
    """Unpack a package below a folder."""
    place = store / package.folder
    shutil.rmtree(place, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        _extract(archive, place, "package/")


def prepare_chromium(place: Path) -> None:
    """Make the browser and its libraries out of what the package holds."""
    browser = place / "chromium"
    browser.write_bytes(_expanded(place / "bin" / "chromium.br"))
    browser.chmod(0o755)
    libraries = io.BytesIO(_expanded(place / "bin" / "al2023.tar.br"))
    with tarfile.open(fileobj=libraries) as archive:
        _extract(archive, place)


def _extract(archive: tarfile.TarFile, place: Path, above: str = "") -> None:
    """Write the plain files of an archive below a folder, and nothing outside it."""
    for member in archive:
        path = (place / member.name.removeprefix(above)).resolve()
        content = archive.extractfile(member) if member.isreg() else None
        if content and path.is_relative_to(place.resolve()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())


def _expanded(path: Path) -> bytes:
    """Return what a Brotli file holds; Node can read it, Python cannot."""
    words = [_program("node"), "-e", _UNPACK]
    with path.open("rb") as stream:
        done = subprocess.run(  # noqa: S603
            words, stdin=stream, capture_output=True, check=True, timeout=_SECONDS
        )
    return done.stdout


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"browser_parts: there is no {name}; install Node.js first")
    return found


def main() -> int:
    """Fetch what is missing, and say what was done."""
    packages = read_list(LIST.read_text(encoding="utf-8"))
    if lacking():
        STORE.mkdir(parents=True, exist_ok=True)
        for package in packages:
            unpack(package, fetch(package), STORE)
        prepare_chromium(CHROMIUM.parent)
        _DONE.write_text(LIST.read_text(encoding="utf-8"), encoding="utf-8")
    names = ", ".join(f"{package.name} {package.version}" for package in packages)
    print(f"browser_parts: {names} in {STORE}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
