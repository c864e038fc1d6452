"""Build kubectl and an API server for the tests from pinned sources.

The sources are Go modules, each pinned by version in tools/kubernetes/go.mod and by
hash in go.sum, and come through Go as this machine is set up. What is built lies in
.cache/kubernetes, and is not built again while the pins stay.

    python3 tools/kubernetes_parts.py
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().with_name("kubernetes")
CACHE = Path(__file__).resolve().parent.parent / ".cache" / "kubernetes"
PROGRAMS = ("kubectl", "apiserver")
SECONDS = 3600
STAMP = "built-from"
VERSION = re.compile(r"k8s\.io/kubernetes (v[0-9.]+)")


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


def main() -> int:
    """Build what is not built yet, and say what was done."""
    if is_built(SOURCES, CACHE):
        print(f"kubernetes_parts: {', '.join(PROGRAMS)} are in {CACHE}")  # noqa: T201
        return 0
    go = shutil.which("go")
    if go is None:
        raise SystemExit("kubernetes_parts: there is no go; install it first")
    CACHE.mkdir(parents=True, exist_ok=True)
    # Go is not to fetch another Go, nor to trust anything that go.sum does not list.
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false"}
    environment["CGO_ENABLED"] = "0"
    for words in commands(go, SOURCES, CACHE):
        done = subprocess.run(  # noqa: S603
            words, cwd=SOURCES, env=environment, check=False, timeout=SECONDS
        )
        if done.returncode:
            raise SystemExit("kubernetes_parts: Go could not build it")
    (CACHE / STAMP).write_text(fingerprint(SOURCES), encoding="utf-8")
    print(f"kubernetes_parts: built {', '.join(PROGRAMS)} in {CACHE}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
