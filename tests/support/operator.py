"""Apache's real Flink Kubernetes Operator, as a process that watches our API server.

The newest one that Maven Central has whole; tools/real_components.py fetches it and
what it runs with. It has its own custom resources, so its server is one of its own.
"""

from __future__ import annotations

import os
import shutil
import socket
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.flink.cluster import LOG
from tests.support.api_server import ApiServer, absent, serve_unplayed
from tests.support.clusters import Object
from tests.support.real import HOST, running, wait_for
from tools import real_components

COMPONENT = "flink-operator-1.7"
API = "flink-kubernetes-operator-api"
MAIN = "org.apache.flink.kubernetes.operator.FlinkOperator"
RESOURCES = ("flinkdeployments", "flinksessionjobs")
WATCHES = [
    f"'{name}' controller started"
    for name in (
        "flinkdeploymentcontroller",
        "flinksessionjobcontroller",
    )
]
SECONDS = 60
FLINK_VERSION = "v1_19"  # the newest this operator knows
SETTINGS = """\
kubernetes.operator.reconcile.interval: 1 s
kubernetes.operator.observer.progress-check.interval: 500 ms
kubernetes.operator.observer.rest-ready.delay: 500 ms
kubernetes.operator.resource.cleanup.timeout: 5 s
kubernetes.operator.flink.client.timeout: 5 s
kubernetes.operator.reconcile.parallelism: 4
kubernetes.operator.rate-limiter.limit: 0
kubernetes.operator.health.probe.enabled: false
"""


@dataclass(frozen=True)
class Operator:
    """The operator, the server it watches, and the file in which it looks names up."""

    server: ApiServer
    hosts: Path

    def status(self, namespace: str, name: str) -> Object:
        """Return what it says of a deployment, past everything that is tested."""
        path = "/apis/flink.apache.org/v1beta1/namespaces/{}/flinkdeployments/{}"
        found = self.server.ask("GET", path.format(namespace, name))
        return dict(found.get("status", {}))


def custom_resource(name: str) -> Object:
    """Return a custom resource as this operator's own jar has it."""
    (jar,) = (p for p in real_components.class_path(COMPONENT) if API in p.name)
    with zipfile.ZipFile(jar) as archive:
        data = archive.read(f"META-INF/fabric8/{name}.flink.apache.org-v1.yml")
    found = yaml.safe_load(data)
    assert isinstance(found, dict)
    return found


@contextmanager
def operate(folder: Path) -> Iterator[Operator]:
    """Start a server and the operator; both end with the block."""
    reason = real_components.lacking(COMPONENT)
    if reason or not shutil.which("java"):
        absent(reason or "there is no Java on this machine")
    resources = [custom_resource(name) for name in RESOURCES]
    with serve_unplayed(folder, resources) as server:
        log = folder / "operator.log"
        hosts = hosts_file(folder)
        words, environment = command(server, folder, hosts)
        with running(words, log, cwd=folder, environment=environment) as process:
            wait_for(lambda: is_watching(log), process, log, SECONDS)
            yield Operator(server, hosts)


def command(
    server: ApiServer, folder: Path, hosts: Path
) -> tuple[list[str], dict[str, str]]:
    """Return what starts the operator, and its environment.

    Its image does the same: docker-entrypoint.sh of apache/flink-kubernetes-operator.
    """
    conf = folder / "operator-conf"
    for name in ("plugins", "tmp"):
        (conf / name).mkdir(parents=True)
    (conf / "flink-conf.yaml").write_text(SETTINGS, "utf-8")
    (conf / "log4j2.properties").write_text(LOG, "utf-8")
    path = ":".join(map(str, real_components.class_path(COMPONENT)))
    words = [
        *("java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        f"-Dlog4j.configurationFile={conf / 'log4j2.properties'}",
        f"-Djava.io.tmpdir={conf / 'tmp'}",
        "--add-opens=java.base/java.util=ALL-UNNAMED",
        *(f"-Djdk.net.hosts.file={hosts}", "-cp", path, MAIN),
    ]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "KUBECONFIG": str(server.kubeconfig("default")),
        "FLINK_CONF_DIR": str(conf),
        "FLINK_PLUGINS_DIR": str(conf / "plugins"),
        "KUBERNETES_SERVICE_HOST": HOST,  # else every job manager is "localhost" to it
        "OPERATOR_NAMESPACE": "default",
        "OPERATOR_NAME": "operator",
    }
    return words, environment


def hosts_file(folder: Path, address: str = HOST) -> Path:
    """Make a file in which Java looks names up, and in which it finds this machine."""
    path = folder / "hosts"
    path.write_text(f"{address} localhost {socket.gethostname()}\n", "utf-8")
    return path


def is_watching(log: Path) -> bool:
    said = log.read_text("utf-8", "replace")
    return all(words in said for words in WATCHES)
