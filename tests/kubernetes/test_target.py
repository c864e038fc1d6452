"""A namespace as a target: what is written, awaited, put back and refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flowops.errors import InputError, RefusedError, TargetError
from flowops.progress import Stage
from flowops.secrets import REDACTION, Secret, open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.targets.kubernetes.cluster import DEPLOYMENTS
from flowops.systems.protocol import Bundle, FlowState, Mark
from tests.support.clusters import (
    MemoryCluster,
    Object,
    failing,
    silent,
    stable,
    status_of,
)
from tests.support.streams import APACHE, IBM, PASSWORD, flow_bundle, opened

NAME = "large-orders-8c374829"
FIRST, SECOND = (Mark("shop", f"run-{n}", f"sha256:{n}") for n in (1, 2))
ADDRESS = flow_bundle().address


def promote(cluster: MemoryCluster, root: Path, bundle: Bundle, mark: Mark) -> None:
    target = opened(lambda: cluster, root)
    target.verify()
    target.reserve([bundle], mark)
    target.stage(bundle)
    target.publish(bundle, mark)


def deployment(cluster: MemoryCluster) -> Object:
    return cluster.objects["flinkdeployments", NAME]


def secret_read(cluster: MemoryCluster) -> str:
    (volume,) = [
        volume
        for volume in deployment(cluster)["spec"]["podTemplate"]["spec"]["volumes"]
        if volume["name"] == "flow-volume"
    ]
    return str(volume["secret"]["secretName"])


def data_of(cluster: MemoryCluster, secret: str) -> dict[str, str]:
    data = cluster.objects["secrets", secret]["data"]
    return {key: base64.b64decode(text).decode() for key, text in data.items()}


def test_the_job_reads_a_secret_of_its_own_run(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    bundle = flow_bundle()
    promote(cluster, tmp_path, bundle, FIRST)
    (name,) = cluster.names("secrets")
    held = data_of(cluster, name)
    assert secret_read(cluster) == name
    assert held.keys() == {"flow.json", "config.yaml", "flowops.json"}
    assert held["flow.json"] == str(bundle.files["flow.json"])
    assert f'password="{PASSWORD}"' in held["config.yaml"].replace("\n", "")
    assert PASSWORD not in held["flow.json"] + held["flowops.json"]
    assert cluster.objects["secrets", name]["immutable"] is True
    assert PASSWORD not in json.dumps(deployment(cluster))


def test_the_marks_say_whose_it_is(cluster: MemoryCluster, tmp_path: Path) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    assert deployment(cluster)["metadata"]["labels"] == {
        "app.kubernetes.io/managed-by": "flowops"
    }
    assert deployment(cluster)["metadata"]["annotations"] == {
        "flowops/flow": "Large orders",
        "flowops/project": "shop",
        "flowops/run": "run-1",
        "flowops/digest": "sha256:1",
        "flowops/secret": secret_read(cluster),
    }


def test_nothing_is_written_before_the_cluster_was_asked(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    (secret,) = cluster.names("secrets")
    writes = [c for c in cluster.calls if not c.startswith(("get", "list"))]
    assert writes == [
        f"dry apply flinkdeployments {NAME}",
        f"delete secrets {secret}",
        f"dry create secrets {secret}",
        f"create secrets {secret}",
        f"apply flinkdeployments {NAME}",
    ]


def test_two_runs_stay_and_older_ones_go(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    seen = []
    for number, statement in enumerate(("TRUE", "FALSE", "1 = 1", "2 = 2")):
        mark = Mark("shop", f"run-{number}", "sha256:0")
        promote(cluster, tmp_path, flow_bundle(statement), mark)
        seen.append(secret_read(cluster))
    assert len(set(seen)) == 4
    assert cluster.names("secrets") == sorted(seen[-2:])
    assert cluster.names("flinkdeployments") == [NAME]


def test_a_state_shows_no_secret(cluster: MemoryCluster, tmp_path: Path) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    state = opened(lambda: cluster, tmp_path).read({ADDRESS: "published"})[ADDRESS]
    assert PASSWORD not in repr(state)
    assert PASSWORD not in "".join(map(str, state.files.values()))
    assert REDACTION.search(str(state.files["config.yaml"]))
    assert event_processing.describe(state) == event_processing.describe(
        flow_bundle().state()
    )


def test_a_secret_that_somebody_replaced_is_masked(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    secret = cluster.objects["secrets", secret_read(cluster)]
    text = data_of(cluster, secret_read(cluster))["config.yaml"]
    text = text.replace("RESULTS", "OTHERS").replace(PASSWORD, "marker-new")
    secret["data"]["config.yaml"] = base64.b64encode(text.encode()).decode()
    del secret["immutable"]
    state = opened(lambda: cluster, tmp_path).read({ADDRESS: "published"})[ADDRESS]
    shown = str(state.files["config.yaml"])
    assert "OTHERS" in shown
    assert "marker" not in shown


def test_what_somebody_changed_by_hand_is_seen(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    bundle = flow_bundle()
    promote(cluster, tmp_path, bundle, FIRST)
    deployment(cluster)["spec"]["job"]["parallelism"] = 4
    deployment(cluster)["spec"]["restartNonce"] = 7
    state = opened(lambda: cluster, tmp_path).read({ADDRESS: "published"})[ADDRESS]
    found, wanted = map(event_processing.describe, (state, bundle.state()))
    different = {
        key: (value, found.attributes.get(key))
        for key, value in wanted.attributes.items()
        if found.attributes.get(key) != value
    }
    assert different == {"deployment/spec/job/parallelism": ("1", "4")}


def test_a_flow_whose_secret_is_gone_is_still_there(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    del cluster.objects["secrets", secret_read(cluster)]
    state = opened(lambda: cluster, tmp_path).read({ADDRESS: "published"})[ADDRESS]
    assert [*state.files] == ["deployment.yaml"]


def test_sql_is_what_apaches_operator_runs(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    bundle = flow_bundle(values=APACHE)
    target = opened(lambda: cluster, tmp_path, APACHE)
    target.reserve([bundle], FIRST)
    target.stage(bundle)
    target.publish(bundle, FIRST)
    held = data_of(cluster, secret_read(cluster))
    assert held.keys() == {"statements.sql", "flowops.json"}
    assert f'password="{PASSWORD}"' in held["statements.sql"]
    assert PASSWORD not in held["flowops.json"]
    state = target.read({ADDRESS: "published"})[ADDRESS]
    assert PASSWORD not in "".join(map(str, state.files.values()))
    del cluster.objects["secrets", secret_read(cluster)]["immutable"]
    state = target.read({ADDRESS: "published"})[ADDRESS]
    assert PASSWORD not in "".join(map(str, state.files.values()))
    assert "CREATE TABLE" in str(state.files["flow.sql"])


def test_a_redacted_value_is_refused_before_anything_is_written(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    bundle = flow_bundle()
    shown = {name: str(text) for name, text in bundle.files.items()}
    redacted = Bundle(ADDRESS, bundle.primary, shown)
    with pytest.raises(TargetError, match=r"config\.yaml .* still says <username_red"):
        promote(cluster, tmp_path, redacted, FIRST)
    assert cluster.objects == {}


def test_a_password_that_breaks_its_login_is_refused_before_anything_is_written(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    bundle = flow_bundle()
    sql = bundle.files["flow.sql"]
    broken = Secret(open_text(sql).replace(PASSWORD, 'a"b'), str(sql))
    files = {**bundle.files, "flow.sql": broken}
    with pytest.raises(InputError, match="Kafka cannot read the login of"):
        promote(cluster, tmp_path, replace(bundle, files=files), FIRST)
    assert cluster.objects == {}


def test_a_flow_too_large_for_a_secret_is_refused(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    bundle = flow_bundle("'" + "x" * (1 << 20) + "' = ''")
    with pytest.raises(TargetError, match="one holds 1 MiB"):
        promote(cluster, tmp_path, bundle, FIRST)
    assert cluster.objects == {}


def test_a_deployment_that_is_not_ours_is_refused(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    theirs = {"metadata": {"name": NAME}, "spec": {"image": "theirs"}}
    cluster.objects["flinkdeployments", NAME] = theirs
    with pytest.raises(TargetError, match="FlowOps did not make"):
        promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    assert target.read({ADDRESS: "published"}) == {}
    target.remove(ADDRESS)
    assert not target.restore(ADDRESS, None, "run-1")
    assert cluster.objects == {("flinkdeployments", NAME): theirs}


def test_another_flow_of_that_name_is_refused(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    deployment(cluster)["metadata"]["annotations"]["flowops/flow"] = "Other"
    with pytest.raises(TargetError, match="FlowOps did not make"):
        promote(cluster, tmp_path, flow_bundle("FALSE"), SECOND)


def test_another_cluster_is_refused(cluster: MemoryCluster, tmp_path: Path) -> None:
    cluster.server = "https://other.example:6443"
    with pytest.raises(RefusedError, match="wrong-target: the kubeconfig leads to"):
        opened(lambda: cluster, tmp_path).verify()
    assert cluster.calls == []


def test_a_job_that_fails_is_said_to_have_failed(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    cluster.behaviour = failing
    with pytest.raises(TargetError) as caught:
        promote(cluster, tmp_path, flow_bundle(), FIRST)
    assert caught.value.message == (
        f"the job of {NAME} failed; the operator says "
        "lifecycle FAILED, job FAILED, job manager READY: no broker"
    )


def test_a_job_nobody_speaks_of_is_unknown_and_progress_is_told(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    cluster.behaviour = silent
    stages: list[Stage] = []
    target = opened(lambda: cluster, tmp_path, IBM, stages.append)
    bundle = flow_bundle()
    target.reserve([bundle], FIRST)
    target.stage(bundle)
    with pytest.raises(TargetError, match="it is not known whether the job") as caught:
        target.publish(bundle, FIRST)
    assert "no operator has looked at it yet" in caught.value.message
    assert {stage.what for stage in stages} == {
        f"waiting for {NAME}: no operator has looked at it yet"
    }


@pytest.mark.parametrize(
    ("job", "hint"),
    [("RESTARTING", "the log of its job manager"), ("", "look whether the operator")],
)
def test_where_to_look_is_said_of_a_job_that_does_not_get_to_run(
    cluster: MemoryCluster, tmp_path: Path, job: str, hint: str
) -> None:
    cluster.behaviour = lambda one: status_of(one, "DEPLOYED", job)
    with pytest.raises(TargetError, match="it is not known whether") as caught:
        promote(cluster, tmp_path, flow_bundle(), FIRST)
    assert caught.value.hint.startswith(hint)
    assert "`timeout` of the target" in caught.value.hint


def test_a_job_that_takes_its_time_is_awaited(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    old = dict(deployment(cluster)["status"])
    cluster.behaviour = lambda one: old  # the operator still speaks of the old spec
    looks = 0

    def before(call: str) -> None:
        nonlocal looks
        looks += call == f"get flinkdeployments {NAME}"
        if looks == 3:
            live = deployment(cluster)
            live["status"] = status_of(live, "UPGRADING", "FINISHED")
        if looks == 5:
            deployment(cluster)["status"] = stable(deployment(cluster))

    cluster.before = before
    promote(cluster, tmp_path, flow_bundle("FALSE"), SECOND)
    assert looks >= 5


def test_a_deployment_deleted_meanwhile_is_said(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    cluster.behaviour = silent

    def before(call: str) -> None:
        if call == f"get flinkdeployments {NAME}":
            cluster.objects.pop(("flinkdeployments", NAME), None)

    cluster.before = before
    with pytest.raises(TargetError, match="somebody deleted"):
        promote(cluster, tmp_path, flow_bundle(), FIRST)


def refusing(deployment: Object, words: str = "no folder", seen: int = 0) -> Object:
    """Say of a spec that it is not accepted, as the real operator does.

    What is said of the spec before stays. ``seen`` is what newer operators say.
    """
    error = {"type": "org.apache.flink.ValidationException", "message": words}
    status = {"lifecycleState": "FAILED", **deployment.get("status", {})}
    status |= {"error": json.dumps(error), "observedGeneration": seen}
    return status


def test_a_spec_the_operator_does_not_accept_is_said_in_its_words(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    cluster.behaviour = refusing
    with pytest.raises(TargetError) as caught:
        promote(cluster, tmp_path, flow_bundle(), FIRST)
    assert caught.value.message == f"the operator does not accept {NAME}: no folder"
    assert "`spec` is laid over" in caught.value.hint


def test_a_refusal_of_the_spec_before_is_none_of_the_next(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    cluster.behaviour = refusing
    with pytest.raises(TargetError, match="does not accept"):
        promote(cluster, tmp_path, flow_bundle("FALSE"), SECOND)
    looks = 0

    def before(call: str) -> None:
        nonlocal looks
        looks += call == f"get flinkdeployments {NAME}"
        if looks == 3:
            error = deployment(cluster)["status"]["error"]
            held = stable(deployment(cluster))
            deployment(cluster)["status"] = {**held, "error": error}

    cluster.before, cluster.behaviour = before, silent
    target = opened(lambda: cluster, tmp_path)
    assert target.restore(ADDRESS, FlowState(ADDRESS, {}), SECOND.run)
    assert looks == 3


@pytest.mark.parametrize(
    ("seen", "said"), [(1, "it is not known"), (3, "does not accept")]
)
def test_the_same_refusal_again_is_one_where_the_operator_says_of_what(
    cluster: MemoryCluster, tmp_path: Path, seen: int, said: str
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    cluster.behaviour = refusing
    with pytest.raises(TargetError, match="does not accept"):
        promote(cluster, tmp_path, flow_bundle("FALSE"), SECOND)
    cluster.behaviour = lambda one: refusing(one, seen=seen)
    with pytest.raises(TargetError, match=said):
        promote(cluster, tmp_path, flow_bundle("2 = 2"), Mark("shop", "run-3", ""))


@pytest.mark.parametrize("behaviour", [failing, silent], ids=["failed", "unknown"])
def test_an_upgrade_that_does_not_run_is_pointed_back(
    cluster: MemoryCluster, tmp_path: Path, behaviour: Callable[[Object], Object]
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    old, secret = dict(deployment(cluster)["spec"]), secret_read(cluster)
    before = opened(lambda: cluster, tmp_path).read({ADDRESS: "published"})[ADDRESS]
    cluster.behaviour = behaviour
    with pytest.raises(TargetError):
        promote(cluster, tmp_path, flow_bundle("FALSE"), SECOND)
    cluster.behaviour = stable
    target = opened(lambda: cluster, tmp_path)
    assert target.restore(ADDRESS, before, SECOND.run)
    assert deployment(cluster)["spec"] == old
    assert deployment(cluster)["metadata"]["annotations"]["flowops/run"] == "run-1"
    assert cluster.names("secrets") == [secret]
    assert PASSWORD in data_of(cluster, secret)["config.yaml"]
    assert target.read({ADDRESS: "published"})[ADDRESS] == before
    assert not target.restore(ADDRESS, before, SECOND.run)


def test_a_removed_flow_can_be_put_back(cluster: MemoryCluster, tmp_path: Path) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    promote(cluster, tmp_path, flow_bundle("FALSE"), SECOND)
    target = opened(lambda: cluster, tmp_path)
    before = target.read({ADDRESS: "published"})[ADDRESS]
    spec = dict(deployment(cluster)["spec"])
    target.remove(ADDRESS)
    assert cluster.names("flinkdeployments") == []
    assert len(cluster.names("secrets")) == 1
    assert target.restore(ADDRESS, before, "run-3")
    assert deployment(cluster)["spec"] == spec
    assert not target.restore(ADDRESS, before, "run-3")


def test_the_secret_of_a_removed_flow_goes_with_the_next_promote(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    (secret,) = cluster.names("secrets")
    opened(lambda: cluster, tmp_path).remove(ADDRESS)
    other = flow_bundle(name="other")
    promote(cluster, tmp_path, other, Mark("another", "run-2", "sha256:2"))
    assert secret in cluster.names("secrets")
    promote(cluster, tmp_path, other, Mark("shop", "run-3", "sha256:3"))
    assert secret not in cluster.names("secrets")
    assert all(name.startswith("other-") for name in cluster.names("secrets"))


def test_a_look_that_fails_is_taken_again(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    looks = 0

    def before(call: str) -> None:
        nonlocal looks
        applied = f"apply flinkdeployments {NAME}" in cluster.calls
        looks += applied and call == f"get flinkdeployments {NAME}"
        if 0 < looks < 3:
            raise TargetError("https://cluster.example:6443 cannot be reached")

    cluster.before = before
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    assert looks == 3


def test_what_cannot_be_put_back_is_said(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    promote(cluster, tmp_path, flow_bundle("FALSE"), SECOND)
    for secret in set(cluster.names("secrets")) - {secret_read(cluster)}:
        del cluster.objects["secrets", secret]
    target = opened(lambda: cluster, tmp_path)
    before = FlowState(ADDRESS, {})
    with pytest.raises(TargetError, match="the Secret of its last run is gone"):
        target.restore(ADDRESS, before, SECOND.run)


def test_state_is_dropped_once_and_only_where_it_was_allowed(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    seen: list[bool] = []

    def behaviour(one: Object) -> Object:
        seen.append(one["spec"]["job"]["allowNonRestoredState"])
        return stable(one)

    cluster.behaviour = behaviour
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    assert seen == [False]
    bundle = flow_bundle("FALSE")
    bundle = Bundle(ADDRESS, bundle.primary, bundle.files, may_drop_state=True)
    promote(cluster, tmp_path, bundle, SECOND)
    assert seen == [False, True, False]


def test_staging_again_keeps_what_is_read(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    secret = secret_read(cluster)
    cluster.calls.clear()
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    assert f"delete secrets {secret}" not in cluster.calls
    assert cluster.names("secrets") == [secret]


def test_publishing_what_was_not_staged_is_an_error(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    with pytest.raises(TargetError, match="was not staged"):
        opened(lambda: cluster, tmp_path).publish(flow_bundle(), FIRST)


def test_an_older_state_has_nothing_to_deploy(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    with pytest.raises(TargetError, match=r"has no deployment\.yaml"):
        promote(cluster, tmp_path, Bundle(ADDRESS, "x", {"x": "y"}), FIRST)


def test_a_deployment_that_stays_after_its_deletion_is_said(
    cluster: MemoryCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    monkeypatch.setattr(cluster, "delete", lambda *_, **__: None)
    with pytest.raises(TargetError, match="still there after 1 seconds"):
        opened(lambda: cluster, tmp_path).remove(ADDRESS)


class KilledError(BaseException):
    """The machine stops: nothing after it runs."""


def killing(cluster: MemoryCluster, at: int) -> None:
    """Let a call pass ``at`` times, and end the run at the next."""
    left = at

    def before(call: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KilledError(call)

    cluster.before = before


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "changed"])
def test_a_kill_at_any_call_ends_with_one_deployment(
    tmp_path: Path, is_new: bool
) -> None:
    calls = 0
    while not ends_with_one_deployment(tmp_path, calls, is_new=is_new):
        calls += 1
    assert calls > 8


def ends_with_one_deployment(root: Path, calls: int, *, is_new: bool) -> bool:
    """Kill a promote after so many calls, undo it, promote again; tell if it ended."""
    cluster, before, ended = MemoryCluster(), None, False
    target = opened(lambda: cluster, root)
    if not is_new:
        promote(cluster, root, flow_bundle(), FIRST)
        before = target.read({ADDRESS: "published"})[ADDRESS]
    held = dict(cluster.objects)
    killing(cluster, calls)
    try:
        promote(cluster, root, flow_bundle("FALSE"), SECOND)
        ended = True
    except KilledError:
        pass
    cluster.before = lambda call: None
    target = opened(lambda: cluster, root)
    target.restore(ADDRESS, before, SECOND.run)
    assert not target.restore(ADDRESS, before, SECOND.run)
    assert cluster.objects.keys() == held.keys()
    if before:
        assert target.read({ADDRESS: "published"})[ADDRESS] == before
    promote(cluster, root, flow_bundle("2 = 2"), Mark("shop", "run-3", ""))
    assert cluster.names("flinkdeployments") == [NAME]
    assert len(cluster.names("secrets")) <= 2
    return ended


def test_a_call_that_fails_leaves_the_old_job(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    old = dict(deployment(cluster))

    def before(call: str) -> None:
        if call.startswith("create secrets"):
            raise TargetError("no room")

    cluster.before = before
    with pytest.raises(TargetError, match="no room"):
        promote(cluster, tmp_path, flow_bundle("FALSE"), SECOND)
    assert deployment(cluster) == old
    assert DEPLOYMENTS.prefix == "/apis/flink.apache.org/v1beta1"
