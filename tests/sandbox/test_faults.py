"""Failures on order, and the record of the calls that came in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ConnectionClosedError

from flowops.errors import InputError
from flowops.systems.connect.sandbox import (
    Call,
    Fault,
    Sandbox,
    SandboxInventory,
    SandboxServer,
)

Refusal: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture
def given(sandbox: Sandbox) -> dict[str, str]:
    return {"InstanceId": sandbox.instance_id}


@pytest.mark.parametrize(
    "expected",
    [
        (429, "ThrottlingException"),
        (429, "TooManyRequestsException"),
        (403, "AccessDeniedException"),
        (500, "InternalServiceException"),
        (404, "ContactFlowNotPublishedException"),
    ],
)
def test_the_call_after_some_calls_fails(
    expected: tuple[int, str],
    client: BaseClient,
    sandbox: Sandbox,
    given: dict[str, str],
    refusal: Refusal,
) -> None:
    _, error = expected
    sandbox.fail("ListQueues", error, times=2, after=1)
    client.list_prompts(**given)
    client.list_queues(**given)
    assert refusal(client.list_queues, **given)[:2] == expected
    client.list_prompts(**given)
    assert refusal(client.list_queues, **given)[:2] == expected
    client.list_queues(**given)


def test_any_operation_can_be_meant(
    client: BaseClient, sandbox: Sandbox, given: dict[str, str], refusal: Refusal
) -> None:
    sandbox.fail("*", "AccessDeniedException", after=2)
    client.list_queues(**given)
    client.list_prompts(**given)
    assert refusal(client.list_users, **given)[0] == 403
    client.list_users(**given)


def test_of_two_faults_the_older_strikes_first(
    client: BaseClient, sandbox: Sandbox, given: dict[str, str], refusal: Refusal
) -> None:
    sandbox.fail("ListUsers", "ThrottlingException")
    sandbox.fail("ListUsers", "AccessDeniedException")
    assert refusal(client.list_users, **given)[0] == 429
    assert refusal(client.list_users, **given)[0] == 403


def test_a_client_that_retries_gets_through(
    sandbox: Sandbox,
    given: dict[str, str],
    server: SandboxServer,
    connect_to: Callable[..., BaseClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    client = connect_to(server.url, retries={"mode": "standard", "max_attempts": 3})
    sandbox.fail("ListUsers", "ThrottlingException", times=2)
    assert client.list_users(**given)["ResponseMetadata"]["RetryAttempts"] == 2
    assert [call.operation for call in sandbox.calls] == ["ListUsers"] * 3


def test_a_dropped_connection_has_done_nothing(
    client: BaseClient, sandbox: Sandbox, given: dict[str, str]
) -> None:
    sandbox.fail("CreateContactFlow", "ConnectionDropped")
    new = {**given, "Name": "N", "Type": "CAMPAIGN", "Content": "x", "Status": "SAVED"}
    with pytest.raises(ConnectionClosedError):
        client.create_contact_flow(**new)
    client.create_contact_flow(**new)


def test_a_lost_answer_has_done_its_work(
    client: BaseClient, sandbox: Sandbox, given: dict[str, str], refusal: Refusal
) -> None:
    sandbox.fail("CreateContactFlow", "AnswerLost")
    new = {**given, "Name": "N", "Type": "CAMPAIGN", "Content": "x", "Status": "SAVED"}
    with pytest.raises(ConnectionClosedError):
        client.create_contact_flow(**new)
    assert refusal(client.create_contact_flow, **new)[0] == 409


def test_faults_can_be_given_at_the_start(
    inventory: SandboxInventory,
    connect_to: Callable[..., BaseClient],
    refusal: Refusal,
) -> None:
    sandbox = Sandbox(inventory, faults=[Fault("ListInstances", "ThrottlingException")])
    with SandboxServer(sandbox) as server:
        client = connect_to(server.url)
        assert refusal(client.list_instances)[0] == 429
        client.list_instances()
    sandbox.close()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault("ListQueue", "ThrottlingException"), "no operation is named 'ListQueue"),
        (Fault("ListQueues", "Throttling"), "no error is named 'Throttling'"),
        (Fault("ListQueues", "ThrottlingException", 0), "at least once"),
        (Fault("ListQueues", "ThrottlingException", 1, -1), "at least once"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    fault: Fault, message: str, sandbox: Sandbox
) -> None:
    with pytest.raises(InputError, match=message):
        sandbox.fail(fault.operation, fault.error, fault.times, fault.after)


def test_calls_are_recorded_without_contents(
    client: BaseClient, sandbox: Sandbox, given: dict[str, str], refusal: Refusal
) -> None:
    client.list_queues(**given, MaxResults=5)
    refusal(client.create_contact_flow, **given, Name="N", Content="secret")
    refusal(client.get_federation_token, **given)
    assert sandbox.calls == [
        Call("ListQueues", {**given, "MaxResults": 5}),
        Call("CreateContactFlow", {**given, "Name": "N"}),
        Call("GetFederationToken", given),
    ]
    assert sandbox.writes() == [Call("CreateContactFlow", {**given, "Name": "N"})]


def test_every_operation_that_changes_something_counts_as_a_write(
    sandbox: Sandbox,
) -> None:
    reads = ("Describe", "List", "Get", "Search")
    for operation, behaviour in sandbox._behaviours.items():
        assert behaviour.writes is not operation.startswith(reads)
        shape = sandbox._model.shape(sandbox._model.operations[operation].input)
        assert behaviour.takes <= set(shape.members)
        required = {m.name for m in shape.members.values() if m.required}
        assert required <= behaviour.takes
