"""Which classes of functions Flink is asked about, and where that is not possible.

What it answers is tried in tests/flink, with its real SQL gateway.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flowops.errors import InputError
from flowops.inventory import inventory_json, read_inventory
from flowops.model import Inventory, Location, Resource
from flowops.secrets import Secret, Text
from flowops.systems.event_processing.inventory.functions import (
    cannot_ask,
    wanted_classes,
)
from flowops.systems.event_processing.inventory.sources import FLINK, read_sources
from flowops.systems.event_processing.settings.references import function_references
from flowops.systems.protocol import TargetSettings

PLACE = Location("environments/test.yaml", 3)
VENDORS = "com.ibm.ei.streamproc.udf.ToTimestampUdf"
NAMES = {"function": {"a.B", VENDORS, ""}, "topic": {"T"}}
JDBC = "CREATE FUNCTION f AS 'a.B'"


def settings(kind: str, **values: Text) -> TargetSettings:
    given = {key.replace("__", "."): value for key, value in values.items()}
    return TargetSettings("event_processing", kind, given, PLACE, Path(), "test")


def test_the_vendors_functions_are_asked_for_where_its_sql_runs() -> None:
    assert wanted_classes(settings("kubernetes"), NAMES) == ("a.B", VENDORS)
    assert wanted_classes(settings("flink"), NAMES) == ("a.B",)
    plain = settings("directory", dialect="flink")
    assert wanted_classes(plain, NAMES) == ("a.B",)
    assert wanted_classes(plain, {}) == ()


def test_a_target_with_a_gateway_is_asked_there_with_its_login() -> None:
    token = Secret("marker", "<token>")
    (source,) = read_sources(
        settings("flink", gateway="http://g", token=token, ca="a.pem", url="http://j")
    )
    assert source.name == FLINK
    assert source.values == {
        "url": "http://g",
        "token": token,
        "ssl.ca.location": "a.pem",
    }
    both = settings("flink", gateway="http://g", ask__flink__url="http://other")
    (source,) = read_sources(both)
    assert source.values == {"url": "http://other"}


def test_without_a_gateway_only_a_cluster_says_so() -> None:
    classes = ("a.B", "c.D")
    (words,) = cannot_ask(settings("flink"), classes, ()).values()
    assert "if Flink has a.B, c.D, and the target names none" in words
    assert not cannot_ask(settings("flink"), (), ())
    assert not cannot_ask(settings("flink"), classes, {"function"})
    assert not cannot_ask(settings("flink", gateway="http://g"), classes, ())
    assert not cannot_ask(settings("directory"), classes, ())


def test_a_token_in_the_clear_is_refused() -> None:
    with pytest.raises(InputError, match=r"ask\.flink\.token has a password in the"):
        read_sources(settings("directory", ask__flink__url="u", ask__flink__token="t"))


@pytest.mark.parametrize(
    ("sql", "classes"),
    [
        (f"{JDBC};", ["a.B"]),
        (f"{JDBC} LANGUAGE SCALA;", ["a.B"]),
        (f"{JDBC} USING JAR '/opt/f.jar';", []),
        ("CREATE FUNCTION f AS 'm.f' LANGUAGE PYTHON;", []),
        (f"ADD JAR '/opt/f.jar'; {JDBC};", []),
        (f"{JDBC}; CREATE FUNCTION `USING` AS 'c.D';", ["a.B", "c.D"]),
    ],
)
def test_a_class_that_comes_with_its_text_is_no_reference(
    sql: str, classes: list[str]
) -> None:
    found = function_references("n", sql, PLACE)
    assert [reference.name for reference in found] == classes


def test_what_was_asked_one_by_one_is_kept_in_a_snapshot() -> None:
    there = Resource("function", "a.B")
    asked = frozenset({("function", "a.B"), ("function", "c.D")})
    inventory = Inventory((there,), frozenset({"topic"}), asked=asked)
    document = inventory_json(inventory)
    assert document["asked"] == {"function": ["a.B", "c.D"]}
    assert read_inventory(document) == inventory
    assert "asked" not in inventory_json(Inventory())
    assert inventory.knows("function", "c.D")
    assert not inventory.knows("function", "e.F")
    assert inventory.knows("topic", "anything")
