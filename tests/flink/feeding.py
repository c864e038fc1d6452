"""A project whose SQL flow copies numbers from one folder to another, on real Flink.

No broker is needed: files are read as they appear, and a file with a word in it makes
the job fail. A job that goes on from its state reads no file twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.flink.cluster import Cluster, until
from tests.flink.counting import PROMOTE, write
from tests.support.projects import Result, run
from tests.support.repositories import Repository, new_repository

RETAINED = {
    "execution.checkpointing.externalized-checkpoint-retention": (
        "DELETE_ON_CANCELLATION"  # which keeps those of a job that fails
    )
}
FROM = (
    "'connector' = 'filesystem', 'path' = '{inbox}', 'format' = 'json', "
    "'source.monitor-interval' = '100 ms'"
)
COPY = f"""\
CREATE TABLE numbers (n INT) WITH ({FROM});
CREATE TABLE copies (n INT) WITH ('connector' = 'filesystem', 'path' = '{{out}}',
  'format' = 'json', 'sink.rolling-policy.rollover-interval' = '50 ms',
  'sink.rolling-policy.check-interval' = '50 ms');
INSERT INTO copies SELECT n FROM numbers;
"""
RESTARTS = {
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "100000",
    # Long, as a job makes a savepoint in the moment that it runs before it fails.
    "restart-strategy.fixed-delay.delay": "8 s",
    # The first checkpoint comes after so long and no earlier, which is never.
    "execution.checkpointing.interval": "2 s",
    "execution.checkpointing.min-pause": "2 s",
}
KEPT = {
    **RESTARTS,
    "execution.checkpointing.externalized-checkpoint-retention": (
        "RETAIN_ON_CANCELLATION"
    ),
}
MENDED = COPY.replace(
    "'source.monitor-interval'",
    "'json.ignore-parse-errors' = 'true', 'source.monitor-interval'",
)


@dataclass(frozen=True)
class Feeding:
    """A project with its folders, and the cluster its flows run on."""

    root: Path
    name: str
    flink: Cluster

    @property
    def inbox(self) -> Path:
        return self.root / "in"

    def run(self, *words: str) -> Result:
        """Run a command; a promote is made from a commit of what there is."""
        if not (self.root / ".git").exists():
            new_repository(self.root)
        Repository(self.root).commit()
        return run(*words, "--project", str(self.root))

    def promote(self, *words: str) -> Result:
        return self.run(*PROMOTE, *words)

    def configure(self, **target: str) -> None:
        """Write the project's file and the environment ``live``."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        (self.root / ".gitignore").write_text("/in/\n/out/\n", "utf-8")
        values: dict[str, Any] = {
            "kind": "flink",
            "url": self.flink.url,
            "savepoints": self.flink.savepoints,
            "timeout": "60",
            **target,
        }
        (self.root / "environments").mkdir(exist_ok=True)
        project = {"version": 1, "name": "tests", "flows": [{"path": "flows/*.sql"}]}
        write(self.root / "flowops.yaml", project)
        targets = {"targets": {"event_processing": values}}
        write(self.root / "environments" / "live.yaml", targets)

    def write(
        self,
        tables: str = COPY,
        *,
        name: str = "",
        folder: str = "in",
        settings: dict[str, str] | None = None,
    ) -> None:
        """Write the flow."""
        lines = [f"SET '{k}' = '{v}';\n" for k, v in (settings or {}).items()]
        inbox, out = (self.root / name for name in (folder, "out"))
        lines.append(tables.format(inbox=inbox.as_uri(), out=out.as_uri()))
        path = self.root / "flows" / f"{name or self.name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), "utf-8")

    def feed(self, file: str, numbers: Iterable[int | str]) -> None:
        """Put a file where the flow reads; it appears whole."""
        text = "".join(f"{json.dumps({'n': number})}\n" for number in numbers)
        hidden = self.root / f"{file}.new"
        hidden.write_text(text, "utf-8")
        hidden.rename(self.inbox / file)

    def copied(self) -> list[int]:
        """Return the numbers the flow has written for good."""
        found = (self.root / "out").rglob("part-*")
        lines = [line for p in found for line in p.read_text("utf-8").splitlines()]
        read = (json.loads(line)["n"] for line in lines)
        return sorted(int(number) for number in read if number is not None)

    def until_copied(self, numbers: Iterable[int]) -> None:
        wanted = sorted(numbers)
        until(lambda: len(self.copied()) >= len(wanted), f"copies of {wanted}")
        found = self.copied()
        assert found == wanted, found

    def fail(self) -> str:
        """Let the job that runs fail for good, and return its id."""
        [job] = self.flink.jobs(self.name)
        self.feed("bad.json", ["no number"])
        identity = str(job["jid"])
        until(lambda: self.state(identity) == "FAILED", "a job to fail")
        return identity

    def mend(self, numbers: Iterable[int]) -> None:
        """Put numbers where the bad file is."""
        self.feed("bad.json", numbers)

    def state(self, job: str) -> str:
        return str(self.flink.ask(f"/jobs/{job}/status")["status"])

    def until_failed(self, job: str) -> None:
        """Wait until a job that fails for ever waits for its next start."""
        until(lambda: self.state(job) == "RESTARTING", "a job to fail again")

    def checkpoints(self, job: str) -> Any:
        return self.flink.ask(f"/jobs/{job}/checkpoints")["latest"]


def feeding(root: Path, name: str, flink: Cluster, **target: str) -> Feeding:
    """Make a project; its flow is not written yet."""
    made = Feeding(root, name, flink)
    made.configure(**target)
    return made


@contextmanager
def hidden(place: str) -> Iterator[None]:
    """Take away what makes a folder of Flink a checkpoint, for the time of a block."""
    path = Path(unquote(urlsplit(place).path)) / "_metadata"
    path.rename(path.with_name("taken-away"))
    try:
        yield
    finally:
        path.with_name("taken-away").rename(path)


def started(
    root: Path,
    name: str,
    flink: Cluster,
    settings: dict[str, str] | None = None,
    **target: str,
) -> Feeding:
    """Promote a flow, and wait until it has copied ten numbers."""
    project = feeding(root / "project", name, flink, **target)
    project.write(settings=settings)
    result = project.promote()
    assert result.code == 0, result.out + result.err
    project.feed("first.json", range(10))
    project.until_copied(range(10))
    return project


def looping(root: Path, name: str, flink: Cluster, settings: dict[str, str]) -> Feeding:
    """Return a flow whose job fails and is started again, for ever."""
    project = started(root, name, flink, settings)
    project.feed("bad.json", ["no number"])
    [job] = flink.jobs(name)
    until(lambda: project.checkpoints(job["jid"])["restored"], "a job to start again")
    project.until_failed(job["jid"])
    return project
