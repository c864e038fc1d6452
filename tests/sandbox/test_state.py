"""State outlives the sandbox, and the same calls make the same ids."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from botocore.client import BaseClient

from flowops.errors import InputError
from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer

INSTANCE = {"alias": "staging", "region": "eu-central-1", "account": "111122223333"}


def _inventory(**data: object) -> SandboxInventory:
    return SandboxInventory.parse({"instance": INSTANCE, **data})


def _queues(client: BaseClient, sandbox: Sandbox) -> dict[str, str]:
    listed = client.list_queues(InstanceId=sandbox.instance_id)["QueueSummaryList"]
    return {item["Name"]: item["Id"] for item in listed}


def test_state_survives_a_restart_and_is_not_loaded_twice(
    tmp_path: Path, connect_to: Callable[[str], BaseClient]
) -> None:
    path = tmp_path / "state.sqlite"
    inventory = _inventory(hours_of_operation=["H"], queues=["A", "B"])
    first = Sandbox(inventory, state=path)
    with SandboxServer(first) as server:
        client = connect_to(server.url)
        before = _queues(client, first)
        client.delete_queue(InstanceId=first.instance_id, QueueId=before["A"])
        flow = client.create_contact_flow(
            InstanceId=first.instance_id,
            Name="F",
            Type="CONTACT_FLOW",
            Content="draft",
            Status="SAVED",
        )["ContactFlowId"]
    first.close()
    later = _inventory(hours_of_operation=["H"], queues=["A", "B", "C"])
    second = Sandbox(later, state=path)
    with SandboxServer(second) as server:
        client = connect_to(server.url)
        assert _queues(client, second) == {"B": before["B"]}
        found = client.describe_contact_flow(
            InstanceId=second.instance_id, ContactFlowId=flow
        )["ContactFlow"]
        assert (found["Content"], found["Status"]) == ("draft", "SAVED")
    second.close()


def test_the_same_calls_give_the_same_answers(
    connect_to: Callable[[str], BaseClient],
) -> None:
    def answers() -> list[Mapping[str, object]]:
        sandbox = Sandbox(_inventory(hours_of_operation=["H"], queues=["A"]))
        with SandboxServer(sandbox) as server:
            client = connect_to(server.url)
            instance = {"InstanceId": sandbox.instance_id}
            hours = client.list_hours_of_operations(**instance)
            item = hours["HoursOfOperationSummaryList"][0]["Id"]
            found = [hours]
            for name in ("N", "M"):
                made = client.create_queue(
                    Name=name, HoursOfOperationId=item, **instance
                )
                found.append(made)
                found.append(client.describe_queue(QueueId=made["QueueId"], **instance))
                client.delete_queue(QueueId=made["QueueId"], **instance)
            again = client.create_queue(Name="N", HoursOfOperationId=item, **instance)
            found.append(again)
        sandbox.close()
        return found

    one, other = answers(), answers()
    assert one == other
    assert one[1]["QueueId"] != one[5]["QueueId"]


def test_an_id_does_not_depend_on_what_else_is_loaded() -> None:
    def id_of(*queues: str) -> str:
        sandbox = Sandbox(_inventory(queues=list(queues)))
        with sandbox._store.transaction():
            items = sandbox._store.after("queue", 0)
            found = next(item.id for item in items if item.name == "Sales")
        sandbox.close()
        return found

    assert id_of("Sales") == id_of("Basic", "Sales")


def test_the_id_of_an_instance_comes_from_its_account_region_and_alias() -> None:
    def id_of(**change: str) -> str:
        return SandboxInventory.parse({"instance": {**INSTANCE, **change}}).instance.id

    assert id_of() == id_of()
    found = {id_of(), id_of(alias="x"), id_of(region="us-east-1")}
    assert len(found | {id_of(account="999988887777")}) == 4


def test_a_state_of_another_instance_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    Sandbox(_inventory(), state=path).close()
    other = SandboxInventory.parse({"instance": {**INSTANCE, "alias": "other"}})
    with pytest.raises(InputError, match="the state holds the instance arn:aws"):
        Sandbox(other, state=path)
    Sandbox(_inventory(), state=path).close()


def test_a_state_in_use_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    first = Sandbox(_inventory(), state=path)
    with pytest.raises(InputError, match="database is locked"):
        Sandbox(_inventory(), state=path)
    first.close()


def test_a_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("notes " * 1000)
    with pytest.raises(InputError, match="not a database"):
        Sandbox(_inventory(), state=text)
    assert text.read_text() == "notes " * 1000
    database = tmp_path / "other.sqlite"
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(InputError, match="it holds something else"):
        Sandbox(_inventory(), state=database)
    with pytest.raises(InputError, match="unable to open"):
        Sandbox(_inventory(), state=tmp_path / "absent" / "state.sqlite")
