"""What an environment says of a Flink cluster."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowops.documents.files import is_file, is_folder, is_inside, read_bytes
from flowops.errors import InputError
from flowops.secrets import Secret
from flowops.systems.event_processing.compiler.dialects import check_dialect
from flowops.systems.event_processing.inventory import (
    check_inventory,
    is_inventory_key,
)
from flowops.systems.event_processing.settings.product_version import check_version

if TYPE_CHECKING:
    from pathlib import Path

    from flowops.model import Location
    from flowops.secrets import Text
    from flowops.systems.protocol import TargetSettings

KIND = "flink"
KEYS = (
    *("url", "gateway", "token", "user", "password", "ca"),
    *("savepoints", "timeout", "inventory", "ask", "dialect", "version"),
)
_SHOWN = 120
_PORTS = {"http": 80, "https": 443}
_SECONDS = 300
_MOST_SECONDS = 86_400
_DIRECTORY = re.compile(r"[a-z][a-z0-9+.-]*:/.+|/.+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FlinkSettings:
    """The settings of a Flink target, checked.

    ``url`` and ``gateway`` are normal forms: lower case, no default port, no slash
    at the end. ``timeout`` is in seconds.
    """

    target: TargetSettings
    url: str
    gateway: str = ""
    token: Text = ""
    user: Text = ""
    password: Text = ""
    ca: Path | None = None
    savepoints: str = ""
    timeout: int = _SECONDS


def read_settings(settings: TargetSettings) -> FlinkSettings:
    """Check what an environment says of a cluster; nothing is opened or called.

    Raises ``InputError`` for a key that is not known or a value that cannot be used.
    """
    for key in settings.values:
        _refuse_unknown(key, settings.location)
    check_dialect(settings.values, settings.location)
    check_version(settings.values, settings.location)
    check_inventory(settings)
    reader = _Reader(settings)
    if not reader.clear("url"):
        raise reader.wrong("needs a `url`", "name the job manager: https://HOST:8081")
    found = FlinkSettings(
        target=settings,
        url=reader.address("url"),
        gateway=reader.address("gateway"),
        token=reader.sealed("token"),
        user=settings.values.get("user", ""),
        password=reader.sealed("password"),
        ca=reader.authority(),
        savepoints=reader.directory(),
        timeout=reader.seconds(),
    )
    if bool(found.user) != bool(found.password) or (found.user and found.token):
        raise reader.wrong(
            "logs in with `token`, or with `user` and `password`", "give one of the two"
        )
    return found


def _refuse_unknown(key: str, place: Location) -> None:
    if key not in KEYS and not is_inventory_key(key):
        near = difflib.get_close_matches(key, KEYS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(KEYS)}"
        message = f"a {KIND} target has no key {key!r}"
        raise InputError(message, hint=hint, location=place)


class _Reader:
    """Reads one value after the other, and says where a wrong one stands."""

    def __init__(self, settings: TargetSettings) -> None:
        self._values = settings.values
        self._root = settings.root
        self._location = settings.location

    def wrong(self, words: str, hint: str) -> InputError:
        return InputError(
            f"a {KIND} target {words}", hint=hint, location=self._location
        )

    def clear(self, key: str) -> str:
        value = self._values.get(key, "")
        if isinstance(value, Secret):
            raise self.wrong(
                f"has its `{key}` in the clear", "take it out of `secrets`"
            )
        return value.strip()

    def sealed(self, key: str) -> Text:
        value = self._values.get(key, "")
        if value and not isinstance(value, Secret):
            raise self.wrong(
                f"takes its `{key}` from `secrets`",
                f"name it there, and write {key}: '{{{{ NAME }}}}' here",
            )
        return value

    def address(self, key: str) -> str:
        value = self.clear(key)
        return self._normal(key, value) if value else ""

    def _normal(self, key: str, value: str) -> str:
        hint = "write http:// or https://, a host, and a port if it is another"
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError as error:
            raise self.wrong(f"has no usable `{key}`: {value}", hint) from error
        if parts.username or parts.password:
            raise self.wrong(f"has a login in its `{key}`", "use `user` and `password`")
        if parts.scheme not in _PORTS or not parts.hostname:
            raise self.wrong(f"has no usable `{key}`: {value}", hint)
        if parts.query or parts.fragment:
            raise self.wrong(f"has a `{key}` with a query", hint)
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        place = f"{host}:{port}" if port not in (None, _PORTS[parts.scheme]) else host
        return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"

    def authority(self) -> Path | None:
        value = self.clear("ca")
        if not value:
            return None
        written = PurePosixPath(value)
        path, hint = self._root / value, "name the authority's PEM file"
        inside = is_inside(self._root, path)
        if written.is_absolute() or ".." in written.parts or not inside:
            raise self.wrong("has a `ca` outside the project", "name a file of it")
        if is_folder(path):
            raise self.wrong(f"has a folder as its `ca`: {value}", hint)
        if not is_file(path):
            raise self.wrong(f"has no file {_shown(value)}", hint)
        if not _is_pem(read_bytes(path, value)):
            raise self.wrong(f"has no certificate in its `ca` {value}", hint)
        return path

    def directory(self) -> str:
        value = self.clear("savepoints")
        if value and not _DIRECTORY.fullmatch(value):
            raise self.wrong(
                f"has no usable `savepoints`: {value}",
                "write a directory every task manager reaches, such as s3://BUCKET/DIR",
            )
        return value

    def seconds(self) -> int:
        value = self.clear("timeout") or str(_SECONDS)
        if not (value.isascii() and value.isdigit()):
            raise self.wrong(f"has no usable `timeout`: {value}", "write whole seconds")
        if not 0 < int(value[:9]) <= _MOST_SECONDS:
            raise self.wrong(
                f"has a `timeout` of {value} seconds",
                f"write 1 to {_MOST_SECONDS}",
            )
        return int(value)


def _is_pem(data: bytes) -> bool:
    """Tell whether a file holds a certificate that OpenSSL takes."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(
            cadata=data.decode("ascii")
        )
    except (ssl.SSLError, ValueError):
        return False
    return True


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
