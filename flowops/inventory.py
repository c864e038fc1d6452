"""Inventories as JSON: what existed on a target when somebody looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.shapes import list_of, object_of, texts_of
from flowops.model import Finding, Inventory, Resource, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.json_text import JsonValue

_FIELDS = ("kind", "name", "id", "arn", "type")


def inventory_json(inventory: Inventory) -> dict[str, JsonValue]:
    """Write an inventory: the kinds that were asked for, and every resource."""
    nameless: dict[str, JsonValue] = (
        {"nameless": dict(inventory.nameless)} if inventory.nameless else {}
    )
    gaps: dict[str, JsonValue] = (
        {"gaps": dict(sorted(inventory.gaps.items()))} if inventory.gaps else {}
    )
    return {
        "kinds": sorted(inventory.kinds),
        "region": inventory.region,
        "partition": inventory.partition,
        **nameless,
        **gaps,
        "resources": [
            {field: getattr(resource, field) for field in _FIELDS}
            for resource in sorted(inventory.resources)
        ],
    }


def gap_findings(inventory: Inventory) -> Iterator[Finding]:
    """Give a warning for each kind that could not be asked, or only in part."""
    for kind, reason in sorted(inventory.gaps.items()):
        yield Finding(
            rule="inventory/gap",
            severity=Severity.WARNING,
            message=f"not every {kind} can be checked: {reason}",
        )


def read_inventory(value: Mapping[str, JsonValue]) -> Inventory:
    """Read an inventory; raises ``KeyError`` or ``TypeError`` for another shape."""
    return Inventory(
        resources=tuple(
            _resource(resource) for resource in list_of(value["resources"])
        ),
        kinds=frozenset(str(kind) for kind in list_of(value["kinds"])),
        region=str(value["region"]),
        partition=str(value["partition"]),
        nameless=texts_of(value.get("nameless", {})),
        gaps=texts_of(value.get("gaps", {})),
    )


def _resource(value: JsonValue) -> Resource:
    found = object_of(value)
    return Resource(**{field: str(found[field]) for field in _FIELDS})
