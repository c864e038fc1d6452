"""Open a namespace with the official client library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.targets.kubernetes.api import ApiCluster
from flowops.systems.event_processing.targets.kubernetes.settings import read_settings
from flowops.systems.event_processing.targets.kubernetes.target import Namespace

if TYPE_CHECKING:
    from flowops.systems.protocol import TargetSettings


def open_namespace(settings: TargetSettings) -> Namespace:
    """Return the namespace an environment describes; nothing is called yet.

    Raises ``InputError`` for settings that cannot be used.
    """
    found = read_settings(settings)
    return Namespace(found, lambda: ApiCluster(found))
