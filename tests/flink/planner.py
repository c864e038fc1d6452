"""The real planner of Flink, in a Java process: accepts SQL, or says why not."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from select import select

from flowops.systems.event_processing.sql.text import code, split_statements

JAVA = Path(__file__).parent / "java"
SERVICES = "META-INF/services/org.apache.flink.table.factories.Factory"
FACTORIES = "stubs.ResponseFormat\nstubs.TemplatedQuery\nstubs.RequestLogger\n"
SECONDS = 120  # for one script; most take a tenth of one
# What bin/config.sh of Flink 2.2 opens for Java 17.
OPENS = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in ("java.lang", "java.util", "java.time", "java.net", "java.nio")
]


@dataclass(frozen=True)
class Verdict:
    """What the planner says of a script: accepted, or why a statement is not."""

    is_accepted: bool
    reason: str = ""


def statements_of(sql: str) -> list[str]:
    """Return the statements to plan one by one; a set is taken apart."""
    found: list[str] = []
    views: list[str] = []
    for text in split_statements(sql):
        tokens = code(text)
        words = [token.upper for token in tokens]
        if words[0] == "END":
            continue
        start = tokens[4].start if words[:2] == ["EXECUTE", "STATEMENT"] else 0
        if "VIEW" in words[1:4]:
            index = words.index("VIEW")
            views.append(f"QUERY {tokens[index + 1].text}")
        found.append(text[start:])
    return [*found, *views]


@dataclass
class Planner:
    """A Java process that plans the scripts it is given, one after the other."""

    line: str
    process: subprocess.Popen[str]
    folder: Path
    count: int = 0

    def plan(self, sql: str) -> Verdict:
        line = self._ask(statements_of(sql))
        return Verdict(line == "ok", line.removeprefix("rejected\t"))

    def value(self, *expressions: str, given: str = "") -> list[str]:
        """Return what the planner makes of expressions without columns.

        ``given`` are statements to run before, such as the making of a function.
        """
        line = self._ask([f"VALUES {', '.join(expressions)}", *statements_of(given)])
        assert line.startswith("ok\t"), line
        names = [f" AS EXPR${number}" for number in range(len(expressions))]
        rest, found = line.removeprefix("ok\t"), []
        for name in names:
            value, has, rest = rest.partition(name)
            assert has, line
            found.append(value.removeprefix(", "))
        return found

    def _ask(self, statements: list[str]) -> str:
        self.count += 1
        path = self.folder / f"{self.count}.sql"
        path.write_bytes("\0".join(statements).encode())
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        answers, _, _ = select([self.process.stdout], [], [], SECONDS)
        assert answers, f"the planner of Flink {self.line} says nothing"
        line = self.process.stdout.readline().rstrip("\n")
        assert line, "the planner ended"
        return line

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=60)
        if self.process.stdout:
            self.process.stdout.close()


def start(line: str, jars: list[Path], folder: Path) -> Planner:
    """Compile what stands for the vendor's classes, and start the planner of a line."""
    classes = folder / "classes"
    (classes / SERVICES).parent.mkdir(parents=True)
    (classes / SERVICES).write_text(FACTORIES, encoding="utf-8")
    path = ":".join(map(str, jars))
    sources = sorted(map(str, JAVA.rglob("*.java")))
    subprocess.run(
        ["javac", "-nowarn", "-cp", path, "-d", str(classes), *sources], check=True
    )
    process = subprocess.Popen(
        [
            *(
                "java",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                *OPENS,
            ),
            *("-cp", f"{classes}:{path}", "PlanCheck"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    return Planner(line, process, folder)
