"""Where bundles of stream flows are put: one module or folder per kind of target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import InputError

if TYPE_CHECKING:
    from flowops.systems.protocol import Target, TargetSettings

KINDS = ("directory", "flink", "kubernetes")


def open_target(settings: TargetSettings) -> Target:
    """Return the target an environment describes; nothing is called yet.

    Raises ``InputError`` for a kind or a value that cannot be used.
    """
    match settings.kind:
        case "directory":
            from flowops.systems.event_processing.targets.directory import (
                open_directory,
            )

            return open_directory(settings)
        case "kubernetes":
            from flowops.systems.event_processing.targets.kubernetes.opening import (
                open_namespace,
            )

            return open_namespace(settings)
        case "flink":
            from flowops.systems.event_processing.targets.flink.target import open_flink

            return open_flink(settings)
        case _:
            raise InputError(
                f"event_processing has no target of kind {settings.kind!r}",
                hint=f"write kind: {' or '.join(KINDS)}",
                location=settings.location,
            )
