"""A stand-in for a node: it runs Flink's pods as processes of this machine.

There is no container engine here. What this does instead, for the pods of Flink and no
others: as a deployment's controller and a kubelet it starts the process that a
container of Flink's image would, in a folder where the volumes lie, and says how it
stands; as the garbage collector it deletes what hung on a deployment. Each flow gets an
address of the loopback network, and its services are names in a file for Java. The
processes are the real Flink's, and they talk to the real API server.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.flink.cluster import LOG, OPENS
from tests.support.api_server import ApiServer, absent
from tests.support.clusters import Object
from tests.support.operator import hosts_file
from tests.support.real import running
from tools import real_components

COMPONENTS = ("flink-1.20", "flink-kubernetes-1.20")
ENTRY = "org.apache.flink.kubernetes"
SCRIPTS = {  # what bin/ of Flink's image starts for each
    "kubernetes-jobmanager.sh": (
        f"{ENTRY}.entrypoint.KubernetesApplicationClusterEntrypoint"
    ),
    "kubernetes-taskmanager.sh": f"{ENTRY}.taskmanager.KubernetesTaskExecutorRunner",
}
HOME = "/opt/flink/"
PLACES = (HOME, "/certs/")  # what is mounted, by the path a container has for it
REST_PORT = 8081
PAUSE = 0.2  # seconds between two looks
DEPLOYMENTS = "/apis/apps/v1/namespaces/{}/deployments"
PODS = "/api/v1/namespaces/{}/pods?labelSelector=component%3Dtaskmanager"
OWNED = ("services", "configmaps", "pods")


@dataclass
class Run:
    """A process that runs a pod of ``owner``, which is a deployment or the pod."""

    owner: Object
    address: str
    process: subprocess.Popen[bytes]
    stack: ExitStack


@dataclass
class Node:
    """What runs in a namespace, by the uid of what it runs for.

    ``image`` is what Flink's image holds beside Flink, by the path it has there.
    """

    server: ApiServer
    namespace: str
    folder: Path
    hosts: Path
    image: Mapping[str, Path]
    java: tuple[str, ...]
    runs: dict[str, Run] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Look at what is to run, again and again, and end everything at last."""
        with ExitStack() as stack:
            stack.callback(self._end_all)
            while not self.stopping.wait(PAUSE):
                self.look()

    def look(self) -> None:
        """Start what is missing, end what is gone, and say how the rest stands."""
        found = {
            one["metadata"]["uid"]: one
            for path in (DEPLOYMENTS, PODS)
            for one in self.server.ask("GET", path.format(self.namespace))["items"]
        }
        going = {u for u, o in found.items() if "deletionTimestamp" in o["metadata"]}
        for uid in self.runs.keys() - (found.keys() - going):
            run = self.runs.pop(uid)
            run.stack.close()
            if not is_pod(run.owner):
                self._collect(run.owner)
        for uid in going:
            self._let_go(found[uid])
        for uid in found.keys() - going:
            self._run(found[uid])

    def address(self, flow: str) -> str:
        """Return the address of a flow; the names of its services lead there."""
        number, process = len(self.addresses) + 1, os.getpid()
        fresh = f"127.{process // 250 % 250 + 1}.{process % 250 + 1}.{number}"
        found = self.addresses.setdefault(flow, fresh)
        if found == fresh:
            names = f"{flow}-rest.{self.namespace} {flow}.{self.namespace}"
            with self.hosts.open("a", encoding="utf-8") as file:
                file.write(f"{fresh} {names}\n")
        return found

    def _run(self, owner: Object) -> None:
        uid = owner["metadata"]["uid"]
        run = self.runs.get(uid)
        if run is None:
            self._start(owner)
        elif run.process.poll() is None:
            self._tell(owner, standing_of(owner, run.address))
        elif is_pod(owner):
            self._tell(owner, {"phase": "Failed"})
        else:
            self.runs.pop(uid).stack.close()  # to be started again

    def _start(self, owner: Object) -> None:
        """Start the process of a pod, once its volumes are there."""
        (container,) = pod_of(owner)["containers"]
        root, address = self.folder / app_of(owner), self.address(app_of(owner))
        is_over = owner.get("status", {}).get("phase") in ("Failed", "Succeeded")
        if is_over or not self._mount(owner, container, root):
            return
        script, *rest = shlex.split(inside(container["args"][-1], root))
        conf = Path(f"{root}{HOME}conf")
        given = {one["name"]: one.get("value", address) for one in container["env"]}
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "KUBECONFIG": str(self.server.kubeconfig(self.namespace)),
            "FLINK_CONF_DIR": str(conf),
            **given,
        }
        memory = given.get("FLINK_TM_JVM_MEM_OPTS", "-Xmx256m")
        (root / "tmp").mkdir(exist_ok=True)
        words = [
            *("java", *shlex.split(memory), f"-Djava.io.tmpdir={root / 'tmp'}"),
            *options_of(conf, script),
            f"-Djdk.net.hosts.file={hosts_file(root, address)}",
            *(*self.java, SCRIPTS[script]),
            *arguments(rest, address, str(conf)),
        ]
        log = root / f"{owner['metadata']['name']}.log"
        stack = ExitStack()
        started = running(words, log, cwd=root, environment=environment)
        run = Run(owner, address, stack.enter_context(started), stack)
        self.runs[owner["metadata"]["uid"]] = run

    def _mount(self, owner: Object, container: Object, root: Path) -> bool:
        """Lay the files of the image and of the volumes where the pod finds them."""
        volumes = {volume["name"]: volume for volume in pod_of(owner)["volumes"]}
        for mount in container["volumeMounts"]:
            folder = root / mount["mountPath"].removeprefix("/")
            folder.mkdir(parents=True, exist_ok=True)
            held = self._held(volumes[mount["name"]])
            if held is None:
                return False
            for name, text in held.items():
                # What the operator asks of the job manager itself is not translated.
                outside = f"file://{HOME}".encode()
                assert outside not in text, "this writes outside of the folder"
                (folder / name).write_bytes(translated(text, root))
        for path, file in self.image.items():
            place = root / path.removeprefix("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
        return True

    def _held(self, volume: Object) -> dict[str, bytes] | None:
        """Return the files of a volume, or nothing while it is not there."""
        path = f"/api/v1/namespaces/{self.namespace}"
        if "secret" in volume:
            path = f"{path}/secrets/{volume['secret']['secretName']}"
        elif "configMap" in volume:
            path = f"{path}/configmaps/{volume['configMap']['name']}"
        else:
            return {}  # a claim: a folder that stays
        answer = self.server.send("GET", path)
        if not answer.ok:
            return None
        data: dict[str, str] = answer.json().get("data", {})
        if "secret" not in volume:
            return {key: text.encode() for key, text in data.items()}
        items = volume["secret"].get("items", ())
        keys: dict[str, str] = {one["key"]: one["path"] for one in items}
        return {
            keys.get(key, key): base64.b64decode(text)
            for key, text in data.items()
            if not keys or key in keys
        }

    def _tell(self, owner: Object, status: Object) -> None:
        """Say how a pod or a deployment stands, unless it is said or it is gone."""
        said = {k: v for k, v in status.items() if not isinstance(v, list)}
        if said.items() <= owner.get("status", {}).items():
            return
        body = {"status": status}
        answer = self.server.send("PATCH", f"{path_of(owner)}/status", body)
        assert answer.ok or answer.status_code in (404, 409), answer.text

    def _let_go(self, owner: Object) -> None:
        """Let a deployment or a pod that is deleted go, now that it has ended."""
        if is_pod(owner):
            self.server.send("DELETE", path_of(owner), {"gracePeriodSeconds": 0})
        else:
            self._collect(owner)
            body = {"metadata": {"finalizers": None}}
            self.server.send("PATCH", path_of(owner), body)

    def _collect(self, owner: Object) -> None:
        """Delete what hung on a deployment."""
        for kind in OWNED:
            path = f"/api/v1/namespaces/{self.namespace}/{kind}"
            for one in self.server.ask("GET", path)["items"]:
                owners = one["metadata"].get("ownerReferences", [])
                if any(o["uid"] == owner["metadata"]["uid"] for o in owners):
                    self.server.send("DELETE", f"{path}/{one['metadata']['name']}")

    def _end_all(self) -> None:
        for run in self.runs.values():
            run.process.kill()
        for run in self.runs.values():
            run.stack.close()


def is_pod(owner: Object) -> bool:
    return "template" not in owner["spec"]


def pod_of(owner: Object) -> Object:
    found = owner["spec"] if is_pod(owner) else owner["spec"]["template"]["spec"]
    assert isinstance(found, dict)
    return found


def app_of(owner: Object) -> str:
    return str(owner["metadata"]["labels"]["app"])


def path_of(owner: Object) -> str:
    about = owner["metadata"]
    namespace, name = about["namespace"], about["name"]
    if is_pod(owner):
        return f"/api/v1/namespaces/{namespace}/pods/{name}"
    return f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}"


def inside(text: str, root: Path) -> str:
    """Write the paths of a container as those of its folder; once is enough."""
    places = "|".join(map(re.escape, PLACES))
    return re.sub(rf"(?<!{re.escape(str(root))})({places})", rf"{root}\1", text)


def translated(data: bytes, root: Path) -> bytes:
    """Write the paths in a file as those of its folder; what is no text stays."""
    try:
        return inside(data.decode("utf-8"), root).encode()
    except UnicodeDecodeError:
        return data


def options_of(conf: Path, script: str) -> list[str]:
    """Return what the configuration gives Java, as config.sh of Flink reads it."""
    lines = (conf / "flink-conf.yaml").read_text("utf-8").splitlines()
    found = dict(line.split(": ", 1) for line in lines if ": " in line)
    process = script.removeprefix("kubernetes-").removesuffix(".sh")
    names = ("env.java.opts.all", f"env.java.opts.{process}")
    return [word for name in names for word in shlex.split(found.get(name, ""))]


def arguments(words: list[str], address: str, conf: str) -> list[str]:
    """Return what a process of Flink is told: where its files and its doors are."""
    doors = ("rest.bind-address", "jobmanager.bind-host", "taskmanager.bind-host")
    given = [word for word in words if word != "kubernetes-application"]
    bound = [f"-D{name}={address}" for name in (*doors, "taskmanager.host")]
    return [*given, *bound, "--configDir", conf]


def standing_of(owner: Object, address: str) -> Object:
    """Say of a process that runs how its pod or its deployment stands."""
    if is_pod(owner):
        true = [{"type": t, "status": "True"} for t in ("PodScheduled", "Ready")]
        return {"phase": "Running", "podIP": address, "conditions": true}
    with socket.socket() as probe:
        probe.settimeout(1)
        count = int(probe.connect_ex((address, REST_PORT)) == 0)
    names = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return {
        **dict.fromkeys(names, count),
        "observedGeneration": owner["metadata"]["generation"],
    }


@contextmanager
def node(
    server: ApiServer,
    namespace: str,
    folder: Path,
    hosts: Path,
    image: Mapping[str, Path],
) -> Iterator[Node]:
    """Run what is deployed until the block ends; then everything it started ends.

    ``hosts`` is the file in which the operator's Java looks names up.
    """
    reasons = [reason for c in COMPONENTS if (reason := real_components.lacking(c))]
    if reasons:
        absent(reasons[0])
    path = [str(jar) for c in COMPONENTS for jar in real_components.class_path(c)]
    logging = folder / "log4j2.properties"
    logging.write_text(LOG, "utf-8")
    java = (
        *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),
        *(f"-Dlog4j.configurationFile={logging}", *OPENS, "-cp", ":".join(path)),
    )
    found = Node(server, namespace, folder, hosts, image, java)
    worker = threading.Thread(target=found.work)
    worker.start()
    try:
        yield found
    finally:
        found.stopping.set()
        worker.join(60)
