"""A running sandbox, and plain boto3 against it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TypeAlias

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer

Refusal: TypeAlias = "Callable[..., tuple[int, str, str]]"

MOMENT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
INVENTORY: Mapping[str, object] = {
    "instance": {
        "alias": "staging",
        "region": "eu-central-1",
        "account": "111122223333",
    },
    "hours_of_operation": ["Basic Hours"],
    "queues": ["BasicQueue", "Sales EMEA"],
    "prompts": ["Beep.wav"],
    "lambda_functions": ["lookup-customer"],
    "lex_bots": [
        "arn:aws:lex:eu-central-1:111122223333:bot-alias/ABCDEFGHIJ/TSTALIASID"
    ],
    "users": ["ada"],
    "views": ["Order form"],
    "phone_numbers": ["+498912345"],
    "quick_connects": ["Back office"],
    "contact_flows": [
        "Main IVR",
        {"name": "Default customer queue", "type": "CUSTOMER_QUEUE"},
    ],
    "flow_modules": ["Check Hours"],
}


@pytest.fixture
def inventory() -> SandboxInventory:
    return SandboxInventory.parse(INVENTORY)


@pytest.fixture
def sandbox(inventory: SandboxInventory) -> Iterator[Sandbox]:
    made = Sandbox(inventory, clock=lambda: MOMENT)
    yield made
    made.close()


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[SandboxServer]:
    with SandboxServer(sandbox) as running:
        yield running


@cache
def _session() -> boto3.Session:
    return boto3.Session(
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        region_name="eu-central-1",
    )


@pytest.fixture
def connect_to() -> Iterator[Callable[..., BaseClient]]:
    """Give a function that makes a client which neither retries nor checks."""
    made: list[BaseClient] = []

    def connect(url: str, **options: object) -> BaseClient:
        settings = {
            "retries": {"total_max_attempts": 1},
            "parameter_validation": False,
            "read_timeout": 10,
            **options,
        }
        client = _session().client(
            "connect", endpoint_url=url, config=Config(**settings)
        )
        made.append(client)
        return client

    yield connect
    for client in made:
        client.close()


@pytest.fixture
def client(server: SandboxServer, connect_to: Callable[..., BaseClient]) -> BaseClient:
    return connect_to(server.url)


@pytest.fixture
def refusal() -> Refusal:
    """Give a function that makes a call and gives its status, error and message."""

    def call(
        operation: Callable[..., object], **arguments: object
    ) -> tuple[int, str, str]:
        with pytest.raises(ClientError) as caught:
            operation(**arguments)
        response = caught.value.response
        error = response["Error"]
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        return status, error["Code"], error["Message"]

    return call


@pytest.fixture
def problems() -> Callable[..., list[str]]:
    """Give a function that makes a call and gives the problems it is refused with."""

    def call(operation: Callable[..., object], **arguments: object) -> list[str]:
        with pytest.raises(ClientError) as caught:
            operation(**arguments)
        response = caught.value.response
        found = response.get("problems") or response.get("Problems")
        assert found, response
        assert all(set(item) == {"message"} for item in found)
        return [item["message"] for item in found]

    return call


@pytest.fixture
def flow() -> Callable[..., dict[str, object]]:
    """Give a function that makes a flow of one action and its end."""

    def make(
        kind: str = "MessageParticipant",
        parameters: Mapping[str, object] | None = None,
        transitions: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        first = {
            "Identifier": "first",
            "Type": kind,
            "Parameters": parameters or {},
            "Transitions": {"NextAction": "end"}
            if transitions is None
            else transitions,
        }
        end = {"Identifier": "end", "Type": "DisconnectParticipant", "Transitions": {}}
        return {
            "Version": "2019-10-30",
            "StartAction": "first",
            "Metadata": {},
            "Actions": [first, end],
        }

    return make


@pytest.fixture
def flow_text(flow: Callable[..., dict[str, object]]) -> Callable[..., str]:
    return lambda *args, **named: json.dumps(flow(*args, **named))


@pytest.fixture
def ids(sandbox: Sandbox) -> Callable[[str, str], str]:
    """Give a function that looks up the id of a kind and a name."""

    def find(kind: str, name: str) -> str:
        store = sandbox._store
        with store.transaction():
            return next(item.id for item in store.after(kind, 0) if item.name == name)

    return find
