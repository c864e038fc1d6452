"""A real schema registry on loopback: Apicurio, in memory, empty at first.

``schema_registry()`` starts it and always ends it. Beside its own API it has
Confluent's, below ``COMPATIBLE``. Its distribution comes from
``python3 -m tools.real_components registry``.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.support.real import HOST, free_ports, lacking, running, wait_for
from tools.real_components import class_path
from tools.real_components import lacking as lacking_jars

COMPATIBLE = "/apis/ccompat/v7"
START_SECONDS = 180.0
CALL_SECONDS = 30.0
JAVA = ("java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry that runs: its address, its process and its log."""

    url: str
    pid: int
    log: Path

    def answers(self) -> bool:
        """Tell whether it has started."""
        try:
            url = f"{self.url}{COMPATIBLE}/subjects"
            return requests.get(url, timeout=CALL_SECONDS).ok
        except requests.RequestException:
            return False

    def register(self, subject: str, schema: str = '{"type": "string"}') -> None:
        """Add a version of a subject."""
        requests.post(
            f"{self.url}{COMPATIBLE}/subjects/{subject}/versions",
            data=json.dumps({"schema": schema}),
            headers={"Content-Type": "application/vnd.schemaregistry.v1+json"},
            timeout=CALL_SECONDS,
        ).raise_for_status()


@contextmanager
def schema_registry() -> Iterator[Registry]:
    """Start a registry; end it in any case.

    Skips, or fails where FLOWOPS_REAL=1, without Java or its distribution.
    """
    if not shutil.which("java"):
        lacking("there is no Java on this machine")
    if reason := lacking_jars("registry"):
        lacking(reason)
    (archive,) = class_path("registry")
    with tempfile.TemporaryDirectory(prefix="registry-") as name:
        folder = Path(name)
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        (jar,) = folder.glob("*-runner.jar")
        (port,) = free_ports(1)
        address = (f"-Dquarkus.http.host={HOST}", f"-Dquarkus.http.port={port}")
        log = folder / "registry.log"
        words = [*JAVA, *address, "-jar", str(jar)]
        with running(words, log, cwd=folder) as process:
            registry = Registry(f"http://{HOST}:{port}", process.pid, log)
            wait_for(registry.answers, process, log, START_SECONDS)
            yield registry
