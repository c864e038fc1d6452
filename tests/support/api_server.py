"""A real Kubernetes API server on loopback, and an operator that tests direct.

tools/kubernetes_parts.py builds the server and kubectl. Only the operator is ours: no
pod runs here, so something has to say how each deployment stands.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest
import requests
import yaml

from tests.support.clusters import Behaviour, Object, stable
from tests.support.real import (
    HOST,
    free_ports,
    lacking,
    make_certificate,
    running,
    wait_for,
)
from tools import kubernetes_parts, real_components

IS_REQUIRED = os.environ.get("FLOWOPS_KUBERNETES") == "1"  # before tests clear it
ADMIN, PROMOTER, NOBODY = "token-of-admin", "token-of-promoter", "token-of-nobody"
OPERATED = "/apis/flink.apache.org/v1beta1/namespaces/{}/flinkdeployments"
PLURALS = {
    "CustomResourceDefinition": "apiextensions.k8s.io/v1/customresourcedefinitions",
    "Role": "rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "RoleBinding": "rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
    "ValidatingAdmissionPolicy": (
        "admissionregistration.k8s.io/v1/validatingadmissionpolicies"
    ),
    "ValidatingAdmissionPolicyBinding": (
        "admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
    ),
}
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
READY_SECONDS = 180
BUSY = 429  # said too while the place of a new resource is being made


def absent(reason: str) -> NoReturn:
    """Skip, or fail where the server has to be there."""
    if IS_REQUIRED:
        pytest.fail(reason, pytrace=False)
    lacking(reason)


def flink_crd(name: str = "flinkdeployments") -> Object:
    """Return the custom resource of Apache's operator, as its own jar has it."""
    if reason := real_components.lacking("flink-operator"):
        absent(reason)
    (jar,) = real_components.class_path("flink-operator")
    with zipfile.ZipFile(jar) as archive:
        data = archive.read(f"META-INF/fabric8/{name}.flink.apache.org-v1.yml")
    found = yaml.safe_load(data)
    assert isinstance(found, dict)
    return found


@dataclass
class ApiServer:
    """A running server; ``behaviour`` is what its operator says of a deployment."""

    url: str
    folder: Path
    authority: Path
    behaviour: Behaviour = stable
    stopping: threading.Event = field(default_factory=threading.Event)

    def kubeconfig(
        self,
        namespace: str,
        *,
        token: str = ADMIN,
        url: str = "",
        authority: Path | None = None,
    ) -> Path:
        """Write a kubeconfig whose one context leads here."""
        cluster = {
            "server": url or self.url,
            "certificate-authority": str(authority or self.authority),
        }
        context = {"cluster": "here", "user": "me", "namespace": namespace}
        # A node's thread asks for one too, so a name has to be free and stay so.
        number, name = tempfile.mkstemp(prefix="kubeconfig-", dir=self.folder)
        os.close(number)
        path = Path(name)
        path.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "here",
                    "clusters": [{"name": "here", "cluster": cluster}],
                    "users": [{"name": "me", "user": {"token": token}}],
                    "contexts": [{"name": "here", "context": context}],
                }
            )
        )
        return path

    def ask(self, method: str, path: str, body: object = None) -> Object:
        """Ask as the administrator; fails for an answer that is none."""
        answer = self.send(method, path, body)
        assert answer.ok, answer.text
        found = answer.json()
        assert isinstance(found, dict)
        return found

    def send(
        self, method: str, path: str, body: object = None, *, accept: str = "*/*"
    ) -> requests.Response:
        """Ask as the administrator; a server that is busy is asked again."""
        patch = "application/merge-patch+json" if method == "PATCH" else None
        limit = time.monotonic() + READY_SECONDS
        with requests.Session() as session:
            session.trust_env = False  # another test may set a .netrc meanwhile
            while True:
                answer = session.request(
                    method,
                    f"{self.url}{path}",
                    data=None if body is None else json.dumps(body),
                    headers={
                        "Authorization": f"Bearer {ADMIN}",
                        "Accept": accept,
                        "Content-Type": patch or "application/json",
                    },
                    verify=str(self.authority),
                    timeout=READY_SECONDS,
                )
                if answer.status_code != BUSY or time.monotonic() > limit:
                    return answer
                time.sleep(0.2)

    def create(self, manifest: Mapping[str, Any], namespace: str = "") -> None:
        path = PLURALS[str(manifest["kind"])].format(namespace)
        self.ask("POST", f"/apis/{path}", manifest)

    def make_namespace(self, name: str) -> str:
        self.ask("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        return name

    def allows(self, namespace: str, verb: str, resource: str, group: str = "") -> bool:
        """Tell whether who may promote may do something, as the server judges now."""
        about = {
            "user": "promoter",
            "resourceAttributes": {
                "namespace": namespace,
                "verb": verb,
                "resource": resource,
                "group": group,
            },
        }
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        return bool(self.ask("POST", path, {"spec": about})["status"]["allowed"])

    def kubectl(
        self, kubeconfig: Path, *words: str, fails: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run the real kubectl."""
        done = subprocess.run(
            [str(kubernetes_parts.CACHE / "kubectl"), *words],
            env={
                "KUBECONFIG": str(kubeconfig),
                "HOME": str(self.folder),
                "PATH": os.defpath,
            },
            capture_output=True,
            text=True,
            timeout=READY_SECONDS,
            check=False,
        )
        assert bool(done.returncode) is fails, done.stderr
        return done

    def operate(self) -> None:
        """Look at every deployment again and again, as an operator does."""
        path = "/apis/flink.apache.org/v1beta1/flinkdeployments"
        while not self.stopping.wait(0.05):
            for one in self.ask("GET", path)["items"]:
                status = self.behaviour(one)
                if status != one.get("status", {}):
                    self.tell(one, status)

    def tell(self, deployment: Object, status: Object) -> None:
        """Set a status, unless the deployment is gone or changed by now."""
        about = deployment["metadata"]
        path = OPERATED.format(about["namespace"])
        version = {"resourceVersion": about["resourceVersion"]}
        answer = self.send(
            "PATCH",
            f"{path}/{about['name']}/status",
            {"metadata": version, "status": status},
        )
        assert answer.ok or answer.status_code in (404, 409), answer.text


@contextmanager
def serve(folder: Path) -> Iterator[ApiServer]:
    """Start the server and the operator that is played; both end with the block."""
    with serve_unplayed(folder, [flink_crd()]) as server:
        operator = threading.Thread(target=server.operate)
        operator.start()
        try:
            yield server
        finally:
            server.stopping.set()
            operator.join(30)


@contextmanager
def serve_unplayed(folder: Path, resources: Sequence[Object]) -> Iterator[ApiServer]:
    """Start the server with the resources of an operator, and no operator."""
    if not kubernetes_parts.is_built(kubernetes_parts.SOURCES, kubernetes_parts.CACHE):
        absent("run python3 tools/kubernetes_parts.py first")
    certificate, key = make_certificate(folder)
    tokens = folder / "tokens.csv"
    tokens.write_text(
        f'{ADMIN},admin,1,"system:masters"\n{PROMOTER},promoter,2\n{NOBODY},nobody,3\n'
    )
    (port,) = free_ports(1)
    log = folder / "apiserver.log"
    words = [
        *(str(kubernetes_parts.CACHE / "apiserver"), str(folder)),
        *(f"--bind-address={HOST}", f"--advertise-address={HOST}"),
        *(f"--secure-port={port}", "--endpoint-reconciler-type=none"),
        *(f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}"),
        *(f"--token-auth-file={tokens}", "--authorization-mode=RBAC"),
        *("--service-account-issuer=https://flowops.invalid",),
        *(f"--service-account-key-file={certificate}",),
        *(f"--service-account-signing-key-file={key}",),
        "--service-cluster-ip-range=10.0.0.0/24",
    ]
    with running(words, log) as process:
        server = ApiServer(f"https://{HOST}:{port}", folder, certificate)
        wait_for(lambda: is_ready(server), process, log, READY_SECONDS)
        for resource in resources:
            server.create(resource)
            wait_for(partial(is_served, server, resource), process, log, READY_SECONDS)
        yield server


def is_ready(server: ApiServer) -> bool:
    try:
        server_says = requests.get(
            f"{server.url}/readyz",
            headers={"Authorization": f"Bearer {ADMIN}"},
            verify=str(server.authority),
            timeout=30,
        )
    except requests.RequestException:
        return False
    return server_says.ok


def is_served(server: ApiServer, resource: Object) -> bool:
    """Tell whether a custom resource is there: to ask for, to find, to validate by.

    The server learns each of the three at a time of its own.
    """
    spec = resource["spec"]
    (version,) = (one["name"] for one in spec["versions"] if one["storage"])
    path, plural = f"/apis/{spec['group']}/{version}", spec["names"]["plural"]
    schema = server.send("GET", f"/openapi/v3{path}")
    if not (schema.ok and server.send("GET", f"{path}/{plural}").ok):
        return False
    groups = server.send("GET", "/apis", accept=DISCOVERY).json()["items"]
    found = {
        (group["metadata"]["name"], one["version"], resource["resource"])
        for group in groups
        for one in group["versions"]
        for resource in one.get("resources", ())
    }
    is_described = any(p.endswith(f"/{plural}") for p in schema.json()["paths"])
    return is_described and (spec["group"], version, plural) in found


def until(done: Callable[[], bool], what: str) -> None:
    """Ask again until the server heeds what it was told; fails when it never does."""
    limit = time.monotonic() + READY_SECONDS
    while not done():
        assert time.monotonic() < limit, f"waited {READY_SECONDS} s for {what}"
        time.sleep(0.05)
