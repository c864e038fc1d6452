"""No operation is asked more often than its rate allows, and none waits for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from flowops.systems.connect.api import ConnectApi
from flowops.systems.connect.rates import Rate, RateLimit
from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer

HELD = {
    "instance": {"alias": "a", "region": "eu-west-1", "account": "111122223333"},
    "queues": ["Sales"],
    "lambda_functions": [f"function-{number}" for number in range(60)],
}


@dataclass(slots=True)
class Simulation:
    """A clock that only sleeping moves."""

    now: float = 1000.0
    sleeps: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    def limit(self, rate: Rate | None = None) -> RateLimit:
        return RateLimit(rate or Rate(), self.clock, self.sleep)


@pytest.mark.parametrize("calls", [6, 60, 300])
@pytest.mark.parametrize("rate", [Rate(), Rate(10, 1), Rate(0.5, 20)])
def test_many_calls_take_as_long_as_they_must(calls: int, rate: Rate) -> None:
    simulation = Simulation()
    limit = simulation.limit(rate)
    for _ in range(calls):
        limit.wait("DescribeContactFlow")
    floor = max(0, calls - rate.burst) / rate.second
    took = simulation.now - 1000
    assert floor * 0.999 <= took <= floor * 1.05


def test_the_first_five_do_not_wait() -> None:
    simulation = Simulation()
    limit = simulation.limit()
    for _ in range(5):
        limit.wait("DescribeContactFlow")
    assert simulation.sleeps == []
    limit.wait("DescribeContactFlow")
    assert simulation.sleeps == [0.5]


def test_operations_do_not_wait_for_each_other() -> None:
    simulation = Simulation()
    limit = simulation.limit()
    for operation in ("ListQueues", "ListPrompts", "TagResource"):
        for _ in range(5):
            limit.wait(operation)
    assert simulation.sleeps == []


def test_a_rest_fills_a_bucket_and_no_more() -> None:
    simulation = Simulation()
    limit = simulation.limit()
    for rest in (0, 3600):
        simulation.now += rest
        simulation.sleeps.clear()
        for _ in range(6):
            limit.wait("ListQueues")
        assert simulation.sleeps == [0.5]


def test_no_second_holds_more_than_the_service_allows() -> None:
    simulation = Simulation()
    limit = simulation.limit()
    moments: list[float] = []
    for number in range(200):
        limit.wait("ListQueues")
        moments.append(simulation.now)
        simulation.now += 0.07 * (number % 13)
    for start in moments:
        within = [m for m in moments if start <= m < start + 10]
        assert len(within) <= 5 + 2 * 10


def test_every_request_waits_and_a_page_is_one() -> None:
    simulation = Simulation()
    sandbox = Sandbox(SandboxInventory.parse(HELD))
    with SandboxServer(sandbox) as server:
        limit = simulation.limit(Rate(2, 1))
        api = ConnectApi(sandbox.instance_arn, server.url, sandbox=True, limit=limit)
        page = {"PageSize": 25}
        functions = list(
            api.list("list_lambda_functions", "LambdaFunctions", PaginationConfig=page)
        )
        assert len(functions) == 60
        assert simulation.sleeps == [0.5, 0.5]
        (queue,) = api.list("list_queues", "QueueSummaryList")
        assert isinstance(queue, dict)
        for _ in range(2):
            api.call("describe_instance")
        for _ in range(2):
            api.tag(queue["Arn"], {"key": "value"})
    assert simulation.sleeps == [0.5] * 4
    sandbox.close()
