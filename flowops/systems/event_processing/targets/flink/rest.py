"""One REST endpoint of Flink: it asks, and says in words what went wrong.

Nothing of a request is shown or kept: a body may hold opened secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from flowops.errors import TargetError
from flowops.http_client import HttpClient, Login, NoAnswerError, Reason, Response
from flowops.patience import Patience, when_to_ask
from flowops.secrets import PASSWORD_REDACTED
from flowops.systems.event_processing.redaction.sensitive import mask_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from flowops.documents.json_text import JsonValue
    from flowops.http_client import File

Answer: TypeAlias = "Mapping[str, JsonValue]"
_ERROR = 400
_LOGIN_CODES = (401, 403)
_PATIENCE = Patience()
_JAR = "application/x-java-archive"
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


class AnswerError(TargetError):
    """The cluster said no: the code of HTTP, and its reason."""

    def __init__(self, message: str, status: int, reason: str) -> None:
        """Keep the code of the answer and the reason the cluster gives."""
        super().__init__(message, hint=_HINTS.get(status, _LOG))
        self.status = status
        self.reason = reason


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
        self._client = HttpClient(login, patience, authority)

    def get(self, path: str) -> Answer:
        """Read something; asked again where it is busy, or hangs up."""
        return self._answer(lambda: self._client.read(f"{self.url}{path}"))

    def post(self, path: str, body: Mapping[str, JsonValue] | None = None) -> Answer:
        """Start something; the body is JSON."""
        return self._ask("POST", path, dict(body or {}))

    def patch(self, path: str) -> Answer:
        """Change something."""
        return self._ask("PATCH", path)

    def delete(self, path: str) -> Answer:
        """Take something away."""
        return self._ask("DELETE", path)

    def upload(self, path: str, name: str, data: bytes) -> Answer:
        """Send a jar."""
        return self._ask("POST", path, files={"jarfile": (name, data, _JAR)})

    def _ask(
        self,
        method: str,
        path: str,
        body: JsonValue = None,
        files: Mapping[str, File] | None = None,
    ) -> Answer:
        url = f"{self.url}{path}"
        return self._answer(lambda: self._client.ask(method, url, body, files))

    def _answer(self, ask: Callable[[], Response]) -> Answer:
        """Return what is answered.

        Raises ``UnreachableError`` when nobody answers, ``AnswerError`` when the
        answer is no, and ``TargetError`` when somebody else answers.
        """
        try:
            said = ask()
        except NoAnswerError as error:
            raise self._unreached(error) from None
        if said.is_redirection:
            raise self._redirected(said)
        if said.status in _LOGIN_CODES:
            raise TargetError(
                f"{self.url} asks who you are (HTTP {said.status})",
                hint="set `token`, or `user` and `password`, of the target",
            )
        if said.is_busy:
            raise self._busy(said)
        answer = self._parsed(said)
        if said.status >= _ERROR:
            reason = _reason(answer)
            message = f"{self.url} refused: {reason or said.status}"
            raise AnswerError(message, said.status, reason)
        return answer

    def _unreached(self, error: NoAnswerError) -> TargetError:
        match error.reason:
            case Reason.TOKEN:
                return TargetError(
                    "the `token` of the target has a character that no header takes",
                    hint="look for a line break in it, or a letter that is not ASCII",
                )
            case Reason.ENDLESS:
                message = f"{self.url} does not answer as Flink does ({error.words})"
                return TargetError(message, hint=_ADDRESS)
            case Reason.UNTRUSTED:
                return TargetError(
                    f"{self.url} is not trusted: {error.words}",
                    hint="name the authority's PEM file as `ca` of the target",
                )
            case Reason.LATE:
                return UnreachableError(
                    f"{self.url} did not answer in time ({error.words})",
                    hint="is it overloaded, and is this its REST address?",
                )
        return UnreachableError(
            f"{self.url} cannot be reached: {error.words}",
            hint="is the cluster up, and is this its REST address?",
        )

    def _busy(self, said: Response) -> UnreachableError:
        answer = said.json()
        reason = _reason(answer) if isinstance(answer, dict) else ""
        words = f"HTTP {said.status}{': ' if reason else ''}{reason}"
        return UnreachableError(
            f"{self.url} cannot answer now ({words})",
            hint="is the cluster starting, or overloaded, or a proxy before it without "
            f"it? {when_to_ask(said.headers)}",
        )

    def _redirected(self, said: Response) -> TargetError:
        return TargetError(
            f"{self.url} sends on to {said.host or 'elsewhere'} instead of answering",
            hint="that is what a login page in front of Flink does: give the address "
            "behind it, or a `token` it takes",
        )

    def _parsed(self, said: Response) -> Answer:
        answer = said.json() if said.body else {}
        if not isinstance(answer, dict):
            raise TargetError(
                f"{self.url} does not answer as Flink does "
                f"(HTTP {said.status}, no JSON)",
                hint=_ADDRESS,
            )
        return answer


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
