"""Subjects, as a schema registry lists them: one call.

``GET /subjects`` is Confluent's API. Apicurio has it below ``/apis/ccompat/v7`` (v6
before 2.4), which is looked for where the address as written has no such page.
Source: "Schema Registry API Reference", Confluent; "Apicurio Registry REST API".
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flowops.errors import TargetError
from flowops.http_client import HttpClient, Login, NoAnswerError, Reason, Response
from flowops.patience import Patience, when_to_ask
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
_ACCEPT = {"Accept": "application/vnd.schemaregistry.v1+json, */*;q=0.5"}
_REDIRECTIONS = 30
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404


def ask_subjects(source: Source) -> Answer:
    """Ask a registry for its subjects.

    Raises ``TargetError`` when it does not answer in time, refuses, or answers
    something else.
    """
    url, client = source.text(URL).rstrip("/"), _client(source)
    places = (url,) if "/apis/" in url else (url, *(f"{url}{p}" for p in APICURIO))
    for place in places:
        try:
            said = client.read(f"{place}{PAGE}")
        except NoAnswerError as error:
            raise _no_answer(source, error) from None
        if said.status != _NOT_FOUND:
            break
    return Answer(tuple(sorted(_subjects(source, said))))


def _client(source: Source) -> HttpClient:
    user, password = (source.values.get(key, "") for key in (USER, PASSWORD))
    for value in (user, password):
        source.opened(value)  # where a secret has no value, it is said here
    authority = source.file(AUTHORITY)
    return HttpClient(
        Login(user=user, password=password),
        replace(_PATIENCE, read=source.seconds),
        Path(authority) if authority else None,
        headers=_ACCEPT,
        redirections=_REDIRECTIONS,
    )


def _no_answer(source: Source, error: NoAnswerError) -> TargetError:
    """Say why there is no answer, without the words of the network.

    They may have the address, in which a secret may stand.
    """
    where = _where(source)
    match error.reason:
        case Reason.UNTRUSTED:
            return TargetError(
                f"{where}: its certificate is not trusted here, or it speaks no TLS",
                hint=f"name its authority as {AUTHORITY}",
            )
        case Reason.LATE:
            return TargetError(f"{where} gives no answer within {error.words}")
        case Reason.ENDLESS:
            return TargetError(f"{where} answers without an end")
        case Reason.UNREACHED | Reason.HUNG_UP:
            return TargetError(f"{where} cannot be reached")
    return TargetError(f"{where} cannot be asked")


def _subjects(source: Source, said: Response) -> list[str]:
    code = said.status
    user = source.shown(USER) or "a user without a name"
    if code == _UNAUTHORIZED:
        raise TargetError(f"{_where(source)} refuses the login of {user} ({code})")
    if code == _FORBIDDEN:
        raise TargetError(f"{_where(source)}: {user} may not list subjects ({code})")
    if said.is_busy:
        words = f"{_where(source)} cannot answer now ({code})"
        raise TargetError(words, hint=when_to_ask(said.headers))
    if code != _OK:
        hint = "is this the registry's address?" if code == _NOT_FOUND else ""
        raise TargetError(f"{_where(source)} answers {code} for {PAGE}", hint=hint)
    found = said.json()
    if not isinstance(found, list) or not all(isinstance(s, str) for s in found):
        raise TargetError(f"{_where(source)} answers no list of subjects")
    return [str(subject) for subject in found]


def _where(source: Source) -> str:
    return f"the registry at {source.shown(URL)}"
