"""Inventories as JSON: what existed on a target when somebody looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.shapes import list_of, object_of, texts_of
from flowops.documents.source import decode
from flowops.errors import InputError
from flowops.model import Finding, Inventory, Location, Resource, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowops.documents.json_text import JsonValue
    from flowops.overlays.flow_overlay import FlowOverlays
    from flowops.systems.protocol import Flow

SNAPSHOT_DAYS = 30
"""How old a snapshot may be before a plan says that it is."""

_AGAIN = "write it again with flowops inventory"
_FIELDS = ("kind", "name", "id", "arn", "type")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was on the targets of an environment when somebody looked, by system."""

    path: str
    taken: datetime
    systems: Mapping[str, Inventory] = field(default_factory=dict)


def snapshot_path(folder: str, environment: str) -> str:
    """Return where the snapshot of an environment lies in a project."""
    return f"{folder}/{environment}.inventory.json"


def read_snapshot(path: str, data: bytes) -> Snapshot:
    """Read a snapshot; raises ``InputError`` for a file that is none."""
    root_value = parse_json(decode(path, data), _AGAIN)
    try:
        root = object_of(root_value)
        taken = datetime.fromisoformat(str(root["taken"]))
        systems = object_of(root["systems"])
        found = {name: read_inventory(object_of(of)) for name, of in systems.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "this is no snapshot of an inventory",
            hint=_AGAIN,
            location=Location(path),
        ) from error
    zoned = taken if taken.tzinfo else taken.replace(tzinfo=UTC)
    return Snapshot(path, zoned, found)


def stale_findings(snapshot: Snapshot, now: datetime) -> Iterator[Finding]:
    """Give a warning for a snapshot that is too old to be trusted."""
    days = (now - snapshot.taken).days
    if days > SNAPSHOT_DAYS:
        yield Finding(
            rule="inventory/stale",
            severity=Severity.WARNING,
            message=f"this snapshot is {days} days old; references may have changed",
            location=Location(snapshot.path),
            hint=_AGAIN,
        )


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
        **_asked(inventory),
        "resources": [_written(resource) for resource in sorted(inventory.resources)],
    }


def _written(resource: Resource) -> JsonValue:
    """Write a resource; what few have is left out where it is not known."""
    written: dict[str, JsonValue] = {
        field: getattr(resource, field) for field in _FIELDS
    }
    if resource.state:
        written["state"] = resource.state
    if resource.qualifiers is not None:
        written["qualifiers"] = [*resource.qualifiers]
    return written


def _asked(inventory: Inventory) -> dict[str, JsonValue]:
    """Write what was asked about one by one: names by kind."""
    names: dict[str, JsonValue] = {
        kind: [name for of, name in sorted(inventory.asked) if of == kind]
        for kind in sorted({kind for kind, _ in inventory.asked})
    }
    return {"asked": names} if names else {}


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
        asked=frozenset(
            (kind, str(name))
            for kind, names in object_of(value.get("asked", {})).items()
            for name in list_of(names)
        ),
    )


def _resource(value: JsonValue) -> Resource:
    found = object_of(value)
    qualifiers = found.get("qualifiers")
    return Resource(
        **{field: str(found[field]) for field in _FIELDS},
        state=str(found.get("state", "")),
        qualifiers=None
        if qualifiers is None
        else tuple(str(qualifier) for qualifier in list_of(qualifiers)),
    )


def named_references(
    flows: Iterable[Flow], overlays: FlowOverlays
) -> Mapping[str, frozenset[str]]:
    """Return the names that flows refer to by kind, as an environment maps them."""
    names: dict[str, set[str]] = {}
    for flow in flows:
        for reference in flow.references:
            rule = overlays.reference(flow, reference)
            found = names.setdefault(reference.kind, set())
            name = rule.target if rule else reference.name
            found.add(name)
            if reference.suffix:  # a version or an alias is looked up too
                found |= {reference.value, f"{name}{reference.suffix}"}
    return {kind: frozenset(found) for kind, found in names.items()}
