"""Classes of functions are looked up by a real SQL gateway, before anything is written.

The cluster has one function of the tests in its lib, ``functions.Shout``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.flink.cluster import Cluster
from tests.flink.counting import Counting, write
from tests.support.kafka import Broker, consume, create_topics, produce
from tests.support.real import HOST, free_ports
from tests.support.sources import ROOT
from tests.unit.systems.event_processing.builders import document, node, sink, source

pytestmark = pytest.mark.slow
NAME = "Shouting"
FIELDS: list[object] = [{"name": "city", "selected": True, "type": "STRING"}]
STATEMENT = """\
CREATE TEMPORARY FUNCTION shout AS '{name}';
CREATE TEMPORARY VIEW `loud` AS
SELECT CAST(shout(`city`) AS STRING) AS `city` FROM `readings`;
"""
THERE, NOBODY = "functions.Shout", "functions.Nobody"
NO_FUNCTION = "org.apache.flink.table.functions.ScalarFunction"  # it is abstract
SNAPSHOT = "environments/live.inventory.json"
SCHEMA = json.loads((ROOT / "flowops/schema/inventory.schema.json").read_text("utf-8"))


def test_a_function_that_is_there_is_resolved_and_runs(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    project = shouting(tmp_path / "project", flink, broker, gateway=flink.gateway)
    write_flow(project, THERE)
    produce(broker, project.source, [b'{"city": "Oslo"}'])
    result = project.promote()
    assert result.code == 0, result.out + result.err
    assert "inventory/gap" not in result.out + result.err
    [row] = consume(broker, project.sink, 1, seconds=60)
    assert json.loads(row) == {"city": "Oslo!"}
    flink.end_jobs()


@pytest.mark.parametrize("name", [NOBODY, NO_FUNCTION])
def test_a_promote_stops_at_a_class_that_flink_cannot_load(
    flink: Cluster, broker: Broker, tmp_path: Path, name: str
) -> None:
    project = shouting(tmp_path / "project", flink, broker, gateway=flink.gateway)
    write_flow(project, name)
    result = project.promote()
    assert result.code == 1
    assert f"the target has no function named '{name}'" in result.out + result.err
    assert flink.jobs(NAME) == []
    assert "staged" not in result.err


def test_a_mapped_class_is_the_one_that_is_asked_about(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    project = shouting(tmp_path / "project", flink, broker, gateway=flink.gateway)
    write_flow(project, NOBODY)
    assert "no function named 'functions.Nobody'" in plan(project)
    project.configure(flink, broker, login=False, gateway=flink.gateway)
    edit(project, {"references": {"function": {NOBODY: THERE}}})
    assert "no function named" not in plan(project)


def test_without_a_gateway_it_says_that_nobody_could_be_asked(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    project = shouting(tmp_path / "project", flink, broker)
    write_flow(project, NOBODY)
    words = (
        "not every function can be checked: only a SQL gateway can say if Flink has "
        "functions.Nobody, and the target names none as `gateway` or `ask.flink.url`"
    )
    assert words in plan(project)
    write_flow(project, "")
    assert "inventory/gap" not in plan(project)


def test_a_gateway_that_is_down_is_a_gap(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    project = shouting(tmp_path / "project", flink, broker)
    edit(project, {}, ask={"flink": {"url": f"http://{HOST}:{port}"}})
    write_flow(project, NOBODY)
    assert f"http://{HOST}:{port} cannot be reached" in plan(project)
    edit(project, {}, ask={"flink": {"url": flink.url}})  # that of the job manager
    assert "not every function can be checked" in plan(project)


def test_a_snapshot_knows_what_was_asked_and_nothing_else(
    flink: Cluster, broker: Broker, tmp_path: Path
) -> None:
    project = shouting(tmp_path / "project", flink, broker)
    target = {"kind": "directory", "path": "out", "dialect": "flink"}
    ask = {"flink": {"url": flink.gateway}}
    edit(project, {}, ask=ask, target=target)
    write_flow(project, THERE)
    write_flow(project, NOBODY, "other")
    result = project.run("inventory", "live")
    assert result.code == 0, result.err
    document = json.loads((project.root / SNAPSHOT).read_text("utf-8"))
    jsonschema.validate(document, SCHEMA)
    found = document["systems"]["event_processing"]
    assert found["asked"] == {"function": [NOBODY, THERE]}
    assert "function" not in found["kinds"]
    assert [r["name"] for r in found["resources"] if r["kind"] == "function"] == [THERE]
    edit(project, {}, target={**target, "ask": None})
    write_flow(project, "functions.Newer", "newer")
    said = plan(project, "--base", "HEAD")
    assert "no function named 'functions.Nobody'" in said
    assert "no function named 'functions.Newer'" not in said
    assert "no function named 'functions.Shout'" not in said


def plan(project: Counting, *words: str) -> str:
    """Plan, and return all that is said; nothing is written."""
    result = project.run("plan", "live", *words)
    return result.out + result.err


def shouting(root: Path, cluster: Cluster, broker: Broker, **target: str) -> Counting:
    """Make a project and the topics it uses; a flow is still to be written."""
    name = f"{root.parent.name}-{cluster.version}"
    project = Counting(root, NAME, f"{name}-in", f"{name}-out")
    create_topics(broker, project.source, project.sink)
    project.configure(cluster, broker, login=False, **target)
    edit(project, {})
    return project


def write_flow(project: Counting, class_name: str, name: str = NAME) -> None:
    """Write a flow that makes a function of a class, or of none."""
    statement = STATEMENT.format(name=class_name)
    if not class_name:
        statement = statement.replace("shout(", "UPPER(").partition(";\n")[2]
    start = source(
        "readings", fields=FIELDS, watermark={"watermarkWithEventSource": False}
    )
    middle = node("loud", "sqlProcessor", {"statement": statement})
    flow = document(start, middle, sink("results"), name=name)
    path = project.root / "flows" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(flow), "utf-8")


def edit(
    project: Counting,
    flow: Mapping[str, Any],
    ask: Mapping[str, Any] | None = None,
    target: Mapping[str, Any] | None = None,
) -> None:
    """Change the environment: the topics of these nodes, and where to ask."""
    import yaml

    path = project.root / "environments" / "live.yaml"
    environment = yaml.safe_load(path.read_text("utf-8"))
    old = environment["flows"].pop(NAME)["config"]
    config = old if "readings" in old else renamed(old)
    environment["flows"][NAME] = {"config": config, **flow}
    if target:
        environment["targets"]["event_processing"] = dict(target)
    if ask:
        environment["targets"]["event_processing"]["ask"] = dict(ask)
    write(path, environment)


def renamed(config: Mapping[str, Any]) -> dict[str, Any]:
    return {"readings": config["events"], "results": config["counts"]}
