"""A flow that the real operator runs, on the node that stands in, and what it says."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.support.api_server import absent
from tests.support.node import REST_PORT, Node, node
from tests.support.operator import FLINK_VERSION, Operator
from tools.real_components import class_path, lacking

RUNNER = Path(__file__).parent / "java" / "SqlRunner.java"
# Where the claim would be; and nothing that takes more than a small machine has.
SPEC = """\
flinkConfiguration:
  state.checkpoints.dir: file://{state}/checkpoints
  state.savepoints.dir: file://{state}/savepoints
  high-availability.storageDir: file://{state}/ha
taskManager: {{resource: {{memory: 1024m}}}}
"""


@dataclass(frozen=True)
class Deployed:
    """What the operator made of a flow: ``name`` is that of its deployment."""

    node: Node
    name: str
    state: Path

    def ask(self, path: str) -> Any:
        """Ask the job manager, past everything that is tested."""
        address = self.node.addresses[self.name]
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"http://{address}:{REST_PORT}{path}", timeout=10).json()

    def job(self) -> dict[str, Any]:
        """Return the one job there is, and what it was restored from."""
        (job,) = self.ask("/jobs/overview")["jobs"]
        found = self.ask(f"/jobs/{job['jid']}/checkpoints")["latest"]["restored"]
        return {**job, "restored": found}

    def target(self) -> dict[str, str]:
        """Return what an environment says of the cluster."""
        return {
            "kind": "kubernetes",
            "operator": "apache",
            "server": self.node.server.url,
            "namespace": self.node.namespace,
            "image": "registry.example/flink:1",
            "flink-version": FLINK_VERSION,
            "dialect": "flink",
            "storage": "flink-state",
            "timeout": "300",
            "spec": SPEC.format(state=self.state),
        }


@contextmanager
def deployed(
    operator: Operator, namespace: str, name: str, folder: Path, runner: Path
) -> Iterator[Deployed]:
    """Start a node for a flow that is not promoted yet; it ends with the block."""
    account = {"metadata": {"name": "flink"}}
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    operator.server.ask("POST", path, account)
    image: Mapping[str, Path] = {"/opt/flink/usrlib/sql-runner.jar": runner}
    place = folder / "node"
    place.mkdir()
    with node(operator.server, namespace, place, operator.hosts, image) as found:
        yield Deployed(found, name, folder / "state")


def build_runner(folder: Path) -> Path:
    """Build the job jar of the image, such as the operator's own example builds."""
    reason = lacking("flink-1.20")
    if reason or not shutil.which("javac"):
        absent(reason or "there is no JDK on this machine")
    path = ":".join(map(str, class_path("flink-1.20")))
    words = ["javac", "--release", "11", "-cp", path, "-d", str(folder), str(RUNNER)]
    subprocess.run(words, check=True, timeout=120)
    with zipfile.ZipFile(folder / "sql-runner.jar", "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Main-Class: SqlRunner\n")
        archive.write(folder / "SqlRunner.class", "SqlRunner.class")
    return folder / "sql-runner.jar"
