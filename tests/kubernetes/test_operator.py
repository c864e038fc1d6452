"""What Apache's real operator makes of what is applied, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from kubernetes.config import kube_config

from flowops.errors import TargetError
from flowops.secrets import Text
from flowops.systems.event_processing.targets.kubernetes.api import ApiCluster
from flowops.systems.event_processing.targets.kubernetes.settings import read_settings
from flowops.systems.event_processing.targets.kubernetes.target import Namespace
from flowops.systems.protocol import Mark
from tests.flink.cluster import until
from tests.support.api_server import ApiServer
from tests.support.clusters import Object
from tests.support.operator import FLINK_VERSION, Operator
from tests.support.streams import APACHE, flow_bundle, settings_of

# One operator for all of them, started once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("operator")]

NAME = "large-orders-8c374829"
FIRST, SECOND = (Mark("shop", f"run-{n}", f"sha256:{n}") for n in (1, 2))
ADDRESS = flow_bundle().address
VALUES: dict[str, Text] = {**APACHE, "flink-version": FLINK_VERSION}
MINIMUM = "JobManager replicas should not be configured less than one."

Opened = Callable[..., Namespace]


@pytest.fixture
def server(operator: Operator) -> ApiServer:
    """The server that the real operator watches, instead of the one with a played."""
    return operator.server


@pytest.fixture
def opened(
    server: ApiServer, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Opened:
    """Open the namespace with what an environment says, and wait so long for a job."""

    def open_it(seconds: int = 60, **more: str) -> Namespace:
        here: dict[str, Text] = {
            **VALUES,
            "server": server.url,
            "namespace": namespace,
            "timeout": str(seconds),
            **more,
        }
        path = server.kubeconfig(namespace)
        monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
        settings = read_settings(settings_of(here, tmp_path))
        return Namespace(settings, lambda: ApiCluster(settings))

    return open_it


def promote(target: Namespace, mark: Mark, statement: str = "TRUE") -> TargetError:
    """Promote, and return why it stopped: without a node no job can run."""
    bundle = flow_bundle(statement, values=target._settings.settings.values)
    target.verify()
    target.reserve([bundle], mark)
    target.stage(bundle)
    with pytest.raises(TargetError) as caught:
        target.publish(bundle, mark)
    return caught.value


def objects(server: ApiServer, namespace: str, kind: str) -> dict[str, Object]:
    config = server.kubeconfig(namespace)
    found = json.loads(server.kubectl(config, "get", kind, "-o", "json").stdout)
    return {one["metadata"]["name"]: one for one in found["items"]}


def taken_on(operator: Operator, namespace: str) -> Object:
    """Wait until the operator has deployed what was applied, and return the status."""

    def is_deployed() -> bool:
        return operator.status(namespace, NAME).get("lifecycleState") == "DEPLOYED"

    until(is_deployed, "the operator to deploy it")
    return operator.status(namespace, NAME)


def test_the_operator_takes_it_on_and_makes_a_cluster_of_it(
    opened: Opened, operator: Operator, namespace: str
) -> None:
    error = promote(opened(seconds=2), FIRST)
    assert error.message.startswith("it is not known whether the job of")
    status = taken_on(operator, namespace)
    assert status["jobManagerDeploymentStatus"] == "DEPLOYING"
    assert status["jobStatus"]["state"] == "RECONCILING"
    assert not status.get("error")
    reconciled = json.loads(status["reconciliationStatus"]["lastReconciledSpec"])
    assert reconciled["spec"]["image"] == VALUES["image"]
    made = objects(operator.server, namespace, "deployment")[NAME]
    (container,) = made["spec"]["template"]["spec"]["containers"]
    assert container["args"][-1] == "kubernetes-jobmanager.sh kubernetes-application "
    assert {m["mountPath"] for m in container["volumeMounts"]} >= {
        "/opt/flink/usrlib/sql-scripts",
        "/opt/flink/volume",
    }
    assert f"{NAME}-rest" in objects(operator.server, namespace, "service")
    config = objects(operator.server, namespace, "configmap")[f"flink-config-{NAME}"]
    written = config["data"]["flink-conf.yaml"]
    assert "state.savepoints.dir: file:///opt/flink/volume/flink-sp" in written


def test_what_the_operator_added_is_no_drift(
    opened: Opened, operator: Operator, namespace: str
) -> None:
    target = opened(seconds=2)
    promote(target, FIRST)
    taken_on(operator, namespace)
    state = opened().read({ADDRESS: "published"})[ADDRESS]
    bundle = flow_bundle(values=target._settings.settings.values)
    assert {k: str(v) for k, v in state.files.items()} == {
        k: str(v) for k, v in bundle.files.items()
    }


def test_a_spec_it_refuses_is_told_at_once_in_its_words(
    opened: Opened, server: ApiServer, namespace: str
) -> None:
    target = opened(storage="")
    error = promote(target, FIRST)
    assert error.message == (
        f"the operator does not accept {NAME}: Checkpoint directory"
        "[state.checkpoints.dir] must be defined for last-state and savepoint "
        "upgrade modes"
    )
    assert target.restore(ADDRESS, None, FIRST.run)
    assert objects(server, namespace, "flinkdeployment") == {}


def test_a_later_spec_it_refuses_leaves_what_it_took_on(
    opened: Opened, operator: Operator, namespace: str
) -> None:
    promote(opened(seconds=2), FIRST)
    taken_on(operator, namespace)
    before = opened().read({ADDRESS: "published"})[ADDRESS]
    spec = "jobManager: {replicas: 0}"
    error = promote(opened(spec=spec), SECOND, "FALSE")
    assert error.message == f"the operator does not accept {NAME}: {MINIMUM}"
    status = operator.status(namespace, NAME)
    assert MINIMUM in status["error"]
    assert status["lifecycleState"] == "DEPLOYED"
    target = opened(seconds=2)
    with pytest.raises(TargetError, match="it is not known whether"):
        target.restore(ADDRESS, before, SECOND.run)
    assert opened().read({ADDRESS: "published"})[ADDRESS] == before
