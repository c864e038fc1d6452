"""Real components, started once for all tests of this folder and ended after them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.kafka import Broker, kafka_broker
from tests.support.postgresql import Database, postgresql_server
from tests.support.registry import Registry, schema_registry


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with kafka_broker(tmp_path_factory.mktemp("kafka")) as started:
        yield started


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    with postgresql_server() as started:
        yield started


@pytest.fixture(scope="session")
def registry() -> Iterator[Registry]:
    with schema_registry() as started:
        yield started
