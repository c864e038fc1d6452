"""A flow runs, changes, fails, comes back and goes: the real operator and real Flink.

Only the node is a stand-in: tests/support/node.py says what it does.
"""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from kubernetes.config import kube_config

from tests.flink.cluster import until
from tests.support.api_server import ApiServer, absent
from tests.support.node import REST_PORT, Node, node
from tests.support.operator import FLINK_VERSION, Operator
from tests.support.projects import Result, run
from tests.support.repositories import Repository, new_repository
from tools.real_components import class_path, lacking

# The same operator as in test_operator.py.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("operator")]

FLOW = "numbers"
RUNNER = Path(__file__).parent / "java" / "SqlRunner.java"
PROJECT = "version: 1\nname: tests\nflows: [{path: flows/*.sql}]\n"
# Where the claim would be; and nothing that takes more than a small machine has.
ENVIRONMENT = """\
targets:
  event_processing:
    kind: kubernetes
    operator: apache
    server: {url}
    namespace: {namespace}
    image: registry.example/flink:1
    flink-version: {version}
    dialect: flink
    storage: flink-state
    timeout: 120
    spec: |
      flinkConfiguration:
        state.backend.type: hashmap
        state.checkpoints.dir: file://{state}/checkpoints
        state.savepoints.dir: file://{state}/savepoints
        high-availability.storageDir: file://{state}/ha
      taskManager: {{resource: {{memory: 1024m}}}}
"""
SQL = """\
CREATE TABLE numbers (n BIGINT) WITH (
    'connector' = 'datagen', 'rows-per-second' = '5', 'fields.n.kind' = 'sequence',
    'fields.n.start' = '1', 'fields.n.end' = '1000000'
);
CREATE TABLE nothing (n BIGINT) WITH ('connector' = '{connector}');
INSERT INTO nothing SELECT n FROM numbers WHERE n > {least};
"""


@dataclass(frozen=True)
class Flows:
    """A project with one flow, and the node it runs on."""

    root: Path
    node: Node
    state: Path

    def write(self, least: int, connector: str = "blackhole") -> None:
        text = SQL.format(least=least, connector=connector)
        (self.root / "flows" / f"{FLOW}.sql").write_text(text, "utf-8")

    def run(self, *words: str) -> Result:
        Repository(self.root).commit()
        return run(*words, "--project", str(self.root))

    def promote(self, *more: str) -> Result:
        return self.run("promote", "cluster", "--yes", *more)

    def ask(self, path: str) -> Any:
        """Ask the job manager, past everything that is tested."""
        address = self.node.addresses[FLOW]
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"http://{address}:{REST_PORT}{path}", timeout=10).json()

    def job(self) -> dict[str, Any]:
        """Return the one job there is, and what it was restored from."""
        (job,) = self.ask("/jobs/overview")["jobs"]
        found = self.ask(f"/jobs/{job['jid']}/checkpoints")["latest"]["restored"]
        return {**job, "restored": found}


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job jar of the image, such as the operator's own example builds."""
    reason = lacking("flink-1.20")
    if reason or not shutil.which("javac"):
        absent(reason or "there is no JDK on this machine")
    folder = tmp_path_factory.mktemp("runner")
    path = ":".join(map(str, class_path("flink-1.20")))
    words = ["javac", "--release", "11", "-cp", path, "-d", str(folder), str(RUNNER)]
    subprocess.run(words, check=True, timeout=120)
    with zipfile.ZipFile(folder / "sql-runner.jar", "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Main-Class: SqlRunner\n")
        archive.write(folder / "SqlRunner.class", "SqlRunner.class")
    return folder / "sql-runner.jar"


@pytest.fixture
def server(operator: Operator) -> ApiServer:
    return operator.server


@pytest.fixture
def flows(
    operator: Operator,
    namespace: str,
    runner: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Flows]:
    server, root = operator.server, tmp_path / "project"
    account = {"metadata": {"name": "flink"}}
    server.ask("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", account)
    path = server.kubeconfig(namespace)
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    state = tmp_path / "state"
    text = ENVIRONMENT.format(
        url=server.url, namespace=namespace, version=FLINK_VERSION, state=state
    )
    for name in ("flows", "environments"):
        (root / name).mkdir(parents=True)
    (root / "flowops.yaml").write_text(PROJECT, "utf-8")
    (root / "environments" / "cluster.yaml").write_text(text, "utf-8")
    new_repository(root)
    image = {"/opt/flink/usrlib/sql-runner.jar": runner}
    folder = tmp_path / "node"
    folder.mkdir()
    with node(server, namespace, folder, operator.hosts, image) as found:
        yield Flows(root, found, state)


def test_a_flow_runs_changes_fails_comes_back_and_goes(
    flows: Flows, operator: Operator
) -> None:
    flows.write(0)
    result = flows.promote()
    assert result.code == 0, result.err
    first = flows.job()
    assert (first["state"], first["restored"]) == ("RUNNING", None)
    assert "No changes." in flows.run("plan", "cluster").out
    assert "in sync" in flows.run("drift", "cluster").out

    flows.write(1)
    result = flows.promote()
    assert result.code == 0, result.err
    second = flows.job()
    assert second["state"] == "RUNNING"
    assert second["restored"]["is_savepoint"]
    assert f"{flows.state}/savepoints/" in second["restored"]["external_path"]

    flows.write(2, connector="not-there")
    result = flows.promote()
    assert result.code == 1, result.err
    assert f"the job of {FLOW} failed; the operator says lifecycle FAILED" in result.err
    assert f"\nrestored: event_processing/flow/{FLOW}" in result.err
    third = flows.job()
    assert third["state"] == "RUNNING"
    assert third["restored"]
    assert third["restored"]["external_path"] != second["restored"]["external_path"]
    flows.write(1)
    assert "No changes." in flows.run("plan", "cluster").out

    (flows.root / "flows" / f"{FLOW}.sql").unlink()
    result = flows.promote("--allow", "deletes")
    assert result.code == 0, result.err
    until(lambda: not flows.node.runs, "every process to end")
    path = f"/api/v1/namespaces/{flows.node.namespace}/configmaps"
    names = [o["metadata"]["name"] for o in operator.server.ask("GET", path)["items"]]
    assert not [name for name in names if "config-map" in name]
