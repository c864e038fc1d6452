"""The laws of every target, held by a real cluster of Flink."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from inspect import signature
from pathlib import Path

import pytest

from flowops.errors import RefusedError
from flowops.model import Location
from flowops.systems.protocol import BoundFlow, Setting, TargetSettings
from tests.contract import test_systems as contract
from tests.flink.cluster import Cluster
from tests.support.kafka import Broker, create_topics

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("flink-cluster-2.2")]
TOPICS = {"ORDERS": "contract-orders", "LARGE.ORDERS": "contract-large-orders"}
ELSEWHERE = {"test_a_changed_flow_takes_the_new_mark"}
"""What is another way here: a job of another project is never taken over."""
LAWS: dict[str, Callable[[contract.Case, contract.Made], None]] = {
    name: law
    for name, law in vars(contract).items()
    if name.startswith("test_") and "opened" in signature(law).parameters
}


@pytest.fixture(scope="module")
def topics(broker: Broker) -> Broker:
    create_topics(broker, *TOPICS.values())
    return broker


@pytest.fixture
def case(
    topics: Broker, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> contract.Case:
    """Return the example, as an environment binds it; a cluster starts no run twice."""
    bind = contract.bind
    values = {
        **TOPICS,
        "kafka.development:9093": topics.plain,
        "SASL_SSL": "PLAINTEXT",
    }

    def bound(setting: Setting) -> Setting:
        return replace(setting, value=values.get(str(setting.value), setting.value))

    def for_flink(flow: BoundFlow) -> BoundFlow:
        settings = tuple(map(bound, flow.settings))
        return replace(flow, settings=settings, target={"kind": "flink"})

    monkeypatch.setattr(contract, "bind", lambda flow, to: for_flink(bind(flow, to)))
    return replace(contract.CASES[-1], run=str(request.node.name))


@pytest.fixture
def opened(
    case: contract.Case, new_flink: Cluster, tmp_path: Path
) -> Iterator[contract.Made]:
    values = {
        "url": new_flink.url,
        "savepoints": new_flink.savepoints,
        "timeout": "60",
    }
    place = Location("environments/staging.yaml")
    settings = TargetSettings(
        "event_processing", "flink", values, place, tmp_path, "staging"
    )
    yield lambda: case.system.open_target(settings)
    new_flink.end_jobs()


def test_the_laws_are_all_here() -> None:
    assert len(LAWS) > 10
    assert LAWS.keys() >= ELSEWHERE


@pytest.mark.parametrize("law", [law for law in LAWS if law not in ELSEWHERE])
def test_the_law_holds(law: str, case: contract.Case, opened: contract.Made) -> None:
    LAWS[law](case, opened)


def test_a_job_of_another_project_is_not_taken_over(
    case: contract.Case, opened: contract.Made
) -> None:
    target = opened()
    contract.promote(target, case.bundle(target), case.first)
    other = opened()
    bundle = contract.changed(case, other)
    with pytest.raises(RefusedError, match="started by the project project"):
        contract.promote(other, bundle, replace(case.second, project="another"))
    assert list(opened().managed("project")) == [bundle.address]
    assert opened().managed("another") == {}
