from __future__ import annotations

from flowops.model import (
    Address,
    Finding,
    Inventory,
    Location,
    Resource,
    Severity,
)

ONE = Resource("queue", "Sales", "1", "arn:1")
TWIN = Resource("queue", "Sales", "2", "arn:2")
PROMPT = Resource("prompt", "Sales", "1", "arn:1")
INVENTORY = Inventory((ONE, TWIN, PROMPT), frozenset({"queue", "prompt"}))


def test_places_and_addresses_read_as_tools_write_them() -> None:
    assert str(Location("flows/a.json", 2, 3)) == "flows/a.json:2:3"
    assert str(Address("connect", "contact-flow", "Main")) == (
        "connect/contact-flow/Main"
    )


def test_findings_are_ordered_by_place() -> None:
    def finding(path: str, line: int, rule: str) -> Finding:
        return Finding(rule, Severity.ERROR, "", Location(path, line))

    found = [
        finding("b", 1, "x"),
        finding("a", 10, "x"),
        finding("a", 9, "y"),
        finding("a", 9, "x"),
        Finding("z", Severity.INFO, "without a place"),
    ]

    ordered = sorted(found, key=Finding.sort_key)

    assert [(f.location and f.location.path, f.rule) for f in ordered] == [
        (None, "z"),
        ("a", "x"),
        ("a", "y"),
        ("a", "x"),
        ("b", "x"),
    ]


def test_a_resource_is_found_by_arn_or_id_of_its_kind() -> None:
    assert INVENTORY.find("queue", "arn:1") is ONE
    assert INVENTORY.find("queue", "2") is TWIN
    assert INVENTORY.find("prompt", "1") is PROMPT
    assert INVENTORY.find("prompt", "2") is None
    assert INVENTORY.find("queue", "") is None


def test_names_are_exact_and_may_repeat() -> None:
    assert INVENTORY.named("queue", "Sales") == (ONE, TWIN)
    assert INVENTORY.named("queue", "sales") == ()
    assert INVENTORY.of_kind("prompt") == (PROMPT,)


def test_an_inventory_grows_without_changing() -> None:
    added = Resource("queue", "New", "3", "arn:3")

    grown = INVENTORY.with_resources([added])

    assert grown.find("queue", "3") is added
    assert grown.kinds == INVENTORY.kinds
    assert INVENTORY.find("queue", "3") is None
