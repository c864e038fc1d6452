"""The real clusters and the broker the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flink.cluster import Cluster, cluster
from tests.support.kafka import Broker, kafka_broker


@pytest.fixture(scope="session")
def old_flink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Flink 1.20, which the product runs outside its editor."""
    with cluster("1.20", tmp_path_factory.mktemp("flink-1.20")) as found:
        yield found


@pytest.fixture(scope="session")
def new_flink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Flink 2.2, which the product's editor runs."""
    with cluster("2.2", tmp_path_factory.mktemp("flink-2.2")) as found:
        yield found


@pytest.fixture(
    params=[
        pytest.param("old_flink", marks=pytest.mark.xdist_group("flink-cluster-1.20")),
        pytest.param("new_flink", marks=pytest.mark.xdist_group("flink-cluster-2.2")),
    ]
)
def flink(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Each of the two in turn; its jobs end with the test."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Cluster)
    yield found
    found.end_jobs()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with kafka_broker(tmp_path_factory.mktemp("kafka")) as found:
        yield found
