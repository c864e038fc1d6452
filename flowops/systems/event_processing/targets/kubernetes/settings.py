"""What an environment says of a cluster."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowops.errors import InputError
from flowops.secrets import Secret
from flowops.systems.event_processing.compiler.dialects import check_dialect
from flowops.systems.event_processing.inventory import (
    check_inventory,
    is_inventory_key,
)
from flowops.systems.event_processing.manifests.options import (
    KEYS,
    OPERATORS,
    Options,
    read_options,
)
from flowops.systems.event_processing.output.import_file import check_import

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.model import Location
    from flowops.progress import Progress
    from flowops.secrets import Text
    from flowops.systems.protocol import TargetSettings

KIND = "kubernetes"
IN_CLUSTER = "in-cluster"
TARGET_KEYS = (
    *("operator", "server", "context", "timeout"),
    *("inventory", "ask", "version", "dialect", "import"),
    *KEYS,
)
_SECONDS = re.compile(r"[1-9][0-9]{0,4}")
_DEFAULT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Which cluster, which namespace of it, and how long to wait for a job.

    ``server`` is the address that the kubeconfig has to name, or ``in-cluster``.
    """

    server: str
    namespace: str
    context: str
    seconds: int
    options: Options
    settings: TargetSettings

    @property
    def progress(self) -> Progress:
        """Return who is told what is waited for."""
        return self.settings.progress


def read_settings(settings: TargetSettings) -> ClusterSettings:
    """Read the settings of a target; nothing is called yet.

    Raises ``InputError`` for a key that is not known, and for a value that is
    missing or cannot be used.
    """
    values, place = settings.values, settings.location
    for key in values:
        if key not in TARGET_KEYS and not is_inventory_key(key):
            message = f"a {KIND} target has no key {key!r}"
            raise InputError(message, hint=_key_hint(key), location=place)
    check_dialect(values, place)
    check_import(values, place)
    check_inventory(settings)
    operator = _required(values, "operator", place, "write ibm or apache")
    if operator not in OPERATORS:
        raise InputError(
            f"there is no operator {operator!r}",
            hint="write ibm or apache",
            location=place,
        )
    namespace = _required(values, "namespace", place, "name the one the jobs run in")
    return ClusterSettings(
        server=_server(values, place),
        namespace=namespace,
        context=_clear(values, "context", place),
        seconds=_seconds(_clear(values, "timeout", place), place),
        options=read_options(values, "operator", place),
        settings=settings,
    )


def _key_hint(key: str) -> str:
    if key.startswith("spec."):
        return "write it as a text: `spec: |`, and the YAML below it"
    near = difflib.get_close_matches(key, TARGET_KEYS, n=1)
    return f"did you mean {near[0]}?" if near else "see docs/running-flows.md"


def _required(values: Mapping[str, Text], key: str, place: Location, hint: str) -> str:
    value = _clear(values, key, place)
    if not value:
        message = f"a {KIND} target needs `{key}`"
        raise InputError(message, hint=hint, location=place)
    return value


def _clear(values: Mapping[str, Text], key: str, place: Location) -> str:
    value = values.get(key, "")
    if isinstance(value, Secret):
        message = f"`{key}` of a {KIND} target is no secret"
        raise InputError(message, hint="write it in the clear", location=place)
    return value.strip()


def _server(values: Mapping[str, Text], place: Location) -> str:
    hint = f"write the address of the API server, or {IN_CLUSTER}"
    server = _required(values, "server", place, hint)
    if "@" in server:  # a login, which is not shown
        message = "`server` of the target has a login in it"
        raise InputError(message, hint="the kubeconfig holds the login", location=place)
    if server != IN_CLUSTER and not _is_address(server):
        message = f"`server` of the target is {server!r}"
        raise InputError(message, hint=hint, location=place)
    return server.rstrip("/")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # such as half an address of IPv6
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _seconds(text: str, place: Location) -> int:
    if not text:
        return _DEFAULT_SECONDS
    if not _SECONDS.fullmatch(text):
        raise InputError(
            f"`timeout` of the target must be whole seconds, not {text!r}",
            hint=f"leave it out for {_DEFAULT_SECONDS}",
            location=place,
        )
    return int(text)
