"""Where an environment says to ask: the settings below ``ask`` of a target.

The names are those of the field: librdkafka's for Kafka (its CONFIGURATION.md), those
of Flink's JDBC connector for tables. A password stands here as a secret only.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowops.documents.files import is_file
from flowops.errors import InputError, TargetError
from flowops.secrets import Secret, open_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from flowops.model import Location
    from flowops.secrets import Text
    from flowops.systems.protocol import TargetSettings

PREFIX = "ask."
KAFKA, TABLES, REGISTRY, FLINK = "kafka", "tables", "registry", "flink"
SERVERS, PROTOCOL, MECHANISM = (
    "bootstrap.servers",
    "security.protocol",
    "sasl.mechanism",
)
SASL_USER, SASL_PASSWORD = "sasl.username", "sasl.password"
AUTHORITY = "ssl.ca.location"
CERTIFICATE, KEY, KEY_PASSWORD = (
    "ssl.certificate.location",
    "ssl.key.location",
    "ssl.key.password",
)
URL, USER, PASSWORD, TOKEN = "url", "username", "password", "token"
PLACES: Mapping[str, tuple[str, ...]] = {  # the first key is the one it needs
    KAFKA: (
        *(SERVERS, PROTOCOL, MECHANISM, SASL_USER, SASL_PASSWORD),
        *(AUTHORITY, CERTIFICATE, KEY, KEY_PASSWORD),
    ),
    TABLES: (URL, USER, PASSWORD),
    REGISTRY: (URL, USER, PASSWORD, AUTHORITY),
    FLINK: (URL, TOKEN, USER, PASSWORD, AUTHORITY),
}
_TIMEOUT = "timeout"
_LOGIN = (MECHANISM, SASL_USER, SASL_PASSWORD)
_SECRETS = (SASL_PASSWORD, KEY_PASSWORD, PASSWORD, TOKEN)
# A target that names a SQL gateway is asked there, with its own login.
_GATEWAY = "gateway"
_OF_TARGET = {
    _GATEWAY: URL,
    "token": TOKEN,
    "user": USER,
    "password": PASSWORD,
    "ca": AUTHORITY,
}
_WORDS: Mapping[str, tuple[str, ...]] = {
    PROTOCOL: ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    MECHANISM: ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
}
_IN_THE_CLEAR = re.compile(
    r"://[^/@\s]*:[^/@\s]*@|[?&](?:ssl)?password=", re.IGNORECASE
)
DEFAULT_SECONDS = 10.0
_SECONDS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Answer:
    """The names a place gave, or ``None``; ``gap`` says why it did not give all.

    ``asked`` are the names of a place that lists none, and says of one if it is there.
    """

    names: tuple[str, ...] | None
    gap: str = ""
    asked: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A place to ask; ``seconds`` is how long each of its answers may take.

    ``wanted`` are the names it is asked about, where it lists none.
    """

    name: str
    values: Mapping[str, Text]
    seconds: float
    root: Path
    location: Location
    wanted: tuple[str, ...] = ()

    def text(self, key: str) -> str:
        """Return a value, opened; raises ``TargetError`` for a secret without one."""
        return self.opened(self.values.get(key, ""))

    def shown(self, key: str) -> str:
        """Return a value as it may be shown."""
        return str(self.values.get(key, ""))

    def file(self, key: str) -> str:
        """Return the path of a file, from the project's folder; nothing without one.

        Raises ``TargetError`` when there is no such file.
        """
        if not (name := self.text(key)):
            return ""
        path = self.root / name
        if not is_file(path):
            raise TargetError(f"the file {self.shown(key)} of {key} is not there")
        return str(path)

    def masked(self, text: str) -> str:
        """Put the visible text of a secret where a client's words have its value."""
        for secret in self.values.values():
            with suppress(InputError):  # one without a value is in no text
                value = open_text(secret) if isinstance(secret, Secret) else ""
                text = text.replace(value, str(secret)) if value else text
        return text

    def opened(self, value: Text) -> str:
        """Open a value; raises ``TargetError`` for a secret that has none here."""
        try:
            return open_text(value)
        except InputError as error:
            raise TargetError(error.message, hint=error.hint) from None

    def not_installed(self, package: str, extra: str) -> InputError:
        """Return what to say where a client is not installed."""
        return InputError(
            f"`ask` has {self.name}, and {package} is not installed",
            hint=f"pip install 'flowops-cli[{extra}]'",
            location=self.location,
        )


def read_sources(settings: TargetSettings) -> tuple[Source, ...]:
    """Return the places an environment names, in the order they are asked.

    Raises ``InputError`` for a key or a word that does not exist, a key that is
    lacking, a timeout that is none, and a password that is not a secret.
    """
    given: dict[str, dict[str, Text]] = {}
    seconds = DEFAULT_SECONDS
    for name, value in settings.values.items():
        place, _, key = name.removeprefix(PREFIX).partition(".")
        if f"{name}." == PREFIX or (name.startswith(PREFIX) and not (place and key)):
            if name != f"{PREFIX}{_TIMEOUT}":
                raise _unknown(name, place if name.startswith(PREFIX) else "", settings)
            seconds = _seconds(value, settings)
        elif name.startswith(PREFIX):
            _check(place, key, value, settings)
            given.setdefault(place, {})[key] = value
    if settings.values.get(_GATEWAY) and FLINK not in given:
        given[FLINK] = {
            key: settings.values[own]
            for own, key in _OF_TARGET.items()
            if own in settings.values
        }
    return tuple(
        _source(name, given[name], seconds, settings)
        for name in PLACES
        if name in given
    )


def _check(place: str, key: str, value: Text, settings: TargetSettings) -> None:
    """Raise ``InputError`` for a setting that nobody would read, or nobody should."""
    if place not in PLACES:
        raise _unknown(f"{PREFIX}{place}", place, settings)
    name = f"{PREFIX}{place}.{key}"
    if key not in PLACES[place]:
        hint = _near(key, PLACES[place])
        message = f"there is no setting {name}"
        raise InputError(message, hint=hint, location=settings.location)
    words = _WORDS.get(key, ())
    if words and (isinstance(value, Secret) or value not in words):
        hint = _near(str(value).upper(), words)
        message = f"{name} cannot be {str(value)!r}"
        raise InputError(message, hint=hint, location=settings.location)
    if isinstance(value, str) and (key in _SECRETS or _IN_THE_CLEAR.search(value)):
        raise InputError(
            f"{name} has a password in the clear",
            hint="name it under `secrets` and write {{ its_name }} here",
            location=settings.location,
        )


def _source(
    name: str, values: Mapping[str, Text], seconds: float, settings: TargetSettings
) -> Source:
    needed = PLACES[name][0]
    if not str(values.get(needed, "")).strip():
        raise InputError(f"{PREFIX}{name} needs `{needed}`", location=settings.location)
    if name == KAFKA:
        _check_login(values, settings)
    return Source(name, values, seconds, settings.root, settings.location)


def _check_login(values: Mapping[str, Text], settings: TargetSettings) -> None:
    """Raise ``InputError`` for half a login, and for one that would not be used."""
    protocol = values.get(PROTOCOL, "PLAINTEXT")
    place = settings.location
    if not str(protocol).startswith("SASL_"):
        if unused := [key for key in _LOGIN if key in values]:
            raise InputError(
                f"{PREFIX}{KAFKA}.{unused[0]} is not used with {PROTOCOL} {protocol}",
                hint=f"write {PROTOCOL}: SASL_SSL",
                location=place,
            )
    elif absent := [key for key in _LOGIN if key not in values]:
        message = f"{PREFIX}{KAFKA} with {protocol} needs `{absent[0]}`"
        raise InputError(message, location=place)


def _seconds(value: Text, settings: TargetSettings) -> float:
    if isinstance(value, str) and _SECONDS.fullmatch(value) and float(value) > 0:
        return float(value)
    raise InputError(
        f"{PREFIX}{_TIMEOUT} must be seconds above zero, not {str(value)!r}",
        hint=f"leave it out for {DEFAULT_SECONDS:.0f}",
        location=settings.location,
    )


def _unknown(name: str, place: str, settings: TargetSettings) -> InputError:
    """Say that there is no such place to ask, or that it is no mapping."""
    if place in PLACES or not place:
        words = f"{name} must be a mapping"
        return InputError(words, location=settings.location)
    hint = _near(place, (*PLACES, _TIMEOUT))
    return InputError(
        f"{name} is nothing to ask", hint=hint, location=settings.location
    )


def _near(word: str, words: Collection[str]) -> str:
    near = get_close_matches(word, words, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(words)}"
