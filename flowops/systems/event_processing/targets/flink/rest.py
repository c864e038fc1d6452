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

from flowops.documents.answers import (
    CHUNK_BYTES,
    MAXIMUM_BYTES,
    TooLargeError,
    parse_answer,
    read_whole,
)
from flowops.errors import TargetError
from flowops.patience import BUSY, Patience, when_to_ask, within
from flowops.secrets import PASSWORD_REDACTED, Text, open_text
from flowops.systems.event_processing.redaction.sensitive import mask_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flowops.documents.json_text import JsonValue

Answer: TypeAlias = "Mapping[str, JsonValue]"
_REDIRECTION, _ERROR = 300, 400
_LOGIN_CODES = (401, 403)
_PATIENCE = Patience()
_ADDRESS = "is this the REST address of Flink?"
_HINTS = {
    400: "mend what it names; the log of the job manager may say more",
    404: _ADDRESS,
}
_LOG = "the log of the job manager says more"
_TEXT_LENGTH = 600
_CAUSES = 3
_CAUSE = re.compile(
    r"^(?:Caused by: )?([\w.$]+(?:Exception|Error|Failure))\b:? ?", re.MULTILINE
)
_NOISE = re.compile(r"\s*\(_ssl\.c:\d+\)|\[Errno -?\d+\] ")
_CLASS = re.compile(r"^(?:[\w$]+\.)+[\w$]+(?:Exception|Error|Failure): ")
_SAID = re.compile(  # in an event, for instance, that could not be read
    r"""((?:password|passwd|secret|token|api[_-]?key)(?:\s*=\s*|["']\s*:\s*))"""
    r"""["']?[^\s,;'"<]+""",
    re.IGNORECASE,
)
_TRACE = re.compile(
    r"^\s+at .*|^\s+\.\.\. \d+ (?:more|common).*|^End of exception.*", re.MULTILINE
)


class UnreachableError(TargetError):
    """The cluster did not answer, so it is not known what it did."""


class BusyError(UnreachableError):
    """The cluster, or what stands before it, may answer in a moment."""


class AnswerError(TargetError):
    """The cluster said no: the code of HTTP, and its reason."""

    def __init__(self, message: str, status: int, reason: str) -> None:
        """Keep the code of the answer and the reason the cluster gives."""
        super().__init__(message, hint=_HINTS.get(status, _LOG))
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

    def signing(self, session: requests.Session) -> requests.Session:
        """Let a session sign what it sends."""
        session.auth = self.auth()
        return session


class _Bearer(AuthBase):
    """Adds a token; being there at all keeps a .netrc out of the request."""

    def __init__(self, token: Text) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if token := open_text(self._token):
            if not (token.isascii() and token.isprintable()):
                raise TargetError(  # http.client would say it with the token
                    "the `token` of the target has a character that no header takes",
                    hint="look for a line break in it, or a letter that is not ASCII",
                )
            request.headers["Authorization"] = f"Bearer {token}"
        return request


@dataclass(frozen=True, slots=True)
class _Said:
    """What came back, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Endpoint:
    """The REST API of a job manager or of a SQL gateway."""

    def __init__(
        self,
        url: str,
        login: Login,
        authority: Path | None,
        patience: Patience = _PATIENCE,
    ) -> None:
        """Keep where it is, who asks, and how long; nothing is called yet."""
        self.url = url
        self._login = login
        self._verify: bool | str = str(authority) if authority else True
        self._patience = patience

    def get(self, path: str) -> Answer:
        """Read something; asked again where it is busy, or hangs up."""
        return self._patience.again(lambda: self._ask("GET", path), BusyError)

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
        said = self._send(method, path, body, file)
        if _REDIRECTION <= said.status < _ERROR:
            raise self._redirected(said)
        if said.status in _LOGIN_CODES:
            raise TargetError(
                f"{self.url} asks who you are (HTTP {said.status})",
                hint="set `token`, or `user` and `password`, of the target",
            )
        if said.status in BUSY:
            raise self._busy(said)
        answer = self._parsed(said)
        if said.status >= _ERROR:
            reason = _reason(answer)
            message = f"{self.url} refused: {reason or said.status}"
            raise AnswerError(message, said.status, reason)
        return answer

    def _send(
        self,
        method: str,
        path: str,
        body: dict[str, JsonValue] | None,
        file: tuple[str, bytes, str] | None,
    ) -> _Said:
        """Send a request, and read the whole answer within one limit."""
        patience = self._patience
        seconds = patience.read if method == "GET" else patience.work

        def send() -> _Said:
            with (
                requests.Session() as session,
                self._login.signing(session).request(
                    method,
                    f"{self.url}{path}",
                    timeout=patience.limits(seconds),
                    verify=self._verify,
                    allow_redirects=False,
                    stream=True,
                    json=body,
                    files={"jarfile": file} if file else None,
                ) as response,
            ):
                data = read_whole(response.iter_content(CHUNK_BYTES))
                return _Said(response.status_code, response.headers, data)

        try:
            return within(seconds, send)
        except TooLargeError:
            size = f"more than {MAXIMUM_BYTES >> 20} MiB"
            raise TargetError(
                f"{self.url} does not answer as Flink does ({size})", hint=_ADDRESS
            ) from None
        except (OSError, ValueError) as error:  # requests' own errors are of OSError
            raise self._unreached(error, seconds) from None

    def _unreached(self, error: Exception, seconds: float) -> TargetError:
        if isinstance(error, requests.exceptions.SSLError):
            return TargetError(
                f"{self.url} is not trusted: {_inner(error)}",
                hint="name the authority's PEM file as `ca` of the target",
            )
        if isinstance(error, TimeoutError | requests.exceptions.Timeout):
            return UnreachableError(
                f"{self.url} did not answer in time ({seconds:g} s)",
                hint="is it overloaded, and is this its REST address?",
            )
        lost = BusyError if _hung_up(error) else UnreachableError
        return lost(
            f"{self.url} cannot be reached: {_inner(error)}",
            hint="is the cluster up, and is this its REST address?",
        )

    def _busy(self, said: _Said) -> BusyError:
        answer = parse_answer(said.body)
        reason = _reason(answer) if isinstance(answer, dict) else ""
        words = f"HTTP {said.status}{': ' if reason else ''}{reason}"
        return BusyError(
            f"{self.url} cannot answer now ({words})",
            hint="is the cluster starting, or overloaded, or a proxy before it without "
            f"it? {when_to_ask(said.headers)}",
        )

    def _redirected(self, said: _Said) -> TargetError:
        return TargetError(
            f"{self.url} sends on to {_host(said)} instead of answering",
            hint="that is what a login page in front of Flink does: give the address "
            "behind it, or a `token` it takes",
        )

    def _parsed(self, said: _Said) -> Answer:
        answer = parse_answer(said.body) if said.body else {}
        if not isinstance(answer, dict):
            raise TargetError(
                f"{self.url} does not answer as Flink does "
                f"(HTTP {said.status}, no JSON)",
                hint=_ADDRESS,
            )
        return answer


def _host(said: _Said) -> str:
    try:
        return urlsplit(said.headers.get("Location", "")).hostname or "elsewhere"
    except ValueError:  # such as half an address of IPv6
        return "elsewhere"


def _hung_up(error: BaseException) -> bool:
    """Tell whether a connection was there, and was closed or reset."""
    return isinstance(_innermost(error), ConnectionResetError)


def _innermost(error: BaseException) -> BaseException:
    deeper = getattr(error, "reason", None) or (error.args or (None,))[-1]
    return _innermost(deeper) if isinstance(deeper, BaseException) else error


def _inner(error: BaseException) -> str:
    """Return the innermost words of an error of the network."""
    found = _innermost(error)
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
    line = _SAID.sub(rf"\1{PASSWORD_REDACTED}", mask_text(line).text)
    return line if len(line) <= _TEXT_LENGTH else f"{line[:_TEXT_LENGTH]}…"
