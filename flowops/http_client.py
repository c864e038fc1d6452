"""One HTTP request, answered whole or not at all; the only room that speaks HTTP.

An answer is read within a limit of time and one of size, or there is none, and a
``Reason`` says why: whoever asks has the words for it. Nothing of a request is shown
or kept, for a header, a body or an address may hold an opened secret. (The clients of
Kubernetes and Amazon Connect speak for themselves, within the same limits.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from flowops.documents.answers import (
    CHUNK_BYTES,
    MAXIMUM_BYTES,
    TooLargeError,
    parse_answer,
    read_whole,
)
from flowops.patience import BUSY, Patience, retry_after, within
from flowops.secrets import Text, open_text

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from requests import PreparedRequest, Session

    from flowops.documents.json_text import JsonValue

    File = tuple[str, bytes, str]  # its name, what is in it, and its media type

_GOOD, _REDIRECTION = range(200, 300), range(300, 400)
_PORTS = {"http": 80, "https": 443}
_NOISE = re.compile(r"\s*\(_ssl\.c:\d+\)|\[Errno -?\d+\] ")
_LONGEST = 600  # characters of what the network says


class Reason(Enum):
    """Why there is no whole answer."""

    LATE = auto()  # it was not here in time
    ENDLESS = auto()  # it is larger than any that is expected
    UNTRUSTED = auto()  # nobody trusted has signed for the server, or it speaks no TLS
    HUNG_UP = auto()  # the connection was closed before the end
    UNREACHED = auto()  # there is no connection, or no HTTP on it
    UNUSABLE = auto()  # the address is none, or the answer cannot be unpacked
    TOKEN = auto()  # no header takes the token; nothing was sent


class NoAnswerError(Exception):
    """There is no whole answer: why, and what the network says of it.

    The words are for people: a limit, or the innermost error. They never have a
    header of the request, and may have its address.
    """

    def __init__(self, reason: Reason, words: str = "") -> None:
        """Keep why, and the words."""
        super().__init__(words)
        self.reason = reason
        self.words = words


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_good(self) -> bool:
        """Tell whether the server did what was asked."""
        return self.status in _GOOD

    @property
    def is_redirection(self) -> bool:
        """Tell whether the server sends on to another address."""
        return self.status in _REDIRECTION

    @property
    def is_busy(self) -> bool:
        """Tell whether the server, or a proxy before it, may answer in a moment."""
        return self.status in BUSY

    @property
    def host(self) -> str:
        """Return the host that a redirection names; nothing where it names none."""
        try:
            return urlsplit(self.headers.get("Location", "")).hostname or ""
        except ValueError:  # such as half an address of IPv6
            return ""

    @property
    def next_page(self) -> str:
        """Return the address of the next page of a list (RFC 8288), or nothing."""
        from requests.utils import parse_header_links

        links = parse_header_links(self.headers.get("Link", ""))
        return next((link["url"] for link in links if link.get("rel") == "next"), "")

    def json(self) -> JsonValue:
        """Return what the body says; nothing where it is no JSON that can be used."""
        return parse_answer(self.body)


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks: a token, or a user with a password, or nobody."""

    token: Text = ""
    user: Text = ""
    password: Text = ""

    def sign(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request; secrets are opened only here.

        That it is asked at all keeps a .netrc of the machine out of the request.
        """
        from requests.auth import HTTPBasicAuth

        if self.user:
            user, password = open_text(self.user), open_text(self.password)
            HTTPBasicAuth(user.encode(), password.encode())(request)
            return request
        if token := open_text(self.token):
            if not (token.isascii() and token.isprintable()):
                raise NoAnswerError(Reason.TOKEN)  # http.client would say the token
            request.headers["Authorization"] = f"Bearer {token}"
        return request


@dataclass(frozen=True, slots=True)
class HttpClient:
    """Asks servers: as whom, how long, trusting whom, with which headers.

    ``authority`` is a PEM file. ``passing`` are the statuses that may be others in a
    moment. ``redirections`` is how many are followed; the login does not follow to
    another host.
    """

    login: Login = field(default_factory=Login)
    patience: Patience = field(default_factory=Patience)
    authority: Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    passing: Container[int] = BUSY
    redirections: int = 0

    def read(self, url: str) -> Response:
        """Read something; asked again after each pause where that may help.

        A server that says when to ask again is not asked sooner. Raises
        ``NoAnswerError``.
        """
        for pause in self.patience.pauses:
            wanted: float | None = None
            try:
                found = self.ask("GET", url)
            except NoAnswerError as error:
                if error.reason is not Reason.HUNG_UP:
                    raise
            else:
                wanted = retry_after(found.headers)
                if found.status not in self.passing or _is_far(wanted, self.patience):
                    return found
            self.patience.sleep(max(pause, wanted or 0))
        return self.ask("GET", url)

    def ask(
        self,
        method: str,
        url: str,
        body: JsonValue = None,
        files: Mapping[str, File] | None = None,
    ) -> Response:
        """Ask once, with a body of JSON or with files; raises ``NoAnswerError``."""
        seconds = self._seconds(method)
        try:
            return within(seconds, lambda: self._follow(method, url, body, files))
        except TooLargeError:
            size = f"more than {MAXIMUM_BYTES >> 20} MiB"
            raise NoAnswerError(Reason.ENDLESS, size) from None
        except (OSError, ValueError) as error:  # requests' own errors are of OSError
            raise _no_answer(error, seconds) from None

    def _seconds(self, method: str) -> float:
        return self.patience.read if method == "GET" else self.patience.work

    def _follow(
        self, method: str, url: str, body: JsonValue, files: Mapping[str, File] | None
    ) -> Response:
        """Send, and follow as a reader may; what comes on the way has a limit too."""
        from requests import Session, TooManyRedirects

        most = self.redirections if method == "GET" else 0
        with Session() as session:
            session.auth = self.login.sign
            session.headers.update(self.headers)
            for _ in range(most + 1):
                found = self._send(session, method, url, body, files)
                place = found.headers.get("Location", "")
                if not (most and found.is_redirection and place):
                    return found
                following = urljoin(url, place)
                if not _may_know_login(url, following):
                    session.auth = Login().sign
                url = following
        raise TooManyRedirects("it sends on without an end")

    def _send(
        self,
        session: Session,
        method: str,
        url: str,
        body: JsonValue,
        files: Mapping[str, File] | None,
    ) -> Response:
        with session.request(
            method,
            url,
            timeout=self.patience.limits(self._seconds(method)),
            verify=str(self.authority) if self.authority else True,
            allow_redirects=False,
            stream=True,
            json=body,
            files=files,
        ) as found:
            data = read_whole(found.iter_content(CHUNK_BYTES))
            return Response(found.status_code, found.headers, data)


def _may_know_login(url: str, following: str) -> bool:
    """Tell whether a login goes along: to the same origin, or the same one over TLS."""
    before, after = _origin(url), _origin(following)
    same_host = before[1] == after[1]
    secured = (before[::2], after[::2]) == (("http", 80), ("https", 443))
    return before == after or (same_host and secured)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Return the scheme, the host and the port of an address (RFC 6454)."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _no_answer(error: Exception, seconds: float) -> NoAnswerError:
    """Tell why there is no answer, from what requests raises."""
    from http.client import IncompleteRead

    from requests.exceptions import ConnectionError as NoConnectionError
    from requests.exceptions import SSLError, Timeout

    innermost = _innermost(error)
    if isinstance(error, TimeoutError | Timeout):
        return NoAnswerError(Reason.LATE, f"{seconds:g} s")
    if isinstance(error, SSLError):
        return NoAnswerError(Reason.UNTRUSTED, _words(innermost))
    if isinstance(innermost, IncompleteRead):
        return NoAnswerError(Reason.HUNG_UP, "its answer is cut off")
    if isinstance(innermost, ConnectionResetError):
        return NoAnswerError(Reason.HUNG_UP, _words(innermost))
    is_lost = isinstance(error, NoConnectionError)
    reason = Reason.UNREACHED if is_lost else Reason.UNUSABLE
    return NoAnswerError(reason, _words(innermost))


def _innermost(error: BaseException) -> BaseException:
    deeper = getattr(error, "reason", None) or (error.args or (None,))[-1]
    return _innermost(deeper) if isinstance(deeper, BaseException) else error


def _words(error: BaseException) -> str:
    """Return what an error of the network says, in one line."""
    words = getattr(error, "strerror", None) or str(error).rpartition(": ")[2]
    line = " ".join(_NOISE.sub("", str(words)).split())
    return line[:_LONGEST] or "no reason"


def _is_far(seconds: float | None, patience: Patience) -> bool:
    return seconds is not None and seconds > patience.pause
