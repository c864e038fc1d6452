"""Make a FlinkDeployment, or Confluent's FlinkApplication, for one flow.

Sources: "Deploying customized jobs" and "Deploying jobs by using the Apache SQL Runner
sample" of IBM Event Processing 1.5; the reference of Apache's Flink Kubernetes
Operator; the migration tools in IBM/ibm-event-automation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flowops.systems.event_processing.manifests.laid_over import laid_over
from flowops.systems.event_processing.manifests.options import CONFLUENT, IBM

if TYPE_CHECKING:
    from flowops.systems.event_processing.manifests.options import Options

Manifest: TypeAlias = "dict[str, object]"

FLINK_API, FLINK_KIND = "flink.apache.org/v1beta1", "FlinkDeployment"
_CONFLUENT_API, _CONFLUENT_KIND = "platform.confluent.io/v1beta1", "FlinkApplication"
RUNNER_FILE = "statements.sql"
MANAGED_BY = "app.kubernetes.io/managed-by"
FLOW_NOTE, CONTENT_NOTE = "flowops/flow", "flowops/content"
FLOW_VOLUME, DEFINITION_VOLUME = "flow-volume", "flow-definition"
_CONTAINER = "flink-main-container"
_FLOW_FOLDER = "/opt/flink/ibm-flow"
_SCRIPT_FOLDER = "/opt/flink/usrlib/sql-scripts"
_DEPLOYER = f"local://{_FLOW_FOLDER}/ibm-ep-flow-deployer.jar"
_RUNNER = "local:///opt/flink/usrlib/sql-runner.jar"
_VOLUME, _CERTIFICATES = "/opt/flink/volume", "/certs"
_HA = "org.apache.flink.kubernetes.highavailability.KubernetesHaServicesFactory"
_MEMORY, _JOB_CPU, _TASK_CPU = "2048m", 0.5, 1


def make_deployment(flow: str, name: str, options: Options, content: str) -> Manifest:
    """Make the manifest that runs a flow.

    ``content`` is a digest of what the job reads, so that a change of it makes the
    operator start the job anew.
    """
    is_confluent = options.way == CONFLUENT
    spec: Manifest = {
        **_environment(options),
        **_given("image", options.image),
        **_given("flinkVersion", options.flink_version),
        "flinkConfiguration": _configuration(options),
        "serviceAccount": options.service_account,
        **({} if is_confluent else {"mode": "native"}),
        "podTemplate": _pods(name, options, content),
        "jobManager": {"resource": {"memory": _MEMORY, "cpu": _JOB_CPU}},
        "taskManager": {"resource": {"memory": _MEMORY, "cpu": _TASK_CPU}},
        "job": _job(options),
    }
    return {
        "apiVersion": _CONFLUENT_API if is_confluent else FLINK_API,
        "kind": _CONFLUENT_KIND if is_confluent else FLINK_KIND,
        "metadata": metadata(flow, name, options),
        "spec": laid_over(spec, options.spec),
    }


def metadata(flow: str, name: str, options: Options) -> Manifest:
    """Make the name, the namespace and what tells whose a thing is."""
    return {
        "name": name,
        **_given("namespace", options.namespace),
        "labels": {MANAGED_BY: "flowops"},
        "annotations": {FLOW_NOTE: flow},
    }


def saves_state(manifest: Manifest) -> bool:
    """Tell whether a savepoint of this deployment has a place to go to."""
    spec = manifest["spec"]
    found = spec.get("flinkConfiguration") if isinstance(spec, dict) else None
    names = ("execution.checkpointing.savepoint-dir", "state.savepoints.dir")
    return isinstance(found, dict) and any(found.get(name) for name in names)


def _given(key: str, value: str) -> dict[str, str]:
    return {key: value} if value else {}


def _environment(options: Options) -> Manifest:
    if options.way != CONFLUENT:
        return {}
    namespace, slash, name = options.rest_class.rpartition("/")
    reference = {"name": name, **({"namespace": namespace} if slash else {})}
    return {
        "flinkEnvironment": options.flink_environment,
        "cmfRestClassRef": reference,
    }


def _configuration(options: Options) -> Manifest:
    found: Manifest = {
        "table.exec.source.idle-timeout": "30 s",
        "taskmanager.numberOfTaskSlots": "2",
    }
    if options.storage:
        # By their older names: operators up to 1.10 refuse a spec without these.
        found |= {
            "execution.checkpointing.interval": "5000",
            "state.checkpoints.dir": f"file://{_VOLUME}/flink-cp",
            "state.savepoints.dir": f"file://{_VOLUME}/flink-sp",
            "state.backend.type": "rocksdb",
        }
        if options.way != CONFLUENT:
            found["high-availability.type"] = _HA
            found["high-availability.storageDir"] = f"file://{_VOLUME}/flink-ha"
    if options.truststore:
        store = f"{_CERTIFICATES}/{options.truststore.partition('/')[2]}"
        # A JKS store is read without a password; one in a manifest would be seen.
        for process in ("jobmanager", "taskmanager"):
            found[f"env.java.opts.{process}"] = f"-Djavax.net.ssl.trustStore={store}"
    return dict(sorted(found.items()))


def _pods(name: str, options: Options, content: str) -> Manifest:
    mounts, volumes = _flow_files(name, options)
    if options.storage:
        mounts.append({"name": "flink-volume", "mountPath": _VOLUME})
        claim = {"claimName": options.storage}
        volumes.append({"name": "flink-volume", "persistentVolumeClaim": claim})
    if options.truststore:
        secret, _, key = options.truststore.partition("/")
        mounts.append(
            {"name": "truststore", "mountPath": _CERTIFICATES, "readOnly": True}
        )
        held = {"secretName": secret, "items": [{"key": key, "path": key}]}
        volumes.append({"name": "truststore", "secret": held})
    container = {"name": _CONTAINER, "volumeMounts": mounts}
    return {
        "metadata": {"annotations": {CONTENT_NOTE: content}},
        "spec": {"containers": [container], "volumes": volumes},
    }


def _flow_files(name: str, options: Options) -> tuple[list[Manifest], list[Manifest]]:
    """Return mounts and volumes of what the job reads.

    Where somebody else makes the Secret, flow.json comes from a ConfigMap: it holds
    nothing that has to be hidden.
    """
    secret: Manifest = {"secretName": options.secret or name}
    volumes: list[Manifest] = [{"name": FLOW_VOLUME, "secret": secret}]
    if options.way != IBM:
        path = {"mountPath": _SCRIPT_FOLDER, "readOnly": True}
        return [{"name": FLOW_VOLUME, **path}], volumes
    first = DEFINITION_VOLUME if options.is_referring else FLOW_VOLUME
    if options.is_referring:
        volumes.append({"name": DEFINITION_VOLUME, "configMap": {"name": name}})
    return [_mount(first, "flow.json"), _mount(FLOW_VOLUME, "config.yaml")], volumes


def _mount(volume: str, file: str) -> Manifest:
    path = f"{_FLOW_FOLDER}/{file}"
    return {"name": volume, "mountPath": path, "subPath": file, "readOnly": True}


def _job(options: Options) -> Manifest:
    is_ibm = options.way == IBM
    savepoint = _given("initialSavepointPath", options.savepoint)
    starts_empty = options.way == CONFLUENT and not options.storage
    return {
        "jarURI": options.jar or (_DEPLOYER if is_ibm else _RUNNER),
        "args": [] if is_ibm else [f"{_SCRIPT_FOLDER}/{RUNNER_FILE}"],
        "parallelism": options.parallelism,
        "state": "running",
        "upgradeMode": "stateless" if starts_empty else "savepoint",
        "allowNonRestoredState": False,
        **savepoint,
    }
