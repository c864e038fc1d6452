"""A flow runs and goes: the real operator and real Flink.

Only the node is a stand-in: tests/support/node.py says what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.flink.cluster import until
from tests.kubernetes.on_a_node import Deployed
from tests.support.api_server import ApiServer
from tests.support.operator import Operator
from tests.support.projects import Result, run
from tests.support.repositories import Repository, new_repository

# The same operator as in test_operator.py.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("operator")]

FLOW = "numbers"
PROJECT = "version: 1\nname: tests\nflows: [{path: flows/*.sql}]\n"
SQL = """\
CREATE TABLE numbers (n BIGINT) WITH (
    'connector' = 'datagen', 'rows-per-second' = '5', 'fields.n.kind' = 'sequence',
    'fields.n.start' = '1', 'fields.n.end' = '1000000'
);
CREATE TABLE nothing (n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO nothing SELECT n FROM numbers;
"""


@dataclass(frozen=True)
class Flows:
    """A project with one flow, and where it runs."""

    root: Path
    flow: Deployed

    def run(self, *words: str) -> Result:
        Repository(self.root).commit()
        return run(*words, "--project", str(self.root))

    def promote(self, *more: str) -> Result:
        return self.run("promote", "cluster", "--yes", *more)


@pytest.fixture
def server(operator: Operator) -> ApiServer:
    return operator.server


@pytest.fixture
def flows(start_node: Callable[[str], Deployed], tmp_path: Path) -> Flows:
    root = tmp_path / "project"
    for name in ("flows", "environments"):
        (root / name).mkdir(parents=True)
    (root / "flowops.yaml").write_text(PROJECT, "utf-8")
    (root / "flows" / f"{FLOW}.sql").write_text(SQL, "utf-8")
    new_repository(root)
    flow = start_node(FLOW)
    text = yaml.safe_dump({"targets": {"event_processing": flow.target()}})
    (root / "environments" / "cluster.yaml").write_text(text, "utf-8")
    return Flows(root, flow)


def test_a_flow_runs_and_goes(flows: Flows, operator: Operator) -> None:
    result = flows.promote()
    assert result.code == 0, result.err
    job = flows.flow.job()
    assert (job["state"], job["restored"]) == ("RUNNING", None)
    assert "No changes." in flows.run("plan", "cluster").out
    assert "in sync" in flows.run("drift", "cluster").out

    (flows.root / "flows" / f"{FLOW}.sql").unlink()
    result = flows.promote("--allow", "deletes")
    assert result.code == 0, result.err
    until(lambda: not flows.flow.node.runs, "every process to end")
    path = f"/api/v1/namespaces/{flows.flow.node.namespace}/configmaps"
    names = [o["metadata"]["name"] for o in operator.server.ask("GET", path)["items"]]
    assert not [name for name in names if "config-map" in name]
