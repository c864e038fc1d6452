"""Build the jar that runs SQL on a Flink cluster; its bytes depend on its source alone.

It is compiled against the oldest Flink FlowOps knows, for Java 8, and packed with
one date for all. A test builds it again and compares.

    python3 -m tools.runner_jar
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from flowops.documents.archive import zip_bytes
from tools.real_components import class_path, lacking

RUNNER = (
    Path(__file__).resolve().parent.parent
    / "flowops/systems/event_processing/targets/flink/runner"
)
JAR = RUNNER / "runner.jar"
OLDEST = "flink-1.20"
MAIN = "flowops.runner.SqlRunner"
# The class files differ from one release of the compiler to the next.
JAVAC = "17"
MANIFEST = f"Manifest-Version: 1.0\r\nMain-Class: {MAIN}\r\n\r\n"


def is_our_compiler() -> bool:
    """Tell whether the compiler is the one whose bytes are kept."""
    javac = shutil.which("javac")
    if javac is None:
        return False
    said = subprocess.run([javac, "-version"], capture_output=True, text=True)  # noqa: S603, PLW1510
    return f"{said.stdout} {said.stderr}".split()[1].split(".")[0] == JAVAC


def build() -> bytes:
    """Compile the source and pack it; raises ``SystemExit`` where it cannot be."""
    if reason := lacking(OLDEST):
        raise SystemExit(f"runner_jar: {reason}")
    path = ":".join(map(str, class_path(OLDEST)))
    sources = sorted(map(str, RUNNER.rglob("*.java")))
    with tempfile.TemporaryDirectory() as folder:
        words = ["javac", "-nowarn", "-g:none", "-Xlint:-options", "--release", "8"]
        subprocess.run([*words, "-cp", path, "-d", folder, *sources], check=True)  # noqa: S603
        classes = sorted(Path(folder).rglob("*.class"))
        members = {"META-INF/MANIFEST.MF": MANIFEST.encode()}
        members |= {c.relative_to(folder).as_posix(): c.read_bytes() for c in classes}
    return zip_bytes(members)


def main() -> int:
    """Write the jar where the package has it."""
    JAR.write_bytes(build())
    print(f"runner_jar: {JAR} has {JAR.stat().st_size} bytes")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
