"""The folder of manifests, read by the real kubectl and kustomize."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowops.secrets import Text
from flowops.systems import event_processing
from flowops.systems.event_processing.manifests.names import resource_name
from flowops.systems.protocol import BoundFlow, Bundle, Mark, Target, TargetSettings
from tests.support.api_server import OPERATED, ApiServer, absent, is_served, until
from tests.support.streams import PLACE
from tests.unit.systems.event_processing.builders import document, read, sink, source
from tools import kubernetes_parts

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


STORED = {key: text for key, text in APACHE.items() if key != "secret"}


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
    # Else the operator tells of one while the two that differ are read.
    until(lambda: is_told_of(server, namespace), "the operator to tell of each")
    assert not server.kubectl(config, "diff", "--server-side", "-k", str(folder)).stdout


def is_told_of(server: ApiServer, namespace: str) -> bool:
    """Tell whether the operator has said how each deployment stands, and no more."""
    found = server.ask("GET", OPERATED.format(namespace))["items"]
    return all(one.get("status") == server.behaviour(one) for one in found)


@pytest.fixture(scope="session")
def external_secrets(one_server: ApiServer) -> ApiServer:
    """Install the custom resource of External Secrets, as its own module has it."""
    (member,) = kubernetes_parts.read_list(kubernetes_parts.LIST.read_text("utf-8"))
    path = kubernetes_parts.CACHE / member.kept
    if not path.is_file():
        absent("run python3 tools/kubernetes_parts.py first")
    resource = yaml.safe_load(path.read_bytes())
    one_server.create(resource)
    until(lambda: is_served(one_server, resource), "the resource to be served")
    return one_server


@pytest.mark.parametrize("values", [IBM, STORED], ids=["ibm", "apache"])
@pytest.mark.parametrize("store", ["vault", "ClusterSecretStore/vault"])
def test_external_secrets_takes_what_names_its_store(
    external_secrets: ApiServer,
    namespace: str,
    tmp_path: Path,
    values: dict[str, Text],
    store: str,
) -> None:
    folder = promoted(tmp_path, {**values, "secret-store": store})
    config = external_secrets.kubeconfig(namespace)
    words = ("apply", "--server-side", "--validate=strict", "-k", str(folder))
    external_secrets.kubectl(config, *words)
    text = external_secrets.kubectl(config, "get", "externalsecret", "-o", "json")
    found = {one["metadata"]["name"]: one["spec"] for one in items(text.stdout)}
    assert found.keys() == {resource_name(name) for name in NAMES}
    kind, _, name = store.rpartition("/")
    for spec in found.values():
        assert spec["secretStoreRef"] == {"kind": kind or "SecretStore", "name": name}
    text = external_secrets.kubectl(config, "get", "flinkdep", "-o", "json")
    for one in items(text.stdout):  # what the job reads is what the store fills
        assert found[one["metadata"]["name"]]["target"]["name"] in json.dumps(one)


def items(text: str) -> list[Any]:
    found = json.loads(text)["items"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    "change",
    [
        ("secretKey:", "secretKeys:", ".spec.data[0].secretKeys: field not declared"),
        ("remoteRef:", "ref:", ".spec.data[0].ref: field not declared"),
        ("kind: SecretStore", "kind: Store", "Unsupported value"),
        ("external-secrets.io/v1", "external-secrets.io/v9", "no matches for kind"),
    ],
)
def test_external_secrets_refuses_what_it_does_not_know(
    external_secrets: ApiServer,
    namespace: str,
    tmp_path: Path,
    change: tuple[str, str, str],
) -> None:
    before, after, words = change
    folder = promoted(tmp_path, {**STORED, "secret-store": "vault"})
    path = next(folder.glob("*/externalsecret.yaml"))
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    config = external_secrets.kubeconfig(namespace)
    apply = ("apply", "--server-side", "--validate=strict", "-f", str(path))
    done = external_secrets.kubectl(config, *apply, fails=True)
    assert words in done.stderr
    listed = external_secrets.kubectl(config, "get", "externalsecret", "-o", "name")
    assert listed.stdout == ""
