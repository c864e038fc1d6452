"""The systems FlowOps knows. Adding one is a package and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems import connect, event_processing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.systems.protocol import System

SYSTEMS: Mapping[str, System] = {
    connect.name: connect,
    event_processing.name: event_processing,
}
