"""Open an instance from what an environment says of it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowops.errors import InputError
from flowops.secrets import Secret
from flowops.systems.connect.api import LOOPBACK, ConnectApi
from flowops.systems.connect.rates import (
    DEFAULT_BURST,
    DEFAULT_RATE,
    Rate,
    RateLimit,
)
from flowops.systems.connect.target import ConnectInstance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.systems.protocol import TargetSettings

_KEYS = ("instance", "url", "rate", "burst", "snapshots")
_RATE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_BURST = re.compile(r"[0-9]{1,6}")
_YES_OR_NO: Mapping[str, bool] = {"true": True, "false": False}


def open_instance(settings: TargetSettings) -> ConnectInstance:
    """Return the instance an environment describes; nothing is called yet.

    Raises ``InputError`` for settings that cannot be right.
    """
    _refuse_unknown_keys(settings)
    sandbox = settings.kind == "sandbox"
    arn = _setting(settings, "instance", required=True)
    url = _setting(settings, "url", required=sandbox)
    host = _host(url, settings) if url else ""
    if sandbox and host not in LOOPBACK:
        raise InputError(
            f"a sandbox runs on this machine, and {host} is elsewhere",
            hint="use the kind amazon-connect for a real instance",
            location=settings.location,
        )
    limit = _rate_limit(settings)
    try:
        api = ConnectApi(arn, url, sandbox=sandbox, limit=limit)
    except ValueError as error:
        raise InputError(
            str(error),
            hint="write arn:aws:connect:REGION:ACCOUNT:instance/ID",
            location=settings.location,
        ) from error
    return ConnectInstance(
        settings.kind,
        api,
        snapshots=_snapshots(settings),
        progress=settings.progress,
    )


def _refuse_unknown_keys(settings: TargetSettings) -> None:
    for key in settings.values:
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(_KEYS)}"
            message = f"a target of kind {settings.kind} has no key {key!r}"
            raise InputError(message, hint=hint, location=settings.location)


def _host(url: str, settings: TargetSettings) -> str:
    """Return the host of an address; one with a login in it is not shown."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and "@" not in url
        if known and parts.port != 0 and parts.hostname:
            return parts.hostname
    except ValueError:  # a port that is none, half an address of IPv6
        pass
    raise InputError(
        "the `url` of the target is no address",
        hint="write http://HOST:PORT, without a login",
        location=settings.location,
    )


def _setting(settings: TargetSettings, key: str, *, required: bool) -> str:
    value = settings.values.get(key, "")
    if isinstance(value, Secret):
        raise InputError(
            f"`{key}` of the target is no secret",
            hint="write it in the clear",
            location=settings.location,
        )
    if required and not value:
        raise InputError(
            f"the target of kind {settings.kind} needs `{key}`",
            location=settings.location,
        )
    return value


def _snapshots(settings: TargetSettings) -> bool:
    """Tell whether a version is kept of what is live, before and after a write."""
    word = _setting(settings, "snapshots", required=False).lower() or "true"
    if word not in _YES_OR_NO:
        raise InputError(
            f"`snapshots` of the target must be true or false, not {word!r}",
            hint="leave it out to keep a version before and after each write",
            location=settings.location,
        )
    return _YES_OR_NO[word]


def _rate_limit(settings: TargetSettings) -> RateLimit | None:
    """Return the rate to keep to; a sandbox has none unless one is set."""
    rate = _number(settings, "rate", _RATE, DEFAULT_RATE)
    burst = _number(settings, "burst", _BURST, DEFAULT_BURST)
    if settings.kind == "sandbox" and not {"rate", "burst"} & settings.values.keys():
        return None
    return RateLimit(Rate(rate, int(burst)))


def _number(
    settings: TargetSettings, key: str, form: re.Pattern[str], default: float
) -> float:
    """Read a setting that is a number above zero."""
    text = _setting(settings, key, required=False)
    if not text:
        return default
    number = float(text) if form.fullmatch(text) else 0.0
    if number <= 0:
        raise InputError(
            f"`{key}` of the target must be a number above zero, not {text!r}",
            hint="leave it out for what Amazon Connect grants: 2 a second, bursts of 5",
            location=settings.location,
        )
    return number
