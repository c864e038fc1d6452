"""Targets that say where to ask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flowops.model import Inventory, Location
from flowops.secrets import Secret, Text
from flowops.systems.event_processing.inventory import stream_inventory
from flowops.systems.event_processing.settings.references import KINDS
from flowops.systems.protocol import TargetSettings

PLACE = Location("environments/test.yaml", 3, 5)


def secret(value: str) -> Secret:
    return Secret(value, "<password_redacted>")


def settings_of(
    root: Path, asked: Mapping[str, Mapping[str, Text]], **other: Text
) -> TargetSettings:
    values: dict[str, Text] = dict(other)
    for place, settings in asked.items():
        values |= {f"ask.{place}.{key}": value for key, value in settings.items()}
    given = ("event_processing", "directory", values, PLACE, root, "test")
    return TargetSettings(*given)


def ask(
    asked: Mapping[str, Mapping[str, Text]], root: Path = Path(), seconds: str = "10"
) -> Inventory:
    settings = settings_of(root, asked, **{"ask.timeout": seconds})
    return stream_inventory(settings, KINDS)


def names(inventory: Inventory, kind: str) -> list[str]:
    return [resource.name for resource in inventory.of_kind(kind)]
