"""The few requests this room makes to GitHub's REST API.

Source: "REST API endpoints for issue comments" of the GitHub documentation. Each
request has a time limit; only what reads is tried again. A page of a list is only
asked for on the host of the API itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowops.errors import TargetError
from flowops.http_client import HttpClient, Login, NoAnswerError, Reason, Response
from flowops.patience import Patience
from flowops.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PAUSES = (0.5, 1.0)
_PAGES = 50
_PER_PAGE = 100
_MISSING = 404
_PASSING = frozenset((429, *range(500, 600)))
_LATER = "GitHub is busy, or limits this token: run the job again in a while"
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "flowops",
}


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of a pull request: who wrote it, and what it says."""

    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one pull request; ``client`` asks with the token of the job."""

    client: HttpClient
    api: str
    repository: str
    number: int

    def author(self) -> str:
        """Return who comments with this token.

        The token of a job may not ask who it is; its comments are the bot's.
        """
        answer = self._get(f"{self.api}/user", may_fail=True)
        match _json(answer) if answer.is_good else None:
            case {"login": str(login)}:
                return login
        return "github-actions[bot]"

    def listed(self) -> Iterator[Comment]:
        """Return all comments, page after page.

        Raises ``TargetError`` when the API refuses, cannot be reached, or gives
        something else than comments.
        """
        url = f"{self._issue}/comments?per_page={_PER_PAGE}"
        for _ in range(_PAGES):
            answer = self._get(url)
            yield from _comments(_json(answer))
            url = answer.next_page
            if not url:
                return
            if _host(url) != _host(self.api):
                raise TargetError("GitHub names a next page on another host")

    def create(self, body: str) -> None:
        """Write a new comment."""
        self._write("POST", f"{self._issue}/comments", body)

    def update(self, identifier: int, body: str) -> None:
        """Write over a comment."""
        self._write("PATCH", self._comment(identifier), body)

    def delete(self, identifier: int) -> None:
        """Take a comment away; one that is gone is no failure."""
        self._write("DELETE", self._comment(identifier), None)

    @property
    def _issue(self) -> str:
        return f"{self.api}/repos/{self.repository}/issues/{self.number}"

    def _comment(self, identifier: int) -> str:
        return f"{self.api}/repos/{self.repository}/issues/comments/{identifier}"

    def _get(self, url: str, *, may_fail: bool = False) -> Response:
        """Read, again after a failure that may pass."""
        answer = _answered(lambda: self.client.read(url))
        if not answer.is_good and not may_fail:
            raise _refused(answer)
        return answer

    def _write(self, method: str, url: str, body: str | None) -> None:
        document = None if body is None else {"body": body}
        answer = _answered(lambda: self.client.ask(method, url, document))
        gone = method == "DELETE" and answer.status == _MISSING
        if not answer.is_good and not gone:
            raise _refused(answer)


def github_client(
    token: str, sleep: Callable[[float], None], seconds: float = 10
) -> HttpClient:
    """Return who asks GitHub with a token; ``seconds`` are those of an answer."""
    return HttpClient(
        Login(token=Secret(token, "<token>")),
        Patience(read=seconds, work=seconds, pauses=_PAUSES, sleep=sleep),
        headers=_HEADERS,
        passing=_PASSING,
    )


def _answered(ask: Callable[[], Response]) -> Response:
    """Return an answer, whatever it says; raises ``TargetError`` for none."""
    try:
        return ask()
    except NoAnswerError as error:
        raise _no_answer(error) from None


def _no_answer(error: NoAnswerError) -> TargetError:
    match error.reason:
        case Reason.LATE:
            words = f"GitHub gave no answer within {error.words}"
            return TargetError(words, hint=_LATER)
        case Reason.ENDLESS:
            return TargetError("GitHub's answer has no end")
        case Reason.TOKEN:
            return TargetError("the token for GitHub has a character no header takes")
    return TargetError(f"GitHub cannot be reached: {error.words}")


def _host(url: str) -> tuple[str, str]:
    """Return the scheme and the host of an address; nothing of one that is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _refused(answer: Response) -> TargetError:
    return TargetError(
        f"GitHub answered {answer.status} to a comment",
        hint=_LATER if answer.status in _PASSING else "",
    )


def _json(answer: Response) -> object:
    found = answer.json()
    if found is None:
        raise TargetError("GitHub answered with something that is no JSON")
    return found


def _comments(rows: object) -> Iterator[Comment]:
    if not isinstance(rows, list):
        raise TargetError("GitHub answered with something that is no list")
    for row in rows:
        match row:
            case {"id": int(identifier), "user": {"login": str(author)}}:
                yield Comment(identifier, author, str(row.get("body") or ""))
