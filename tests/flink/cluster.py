"""A real Flink session cluster on this machine: job manager, task manager, gateway.

Three Java processes of the jars that tools/real_components.py fetches, on free ports
of the loopback address. ``cluster`` ends them, whatever happens.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from flowops.http_client import Login
from flowops.systems.event_processing.targets.flink.gateway import Gateway
from flowops.systems.event_processing.targets.flink.job_script import job_script
from flowops.systems.event_processing.targets.flink.rest import Endpoint
from tests.support.real import HOST, free_ports, running, wait_for
from tests.support.real import lacking as lacking_real
from tools.real_components import class_path, lacking

IS_REQUIRED = os.environ.get("FLOWOPS_FLINK") == "1"
SECONDS = 180
SLOTS = 6
# Milliseconds in which a cluster waits for task managers. After them it fails a job
# that finds no slot at once; left alone, that would hang on how long the tests take.
START_UP = {"1.20": 3_600_000, "2.2": 1}
ENDED = ("FINISHED", "CANCELED", "FAILED")
JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
GATEWAY = "org.apache.flink.table.gateway.SqlGateway"
HEAP = {JOB_MANAGER: 320, TASK_MANAGER: 384, GATEWAY: 256}  # in megabytes
# What conf/config.yaml of Flink 1.20 and 2.2 opens for Java 17.
OPENS = [
    *(
        f"--add-exports={name}=ALL-UNNAMED"
        for name in (
            "java.rmi/sun.rmi.registry",
            "java.security.jgss/sun.security.krb5",
            "jdk.compiler/com.sun.tools.javac.api",
        )
    ),
    *(
        f"--add-opens=java.base/{name}=ALL-UNNAMED"
        for name in (
            "java.lang",
            "java.net",
            "java.io",
            "java.nio",
            "sun.nio.ch",
            "java.lang.reflect",
            "java.text",
            "java.time",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "java.util.concurrent.locks",
        )
    ),
]
PATIENCE = 90.0
FUNCTIONS = Path(__file__).parent / "java" / "functions"
FOREIGN = """
CREATE TABLE numbers (n INT) WITH ('connector' = 'datagen', 'rows-per-second' = '1');
CREATE TABLE nothing (n INT) WITH ('connector' = 'blackhole');
INSERT INTO nothing SELECT n FROM numbers;
"""
LOG = """\
status = warn
rootLogger.level = INFO
rootLogger.appenderRef.out.ref = Out
appender.out.name = Out
appender.out.type = CONSOLE
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} - %m%n
"""


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs: its addresses, and the folder it writes to."""

    version: str
    url: str
    gateway: str
    folder: Path

    @property
    def savepoints(self) -> str:
        return (self.folder / "savepoints").as_uri()

    def ask(self, path: str) -> Any:
        """Ask the job manager, past everything that is tested."""
        return requests.get(f"{self.url}{path}", timeout=SECONDS).json()

    def jobs(self, name: str = "") -> list[dict[str, Any]]:
        """Return the jobs that have not ended, of one name or of all."""
        found = self.ask("/jobs/overview")["jobs"]
        return [
            job
            for job in found
            if job["state"] not in ENDED and name in ("", job["name"])
        ]

    def own_jars(self) -> list[str]:
        """Return the names of the jars FlowOps left."""
        names = [str(jar["name"]) for jar in self.ask("/jars")["files"]]
        return [name for name in names if name.startswith("flowops-")]

    def _ends(self, url: str, trigger: str, began: float) -> bool:
        """Tell whether a job has ended; one that does not stop is cancelled.

        A stop whose savepoint fails leaves the job as it was.
        """
        state = requests.get(f"{url}/status", timeout=SECONDS).json()["status"]
        is_late = time.monotonic() - began > PATIENCE
        if state in ENDED:
            return True
        made = requests.get(f"{url}/savepoints/{trigger}", timeout=SECONDS).json()
        has_failed = "failure-cause" in (made.get("operation") or ())
        if is_late or has_failed or state != "RUNNING":
            requests.patch(f"{url}?mode=cancel", timeout=SECONDS)
        return False

    def start_foreign(self, name: str, parallelism: int = 1) -> None:
        """Start a job as somebody would who does not know FlowOps."""
        settings = {"pipeline.name": name, "parallelism.default": str(parallelism)}
        gateway = Gateway(Endpoint(self.gateway, Login(), None), SECONDS)
        gateway.submit(job_script(FOREIGN), settings)
        until(lambda: self.is_whole(name), "a job of somebody else")

    def is_whole(self, name: str) -> bool:
        """Tell whether there is a job of a name, and each task of it runs."""
        tasks = [job["tasks"] for job in self.jobs(name)]
        return bool(tasks) and all(0 < t["running"] == t["total"] for t in tasks)

    def end_jobs(self) -> None:
        """Cancel what still runs and drop every jar, so that tests begin alike."""
        for job in self.jobs():
            # Cancelling can take the task manager along, by a sink that is writing.
            url = f"{self.url}/jobs/{job['jid']}"
            body = {"targetDirectory": self.savepoints}
            answer = requests.post(f"{url}/stop", json=body, timeout=SECONDS).json()
            trigger = answer.get("request-id", "none")
            until(partial(self._ends, url, trigger, time.monotonic()), "a job to stop")
        for jar in self.ask("/jars")["files"]:
            requests.delete(f"{self.url}/jars/{jar['id']}", timeout=SECONDS)


def until(done: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Ask again until the answer is yes; fails the test when it never is."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.1)


def require(component: str) -> None:
    """Skip, or fail where the tests have to run, when Java or a jar is missing."""
    reason = lacking(component)
    if not (shutil.which("java") and shutil.which("javac")):
        reason = "there is no JDK on this machine"
    if reason and IS_REQUIRED:
        pytest.fail(reason, pytrace=False)
    if reason:
        lacking_real(reason)


@contextmanager
def cluster(version: str, folder: Path) -> Iterator[Cluster]:
    """Run a cluster of a version, such as 1.20, until the block ends."""
    require(f"flink-{version}")
    ports = free_ports(3)
    urls = [f"http://{HOST}:{port}" for port in ports]
    folder.mkdir(parents=True, exist_ok=True)
    _compile_functions(version, folder)
    lines = [f"{name}: {value}\n" for name, value in _settings(folder, ports).items()]
    lines.append(f"resourcemanager.standalone.start-up-time: {START_UP[version]}\n")
    (folder / "config.yaml").write_text("".join(lines), "utf-8")
    (folder / "log4j2.properties").write_text(LOG, "utf-8")
    ready = {
        JOB_MANAGER: lambda: _answers(f"{urls[1]}/overview"),
        TASK_MANAGER: lambda: _slots(urls[1]) == SLOTS,
        GATEWAY: lambda: _answers(f"{urls[2]}/v2/info"),
    }
    with ExitStack() as stack:
        started = {
            main: stack.enter_context(_java(version, folder, main)) for main in ready
        }
        for main, is_ready in ready.items():
            wait_for(is_ready, started[main], _log(folder, main), SECONDS)
        yield Cluster(version, urls[1], urls[2], folder)


def _settings(folder: Path, ports: list[int]) -> Mapping[str, object]:
    rpc, rest, gateway = ports
    return {
        "jobmanager.rpc.address": HOST,
        "jobmanager.rpc.port": rpc,
        "jobmanager.bind-host": HOST,
        "jobmanager.memory.process.size": "512m",
        "taskmanager.host": HOST,
        "taskmanager.bind-host": HOST,
        "taskmanager.numberOfTaskSlots": SLOTS,
        "taskmanager.cpu.cores": "2.0",
        "taskmanager.memory.framework.heap.size": "64m",
        "taskmanager.memory.framework.off-heap.size": "64m",
        "taskmanager.memory.task.heap.size": "320m",
        "taskmanager.memory.task.off-heap.size": "0m",
        "taskmanager.memory.managed.size": "64m",
        "taskmanager.memory.network.min": "32m",
        "taskmanager.memory.network.max": "32m",
        "taskmanager.memory.jvm-metaspace.size": "192m",
        "taskmanager.memory.jvm-overhead.min": "96m",
        "taskmanager.memory.jvm-overhead.max": "96m",
        "rest.address": HOST,
        "rest.bind-address": HOST,
        "rest.port": rest,
        "web.refresh-interval": 100,  # else an answer may be three seconds old
        "sql-gateway.endpoint.rest.address": HOST,
        "sql-gateway.endpoint.rest.bind-address": HOST,
        "sql-gateway.endpoint.rest.port": gateway,
        "cluster.registration.error-delay": 300,
        "io.tmp.dirs": folder / "tmp",
        "web.upload.dir": folder / "upload",
        "execution.checkpointing.interval": "500 ms",
        "execution.checkpointing.dir": (folder / "checkpoints").as_uri(),
        "restart-strategy.type": "disable",
        "parallelism.default": 1,
        "heartbeat.timeout": 120000,
    }


def _class_path(version: str, folder: Path) -> str:
    """Return what Flink has in its lib: its jars, and the functions of the tests."""
    return ":".join(map(str, (folder / "classes", *class_path(f"flink-{version}"))))


def _compile_functions(version: str, folder: Path) -> None:
    (folder / "classes").mkdir()
    words = ["javac", "-nowarn", "-proc:none", "-cp", _class_path(version, folder)]
    sources = sorted(map(str, FUNCTIONS.glob("*.java")))
    subprocess.run([*words, "-d", str(folder / "classes"), *sources], check=True)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=30).ok
    except requests.RequestException:
        return False


def _slots(url: str) -> int:
    """Return how many slots there are; none while nobody can say."""
    try:
        answer = requests.get(f"{url}/overview", timeout=30)
    except requests.RequestException:
        return 0
    return int(answer.json()["slots-total"]) if answer.ok else 0


def _log(folder: Path, main: str) -> Path:
    return folder / f"{main.rpartition('.')[2]}.log"


@contextmanager
def _java(version: str, folder: Path, main: str) -> Iterator[Any]:
    path = _class_path(version, folder)
    words = [
        *("java", f"-Xmx{HEAP[main]}m", "-XX:+UseSerialGC"),
        *("-XX:TieredStopAtLevel=1", "-Xshare:auto"),
        f"-Dlog4j.configurationFile={folder / 'log4j2.properties'}",
        *(*OPENS, "-cp", path, main),
        *(["--configDir", str(folder)] if main != GATEWAY else []),
    ]
    environment = {**os.environ, "FLINK_CONF_DIR": str(folder)}
    log = _log(folder, main)
    with running(words, log, cwd=folder, environment=environment) as process:
        yield process
