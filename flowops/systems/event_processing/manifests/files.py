"""The manifests of a flow as files beside its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.canonical import digest
from flowops.documents.source import source_text
from flowops.documents.yaml_edit import dump_yaml
from flowops.documents.yaml_text import parse_yaml, plain
from flowops.errors import InputError
from flowops.systems.event_processing.manifests.deployments import (
    MANAGED_BY,
    RUNNER_FILE,
    make_deployment,
    metadata,
    saves_state,
)
from flowops.systems.event_processing.manifests.names import resource_name
from flowops.systems.event_processing.manifests.options import CONFLUENT, IBM
from flowops.systems.event_processing.manifests.runner_sql import runner_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Address, Location
    from flowops.secrets import Text
    from flowops.systems.event_processing.manifests.deployments import Manifest
    from flowops.systems.event_processing.manifests.options import Options

DEPLOYMENT_FILE = "deployment.yaml"
APPLICATION_FILE = "flinkapplication.yaml"
SECRET_FILE = "externalsecret.yaml"
KUSTOMIZATION_FILE = "kustomization.yaml"
MANIFEST_FILES = (
    *(DEPLOYMENT_FILE, APPLICATION_FILE),
    *(SECRET_FILE, KUSTOMIZATION_FILE),
)
HEADER = "# Made by FlowOps; a promote writes it anew.\n"
_READ = {IBM: ("flow.json", "config.yaml")}


def job_files(way: str) -> tuple[str, ...]:
    """Return the files that a job reads, as an operator mounts them."""
    return _READ.get(way, (RUNNER_FILE,))


def manifest_files(
    address: Address, files: Mapping[str, Text], options: Options, place: Location
) -> dict[str, Text]:
    """Make what Kubernetes is told of a flow, and the script in its runner's form.

    Raises ``InputError`` when the flow has not what the way to run it needs.
    """
    made: dict[str, Text] = {}
    if options.way != IBM and "flow.sql" in files:
        made[RUNNER_FILE] = runner_sql(files["flow.sql"])
    held = {**files, **made}
    _check_files(held, options, place)
    name = resource_name(address.name)
    content = _content(held, options.way)
    deployment = make_deployment(address.name, name, options, content)
    is_confluent = options.way == CONFLUENT
    main = APPLICATION_FILE if is_confluent else DEPLOYMENT_FILE
    made[main] = written(deployment)
    if options.is_referring and not is_confluent:
        made |= _beside(address.name, name, options)
    return made


def lacks_savepoints(files: Mapping[str, Text]) -> bool:
    """Tell whether a deployment upgrades by savepoint and has no place for one."""
    text = files.get(DEPLOYMENT_FILE)
    return text is not None and not saves_state(read_manifest(str(text)))


def written(manifest: Manifest) -> str:
    """Write a manifest as YAML, with a line that says who made it."""
    return HEADER + dump_yaml(manifest)


def read_manifest(text: str) -> Manifest:
    """Read a manifest; one that was damaged is empty."""
    try:
        found = plain(parse_yaml(source_text("manifest", text)))
    except InputError:
        return {}
    return found if isinstance(found, dict) else {}


def described(files: Mapping[str, Text]) -> Iterator[tuple[str, str]]:
    """Give every value of a deployment by its path, but what only repeats content."""
    for file in (DEPLOYMENT_FILE, APPLICATION_FILE, SECRET_FILE):
        manifest = read_manifest(str(files[file])) if file in files else {}
        stem = file.partition(".")[0]
        yield from _leaves(manifest.get("spec"), f"{stem}/spec")
        names = manifest.get("metadata")
        if isinstance(names, dict):
            yield from _leaves(names.get("namespace"), f"{stem}/namespace")


def _leaves(value: object, path: str) -> Iterator[tuple[str, str]]:
    if path.endswith("/podTemplate/metadata"):
        return
    items: list[tuple[str, object]] = []
    if isinstance(value, dict):
        items = [(str(key), below) for key, below in value.items()]
    elif isinstance(value, list):
        items = [(str(index), below) for index, below in enumerate(value)]
    elif value is not None:
        yield path, str(value)
    for key, below in items:
        yield from _leaves(below, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")


def _check_files(files: Mapping[str, Text], options: Options, place: Location) -> None:
    lacking = [name for name in job_files(options.way) if name not in files]
    if not lacking:
        return
    if options.way == IBM:
        raise InputError(
            f"this way to run a flow needs {lacking[0]}, and a SQL export has none",
            hint="export the flow as JSON and configuration YAML, or use `apache`",
            location=place,
        )
    raise InputError(
        f"{options.way} runs SQL, and none can be made of this flow",
        hint="use `ibm`, or export the SQL from the product",
        location=place,
    )


def _content(files: Mapping[str, Text], way: str) -> str:
    """Digest what may be seen of the files that the job reads."""
    return digest({name: str(files[name]) for name in job_files(way)})


def _beside(flow: str, name: str, options: Options) -> dict[str, Text]:
    """Make what brings the files of the job: a store, and kustomize."""
    made: dict[str, Text] = {}
    if options.secret_store:
        made[SECRET_FILE] = written(_external_secret(flow, name, options))
    kustomization: Manifest = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": sorted([DEPLOYMENT_FILE, *made]),
    }
    if options.way == IBM:  # flow.json hides nothing, so Git may hold it
        definition = {"name": name, "files": ["flow.json"]}
        kustomization["configMapGenerator"] = [definition]
        kustomization["generatorOptions"] = {
            "disableNameSuffixHash": True,
            "labels": {MANAGED_BY: "flowops"},
        }
    made[KUSTOMIZATION_FILE] = written(kustomization)
    return made


def _external_secret(flow: str, name: str, options: Options) -> Manifest:
    """Make the reference to a store (external-secrets.io, ``ExternalSecret``)."""
    kind, _, store = options.secret_store.rpartition("/")
    held = [file for file in job_files(options.way) if file != "flow.json"]
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": metadata(flow, name, options),
        "spec": {
            "secretStoreRef": {"kind": kind or "SecretStore", "name": store},
            "target": {"name": options.secret or name},
            "data": [
                {"secretKey": file, "remoteRef": {"key": name, "property": file}}
                for file in held
            ],
        },
    }
