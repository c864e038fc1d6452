"""The client library and kubectl against a real API server."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kubernetes.config import kube_config

from flowops.errors import FlowOpsError, InputError, RefusedError, TargetError
from flowops.secrets import Text
from flowops.systems.event_processing.targets.kubernetes.api import ApiCluster
from flowops.systems.event_processing.targets.kubernetes.cluster import (
    DEPLOYMENTS,
    SECRETS,
)
from flowops.systems.event_processing.targets.kubernetes.settings import read_settings
from flowops.systems.event_processing.targets.kubernetes.target import Namespace
from flowops.systems.protocol import Bundle, Mark
from tests.support.api_server import NOBODY, OPERATED, PROMOTER, ApiServer, until
from tests.support.clusters import Object, failing
from tests.support.real import make_certificate
from tests.support.streams import APACHE, IBM, PASSWORD, flow_bundle, settings_of

# One server for all of them, started once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kubernetes")]

NAME = "large-orders-8c374829"
FIRST, SECOND = (Mark("shop", f"run-{n}", f"sha256:{n}") for n in (1, 2))
ADDRESS = flow_bundle().address

Opened = Callable[..., Namespace]


@pytest.fixture
def opened(
    server: ApiServer, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Opened:
    """Open the namespace as who may promote, or as somebody else."""

    def open_it(
        values: dict[str, Text] | None = None, config: Path | None = None
    ) -> Namespace:
        here: dict[str, Text] = {
            **(values or IBM),
            "server": server.url,
            "namespace": namespace,
            "timeout": "120",
        }
        path = config or server.kubeconfig(namespace, token=PROMOTER)
        monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
        settings = read_settings(settings_of(here, tmp_path))
        return Namespace(settings, lambda: ApiCluster(settings))

    return open_it


def bundle_for(target: Namespace, statement: str = "TRUE") -> Bundle:
    return flow_bundle(statement, values=target._settings.settings.values)


def promote(target: Namespace, mark: Mark, statement: str = "TRUE") -> None:
    bundle = bundle_for(target, statement)
    target.verify()
    target.reserve([bundle], mark)
    target.stage(bundle)
    target.publish(bundle, mark)


def failure(act: Callable[[], object]) -> FlowOpsError:
    with pytest.raises(FlowOpsError) as caught:
        act()
    assert caught.value.hint
    assert PASSWORD not in str(caught.value)
    return caught.value


def kubectl_json(server: ApiServer, namespace: str, *words: str) -> Object:
    config = server.kubeconfig(namespace)
    found = json.loads(server.kubectl(config, *words, "-o", "json").stdout)
    assert isinstance(found, dict)
    return found


def test_a_flow_is_promoted_changed_and_taken_away(
    opened: Opened, server: ApiServer, namespace: str
) -> None:
    promote(opened(), FIRST)
    promote(opened(), SECOND, "FALSE")
    target = opened()
    state = target.read({ADDRESS: "published"})[ADDRESS]
    assert {k: str(v) for k, v in state.files.items()} == {
        k: str(v) for k, v in bundle_for(target, "FALSE").files.items()
    }
    assert dict(target.managed("shop")) == {ADDRESS: True}
    config = server.kubeconfig(namespace)
    lines = server.kubectl(config, "get", "flinkdep").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["NAME", "JOB", "STATUS", "LIFECYCLE", "STATE"],
        [NAME, "RUNNING", "STABLE"],
    ]
    assert len(kubectl_json(server, namespace, "get", "secrets")["items"]) == 2
    target.remove(ADDRESS)
    assert opened().read({ADDRESS: "published"}) == {}


def test_the_job_that_fails_is_pointed_back(opened: Opened, server: ApiServer) -> None:
    promote(opened(), FIRST)
    before = opened().read({ADDRESS: "published"})[ADDRESS]
    server.behaviour = failing
    error = failure(lambda: promote(opened(), SECOND, "FALSE"))
    assert "lifecycle FAILED, job FAILED" in error.message
    server.behaviour = type(server).behaviour
    assert opened().restore(ADDRESS, before, SECOND.run)
    assert not opened().restore(ADDRESS, before, SECOND.run)
    assert opened().read({ADDRESS: "published"})[ADDRESS] == before


def test_flowops_owns_what_it_applied_and_no_more(
    opened: Opened, server: ApiServer, namespace: str
) -> None:
    promote(opened(), FIRST)
    words = ("get", "flinkdep", NAME, "--show-managed-fields")
    found = kubectl_json(server, namespace, *words)
    managed = found["metadata"]["managedFields"]
    (ours,) = [one for one in managed if one["manager"] == "flowops"]
    assert ours["operation"] == "Apply"
    assert "f:job" in ours["fieldsV1"]["f:spec"]
    assert "f:status" not in ours["fieldsV1"]


def test_what_somebody_edited_is_taken_back(
    opened: Opened, server: ApiServer, namespace: str
) -> None:
    promote(opened(), FIRST)
    patch = '{"spec":{"job":{"parallelism":4},"restartNonce":7}}'
    words = ("patch", "flinkdep", NAME, "--type=merge", "-p", patch)
    server.kubectl(server.kubeconfig(namespace), *words)
    state = opened().read({ADDRESS: "published"})[ADDRESS]
    assert "parallelism: 4" in str(state.files["deployment.yaml"])
    promote(opened(), SECOND, "FALSE")
    spec = kubectl_json(server, namespace, "get", "flinkdep", NAME)["spec"]
    assert spec["job"]["parallelism"] == 1
    assert spec["restartNonce"] == 7


def test_what_another_program_applies_is_a_conflict(
    opened: Opened, server: ApiServer, namespace: str, tmp_path: Path
) -> None:
    promote(opened(), FIRST)
    theirs = {
        "apiVersion": "flink.apache.org/v1beta1",
        "kind": "FlinkDeployment",
        "metadata": {"name": NAME},
        "spec": {"job": {"parallelism": 4}},
    }
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(theirs))
    words = ("apply", "--server-side", "--force-conflicts", "-f", str(path))
    config = server.kubeconfig(namespace)
    server.kubectl(config, *words, "--field-manager=argocd-controller")
    error = failure(lambda: promote(opened(), SECOND, "FALSE"))
    assert "another program keeps what was to be written" in error.message
    assert "argocd-controller" in error.message
    assert len(kubectl_json(server, namespace, "get", "secrets")["items"]) == 1


def meddling(
    target: Namespace, method: str, act: Callable[[], object], patch: pytest.MonkeyPatch
) -> Namespace:
    """Let something happen right before the first write of a target."""
    cluster = target._cluster
    assert isinstance(cluster, ApiCluster)
    send, waiting = cluster._send, [act]

    def meddle(verb: str, path: str, *more: Any, **named: Any) -> tuple[int, str]:
        asks = any("dryRun" in one for one in more if one)
        if verb == method and "/flinkdeployments/" in path and not asks and waiting:
            waiting.pop()()
        return send(verb, path, *more, **named)

    patch.setattr(cluster, "_send", meddle)
    return target


def edit(server: ApiServer, namespace: str) -> None:
    path = f"{OPERATED.format(namespace)}/{NAME}"
    server.ask("PATCH", path, {"spec": {"job": {"parallelism": 4}}})


def delete(server: ApiServer, namespace: str) -> None:
    server.ask("DELETE", f"{OPERATED.format(namespace)}/{NAME}")


def test_the_server_refuses_to_write_over_what_changed_in_that_very_moment(
    opened: Opened, server: ApiServer, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(opened(), FIRST)
    target = opened()
    before = target.read({ADDRESS: "published"})[ADDRESS]
    meddling(target, "PATCH", lambda: edit(server, namespace), monkeypatch)
    error = failure(lambda: promote(target, SECOND, "FALSE"))
    assert isinstance(error, RefusedError)
    words = "target-drifted: since the plan was made, somebody changed"
    assert error.message == f"{words} the FlinkDeployment {NAME}"
    assert target.restore(ADDRESS, before, SECOND.run)
    found = kubectl_json(server, namespace, "get", "flinkdep", NAME)
    assert found["spec"]["job"]["parallelism"] == 4
    assert found["metadata"]["annotations"]["flowops/run"] == FIRST.run


def test_the_server_refuses_to_make_anew_what_was_deleted_in_that_very_moment(
    opened: Opened, server: ApiServer, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(opened(), FIRST)
    target = meddling(opened(), "PATCH", lambda: delete(server, namespace), monkeypatch)
    error = failure(lambda: promote(target, SECOND, "FALSE"))
    assert isinstance(error, RefusedError)
    assert "somebody deleted" in error.message
    assert server.ask("GET", OPERATED.format(namespace))["items"] == []


def test_the_server_refuses_to_write_over_what_another_run_created_in_that_moment(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = meddling(
        opened(), "PATCH", lambda: promote(opened(), SECOND, "FALSE"), monkeypatch
    )
    error = failure(lambda: promote(target, FIRST))
    assert isinstance(error, RefusedError)
    assert "run run-2 wrote" in error.message
    target.restore(ADDRESS, None, FIRST.run)
    state = opened().read({ADDRESS: "published"})[ADDRESS]
    wanted = bundle_for(target, "FALSE").files
    assert {k: str(v) for k, v in state.files.items()} == {
        k: str(v) for k, v in wanted.items()
    }


def test_the_server_refuses_to_write_over_what_was_replaced_in_that_very_moment(
    opened: Opened, server: ApiServer, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace() -> None:
        delete(server, namespace)
        promote(opened(), SECOND, "FALSE")

    promote(opened(), FIRST)
    target = meddling(opened(), "PATCH", replace, monkeypatch)
    error = failure(lambda: promote(target, Mark("shop", "run-3", ""), "1 = 1"))
    assert isinstance(error, RefusedError)
    assert "run run-2 wrote" in error.message


def test_the_server_refuses_to_delete_what_changed_in_that_very_moment(
    opened: Opened, server: ApiServer, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(opened(), FIRST)
    target = meddling(opened(), "DELETE", lambda: edit(server, namespace), monkeypatch)
    error = failure(lambda: target.remove(ADDRESS))
    assert "somebody changed" in error.message
    assert kubectl_json(server, namespace, "get", "flinkdep", NAME)


def test_a_status_that_is_written_in_that_very_moment_is_no_drift(
    opened: Opened, server: ApiServer, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(opened(), FIRST)
    path = f"{OPERATED.format(namespace)}/{NAME}"
    told: list[Object] = []

    def tell() -> None:
        body = {"metadata": {"labels": {"seen-by": "the-operator"}}}
        told.append(server.ask("PATCH", path, body))

    target = meddling(opened(), "PATCH", tell, monkeypatch)
    promote(target, SECOND, "FALSE")
    assert told
    notes = server.ask("GET", path)["metadata"]["annotations"]
    assert notes["flowops/run"] == SECOND.run


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ("jobb: {parallelism: 2}", "jobb"),
        ("flinkConfigurations: {a: b}", "flinkConfigurations"),
        ("job: {paralelism: 2}", "paralelism"),
        ("taskManager: {resource: {memry: 1g}}", "memry"),
    ],
)
def test_an_unknown_field_is_refused_before_anything_is_written(
    opened: Opened, server: ApiServer, namespace: str, spec: str, field: str
) -> None:
    values: dict[str, Text] = {**IBM, "spec": spec}
    target = opened(values)
    bundle = bundle_for(target)
    target.reserve([bundle], FIRST)
    error = failure(lambda: target.stage(bundle))
    assert "the cluster does not accept it: patch flinkdeployments" in error.message
    assert field in error.message
    assert "`spec` of the target" in error.hint
    for path in (f"/api/v1/namespaces/{namespace}/secrets", OPERATED.format(namespace)):
        assert server.ask("GET", path)["items"] == []


def test_an_object_that_is_created_may_have_no_unknown_field(
    opened: Opened, server: ApiServer, namespace: str
) -> None:
    cluster = opened(config=server.kubeconfig(namespace))._connect()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}
    error = failure(lambda: cluster.create(SECRETS, {**secret, "stringDatas": {}}))
    assert 'unknown field "stringDatas"' in error.message
    assert cluster.get(SECRETS, "a") is None


def test_a_value_the_schema_does_not_know_is_refused(opened: Opened) -> None:
    values: dict[str, Text] = {**APACHE, "flink-version": "v9_9"}
    target = opened(values)
    bundle = bundle_for(target)
    target.reserve([bundle], FIRST)
    error = failure(lambda: target.stage(bundle))
    assert "v9_9" in error.message


def test_a_secret_never_changes(
    opened: Opened, server: ApiServer, namespace: str
) -> None:
    promote(opened(), FIRST)
    (secret,) = kubectl_json(server, namespace, "get", "secrets")["items"]
    words = (
        "patch",
        "secret",
        secret["metadata"]["name"],
        "-p",
        '{"data":{"x":"eA=="}}',
    )
    done = server.kubectl(server.kubeconfig(namespace), *words, fails=True)
    assert "field is immutable" in done.stderr


def test_who_is_unknown_is_told_so(
    opened: Opened, server: ApiServer, namespace: str
) -> None:
    config = server.kubeconfig(namespace, token="nonsense")
    error = failure(opened(config=config).verify)
    assert error.message.startswith("the cluster does not know who asks: list flink")


def test_who_may_not_is_told_the_role(
    opened: Opened, server: ApiServer, namespace: str
) -> None:
    config = server.kubeconfig(namespace, token=NOBODY)
    error = failure(opened(config=config).verify)
    assert "the cluster does not allow to list flinkdeployments" in error.message
    assert "verb list on flinkdeployments of the API group 'flink.apache.org'" in (
        error.hint
    )


def test_a_right_that_is_missing_later_leaves_nothing(
    opened: Opened, server: ApiServer, namespace: str
) -> None:
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles/flowops"
    rules = server.ask("GET", path)["rules"]
    rules[1]["verbs"].remove("create")
    server.ask("PATCH", path, {"rules": rules})
    until(
        lambda: not server.allows(namespace, "create", "secrets"),
        "the server to heed the role",
    )
    error = failure(lambda: promote(opened(), FIRST))
    assert "verb create on secrets of the API group ''" in error.hint
    for kind in ("secrets", "flinkdep"):
        assert kubectl_json(server, namespace, "get", kind)["items"] == []


def test_an_unknown_authority_is_told(
    opened: Opened, server: ApiServer, namespace: str, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other, _ = make_certificate(tmp_path / "other")
    config = server.kubeconfig(namespace, authority=other)
    error = failure(opened(config=config).verify)
    assert "is not signed by an authority that is known" in error.message
    assert "certificate-authority" in error.hint


def test_a_cluster_that_is_down_is_told(
    server: ApiServer, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{probe.getsockname()[1]}"
        path = server.kubeconfig(namespace, url=url)
        monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
        settings = read_settings(settings_of({**IBM, "server": url}, tmp_path))
        target = Namespace(settings, lambda: ApiCluster(settings))
        error = failure(target.verify)
    assert error.message == f"{url} cannot be reached"


def test_a_kubeconfig_that_leads_elsewhere_is_refused(
    server: ApiServer, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = server.kubeconfig(namespace)
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    settings = read_settings(settings_of(IBM, tmp_path))
    with pytest.raises(RefusedError, match="wrong-target"):
        Namespace(settings, lambda: ApiCluster(settings)).verify()


def test_no_operator_is_told(opened: Opened, server: ApiServer, namespace: str) -> None:
    cluster = opened(config=server.kubeconfig(namespace))._connect()
    error = failure(
        lambda: cluster.list(type(DEPLOYMENTS)("x.example/v1", "things"), "")
    )
    assert "install the Flink operator" in error.hint
    assert cluster.get(SECRETS, "nothing") is None


def test_a_namespace_that_is_not_there_is_told(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = server.kubeconfig("nowhere")
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    values: dict[str, Text] = {**IBM, "server": server.url, "namespace": "nowhere"}
    settings = read_settings(settings_of(values, tmp_path))
    target = Namespace(settings, lambda: ApiCluster(settings))
    error = failure(lambda: promote(target, FIRST))
    assert "there is no such namespace" in error.message


def test_what_a_policy_denies_is_told(
    opened: Opened, server: ApiServer, namespace: str
) -> None:
    about = {"name": f"no-{namespace}"}
    rule = {
        "apiGroups": ["flink.apache.org"],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["flinkdeployments"],
    }
    where = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    kind = "ValidatingAdmissionPolicy"
    api = "admissionregistration.k8s.io/v1"
    server.create(
        {
            "apiVersion": api,
            "kind": kind,
            "metadata": about,
            "spec": {
                "matchConstraints": {"resourceRules": [rule]},
                "validations": [{"expression": "false", "message": "not on Fridays"}],
            },
        }
    )
    server.create(
        {
            "apiVersion": api,
            "kind": f"{kind}Binding",
            "metadata": about,
            "spec": {
                "policyName": about["name"],
                "validationActions": ["Deny"],
                "matchResources": {"namespaceSelector": where},
            },
        }
    )
    target = opened()
    bundle = bundle_for(target)
    target.reserve([bundle], FIRST)

    def is_heeded() -> bool:
        try:
            target._cluster.apply(DEPLOYMENTS, target._deployment(bundle), dry=True)
        except TargetError as told:
            return "policy denied" in told.message  # not that it is not ready yet
        return False

    until(is_heeded, "the server to heed a new policy")
    error = failure(lambda: target.stage(bundle))
    assert "an admission policy denied to patch flinkdeployments" in error.message
    assert "not on Fridays" in error.message
    assert kubectl_json(server, namespace, "get", "secrets")["items"] == []


@pytest.mark.parametrize("text", ["", "[", "kind: Config\nclusters: 7\n"])
def test_a_kubeconfig_that_cannot_be_used_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    settings = read_settings(settings_of(IBM, tmp_path))
    error = failure(Namespace(settings, lambda: ApiCluster(settings)).verify)
    assert "the settings of the Kubernetes client cannot be used" in error.message
    assert not isinstance(error, InputError)
