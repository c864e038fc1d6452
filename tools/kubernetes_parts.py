"""Build kubectl and an API server for the tests from pinned sources.

The sources are Go modules, each pinned by version in tools/kubernetes/go.mod and by
hash in go.sum, and come through Go as this machine is set up. What is built lies in
.cache/kubernetes, and is not built again while the pins stay. Files of other modules,
pinned in tools/kubernetes_parts.txt, are put beside it.

    python3 tools/kubernetes_parts.py
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import NamedTuple

SOURCES = Path(__file__).resolve().with_name("kubernetes")
CACHE = Path(__file__).resolve().parent.parent / ".cache" / "kubernetes"
LIST = Path(__file__).resolve().with_name("kubernetes_parts.txt")
PROGRAMS = ("kubectl", "apiserver")
SECONDS = 3600
STAMP = "built-from"
VERSION = re.compile(r"k8s\.io/kubernetes (v[0-9.]+)")


class Member(NamedTuple):
    """A file of a Go module, with the module's hash as ``go.sum`` writes it."""

    module: str
    version: str
    sum: str
    file: str

    @property
    def kept(self) -> str:
        """Return the name it is kept under; another version has another."""
        return f"{self.version}-{PurePosixPath(self.file).name}"


def fingerprint(sources: Path) -> str:
    """Return the hash of everything that says what is built."""
    found = hashlib.sha256()
    for path in sorted(p for p in sources.rglob("*") if p.is_file()):
        found.update(f"{path.relative_to(sources).as_posix()}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def is_built(sources: Path, folder: Path) -> bool:
    """Tell whether every program is there, and built from these sources."""
    stamp = folder / STAMP
    if not stamp.is_file() or stamp.read_text("utf-8") != fingerprint(sources):
        return False
    return all((folder / name).is_file() for name in PROGRAMS)


def commands(go: str, sources: Path, folder: Path) -> list[list[str]]:
    """Return the command that builds each program."""
    found = VERSION.search((sources / "go.mod").read_text("utf-8"))
    version = found[1] if found else "v0.0.0"
    major, minor = version.removeprefix("v").split(".")[:2]
    names = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(
        f"-X k8s.io/component-base/version.{key}={value}"
        for key, value in names.items()
    )
    build = [go, "build", "-trimpath", "-mod=readonly", f"-ldflags=-s -w {flags}"]
    return [[*build, "-o", str(folder / name), f"./{name}"] for name in PROGRAMS]


def read_list(text: str) -> list[Member]:
    """Read lines of module, version, hash and file; a ``#`` starts a comment."""
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return [Member(*row) for row in rows if row]


def absent(members: list[Member], folder: Path) -> list[Member]:
    """Return the members that are not there, or of another version."""
    return [m for m in members if not (folder / m.kept).is_file()]


def fetch(go: str, member: Member, folder: Path) -> None:
    """Fetch a module, and keep one file of it; refuses one with another hash."""
    name = f"{member.module}@{member.version}"
    done = subprocess.run(  # noqa: S603
        [go, "mod", "download", "-json", name],
        cwd=folder,
        env=environment(),
        check=False,
        timeout=SECONDS,
        capture_output=True,
    )
    if done.returncode:
        sys.stderr.buffer.write(done.stderr)
        raise SystemExit(f"kubernetes_parts: Go could not fetch {name}")
    found = json.loads(done.stdout)
    if found["Sum"] != member.sum:
        raise SystemExit(f"kubernetes_parts: {name} is not what is pinned")
    data = (Path(found["Dir"]) / member.file).read_bytes()
    (folder / member.kept).write_bytes(data)


def environment() -> dict[str, str]:
    """Return how Go runs: it fetches no other Go, and needs no compiler of C."""
    own = {"GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0"}
    return {**os.environ, **own}


def main() -> int:
    """Build and fetch what is not there yet, and say what was done."""
    members = absent(read_list(LIST.read_text("utf-8")), CACHE)
    go = shutil.which("go")
    if go is None and (members or not is_built(SOURCES, CACHE)):
        raise SystemExit("kubernetes_parts: there is no go; install it first")
    CACHE.mkdir(parents=True, exist_ok=True)
    if go and not is_built(SOURCES, CACHE):
        build(go)
    for member in members:
        fetch(go or "go", member, CACHE)
    names = [*PROGRAMS, *(m.kept for m in read_list(LIST.read_text("utf-8")))]
    print(f"kubernetes_parts: {', '.join(names)} are in {CACHE}")  # noqa: T201
    return 0


def build(go: str) -> None:
    """Build every program; Go trusts nothing that go.sum does not list."""
    for words in commands(go, SOURCES, CACHE):
        done = subprocess.run(  # noqa: S603
            words, cwd=SOURCES, env=environment(), check=False, timeout=SECONDS
        )
        if done.returncode:
            raise SystemExit("kubernetes_parts: Go could not build it")
    (CACHE / STAMP).write_text(fingerprint(SOURCES), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
