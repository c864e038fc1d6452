"""The whole way on the command line: plan, promote, drift, against a real server."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.api_server import PROMOTER, ApiServer
from tests.support.clusters import failing
from tests.support.projects import copy_example

# One server for all of them, started once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kubernetes")]

ENVIRONMENT = """\
extends: base
targets:
  event_processing:
    kind: kubernetes
    operator: ibm
    server: {url}
    namespace: {namespace}
    storage: flink-state
    timeout: 120
secrets:
  kafka_password: {{env: KAFKA_PASSWORD}}
flows:
  Large orders:
    config:
      "*":
        "*":
          properties.sasl.jaas.config: >-
            org.apache.kafka.common.security.scram.ScramLoginModule required
            username="flows" password="{{{{ kafka_password }}}}";
"""
PASSWORD = "marker-of-production"


class Project:
    """A project in a repository, and the command line in a process of its own."""

    def __init__(self, root: Path, kubeconfig: Path) -> None:
        self.root = copy_example(root)
        self.variables = {
            **os.environ,
            "KUBECONFIG": str(kubeconfig),
            "KAFKA_PASSWORD": PASSWORD,
        }

    def commit(self) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example"]
        for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
            subprocess.run(["git", *who, *words], cwd=self.root, check=True)

    def flowops(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "flowops", *words],
            cwd=self.root,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def project(server: ApiServer, namespace: str, tmp_path: Path) -> Project:
    config = server.kubeconfig(namespace, token=PROMOTER)
    made = Project(tmp_path / "project", config)
    text = ENVIRONMENT.format(url=server.url, namespace=namespace)
    (made.root / "environments" / "cluster.yaml").write_text(text, "utf-8")
    made.commit()
    return made


def test_a_flow_goes_live_and_comes_back(
    project: Project, server: ApiServer, namespace: str
) -> None:
    flow = ["cluster", "Large orders"]
    assert "1 to create" in project.flowops("plan", *flow)
    assert "Promoted 1 flow." in project.flowops("promote", *flow, "--yes")
    assert "No changes." in project.flowops("plan", *flow)
    assert "in sync" in project.flowops("drift", *flow)
    kubectl = server.kubeconfig(namespace)
    patch = '{"spec":{"job":{"parallelism":4}}}'
    name = "large-orders-8c374829"
    server.kubectl(kubectl, "patch", "flinkdep", name, "--type=merge", "-p", patch)
    assert "changed on the target" in project.flowops("drift", *flow)
    server.behaviour = failing
    said = project.flowops("promote", *flow, "--yes", code=1)
    assert "the promote stopped: the job of large-orders-8c374829 failed" in said
    server.behaviour = type(server).behaviour
    said = project.flowops("promote", *flow, "--yes")
    assert "it is undone first" in said
    assert "restored: event_processing/flow/Large orders" in said
    assert "No changes." in project.flowops("plan", *flow)
    held = [
        path
        for path in project.root.rglob("*")
        if path.is_file() and PASSWORD.encode() in path.read_bytes()
    ]
    assert held == []


def test_a_rollback_runs_what_ran_before_with_its_password(
    project: Project, server: ApiServer, namespace: str
) -> None:
    project.flowops("promote", "cluster", "Large orders", "--yes")
    before = config_that_is_read(server, namespace)
    assert PASSWORD in before
    path = project.root / "flows/event_processing/large-orders.json"
    path.write_text(path.read_text("utf-8").replace("> 1000", "> 2000"), "utf-8")
    project.commit()
    project.flowops("promote", "cluster", "Large orders", "--yes")
    said = project.flowops("rollback", "cluster", "--yes")
    assert "Put back 1 flow." in said
    assert config_that_is_read(server, namespace) == before
    path.write_text(path.read_text("utf-8").replace("> 2000", "> 1000"), "utf-8")
    assert "No changes." in project.flowops("plan", "cluster", "Large orders")


def config_that_is_read(server: ApiServer, namespace: str) -> str:
    """Return the config.yaml that the job reads, its secrets opened."""

    def get(kind: str, name: str) -> dict[str, Any]:
        words = ("get", kind, name, "-o", "json")
        done = server.kubectl(server.kubeconfig(namespace), *words)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    notes = get("flinkdep", "large-orders-8c374829")["metadata"]["annotations"]
    data = get("secret", notes["flowops/secret"])["data"]
    return base64.b64decode(data["config.yaml"]).decode()


def test_a_rotated_password_goes_live_as_asked(
    project: Project, server: ApiServer, namespace: str
) -> None:
    flow = ["cluster", "Large orders"]
    project.flowops("promote", *flow, "--yes")
    assert PASSWORD in config_that_is_read(server, namespace)
    project.variables["KAFKA_PASSWORD"] = f"{PASSWORD}-rotated"
    assert "No changes." in project.flowops("plan", *flow)
    project.flowops("plan", *flow, "--replace", "Large orders", "--save", "plan.json")
    said = project.flowops("promote", *flow, "--plan", "plan.json")
    assert "will be replaced as asked" in said
    assert "state: restart safe (the job goes on from a savepoint)" in said
    assert f"{PASSWORD}-rotated" in config_that_is_read(server, namespace)
    assert "recorded" not in project.flowops("promote", *flow, "--yes")
    assert "No changes." in project.flowops("plan", *flow)
