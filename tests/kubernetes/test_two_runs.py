"""Two runs that write to one namespace: the later one does not overwrite unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flowops.errors import RefusedError, TargetError
from flowops.systems.event_processing.targets.kubernetes.cluster import (
    DEPLOYMENTS,
    SECRETS,
)
from flowops.systems.event_processing.targets.kubernetes.target import Namespace
from flowops.systems.protocol import Bundle, FlowState, Mark
from tests.support.clusters import MemoryCluster, Object, failing, stable
from tests.support.streams import flow_bundle, opened

NAME = "large-orders-8c374829"
FIRST, SECOND, OTHER = (Mark("shop", f"run-{n}", f"sha256:{n}") for n in (1, 2, 3))
ADDRESS = flow_bundle().address
OURS, THEIRS = flow_bundle("FALSE"), flow_bundle("1 = 1")
DRIFTED = "target-drifted: since the plan was made, "

Act = Callable[[MemoryCluster, Path], object]


def planned(target: Namespace) -> FlowState | None:
    """Read what a plan is made of."""
    target.verify()
    return target.read({ADDRESS: "published"}).get(ADDRESS)


def write(target: Namespace, bundle: Bundle, mark: Mark) -> None:
    target.reserve([bundle], mark)
    target.stage(bundle)
    target.publish(bundle, mark)


def promote(cluster: MemoryCluster, root: Path, bundle: Bundle, mark: Mark) -> None:
    target = opened(lambda: cluster, root)
    planned(target)
    write(target, bundle, mark)


def live(cluster: MemoryCluster) -> Object:
    return cluster.objects["flinkdeployments", NAME]


def edit(cluster: MemoryCluster, root: Path) -> None:
    """Change the spec by hand: the cluster counts such changes."""
    del root
    live(cluster)["spec"]["job"]["parallelism"] = 4
    live(cluster)["metadata"]["generation"] += 1
    cluster.touch(DEPLOYMENTS, NAME)


def replace_it(cluster: MemoryCluster, root: Path) -> None:
    del root
    live(cluster)["metadata"]["uid"] = "another"
    cluster.touch(DEPLOYMENTS, NAME)


def promote_theirs(cluster: MemoryCluster, root: Path) -> None:
    promote(cluster, root, THEIRS, OTHER)


def delete_it(cluster: MemoryCluster, root: Path) -> None:
    del root
    cluster.delete(DEPLOYMENTS, NAME)


WAYS: list[tuple[Act, str]] = [
    (promote_theirs, "run run-3 wrote"),
    (edit, "somebody changed"),
    (replace_it, "somebody replaced"),
    (delete_it, "somebody deleted"),
]


@pytest.mark.parametrize(("act", "words"), WAYS, ids=[words for _, words in WAYS])
def test_what_changed_since_the_plan_is_not_overwritten(
    cluster: MemoryCluster, tmp_path: Path, act: Act, words: str
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    before = planned(target)
    act(cluster, tmp_path)
    theirs = dict(cluster.objects)
    with pytest.raises(RefusedError) as caught:
        write(target, OURS, SECOND)
    assert caught.value.message == f"{DRIFTED}{words} the FlinkDeployment {NAME}"
    assert caught.value.hint == "plan again, and look at what is different"
    if act is not delete_it:
        assert target.restore(ADDRESS, before, SECOND.run)
        assert cluster.objects == theirs


def test_a_flow_that_another_run_created_is_not_overwritten(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    target = opened(lambda: cluster, tmp_path)
    assert planned(target) is None
    promote(cluster, tmp_path, THEIRS, OTHER)
    theirs = dict(cluster.objects)
    with pytest.raises(RefusedError, match="run run-3 wrote"):
        write(target, OURS, SECOND)
    assert target.restore(ADDRESS, None, SECOND.run)
    assert cluster.objects == theirs


@pytest.mark.parametrize(("act", "words"), WAYS[:3], ids=[w for _, w in WAYS[:3]])
def test_what_changed_since_the_plan_is_not_removed(
    cluster: MemoryCluster, tmp_path: Path, act: Act, words: str
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    planned(target)
    act(cluster, tmp_path)
    with pytest.raises(RefusedError, match=words):
        target.remove(ADDRESS)
    assert cluster.names("flinkdeployments") == [NAME]


def test_what_changed_since_it_was_looked_at_is_not_put_back(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    before = planned(target)
    write(target, OURS, SECOND)
    once(cluster, f"apply flinkdeployments {NAME}", promote_theirs, tmp_path)
    with pytest.raises(RefusedError, match="run run-3 wrote"):
        target.restore(ADDRESS, before, SECOND.run)


def test_the_way_back_of_a_later_run_stays(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    before = planned(target)
    write(target, OURS, SECOND)
    ran = live(cluster)["metadata"]["annotations"]["flowops/secret"]
    later = opened(lambda: cluster, tmp_path)
    second = planned(later)
    write(later, THEIRS, OTHER)
    assert not target.restore(ADDRESS, before, SECOND.run)
    assert later.restore(ADDRESS, second, OTHER.run)
    assert live(cluster)["metadata"]["annotations"]["flowops/secret"] == ran


def once(cluster: MemoryCluster, at: str, act: Act, root: Path) -> None:
    """Let something happen right before a call, the first time."""

    def before(call: str) -> None:
        if call == at:
            cluster.before = lambda call: None
            act(cluster, root)

    cluster.before = before


@pytest.mark.parametrize(("act", "words"), WAYS, ids=[words for _, words in WAYS])
def test_a_change_between_the_look_and_the_write_is_seen_too(
    cluster: MemoryCluster, tmp_path: Path, act: Act, words: str
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    planned(target)
    once(cluster, f"apply flinkdeployments {NAME}", act, tmp_path)
    with pytest.raises(RefusedError, match=words):
        write(target, OURS, SECOND)


def test_a_creation_between_the_look_and_the_write_is_seen_too(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    target = opened(lambda: cluster, tmp_path)
    planned(target)
    once(cluster, f"apply flinkdeployments {NAME}", promote_theirs, tmp_path)
    with pytest.raises(RefusedError, match="run run-3 wrote"):
        write(target, OURS, SECOND)


def test_a_removal_looks_again_where_something_was_written(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    planned(target)
    once(cluster, f"delete flinkdeployments {NAME}", edit, tmp_path)
    with pytest.raises(RefusedError, match="somebody changed"):
        target.remove(ADDRESS)
    assert cluster.names("flinkdeployments") == [NAME]


def test_a_status_that_moves_is_no_drift(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    planned(target)
    cluster.touch(DEPLOYMENTS, NAME)

    def told(cluster: MemoryCluster, root: Path) -> None:
        del root
        cluster.touch(DEPLOYMENTS, NAME)

    once(cluster, f"apply flinkdeployments {NAME}", told, tmp_path)
    write(target, OURS, SECOND)
    applied = [c for c in cluster.calls if c == f"apply flinkdeployments {NAME}"]
    assert len(applied) == 3  # the first run, one that was refused, and one more


def test_a_deployment_that_never_stands_still_is_said(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    planned(target)

    def before(call: str) -> None:
        if call == f"apply flinkdeployments {NAME}":
            cluster.touch(DEPLOYMENTS, NAME)

    cluster.before = before
    words = "at each of 20 tries to write it: large-orders-8c374829 is at another"
    with pytest.raises(TargetError, match=words):
        write(target, OURS, SECOND)


def test_a_deployment_that_is_being_deleted_is_left_alone(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    planned(target)
    live(cluster)["metadata"]["deletionTimestamp"] = "2025-01-01T00:00:00Z"
    with pytest.raises(TargetError, match="marked as deleted, and not gone yet"):
        write(target, OURS, SECOND)


def test_a_secret_that_another_run_has_staged_meanwhile_stays(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target, other = (opened(lambda: cluster, tmp_path) for _ in range(2))
    planned(target)
    target.reserve([OURS], SECOND)
    target.stage(OURS)
    planned(other)
    other.reserve([THEIRS], OTHER)
    other.stage(THEIRS)
    staged = set(cluster.names(SECRETS.plural))
    target.publish(OURS, SECOND)
    assert set(cluster.names(SECRETS.plural)) == staged
    with pytest.raises(RefusedError, match="run run-2 wrote"):
        other.publish(THEIRS, OTHER)


def test_what_an_operator_fills_in_is_no_drift(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    def behaviour(one: Object) -> Object:
        status = stable(one)
        one["spec"]["image"] = "filled-in"
        one["metadata"]["generation"] += 1
        return status

    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    planned(target)
    cluster.behaviour = behaviour
    write(target, replace(OURS, may_drop_state=True), SECOND)
    assert live(cluster)["spec"]["job"]["allowNonRestoredState"] is False


def test_what_another_run_wrote_while_state_was_dropped_is_not_overwritten(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    planned(target)

    def behaviour(one: Object) -> Object:
        cluster.behaviour = stable
        status = stable(one)
        one["metadata"]["annotations"]["flowops/run"] = OTHER.run
        return status

    cluster.behaviour = behaviour
    with pytest.raises(RefusedError, match="run run-3 wrote"):
        write(target, replace(OURS, may_drop_state=True), SECOND)


def test_what_an_operator_filled_in_before_it_failed_is_put_back(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    def behaviour(one: Object) -> Object:
        status = failing(one)
        one["metadata"]["generation"] += 1
        cluster.behaviour = stable
        return status

    promote(cluster, tmp_path, flow_bundle(), FIRST)
    target = opened(lambda: cluster, tmp_path)
    before = planned(target)
    cluster.behaviour = behaviour
    with pytest.raises(TargetError, match="lifecycle FAILED"):
        write(target, OURS, SECOND)
    assert target.restore(ADDRESS, before, SECOND.run)
    assert target.read({ADDRESS: "published"})[ADDRESS] == before
