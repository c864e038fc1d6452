"""Subjects, as a schema registry lists them: one call.

``GET /subjects`` is Confluent's API. Apicurio has it below ``/apis/ccompat/v7`` (v6
before 2.4), which is looked for where the address as written has no such page.
Source: "Schema Registry API Reference", Confluent; "Apicurio Registry REST API".
"""

from __future__ import annotations

from dataclasses import dataclass

from flowops.documents.answers import (
    CHUNK_BYTES,
    TooLargeError,
    parse_answer,
    read_whole,
)
from flowops.errors import TargetError
from flowops.patience import BUSY, Patience, when_to_ask, within
from flowops.systems.event_processing.inventory.sources import (
    AUTHORITY,
    PASSWORD,
    URL,
    USER,
    Answer,
    Source,
)

PAGE = "/subjects"
APICURIO = ("/apis/ccompat/v7", "/apis/ccompat/v6")
_PATIENCE = Patience()
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404


@dataclass(frozen=True, slots=True)
class _Said:
    """What came back, read to its end; ``later`` is when to ask a busy server."""

    status: int
    body: bytes
    later: str


def ask_subjects(source: Source) -> Answer:
    """Ask a registry for its subjects.

    Raises ``TargetError`` when it does not answer in time, refuses, or answers
    something else.
    """
    url = source.text(URL).rstrip("/")
    places = (url,) if "/apis/" in url else (url, *(f"{url}{p}" for p in APICURIO))
    for place in places:
        said = _get(source, f"{place}{PAGE}")
        if said.status != _NOT_FOUND:
            break
    return Answer(tuple(sorted(_subjects(source, said))))


def _get(source: Source, address: str) -> _Said:
    import requests

    try:
        return within(source.seconds, lambda: _read(source, address))
    except requests.exceptions.SSLError:
        words = "its certificate is not trusted here, or it speaks no TLS"
        hint = f"name its authority as {AUTHORITY}"
        raise TargetError(f"{_where(source)}: {words}", hint=hint) from None
    except (TimeoutError, requests.exceptions.Timeout):
        words = f"gives no answer within {source.seconds:g} s"
        raise TargetError(f"{_where(source)} {words}") from None
    except requests.exceptions.ConnectionError:
        raise TargetError(f"{_where(source)} cannot be reached") from None
    except TooLargeError:
        raise TargetError(f"{_where(source)} answers without an end") from None
    except (OSError, ValueError):  # requests' own errors are of OSError
        raise TargetError(f"{_where(source)} cannot be asked") from None


def _read(source: Source, address: str) -> _Said:
    """Ask, and read the whole answer."""
    import requests

    def no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request  # a .netrc of the machine is not asked

    user, password = source.text(USER), source.text(PASSWORD)
    login = requests.auth.HTTPBasicAuth(user.encode(), password.encode())
    with requests.get(
        address,
        auth=login if user else no_login,
        headers={"Accept": "application/vnd.schemaregistry.v1+json, */*;q=0.5"},
        timeout=_PATIENCE.limits(source.seconds),
        verify=source.file(AUTHORITY) or True,
        stream=True,
    ) as response:
        data = read_whole(response.iter_content(CHUNK_BYTES))
        return _Said(response.status_code, data, when_to_ask(response.headers))


def _subjects(source: Source, said: _Said) -> list[str]:
    code = said.status
    user = source.shown(USER) or "a user without a name"
    if code == _UNAUTHORIZED:
        raise TargetError(f"{_where(source)} refuses the login of {user} ({code})")
    if code == _FORBIDDEN:
        raise TargetError(f"{_where(source)}: {user} may not list subjects ({code})")
    if code in BUSY:
        words = f"{_where(source)} cannot answer now ({code})"
        raise TargetError(words, hint=said.later)
    if code != _OK:
        hint = "is this the registry's address?" if code == _NOT_FOUND else ""
        raise TargetError(f"{_where(source)} answers {code} for {PAGE}", hint=hint)
    found = parse_answer(said.body)
    if not isinstance(found, list) or not all(isinstance(s, str) for s in found):
        raise TargetError(f"{_where(source)} answers no list of subjects")
    return found


def _where(source: Source) -> str:
    return f"the registry at {source.shown(URL)}"
