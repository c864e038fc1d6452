"""Rate limits, which are off unless a test or a person sets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
from botocore.client import BaseClient

from flowops.systems.connect.sandbox import Sandbox, Throttle
from tests.support.simulations import Simulation

Refusal: TypeAlias = "Callable[..., tuple[int, str, str]]"


Running: TypeAlias = "tuple[BaseClient, Sandbox, Simulation]"


@pytest.fixture
def running(client: BaseClient, sandbox: Sandbox) -> Running:
    simulation = Simulation()
    sandbox.throttle = Throttle(clock=simulation.clock)
    return client, sandbox, simulation


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("describe_instance", "ThrottlingException"),
        ("list_views", "TooManyRequestsException"),
        ("list_contact_flows", "ThrottlingException"),
    ],
)
def test_the_sixth_call_at_once_is_one_too_many(
    running: Running, refusal: Refusal, operation: str, error: str
) -> None:
    client, sandbox, simulation = running
    call = getattr(client, operation)
    given = {"InstanceId": sandbox.instance_id}
    for _ in range(5):
        call(**given)
    assert refusal(call, **given) == (429, error, "Rate exceeded")
    assert sandbox.throttle
    assert sandbox.throttle.refused == 1
    client.list_queues(InstanceId=sandbox.instance_id)
    simulation.now += 0.5
    call(**given)
    assert refusal(call, **given)[0] == 429


def test_a_rest_gives_no_more_than_a_burst(running: Running, refusal: Refusal) -> None:
    client, sandbox, simulation = running
    given = {"InstanceId": sandbox.instance_id}
    simulation.now += 3600
    for _ in range(5):
        client.list_queues(**given)
    assert refusal(client.list_queues, **given)[0] == 429


def test_without_a_throttle_nothing_is_too_much(
    client: BaseClient, sandbox: Sandbox
) -> None:
    for _ in range(30):
        client.list_queues(InstanceId=sandbox.instance_id)
    assert sandbox.throttle is None
