"""Subjects, as a schema registry lists them: one call.

``GET /subjects`` is Confluent's API. Apicurio has it below ``/apis/ccompat/v7`` (v6
before 2.4), which is looked for where the address as written has no such page.
Source: "Schema Registry API Reference", Confluent; "Apicurio Registry REST API".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.systems.event_processing.inventory.sources import (
    AUTHORITY,
    PASSWORD,
    URL,
    USER,
    Answer,
    Source,
)

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

PAGE = "/subjects"
APICURIO = ("/apis/ccompat/v7", "/apis/ccompat/v6")
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404


def ask_subjects(source: Source) -> Answer:
    """Ask a registry for its subjects.

    Raises ``TargetError`` when it does not answer in time, refuses, or answers
    something else.
    """
    url = source.text(URL).rstrip("/")
    places = (url,) if "/apis/" in url else (url, *(f"{url}{p}" for p in APICURIO))
    for place in places:
        response = _get(source, f"{place}{PAGE}")
        if response.status_code != _NOT_FOUND:
            break
    return Answer(tuple(sorted(_subjects(source, response))))


def _get(source: Source, address: str) -> Response:
    import requests

    def no_login(request: PreparedRequest) -> PreparedRequest:
        return request  # a .netrc of the machine is not asked

    user, password = source.text(USER), source.text(PASSWORD)
    login = requests.auth.HTTPBasicAuth(user.encode(), password.encode())
    try:
        return requests.get(
            address,
            auth=login if user else no_login,
            headers={"Accept": "application/vnd.schemaregistry.v1+json, */*;q=0.5"},
            timeout=source.seconds,
            verify=source.file(AUTHORITY) or True,
        )
    except requests.exceptions.SSLError:
        words = "its certificate is not trusted here, or it speaks no TLS"
        hint = f"name its authority as {AUTHORITY}"
        raise TargetError(f"{_where(source)}: {words}", hint=hint) from None
    except requests.exceptions.Timeout:
        words = f"gives no answer within {source.seconds:g} s"
        raise TargetError(f"{_where(source)} {words}") from None
    except requests.exceptions.ConnectionError:
        raise TargetError(f"{_where(source)} cannot be reached") from None
    except (requests.exceptions.RequestException, ValueError):
        raise TargetError(f"{_where(source)} cannot be asked") from None


def _subjects(source: Source, response: Response) -> list[str]:
    code = response.status_code
    user = source.shown(USER) or "a user without a name"
    if code == _UNAUTHORIZED:
        raise TargetError(f"{_where(source)} refuses the login of {user} ({code})")
    if code == _FORBIDDEN:
        raise TargetError(f"{_where(source)}: {user} may not list subjects ({code})")
    if code != _OK:
        raise TargetError(f"{_where(source)} answers {code} for {PAGE}")
    try:
        found = response.json()
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(s, str) for s in found):
        raise TargetError(f"{_where(source)} answers no list of subjects")
    return found


def _where(source: Source) -> str:
    return f"the registry at {source.shown(URL)}"
