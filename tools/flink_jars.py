"""Fetch the jars of tools/flink_jars.txt into .cache/flink, and check each hash.

They come through Maven as this machine is set up: its settings, its mirror, its
cache. No address stands here. A jar that is there and right is not fetched again.
Each jar belongs to one line of Flink or to several, such as 1.20 and 2.2; a line is
fetched at a time, as Maven takes one version of a jar.

    python3 tools/flink_jars.py
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

LIST = Path(__file__).resolve().with_name("flink_jars.txt")
CACHE = Path(__file__).resolve().parent.parent / ".cache" / "flink"
GOAL = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies"
SECONDS = 900
# Maven waits half an hour for a mirror that says nothing: a minute, in milliseconds,
# as Maven 3.8 and 3.9 call it.
GIVES_UP = ("-Dmaven.wagon.rto=60000", "-Daether.connector.requestTimeout=60000")


class Jar(NamedTuple):
    """A jar by its Maven coordinates, and the hash it has to have.

    ``type`` and ``classifier`` are for what is no plain jar.
    """

    sha256: str
    group: str
    artifact: str
    version: str
    type: str = "jar"
    classifier: str = ""

    @property
    def file(self) -> str:
        """Return what Maven calls the file."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{classifier}.{self.type}"

    @property
    def form(self) -> str:
        """Return what a Maven project says of a file that is no plain jar."""
        if (self.type, self.classifier) == ("jar", ""):
            return ""
        kind = f"<type>{escape(self.type)}</type>"
        return f"{kind}<classifier>{escape(self.classifier)}</classifier>"


def read_list(text: str) -> dict[str, list[Jar]]:
    """Read rows of lines, hash and coordinates into the jars of each line.

    A row that starts with ``#`` is a comment.
    """
    lines: dict[str, list[Jar]] = {}
    rows = [row.split() for row in text.splitlines() if not row.startswith("#")]
    for row in rows:
        for line in row[0].split(",") if row else ():
            lines.setdefault(line, []).append(Jar(row[1], *row[2].split(":")))
    return lines


def missing(jars: list[Jar], folder: Path) -> list[Jar]:
    """Return the jars that are not there, or are not what they should be."""
    return [jar for jar in jars if not is_right(folder / jar.file, jar)]


def is_right(path: Path, jar: Jar) -> bool:
    """Tell whether a file is there and has the hash of its jar."""
    if not path.is_file():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def project(jars: list[Jar]) -> str:
    """Write the Maven project that depends on exactly these jars."""
    nothing_else = (
        "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId>"
        "</exclusion></exclusions>"
    )
    wanted = "".join(
        f"<dependency><groupId>{escape(jar.group)}</groupId>"
        f"<artifactId>{escape(jar.artifact)}</artifactId>"
        f"<version>{escape(jar.version)}</version>{jar.form}{nothing_else}</dependency>"
        for jar in jars
    )
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>flowops</groupId>"
        "<artifactId>flink-jars</artifactId><version>1</version>"
        f"<dependencies>{wanted}</dependencies></project>"
    )


def fetch(jars: list[Jar], folder: Path) -> None:
    """Fetch jars through Maven; raises ``SystemExit`` with what is wrong."""
    maven = shutil.which("mvn")
    if maven is None:
        raise SystemExit("flink_jars: there is no mvn; install Maven first")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "pom.xml").write_text(project(jars), encoding="utf-8")
        words = [
            maven,
            "-q",
            "-B",
            *GIVES_UP,
            GOAL,
            f"-DoutputDirectory={place / 'jars'}",
        ]
        done = subprocess.run(words, cwd=place, check=False, timeout=SECONDS)  # noqa: S603
        if done.returncode:
            raise SystemExit("flink_jars: Maven could not fetch the jars")
        if wrong := missing(jars, place / "jars"):
            raise SystemExit(f"flink_jars: {wrong[0].file} has another hash")
        folder.mkdir(parents=True, exist_ok=True)
        for jar in jars:
            shutil.move(place / "jars" / jar.file, folder / jar.file)


def main() -> int:
    """Fetch what is missing, and say what was done."""
    fetched = 0
    lines = read_list(LIST.read_text(encoding="utf-8"))
    for jars in lines.values():
        if wanted := missing(jars, CACHE):
            fetch(wanted, CACHE)
            fetched += len(wanted)
    there = f"Flink {' and '.join(sorted(lines))} in {CACHE}"
    print(f"flink_jars: {fetched} fetched, {there}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
