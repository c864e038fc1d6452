"""The folder of manifests, read by the real kubectl and kustomize."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from flowops.secrets import Text
from flowops.systems import event_processing
from flowops.systems.event_processing.manifests.names import resource_name
from flowops.systems.protocol import BoundFlow, Bundle, Mark, Target, TargetSettings
from tests.support.api_server import ApiServer
from tests.support.streams import PLACE
from tests.unit.systems.event_processing.builders import document, read, sink, source

# One server for all of them, started once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kubernetes")]

NAMES = ("Weather", "Große Beträge («EU»)", "a/b", "-- 100 % --")
IBM: dict[str, Text] = {"manifests": "ibm", "storage": "flink-state"}
APACHE: dict[str, Text] = {
    "manifests": "apache",
    "image": "registry.example/flink:1",
    "flink-version": "v1_20",
    "secret": "from-elsewhere",
}


def opened(root: Path, values: dict[str, Text]) -> Target:
    settings = {"path": "deploy", **values}
    return event_processing.open_target(
        TargetSettings("event_processing", "directory", settings, PLACE, root, "x")
    )


def promoted(root: Path, values: dict[str, Text]) -> Path:
    target, mark = opened(root, values), Mark("shop", "run-1", "sha256:1")
    for name in NAMES:
        bundle = bundle_of(name, values)
        target.stage(bundle)
        target.publish(bundle, mark)
    return root / "deploy"


def bundle_of(name: str, values: dict[str, Text]) -> Bundle:
    flow = read(document(source(), sink(), name=name))
    return event_processing.render(
        BoundFlow(flow, settings=flow.settings, target=values)
    )


@pytest.mark.parametrize("values", [IBM, APACHE], ids=["ibm", "apache"])
def test_kustomize_reads_the_folder(
    server: ApiServer, tmp_path: Path, values: dict[str, Text]
) -> None:
    folder = promoted(tmp_path, values)
    done = server.kubectl(server.kubeconfig("x"), "kustomize", str(folder))
    found = [*yaml.safe_load_all(done.stdout)]
    kinds = {"FlinkDeployment", "ConfigMap"} if values is IBM else {"FlinkDeployment"}
    assert {(one["kind"], one["metadata"]["name"]) for one in found} == {
        (kind, resource_name(name)) for name in NAMES for kind in kinds
    }
    for one in found:
        if one["kind"] == "ConfigMap":
            assert json.loads(one["data"]["flow.json"])["flowDetails"]


@pytest.mark.parametrize("values", [IBM, APACHE], ids=["ibm", "apache"])
def test_kubectl_applies_the_folder(
    server: ApiServer, namespace: str, tmp_path: Path, values: dict[str, Text]
) -> None:
    folder = promoted(tmp_path, values)
    config = server.kubeconfig(namespace)
    words = ("apply", "--server-side", "--validate=strict", "-k", str(folder))
    lines = server.kubectl(config, *words).stdout.splitlines()
    assert all(line.endswith(" serverside-applied") for line in lines)
    assert len(lines) == len(NAMES) * (2 if values is IBM else 1)
    found = server.kubectl(config, "get", "flinkdep", "-o", "name").stdout.split()
    assert sorted(found) == sorted(
        f"flinkdeployment.flink.apache.org/{resource_name(name)}" for name in NAMES
    )
    assert not server.kubectl(config, "diff", "--server-side", "-k", str(folder)).stdout
