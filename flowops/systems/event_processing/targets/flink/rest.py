"""One REST endpoint of Flink: it asks, and says in words what went wrong.

Nothing of a request is shown or kept: a body may hold opened secrets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from flowops.errors import TargetError
from flowops.secrets import Text, open_text
from flowops.systems.event_processing.redaction.sensitive import mask_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flowops.documents.json_text import JsonValue

Answer: TypeAlias = "Mapping[str, JsonValue]"
_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 120
_REDIRECTION, _ERROR = 300, 400
_LOGIN_CODES = (401, 403)
_TEXT_LENGTH = 600
_CAUSES = 3
_CAUSE = re.compile(
    r"^(?:Caused by: )?([\w.$]+(?:Exception|Error|Failure))\b:? ?", re.MULTILINE
)
_NOISE = re.compile(r"\s*\(_ssl\.c:\d+\)|\[Errno -?\d+\] ")
_CLASS = re.compile(r"^(?:[\w$]+\.)+[\w$]+(?:Exception|Error|Failure): ")
_TRACE = re.compile(
    r"^\s+at .*|^\s+\.\.\. \d+ (?:more|common).*|^End of exception.*", re.MULTILINE
)


class UnreachableError(TargetError):
    """The cluster did not answer, so it is not known what it did."""


class AnswerError(TargetError):
    """The cluster said no: the code of HTTP, and its reason."""

    def __init__(self, message: str, status: int, reason: str) -> None:
        """Keep the code of the answer and the reason the cluster gives."""
        super().__init__(message)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks: a token, or a user with a password, or nobody."""

    token: Text = ""
    user: Text = ""
    password: Text = ""

    def auth(self) -> AuthBase:
        """Return what signs a request; secrets are opened only then."""
        if self.user:
            return HTTPBasicAuth(
                open_text(self.user).encode(), open_text(self.password).encode()
            )
        return _Bearer(self.token)


class _Bearer(AuthBase):
    """Adds a token; being there at all keeps a .netrc out of the request."""

    def __init__(self, token: Text) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {open_text(self._token)}"
        return request


class Endpoint:
    """The REST API of a job manager or of a SQL gateway."""

    def __init__(self, url: str, login: Login, authority: Path | None) -> None:
        """Keep where it is and who asks; nothing is called yet."""
        self.url = url
        self._login = login
        self._verify: bool | str = str(authority) if authority else True

    def get(self, path: str) -> Answer:
        """Read something."""
        return self._ask("GET", path)

    def post(self, path: str, body: Mapping[str, JsonValue] | None = None) -> Answer:
        """Start something; the body is JSON."""
        return self._ask("POST", path, body=dict(body or {}))

    def patch(self, path: str) -> Answer:
        """Change something."""
        return self._ask("PATCH", path)

    def delete(self, path: str) -> Answer:
        """Take something away."""
        return self._ask("DELETE", path)

    def upload(self, path: str, name: str, data: bytes) -> Answer:
        """Send a file."""
        file = (name, data, "application/x-java-archive")
        return self._ask("POST", path, file=file)

    def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, JsonValue] | None = None,
        file: tuple[str, bytes, str] | None = None,
    ) -> Answer:
        """Ask once.

        Raises ``UnreachableError`` when nobody answers, ``AnswerError`` when the
        answer is no, and ``TargetError`` when somebody else answers.
        """
        response = self._send(method, path, body, file)
        if _REDIRECTION <= response.status_code < _ERROR:
            raise self._redirected(response)
        if response.status_code in _LOGIN_CODES:
            raise TargetError(
                f"{self.url} asks who you are (HTTP {response.status_code})",
                hint="set `token`, or `user` and `password`, of the target",
            )
        answer = self._parsed(response)
        if response.status_code >= _ERROR:
            reason = _reason(answer)
            message = f"{self.url} refused: {reason or response.status_code}"
            raise AnswerError(message, response.status_code, reason)
        return answer

    def _send(
        self,
        method: str,
        path: str,
        body: dict[str, JsonValue] | None,
        file: tuple[str, bytes, str] | None,
    ) -> requests.Response:
        seconds = (_CONNECT_SECONDS, _ANSWER_SECONDS)
        with requests.Session() as session:
            session.auth = self._login.auth()
            try:
                return session.request(
                    method,
                    f"{self.url}{path}",
                    timeout=seconds,
                    verify=self._verify,
                    allow_redirects=False,
                    json=body,
                    files={"jarfile": file} if file else None,
                )
            except requests.exceptions.SSLError as error:
                raise TargetError(
                    f"{self.url} is not trusted: {_inner(error)}",
                    hint="name the authority's PEM file as `ca` of the target",
                ) from None
            except requests.exceptions.Timeout:
                raise UnreachableError(
                    f"{self.url} did not answer in time", hint="is it overloaded?"
                ) from None
            except requests.exceptions.RequestException as error:
                raise UnreachableError(
                    f"{self.url} cannot be reached: {_inner(error)}",
                    hint="is the cluster up, and is this its REST address?",
                ) from None

    def _redirected(self, response: requests.Response) -> TargetError:
        place = urlsplit(response.headers.get("Location", "")).hostname or "elsewhere"
        return TargetError(
            f"{self.url} sends on to {place} instead of answering",
            hint="that is what a login page in front of Flink does: give the address "
            "behind it, or a `token` it takes",
        )

    def _parsed(self, response: requests.Response) -> Answer:
        try:
            answer = response.json() if response.content else {}
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise TargetError(
                f"{self.url} does not answer as Flink does "
                f"(HTTP {response.status_code}, no JSON)",
                hint="is this the REST address of Flink?",
            )
        return answer


def _inner(error: BaseException) -> str:
    """Return the innermost words of an error of the network."""
    found: object = error
    while isinstance(found, BaseException):
        deeper = getattr(found, "reason", None) or (found.args or (None,))[-1]
        if not isinstance(deeper, BaseException):
            break
        found = deeper
    words = getattr(found, "strerror", None) or str(found).rpartition(": ")[2]
    return _NOISE.sub("", str(words))[:_TEXT_LENGTH] or "no reason"


def _reason(answer: Answer) -> str:
    errors = answer.get("errors")
    texts = [str(error) for error in errors] if isinstance(errors, list) else []
    return reason_of(texts[-1]) if texts else ""


def reason_of(trace: str) -> str:
    """Return what a stack trace of Java says, the last causes of it, in one line."""
    bare = _TRACE.sub("", trace)
    starts = [*_CAUSE.finditer(bare)]
    ends = [*(found.start() for found in starts[1:]), len(bare)]
    found: list[str] = []
    for start, end in zip(starts, ends, strict=False):
        words = " ".join(bare[start.end() : end].split()).rstrip(">").strip()
        words = _CLASS.sub("", words) or start[1].rpartition(".")[2]
        found = [one for one in found if words not in one and one not in words]
        found.append(words)
    line = ": ".join(found[-_CAUSES:]) if found else " ".join(bare.split())
    line = mask_text(line).text
    return line if len(line) <= _TEXT_LENGTH else f"{line[:_TEXT_LENGTH]}…"
