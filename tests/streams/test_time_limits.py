"""`ask.timeout` holds for the whole answer of a database, however it is sent."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from flowops.systems.event_processing.inventory import stream_inventory
from tests.streams.builders import ask, settings_of
from tests.support.real import HOST
from tests.support.rough_server import (
    DRIPPING,
    Manner,
    drips,
    resets,
    rough_server,
    says_nothing,
)

KIND = "jdbc-table"
FAR = 20  # seconds: less than what a target is given, far more than is asked for here
# A login that is taken, and a notice that has no end (PostgreSQL, "Message Formats").
NOTICES = drips(b"R\0\0\0\x08\0\0\0\0", b"N\0\0\0\x06x\0")
LONG = drips(b"R\x7f\xff\xff\xff", b"\0")
LATE = {**DRIPPING, "nothing": says_nothing, "notices": NOTICES, "long": LONG}


def gap(manner: Manner, seconds: str) -> str:
    with rough_server(manner) as server:
        url = f"jdbc:postgresql://{HOST}:{server.port}/shop?sslmode=disable"
        values = {"url": url, "username": "flowops"}
        found = ask({"tables": {**values}}, seconds=seconds)
    assert found.kinds == frozenset()
    return found.gaps[KIND].replace(f"the database at {url}", "HERE")


@pytest.mark.parametrize("manner", LATE.values(), ids=LATE)
def test_what_drips_is_left_in_time(manner: Manner) -> None:
    late = "HERE gives no answer within 0.3 s"
    other = "HERE does not answer as PostgreSQL does"
    assert gap(manner, "0.3") in (late, other)


@pytest.mark.parametrize("manner", DRIPPING.values(), ids=DRIPPING)
def test_a_gateway_that_drips_is_left_in_time(manner: Manner) -> None:
    with rough_server(manner) as server:
        place = {"url": f"http://{HOST}:{server.port}"}
        settings = settings_of(Path(), {"flink": {**place}}, **{"ask.timeout": "0.3"})
        began = time.monotonic()
        found = stream_inventory(settings, {"function": ["a.B"]})
    assert "did not answer in time" in found.gaps["function"]
    assert time.monotonic() - began < FAR


def test_notices_without_an_end_are_left_in_time() -> None:
    assert gap(NOTICES, "0.3") == "HERE gives no answer within 0.3 s"


def test_a_server_that_hangs_up_is_said() -> None:
    assert gap(resets, "10") == "HERE cannot be reached"
