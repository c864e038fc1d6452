"""The few requests this room makes to GitHub's REST API.

Source: "REST API endpoints for issue comments" of the GitHub documentation. Each
request has a time limit; only what reads is tried again. A page of a list is only
asked for on the host of the API itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowops.documents.answers import (
    CHUNK_BYTES,
    TooLargeError,
    parse_answer,
    read_whole,
)
from flowops.errors import TargetError
from flowops.patience import Patience, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from requests import Session

_TRIES = 3
_PATIENCE = Patience()
_PAGES = 50
_PER_PAGE = 100
_GOOD, _MISSING, _TOO_MANY, _SERVER = range(200, 300), 404, 429, 500
_LATER = "GitHub is busy, or limits this token: run the job again in a while"


@dataclass(frozen=True, slots=True)
class Said:
    """What the API answered, read to its end; ``next`` is the address of a page."""

    status: int
    body: bytes
    next: str = ""

    @property
    def is_good(self) -> bool:
        """Tell whether it did what was asked."""
        return self.status in _GOOD

    @property
    def may_pass(self) -> bool:
        """Tell whether it may be another one in a moment."""
        return self.status >= _SERVER or self.status == _TOO_MANY


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of a pull request: who wrote it, and what it says."""

    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one pull request.

    ``session`` carries the token; ``sleep`` waits for so many seconds; ``seconds`` is
    how long an answer may take.
    """

    session: Session
    api: str
    repository: str
    number: int
    sleep: Callable[[float], None]
    seconds: float = 10

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
            url = answer.next
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

    def _get(self, url: str, *, may_fail: bool = False) -> Said:
        """Read, again after a failure that may pass."""
        answer = self._request("GET", url, None)
        for attempt in range(1, _TRIES):
            if not answer.may_pass:
                break
            self.sleep(2.0**attempt / 4)
            answer = self._request("GET", url, None)
        if not answer.is_good and not may_fail:
            raise _refused(answer)
        return answer

    def _write(self, method: str, url: str, body: str | None) -> None:
        answer = self._request(method, url, None if body is None else {"body": body})
        gone = method == "DELETE" and answer.status == _MISSING
        if not answer.is_good and not gone:
            raise _refused(answer)

    def _request(self, method: str, url: str, json: object) -> Said:
        from requests import RequestException
        from requests.exceptions import Timeout

        try:
            return within(self.seconds, lambda: self._send(method, url, json))
        except TooLargeError:
            raise TargetError("GitHub's answer has no end") from None
        except (TimeoutError, Timeout):
            words = f"GitHub gave no answer within {self.seconds:g} s"
            raise TargetError(words, hint=_LATER) from None
        except (RequestException, OSError, ValueError) as error:
            what = type(error).__name__
            raise TargetError(f"GitHub cannot be reached: {what}") from error

    def _send(self, method: str, url: str, json: object) -> Said:
        """Send a request, and read the whole answer."""
        with self.session.request(
            method,
            url,
            json=json,
            timeout=_PATIENCE.limits(self.seconds),
            allow_redirects=False,
            stream=True,
        ) as answer:
            data = read_whole(answer.iter_content(CHUNK_BYTES))
            return Said(answer.status_code, data, _next(answer.links))


def open_session(token: str) -> Session:
    """Return a session that carries the token and nothing of the machine's."""
    from requests import Session

    session = Session()
    session.headers.update(
        {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "flowops",
        }
    )
    return session


def _next(links: Mapping[str, Mapping[str, str]]) -> str:
    return links.get("next", {}).get("url", "")


def _host(url: str) -> tuple[str, str]:
    """Return the scheme and the host of an address; nothing of one that is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _refused(answer: Said) -> TargetError:
    return TargetError(
        f"GitHub answered {answer.status} to a comment",
        hint=_LATER if answer.may_pass else "",
    )


def _json(answer: Said) -> object:
    found = parse_answer(answer.body)
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
